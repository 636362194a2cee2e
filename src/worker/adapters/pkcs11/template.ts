/** Templates: arrays of `CK_ATTRIBUTE { type, pValue, ulValueLen }`. */
import type { TypesAttribute, TypesAttributeType } from "./bindings.ts";
import { CODECS } from "./codecs.ts";
import { answer, check, isOk, isRv, refuse } from "./failure.ts";
import { MAX_ATTEMPTS, MAX_ATTRIBUTES, MAX_OUTPUT_BYTES } from "./limits.ts";
import type { Ulong } from "./native/cryptoki.ts";
import type { Frame, Room } from "./native/frame.ts";
import { checkNumbers } from "./sane-numbers.ts";
import { ARRAY_ATTRIBUTE, ATTRIBUTES } from "./tables/attributes.ts";

const ATTRIBUTE_BYTES = 24;
const VALUE = 8;
const LENGTH = 16;
const UNAVAILABLE = 2n ** 64n - 1n;

export interface Template {
  readonly address: number;
  readonly count: number;
}

interface Codec {
  encode(value: unknown): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

interface Kind {
  readonly number: bigint;
  readonly codec: Codec;
}

const kinds = new Map<string, Kind>(
  Object.entries(ATTRIBUTES).map(([label, [number, codec]]) => [
    label,
    // `ATTRIBUTES` pairs each label with the codec for its payload: values never meet another's.
    { number: BigInt(number), codec: CODECS[codec] },
  ]),
);

const listed = new Set([...kinds.values()].map(({ number }) => number));

/** Refuses numbers that have a case of their own, and values that would be taken for pointers. */
function otherNumber(number: bigint): bigint {
  if (listed.has(number) || (number & ARRAY_ATTRIBUTE) !== 0n) refuse("attribute-type-invalid");
  return number;
}

function kindOf(label: string): Kind {
  return kinds.get(label) ?? refuse("attribute-type-invalid");
}

function encode(attribute: TypesAttribute): readonly [number: bigint, value: Uint8Array] {
  if (attribute.tag === "other") return [otherNumber(attribute.val[0]), attribute.val[1]];
  const { number, codec } = kindOf(attribute.tag);
  return [number, codec.encode(attribute.val)];
}

export function writeTemplate(frame: Frame, attributes: readonly TypesAttribute[]): Template {
  checkNumbers(attributes);
  const { address, view } = roomFor(frame, attributes.length);
  for (const [index, attribute] of attributes.entries()) {
    const [number, value] = encode(attribute);
    const at = index * ATTRIBUTE_BYTES;
    view.setBigUint64(at, number, true);
    view.setBigUint64(at + VALUE, BigInt(frame.copy(value)), true);
    view.setBigUint64(at + LENGTH, BigInt(value.length), true);
  }
  return { address, count: attributes.length };
}

function roomFor(frame: Frame, count: number): Room {
  if (count > MAX_ATTRIBUTES) refuse("arguments-bad");
  return frame.room(count * ATTRIBUTE_BYTES);
}

/** C_GetAttributeValue of one object. */
type Getter = (address: number, count: number) => Ulong;

/** In order; nothing for what the object lacks or does not reveal, or the module garbles. Throws other return values. */
export function readAttributes(
  frame: Frame,
  wanted: readonly TypesAttributeType[],
  get: Getter,
): readonly (TypesAttribute | undefined)[] {
  const numbers = wanted.map((kind) =>
    kind.tag === "other" ? otherNumber(kind.val) : kindOf(kind.tag).number,
  );
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const values = readValues(frame, numbers, get);
    if (values !== undefined) return wanted.map((kind, index) => decode(kind, values[index]));
  }
  return refuse("buffer-too-small");
}

function decode(kind: TypesAttributeType, value: Uint8Array | undefined): TypesAttribute | undefined {
  if (value === undefined) return undefined;
  if (kind.tag === "other") return { tag: "other", val: [kind.val, value] };
  const { codec } = kindOf(kind.tag);
  // Modules do garble values (SoftHSM the dates of private objects): that must not hide the others.
  const decoded = answer(() => codec.decode(value));
  const attribute = { tag: kind.tag, val: decoded.val };
  return decoded.tag === "ok" && isAttribute(attribute) ? attribute : undefined;
}

/** What a label's own codec gave. */
function isAttribute(value: { readonly tag: string; readonly val: unknown }): value is TypesAttribute {
  return kinds.has(value.tag);
}

/** First lengths, then values; nothing at all where a value has grown meanwhile. */
function readValues(
  frame: Frame,
  numbers: readonly bigint[],
  get: Getter,
): readonly (Uint8Array | undefined)[] | undefined {
  const { address, view } = roomFor(frame, numbers.length);
  for (const [index, number] of numbers.entries()) view.setBigUint64(index * ATTRIBUTE_BYTES, number, true);
  checkPartial(get(address, numbers.length));
  const lengths = numbers.map((_, index) => lengthAt(view, index));

  // Those that are there, as a template of their own.
  const present = lengths.filter((length) => length !== undefined);
  const second = roomFor(frame, present.length);
  const buffers: ArrayBuffer[] = [];
  for (const [index, number] of numbers.entries()) {
    const length = lengths[index];
    if (length === undefined) continue;
    const at = buffers.length * ATTRIBUTE_BYTES;
    const buffer = new ArrayBuffer(Math.max(length, 1));
    second.view.setBigUint64(at, number, true);
    second.view.setBigUint64(at + VALUE, BigInt(frame.keep(buffer)), true);
    second.view.setBigUint64(at + LENGTH, BigInt(length), true);
    buffers.push(buffer);
  }
  if (present.length > 0) {
    const rv = get(second.address, present.length);
    if (isRv(rv, "buffer-too-small")) return undefined;
    checkPartial(rv);
  }
  const values = present.map((length, index) => {
    const said = lengthAt(second.view, index);
    if (said !== undefined && said > length) refuse("general-error");
    return said === undefined ? undefined : new Uint8Array(buffers[index] ?? new ArrayBuffer(0), 0, said);
  });
  let next = 0;
  return lengths.map((length) => {
    if (length === undefined) return undefined;
    next += 1;
    return values[next - 1];
  });
}

/** These say that some attributes are not to be had, and leave the others as they are. */
function checkPartial(rv: Ulong): void {
  if (!isOk(rv) && !isRv(rv, "attribute-sensitive", "attribute-type-invalid")) check(rv);
}

function lengthAt(view: DataView, index: number): number | undefined {
  const length = view.getBigUint64(index * ATTRIBUTE_BYTES + LENGTH, true);
  if (length === UNAVAILABLE) return undefined;
  return length > MAX_OUTPUT_BYTES ? refuse("host-memory") : Number(length);
}

/** One attribute, or the return value that says why not. */
export function readAttribute(frame: Frame, wanted: TypesAttributeType, get: Getter): TypesAttribute {
  let last: Ulong = 0;
  const [attribute] = readAttributes(frame, [wanted], (address, count) => (last = get(address, count)));
  if (attribute !== undefined) return attribute;
  check(last);
  return refuse("general-error");
}
