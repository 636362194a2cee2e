/**
 * From JavaScript into the guest's memory (CanonicalABI.md, "Storing"). The place written to is in bounds and aligned
 * by the caller. The memory may move whenever something is allocated, so it is fetched anew for every write.
 */
import {
  discriminantSize,
  fieldOffsets,
  layoutOf,
  payloadOffset,
} from "../../../shared/canonical-abi/layout.ts";
import type { FixedListType, ListType, ValueType } from "../../../shared/wit/types.ts";
import { isScalar, type ScalarType } from "../c-signature.ts";
import { identifier, js, Scope, type Source } from "../codegen.ts";
import { generate } from "../generated.ts";
import { caseNames } from "../names.ts";
import { writeUnsigned } from "../normalise.ts";
import { type Place, scalarCell } from "../scalars.ts";
import { within } from "../violation.ts";
import { type CasesType, casesOf } from "./cases.ts";
import { type Emitter, lowerCell } from "./cells.ts";
import { isRow, rowOf } from "./checks.ts";
import { type Conversion, type Memo, memoised } from "./conversion.ts";
import type { Guest } from "./guest.ts";
import { isLendable, storeLentRange } from "./lent-lists.ts";
import { misfit } from "./misfit.ts";
import { storedNumbers } from "./numbers.ts";
import { memberOf, membersOf, structCheck, structFunction, type StructType } from "./struct.ts";

export type Store = (guest: Guest, value: unknown, at: number) => void;

/** A list: gives the pointer and leaves the length in `guest.storedLength`. */
export type StoreRange = (guest: Guest, value: unknown) => number;

/** A list has less than 2^32 bytes anywhere. */
const MAX_STORED_BYTES = 2 ** 32 - 1;

const stores: Memo<Store> = new WeakMap();
const ranges: Memo<StoreRange> = new WeakMap();

export function compileStore(type: ValueType, conversion: Conversion): Store {
  return memoised(stores, type, conversion, build);
}

function build(type: ValueType, conversion: Conversion): Store {
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
    case "list": {
      const store = compileStoreRange(type, conversion);
      return (guest, value, at) => {
        const pointer = store(guest, value);
        guest.views.i32[at >>> 2] = pointer;
        guest.views.i32[(at >>> 2) + 1] = guest.storedLength;
      };
    }
    default:
      return storeString;
  }
}

/** `store_string` */
function storeString(guest: Guest, value: unknown, at: number): void {
  const pointer = guest.strings.store(value, guest);
  guest.views.i32[at >>> 2] = pointer;
  guest.views.i32[(at >>> 2) + 1] = guest.storedLength;
}

function buildScalar(type: ScalarType, conversion: Conversion): Store {
  const scope = new Scope();
  const to = { views: js`guest.views`, base: js`at`, offset: 0 };
  const body = storeCell(type, js`value`, to, js`cell`, { scope, conversion, guest: js`guest` });
  return scope.evaluate<Store>(js`function store(guest, value, at) { ${body} }`, `store-${type.kind}`);
}

/** Statements that write a cell. The value comes first: looking it up may run code of the host. */
export function storeCell(
  type: ScalarType,
  value: Source,
  to: Place,
  name: Source,
  emitter: Emitter,
): Source {
  return js`const ${name} = ${lowerCell(type, value, emitter)}; ${scalarCell(to, type)} = ${name};`;
}

/** `store_record` */
function buildStruct(type: Exclude<StructType, FixedListType>, conversion: Conversion): Store {
  const scope = new Scope();
  const emitter = { scope, conversion, guest: js`guest` };
  const types = membersOf(type);
  const offsets = fieldOffsets(types, 4);
  const members = types.map((member, index) => {
    const offset = offsets[index] ?? 0;
    const value = memberOf(type, js`value`, index, conversion);
    if (isScalar(member)) {
      const to = { views: js`guest.views`, base: js`at`, offset };
      return storeCell(member, value, to, js`m${index}`, emitter);
    }
    const store = scope.use(compileStore(member, conversion), identifier("store", member.kind));
    return js`${store}(guest, ${value}, at + ${offset});`;
  });
  const parts = { before: structCheck(type, js`value`, emitter), members };
  const source = structFunction(type, [js`guest`, js`value`, js`at`], parts, emitter);
  return generate<Store>(type, "store", source, scope);
}

/** `store_variant` */
function buildVariant(type: CasesType, conversion: Conversion): Store {
  const cases = casesOf(type, conversion);
  const size = discriminantSize(cases.payloads.length);
  const offset = payloadOffset(cases.payloads, 4);
  const names = caseNames(type);
  const storePayloads = cases.payloads.map((payload) =>
    payload === undefined ? undefined : compileStore(payload, conversion),
  );
  return (guest, value, at) => {
    const index = cases.indexOf(value);
    writeUnsigned(guest.views, at, size, index);
    const store = storePayloads[index];
    if (store === undefined) return;
    try {
      store(guest, cases.payloadOf(value, index), at + offset);
    } catch (error) {
      throw within(error, names(index));
    }
  };
}

function buildRow({ element, length }: FixedListType, conversion: Conversion): Store {
  const elements = storeElements(element, conversion);
  return (guest, value, at) => elements(guest, rowOf(value, length), at, length);
}

/** `store_list_into_range` */
export function compileStoreRange(type: ListType, conversion: Conversion): StoreRange {
  return memoised(ranges, type, conversion, ({ element }, home) => {
    if (home.style === "wire" && isLendable(element)) return storeLentRange(element);
    const { size, align } = layoutOf(element, 4);
    const elements = storeElements(element, home);
    const numbers = storedNumbers(element);
    return (guest, value) => {
      const stored = numbers?.store(value, guest);
      if (stored !== undefined) return stored;
      if (!isRow(value)) return misfit("an array", value);
      // Read once: what is written is bounded by what was allocated.
      const { length } = value;
      const bytes = length * size;
      if (!Number.isSafeInteger(length) || length < 0 || bytes > MAX_STORED_BYTES)
        return misfit("a list that fits a memory", value);
      const pointer = guest.allocate(align, bytes);
      elements(guest, value, pointer, length);
      guest.storedLength = length;
      return pointer;
    };
  });
}

/** `store_list_into_valid_range` */
function storeElements(
  element: ValueType,
  conversion: Conversion,
): (guest: Guest, values: ArrayLike<unknown>, at: number, length: number) => void {
  const { size } = layoutOf(element, 4);
  const store = compileStore(element, conversion);
  return (guest, values, at, length) => {
    let index = 0;
    try {
      for (; index < length; index += 1) store(guest, values[index], at + index * size);
    } catch (error) {
      throw within(error, `[${index}]`);
    }
  };
}
