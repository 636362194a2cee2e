/**
 * From flat core values to JavaScript (CanonicalABI.md, "Flat Lifting"), for values inside a variant: which slots mean
 * what depends on the discriminant. The flat values lie in slots of eight bytes, as bits: so what `join` coerced on the
 * guest's side is undone by reading the slot at the width wanted.
 */
import { flattenType } from "../../../shared/canonical-abi/flatten.ts";
import type { ValueType } from "../../../shared/wit/types.ts";
import { isScalar } from "../c-signature.ts";
import { identifier, js, Scope } from "../codegen.ts";
import { generate } from "../generated.ts";
import { caseNames } from "../names.ts";
import { below } from "../scalars.ts";
import { within } from "../violation.ts";
import type { Views } from "../views.ts";
import { type CasesType, casesOf } from "./cases.ts";
import { liftCell } from "./cells.ts";
import { type Conversion, type Memo, memoised } from "./conversion.ts";
import type { Guest } from "./guest.ts";
import { compileLoadRange } from "./load.ts";
import { coreCell } from "./slots.ts";
import { membersOf, structFunction, structLiteral, type StructType } from "./struct.ts";

/** Lifts the value whose flat form begins at a slot. */
export type LiftFlat = (guest: Guest, slots: Views, slot: number) => unknown;

const memo: Memo<LiftFlat> = new WeakMap();

export function compileLiftFlat(type: ValueType, conversion: Conversion): LiftFlat {
  return memoised(memo, type, conversion, build);
}

function build(type: ValueType, conversion: Conversion): LiftFlat {
  if (isScalar(type)) {
    const scope = new Scope();
    const raw = coreCell(type, js`slots`, js`slot`);
    const body = liftCell(type, raw, { scope, conversion, guest: js`guest` });
    return scope.evaluate<LiftFlat>(
      js`function liftFlat(guest, slots, slot) { return ${body}; }`,
      `lift-flat-${type.kind}`,
    );
  }
  switch (type.kind) {
    case "record":
    case "tuple":
    case "fixed-list":
      return buildStruct(type, conversion);
    case "variant":
    case "option":
    case "result":
      return buildVariant(type, conversion);
    default: {
      const load = compileLoadRange(type, conversion);
      return (guest, { i32 }, slot) =>
        load((i32[2 * slot] ?? 0) >>> 0, (i32[2 * slot + 2] ?? 0) >>> 0, guest);
    }
  }
}

/** `lift_flat_record` */
function buildStruct(type: StructType, conversion: Conversion): LiftFlat {
  const scope = new Scope();
  let slot = 0;
  const members = membersOf(type).map((member, index) => {
    const lift = scope.use(compileLiftFlat(member, conversion), identifier("lift", member.kind));
    const at = slot;
    slot += flattenType(member)?.length ?? 0;
    return js`const m${index} = ${lift}(guest, slots, slot + ${at});`;
  });
  const names = members.map((_, index) => js`m${index}`);
  const parts = { before: js``, members, after: js`return ${structLiteral(type, names, conversion)};` };
  const params = [js`guest`, js`slots`, js`slot`];
  const source = structFunction(type, params, parts, { scope, conversion, guest: js`guest` });
  return generate<LiftFlat>(type, "lift-flat", source, scope);
}

/** `lift_flat_variant` */
function buildVariant(type: CasesType, conversion: Conversion): LiftFlat {
  const cases = casesOf(type, conversion);
  const names = caseNames(type);
  const lifts = cases.payloads.map((payload) =>
    payload === undefined ? undefined : compileLiftFlat(payload, conversion),
  );
  return (guest, slots, slot) => {
    const index = below((slots.i32[2 * slot] ?? 0) >>> 0, lifts.length);
    const lift = lifts[index];
    if (lift === undefined) return cases.wrap(index, undefined);
    try {
      return cases.wrap(index, lift(guest, slots, slot + 1));
    } catch (error) {
      throw within(error, names(index));
    }
  };
}
