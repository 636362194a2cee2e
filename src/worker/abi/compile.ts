/**
 * From a WIT function and a C symbol to a lowered import: code generated once per function and library, bound
 * cheaply to each instance.
 */
import { HostbundleError } from "../../shared/errors.ts";
import { childrenOf } from "../../shared/wit/children.ts";
import type { FuncType, ValueType } from "../../shared/wit/types.ts";
import { noteEntry } from "../native/crash-note.ts";
import type { NativeFunction, NativeLibrary } from "../native/types.ts";
import { Arena } from "./arena.ts";
import { Batch } from "./batch.ts";
import { Call, type Workspace } from "./call.ts";
import { comment } from "./codegen.ts";
import { generateEntry } from "./entry.ts";
import { openFrame } from "./frame.ts";
import { type HandleUse, NativeHandles } from "./handles.ts";
import { generatedSources } from "./generated.ts";
import type {
  CallCounters,
  CanonOptions,
  CompiledLoweredImport,
  CoreFunction,
  InstanceState,
  LoweredImportSpec,
} from "./types.ts";

type Bind = (call: Call, native: NativeFunction) => CoreFunction;

const workspaces = new WeakMap<NativeLibrary, Workspace>();

/** Throws HOST_FAULT for a symbol the library lacks, WIT_INVALID for what cannot cross. */
export function compileLoweredImport(spec: LoweredImportSpec): CompiledLoweredImport {
  const { label, library, plan } = spec;
  const types = reachableTypes(plan.type);
  const workspace = workspaceOf(library);
  const ownsArguments = plan.convention === "export";
  const entry = generateEntry(plan.type, {
    name: plan.symbol,
    ownsArguments,
    note: noteEntry({ bundle: library.bundle, function: label }),
    openFrame: (bytes) => openFrame(bytes, library.memory.addressOf),
  });
  const native = library.func(plan.symbol, entry.foreign.result, entry.foreign.params);
  const bindEntry = entry.scope.evaluate<Bind>(entry.source, label);
  const helpers = [...types].flatMap((type) => generatedSources(type));
  return {
    source: [comment(`${label} -> ${plan.symbol}`).text, ...helpers, entry.source.text, ""].join("\n"),
    type: plan.type,
    resources: entry.handleUse.resources,
    bind(options, instance, counters) {
      requireMemory(options, entry.usesMemory, label);
      // No call is in flight while an instance is made: one that is left over ran out of stack while it ended.
      workspace.current?.leave();
      const handles = bindHandles(entry.handleUse, options, instance, label);
      const call = new Call({ label, workspace, options, instance, ownsArguments, handles });
      const core = bindEntry(call, native);
      return counters === undefined ? core : counted(core, call, counters);
    },
  };
}

/** What all functions of a library share on this thread. */
function workspaceOf(library: NativeLibrary): Workspace {
  const known = workspaces.get(library);
  if (known !== undefined) return known;
  const made: Workspace = {
    library,
    arena: new Arena(library.memory.addressOf),
    batch: new Batch(library),
    current: undefined,
  };
  workspaces.set(library, made);
  return made;
}

/** The same function, keeping accounts. Only where somebody asked: this costs a rest array and two clock readings. */
export function counted(
  core: CoreFunction,
  call: Pick<Call, "bytesIn" | "bytesOut">,
  counters: CallCounters,
): CoreFunction {
  return (...args) => {
    call.bytesIn = 0;
    call.bytesOut = 0;
    const startMs = performance.now();
    try {
      return core(...args);
    } finally {
      counters.calls += 1;
      counters.timeNs += Math.round((performance.now() - startMs) * 1e6);
      counters.bytesIn += call.bytesIn;
      counters.bytesOut += call.bytesOut;
    }
  };
}

function requireMemory(options: CanonOptions, usesMemory: boolean, label: string): void {
  if (usesMemory && options.memory === undefined) {
    throw new HostbundleError("INTERNAL", `${label}: bound without the guest's memory`);
  }
}

/** Throws LINK_FAILED where the linker that made the instance keeps its handles to itself. */
function bindHandles(
  use: HandleUse,
  { resources }: CanonOptions,
  { handles, taken }: InstanceState,
  label: string,
): NativeHandles | undefined {
  const [first] = use.resources;
  if (first === undefined) return undefined;
  if (handles !== undefined && taken !== undefined && resources?.length === use.resources.length)
    return new NativeHandles(use, { handles, taken }, resources);
  throw new HostbundleError(
    "LINK_FAILED",
    `${label} uses the resource ${first.name}, which a native library cannot serve in a component that jco links`,
    {
      function: label,
      help: "`hostbundle inspect` says why hostbundle's own linker does not take the component",
    },
  );
}

/** Every type that a signature mentions, each once. */
function reachableTypes(type: FuncType): Set<ValueType> {
  const seen = new Set<ValueType>();
  const pending = type.params.map((param) => param.type);
  if (type.result !== undefined) pending.push(type.result);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    pending.push(...childrenOf(next));
  }
  return seen;
}
