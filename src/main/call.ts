/** What the caller asked for → a call with a type and checked values. */
import { HostbundleError } from "../shared/errors.ts";
import type { Call } from "../shared/protocol.ts";
import { parseExternName } from "../shared/wit/id.ts";
import { printFunc } from "../shared/wit/print-type.ts";
import type { FuncType, WorldType } from "../shared/wit/types.ts";
import { findExport } from "./link/export.ts";

/** Which function to call, in one of two ways; without either the component's `wasi:cli/run`. */
export interface CallOptions {
  /** `greet`, or `ns:pkg/iface@1.0.0#greet`; interface and version may be left out where that is unambiguous. */
  readonly export?: string;
  /** The exported interface, where `export` names only the function. */
  readonly interface?: string;
  /**
   * One per parameter, as JSON values, bigints or Uint8Arrays (`CLI.md`, "Values"); options at the end may
   * be left out.
   */
  readonly args?: readonly unknown[];
  /** A call in WAVE, instead of `export` and `args`: `'greet("World")'`. */
  readonly invoke?: string;
}

/** Throws USAGE for options that contradict, ARGUMENT_INVALID for a function or arguments that don't fit. */
export async function resolveCall(world: WorldType, options: CallOptions): Promise<Call> {
  const { invoke, args = [] } = options;
  if (invoke !== undefined) {
    if (options.export !== undefined || options.interface !== undefined || options.args !== undefined) {
      throw new HostbundleError("USAGE", "a call is given either as a text (invoke) or by export and args");
    }
    return callFromText(world, invoke);
  }
  if (options.export === undefined) {
    if (options.interface !== undefined || options.args !== undefined) {
      throw new HostbundleError("USAGE", "interface and args need the name of an export");
    }
    return commandCall(world);
  }
  const hash = options.export.lastIndexOf("#");
  const written = hash === -1 ? options.interface : options.export.slice(0, hash);
  const { interface: owner, function: func } = findExport(world, written, options.export.slice(hash + 1));
  const { fromJson } = await import("../shared/value/json.ts");
  const { params } = func.type;
  const isMissing = params.slice(args.length).some((param) => param.type.kind !== "option");
  if (args.length > params.length || isMissing) throw argumentCount(func.name, func.type, args.length);
  const values = params.map((param, index) =>
    index < args.length ? fromJson(args[index], param.type, param.name) : null,
  );
  return target(owner, func.name, func.type, values);
}

async function callFromText(world: WorldType, text: string): Promise<Call> {
  const { parseCall } = await import("../shared/value/parse-call.ts");
  let owner: string | undefined;
  const {
    function: name,
    type,
    args,
  } = parseCall(text, (written, name) => {
    const found = findExport(world, written, name);
    owner = found.interface;
    return found.function.type;
  });
  return target(owner, name, type, args);
}

type ExportCall = Extract<Call, { readonly kind: "export" }>;

function target(
  owner: string | undefined,
  name: string,
  type: FuncType,
  args: ExportCall["args"],
): ExportCall {
  return { kind: "export", ...(owner === undefined ? {} : { interface: owner }), function: name, type, args };
}

function commandCall(world: WorldType): Call {
  const command = world.exports.find((item) => item.kind === "interface" && isCommand(item.name));
  if (command !== undefined) return { kind: "command", interface: command.name };
  throw new HostbundleError("USAGE", "the component is no command: it does not export wasi:cli/run", {
    help: "name the function to call; `hostbundle inspect` lists what the component exports",
  });
}

function isCommand(name: string): boolean {
  const id = parseExternName(name);
  return (
    id.kind === "interface" &&
    `${id.namespace}:${id.package}/${id.interface}` === "wasi:cli/run" &&
    id.version?.startsWith("0.2.") === true
  );
}

function argumentCount(name: string, type: FuncType, given: number): HostbundleError {
  const { length } = type.params;
  const wanted = `${length} argument${length === 1 ? "" : "s"}`;
  return new HostbundleError("ARGUMENT_INVALID", `${name} takes ${wanted}, got ${given}`, {
    findings: [{ message: printFunc(name, type) }],
  });
}
