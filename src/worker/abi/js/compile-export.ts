/** `canon lift`, called by the host: code generated once per function, bound cheaply to each instance. */
import type { ValueStyle, CompiledExport, FunctionSpec, LiftedCore, ResourceIndex } from "./types.ts";
import type { CoreFunction } from "../types.ts";
import { commaList, identifier, js, type Source } from "../codegen.ts";
import { conversionOf } from "./conversion.ts";
import { EntryBuilder, Side } from "./entry-builder.ts";
import { emitCall, emitEnd } from "./entry-callee.ts";
import { enter, fail, type Site } from "./faults.ts";
import { Guest } from "./guest.ts";
import { printed } from "./printed.ts";

type Bind = (
  guest: Guest,
  core: CoreFunction,
  postReturn: CoreFunction | undefined,
  entered: LiftedCore["entered"],
) => (...args: readonly unknown[]) => unknown;

export function compileExport(
  spec: FunctionSpec & { readonly style: ValueStyle; readonly resourceIndex: ResourceIndex },
): CompiledExport {
  const { label, type } = spec;
  const entry = new EntryBuilder(conversionOf(spec.style, spec.resourceIndex));
  const site: Site = { label, places: entry.places };
  const side = new Side(entry, js`guest`);
  const args = type.params.map((_, index) => js`a${index}`);
  const result = emitCall(side, type, args, site);
  emitEnd(side, type);
  if (result !== undefined) entry.emit(js`value = ${result};`);
  const isThrown = spec.style === "js" && type.result?.kind === "result";
  const source = print(entry, site, args, isThrown);
  const bind = entry.scope.evaluate<Bind>(source, label);
  return {
    get source() {
      return printed(label, type, source);
    },
    bind: ({ options, core, postReturn, entered }) =>
      bind(new Guest(label, options), core, postReturn, entered),
  };
}

function print(entry: EntryBuilder, site: Site, args: readonly Source[], isThrown: boolean): Source {
  const { scope, statements } = entry;
  const use = scope.use(site, identifier("site"));
  return js`function bind(guest, core, postReturn, entered) {
  const instance = guest.instance;
  return function ${identifier("lifted", site.label)}(${commaList(args)}) {
    ${scope.use(enter, identifier("enter"))}(entered, ${use});
    let step = 0;
    let value;
    try {
${statements}
    } catch (error) {
      instance.mayLeave = false;
      throw ${scope.use(fail, identifier("fail"))}(error, ${use}, step, entered, instance);
    }
    ${isThrown ? js`if (value.tag === "err") throw value.val;` : js``}
    return ${isThrown ? js`value.val` : js`value`};
  };
}`;
}
