/**
 * `canon lower` of a `canon lift`: a call from one component instance into another. Values pass through JavaScript, strings
 * and lists that both sides write alike as their bytes: no memory is ever shared.
 */
import type { CoreFunction } from "../types.ts";
import { identifier, js, type Source } from "../codegen.ts";
import { conversionOf } from "./conversion.ts";
import { emitCall, emitEnd } from "./entry-callee.ts";
import { coreParameters, emitDelivery, emitParameters } from "./entry-caller.ts";
import { EntryBuilder, Side } from "./entry-builder.ts";
import { enter, fail, refuseLeave, type Site } from "./faults.ts";
import { Guest } from "./guest.ts";
import { printed } from "./printed.ts";
import type { CompiledGuestCall, FunctionSpec, LiftedCore, ResourceIndex } from "./types.ts";

type Bind = (
  from: Guest,
  to: Guest,
  core: CoreFunction,
  postReturn: CoreFunction | undefined,
  entered: LiftedCore["entered"],
) => CoreFunction;

export function compileGuestCall(
  spec: FunctionSpec & { readonly resourceIndex: ResourceIndex },
): CompiledGuestCall {
  const { label, type } = spec;
  const entry = new EntryBuilder(conversionOf("wire", spec.resourceIndex));
  const site: Site = { label, places: entry.places };
  const from = new Side(entry, js`from`);
  const to = new Side(entry, js`to`);
  const result = emitCall(to, type, emitParameters(from, type), site);
  const core = emitDelivery(from, type, result ?? js`undefined`);
  emitEnd(to, type);
  if (core !== undefined) entry.emit(js`return ${core};`);
  const source = print(entry, site, coreParameters(type));
  const bind = entry.scope.evaluate<Bind>(source, label);
  return {
    get source() {
      return printed(label, type, source);
    },
    bind: (caller, { options, core: target, postReturn, entered }) =>
      bind(new Guest(label, caller, options), new Guest(label, options, caller), target, postReturn, entered),
  };
}

function print(entry: EntryBuilder, site: Site, params: Source): Source {
  const { scope, statements } = entry;
  const use = scope.use(site, identifier("site"));
  return js`function bind(from, to, core, postReturn, entered) {
  const caller = from.instance;
  const instance = to.instance;
  return function ${identifier("lowered", site.label)}(${params}) {
    if (!caller.mayLeave) ${scope.use(refuseLeave, identifier("refuseLeave"))}(${use}, caller);
    ${scope.use(enter, identifier("enter"))}(entered, ${use}, caller);
    let step = 0;
    try {
${statements}
    } catch (error) {
      instance.mayLeave = false;
      caller.mayLeave = false;
      throw ${scope.use(fail, identifier("fail"))}(error, ${use}, step, entered, instance, caller);
    }
  };
}`;
}
