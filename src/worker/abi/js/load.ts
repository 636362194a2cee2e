/**
 * From the guest's memory to JavaScript (CanonicalABI.md, "Loading"). The place read from is in bounds and aligned by
 * the caller; what it points at is checked here. No guest code runs meanwhile.
 */
import {
  discriminantSize,
  fieldOffsets,
  layoutOf,
  payloadOffset,
} from "../../../shared/canonical-abi/layout.ts";
import type { FixedListType, ListType, PrimitiveType, ValueType } from "../../../shared/wit/types.ts";
import { isScalar, type ScalarType } from "../c-signature.ts";
import { identifier, js, Scope } from "../codegen.ts";
import { generate } from "../generated.ts";
import { caseNames } from "../names.ts";
import { readUnsigned } from "../normalise.ts";
import { below, scalarCell } from "../scalars.ts";
import { Violation, within } from "../violation.ts";
import { type CasesType, casesOf } from "./cases.ts";
import { liftCell } from "./cells.ts";
import { type Conversion, type Memo, memoised } from "./conversion.ts";
import { heapBytes } from "./cost.ts";
import type { Guest } from "./guest.ts";
import { isLendable, lendRange } from "./lent-lists.ts";
import { liftedNumbers } from "./numbers.ts";
import { membersOf, structFunction, structLiteral, type StructType } from "./struct.ts";

export type Load = (guest: Guest, at: number) => unknown;

/** A string or list by pointer and length (both unsigned). */
export type LoadRange = (pointer: number, length: number, guest: Guest) => unknown;

/** V8 ends the whole process where an array grows beyond 112 million elements. */
const MAX_ELEMENTS = 2 ** 26;

const loads: Memo<Load> = new WeakMap();
const ranges: Memo<LoadRange> = new WeakMap();

export function compileLoad(type: ValueType, conversion: Conversion): Load {
  return memoised(loads, type, conversion, build);
}

/** A list, or the one primitive type that is a range: `string`. */
export type RangeType = ListType | PrimitiveType;

export function isRange(type: ValueType): type is RangeType {
  return type.kind === "string" || type.kind === "list";
}

export function compileLoadRange(type: RangeType, conversion: Conversion): LoadRange {
  if (type.kind !== "list") return loadString;
  return memoised(ranges, type, conversion, ({ element }, home) => {
    if (home.style === "wire") return isLendable(element) ? lendRange(element) : buildList(element, home);
    const numbers = liftedNumbers(element, home.style);
    if (numbers === undefined) return buildList(element, home);
    const { size, align } = layoutOf(element, 4);
    return (pointer, length, guest) => {
      guest.checkRange("list", pointer, length * size, align);
      guest.charge(length * size);
      return numbers.load(pointer, length, guest);
    };
  });
}

function loadString(pointer: number, length: number, guest: Guest): unknown {
  return guest.strings.load(pointer, length, guest);
}

function build(type: ValueType, conversion: Conversion): Load {
  if (isScalar(type)) return buildScalar(type, conversion);
  switch (type.kind) {
    case "fixed-list":
      return buildRow(type, conversion);
    case "record":
    case "tuple":
      return buildStruct(type, conversion);
    case "variant":
    case "option":
    case "result":
      return buildVariant(type, conversion);
    default: {
      const load = compileLoadRange(type, conversion);
      return (guest, at) =>
        load(readUnsigned(guest.views, at, 4), readUnsigned(guest.views, at + 4, 4), guest);
    }
  }
}

function buildScalar(type: ScalarType, conversion: Conversion): Load {
  const scope = new Scope();
  const raw = scalarCell({ views: js`guest.views`, base: js`at`, offset: 0 }, type);
  const body = liftCell(type, raw, { scope, conversion, guest: js`guest` });
  return scope.evaluate<Load>(js`function load(guest, at) { return ${body}; }`, `load-${type.kind}`);
}

/** `load_record` */
function buildStruct(type: Exclude<StructType, FixedListType>, conversion: Conversion): Load {
  const scope = new Scope();
  const emitter = { scope, conversion, guest: js`guest` };
  const types = membersOf(type);
  const offsets = fieldOffsets(types, 4);
  const members = types.map((member, index) => {
    const offset = offsets[index] ?? 0;
    if (isScalar(member)) {
      const raw = scalarCell({ views: js`views`, base: js`at`, offset }, member);
      return js`const m${index} = ${liftCell(member, raw, emitter)};`;
    }
    const load = scope.use(compileLoad(member, conversion), identifier("load", member.kind));
    return js`const m${index} = ${load}(guest, at + ${offset});`;
  });
  const names = types.map((_, index) => js`m${index}`);
  const parts = {
    before: js`const views = guest.views;`,
    members,
    after: js`return ${structLiteral(type, names, conversion)};`,
  };
  return generate<Load>(type, "load", structFunction(type, [js`guest`, js`at`], parts, emitter), scope);
}

/** `load_variant` */
function buildVariant(type: CasesType, conversion: Conversion): Load {
  const cases = casesOf(type, conversion);
  const { payloads } = cases;
  const size = discriminantSize(payloads.length);
  const offset = payloadOffset(payloads, 4);
  const names = caseNames(type);
  const loadPayloads = payloads.map((payload) =>
    payload === undefined ? undefined : compileLoad(payload, conversion),
  );
  return (guest, at) => {
    const index = below(readUnsigned(guest.views, at, size), loadPayloads.length);
    const load = loadPayloads[index];
    if (load === undefined) return cases.wrap(index, undefined);
    try {
      return cases.wrap(index, load(guest, at + offset));
    } catch (error) {
      throw within(error, names(index));
    }
  };
}

function buildRow(type: FixedListType, conversion: Conversion): Load {
  const elements = loadElements(type.element, conversion);
  return (guest, at) => elements(guest, at, type.length);
}

/** `load_list_from_range` */
function buildList(element: ValueType, conversion: Conversion): LoadRange {
  const { size, align } = layoutOf(element, 4);
  const elements = loadElements(element, conversion);
  return (pointer, length, guest) => {
    guest.checkRange("list", pointer, length * size, align);
    return elements(guest, pointer, length);
  };
}

/** `load_list_from_valid_range` */
function loadElements(
  element: ValueType,
  conversion: Conversion,
): (guest: Guest, at: number, length: number) => unknown[] {
  const { size } = layoutOf(element, 4);
  const bytes = heapBytes(element);
  const load = compileLoad(element, conversion);
  return (guest, at, length) => {
    guest.charge(length * bytes);
    if (length > MAX_ELEMENTS) throw new Violation(`a list of ${length} elements is too long to convert`);
    const elements: unknown[] = [];
    let index = 0;
    try {
      for (; index < length; index += 1) elements.push(load(guest, at + index * size));
    } catch (error) {
      throw within(error, `[${index}]`);
    }
    return elements;
  };
}
