/** `canon lower` of a JavaScript function: code generated once per function, bound cheaply to each instance. */
import { isNativeError } from "node:util/types";
import type { FuncType } from "../../../shared/wit/types.ts";
import { commaList, identifier, js, type Source } from "../codegen.ts";
import type { CoreFunction } from "../types.ts";
import { conversionOf } from "./conversion.ts";
import { coreParameters, emitDelivery, emitParameters } from "./entry-caller.ts";
import { EntryBuilder, Side } from "./entry-builder.ts";
import { blamed, fail, isGuestException, refuseLeave, type Site } from "./faults.ts";
import { Guest } from "./guest.ts";
import { printed } from "./printed.ts";
import type {
  CompiledJsImport,
  FunctionSpec,
  Invocation,
  ResourceIndex,
  Responsible,
  ValueStyle,
} from "./types.ts";

type Bind = (guest: Guest, target: (...args: never[]) => unknown, bundle: string) => CoreFunction;

export function compileJsImport(
  spec: FunctionSpec & {
    readonly style: ValueStyle;
    readonly resourceIndex: ResourceIndex;
    readonly invocation: Invocation;
    /** Default: hostbundle. */
    readonly responsible?: Responsible;
  },
): CompiledJsImport {
  const { label, type, responsible = "hostbundle" } = spec;
  const entry = new EntryBuilder(conversionOf(spec.style, spec.resourceIndex));
  const site: Site = { label, places: entry.places };
  const side = new Side(entry, js`guest`);
  const args = emitParameters(side, type);
  const callStep = entry.places.length;
  entry.step("call");
  const throws = spec.style === "js" && responsible === "hostbundle";
  emitInvocation(entry, type, invoke(spec.invocation, args), throws);
  const core = emitDelivery(side, type, js`value`);
  if (core !== undefined) entry.emit(js`return ${core};`);
  const explain = responsible === "bundle" ? blame(entry, site, callStep) : js`error`;
  const source = print(entry, site, coreParameters(type), explain);
  const bind = entry.scope.evaluate<Bind>(source, label);
  return {
    get source() {
      return printed(label, type, source);
    },
    bind: (options, target, bundle = "") => bind(new Guest(label, options), target, bundle),
  };
}

function invoke(invocation: Invocation, args: readonly Source[]): Source {
  switch (invocation.kind) {
    case "function":
      return js`target(${commaList(args)})`;
    case "constructor":
      return js`new target(${commaList(args)})`;
    case "method":
      return js`${args[0] ?? js`undefined`}[${invocation.name}](${commaList(args.slice(1))})`;
  }
}

/** What is thrown, as an error that says whose fault it is. */
function blame(entry: EntryBuilder, site: Site, callStep: number): Source {
  const { scope } = entry;
  const use = scope.use(blamed, identifier("blamed"));
  return js`${use}(error, bundle, ${scope.use(site, identifier("site"))}, step, step === ${callStep})`;
}

/** Declares `value`. `throws`: a top-level result is its payload, or thrown. */
function emitInvocation(entry: EntryBuilder, type: FuncType, call: Source, throws: boolean): void {
  if (type.result === undefined) entry.emit(js`${call};`);
  else if (!throws || type.result.kind !== "result") entry.emit(js`const value = ${call};`);
  else {
    const payload = entry.scope.use(thrownPayload, identifier("thrownPayload"));
    entry.emit(
      js`let value;`,
      js`try { value = { tag: "ok", val: ${call} }; }`,
      js`catch (thrown) { value = { tag: "err", val: ${payload}(thrown) }; }`,
    );
  }
}

/** The payload of `err` that a host function threw; any other error is passed on. */
function thrownPayload(thrown: unknown): unknown {
  if (thrown instanceof Error || isNativeError(thrown)) {
    if (Object.hasOwn(thrown, "payload")) return Reflect.get(thrown, "payload");
    throw thrown;
  }
  if (isGuestException(thrown)) throw thrown;
  return thrown;
}

function print(entry: EntryBuilder, site: Site, params: Source, thrown: Source): Source {
  const { scope, statements } = entry;
  const use = scope.use(site, identifier("site"));
  return js`function bind(guest, target, bundle) {
  const instance = guest.instance;
  return function ${identifier("lowered", site.label)}(${params}) {
    if (!instance.mayLeave) ${scope.use(refuseLeave, identifier("refuseLeave"))}(${use}, instance);
    let step = 0;
    try {
${statements}
    } catch (error) {
      instance.mayLeave = false;
      throw ${scope.use(fail, identifier("fail"))}(${thrown}, ${use}, step, [], instance);
    }
  };
}`;
}
