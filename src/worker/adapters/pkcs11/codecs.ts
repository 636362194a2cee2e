/** Values of attributes, as modules have them and as our WIT has them. */
import type {
  TypesCertificateType,
  TypesDate,
  TypesKeyType,
  TypesMechanismType,
  TypesObjectClass,
} from "./bindings.ts";
import { refuse } from "./failure.ts";
import { certificateTypes, keyTypes, objectClasses } from "./tables/kinds.ts";
import { mechanismTypes } from "./tables/mechanisms.ts";

/** `decode` refuses with `general-error` what no module should say. */
interface Codec<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

const ULONG_BYTES = 8;

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

const bool: Codec<boolean> = {
  encode: (value) => Uint8Array.of(value ? 1 : 0),
  decode: (bytes) => (bytes.length === 1 ? bytes[0] !== 0 : refuse("general-error")),
};

const bytes: Codec<Uint8Array> = { encode: (value) => value, decode: (value) => value };

const text: Codec<string> = {
  encode: (value) => new TextEncoder().encode(value),
  decode: (value) => utf8.decode(value),
};

const ulong: Codec<bigint> = {
  encode: (value) => encodeUlongs([value]),
  decode: (value) => {
    const [number, ...more] = decodeUlongs(value);
    return number === undefined || more.length > 0 ? refuse("general-error") : number;
  },
};

/** `CK_DATE`: `YYYYMMDD`; a date that is not set has no bytes. */
const date: Codec<TypesDate | undefined> = {
  encode: (value) => (value === undefined ? new Uint8Array() : text.encode(digitsOf(value))),
  decode: (value) => {
    if (value.length === 0) return undefined;
    const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/u.exec(utf8.decode(value)) ?? [];
    return year === undefined
      ? refuse("general-error")
      : { year: Number(year), month: Number(month), day: Number(day) };
  },
};

function digitsOf({ year, month, day }: TypesDate): string {
  if (year > 9999 || month > 99 || day > 99) refuse("attribute-value-invalid");
  return `${year}`.padStart(4, "0") + `${month}`.padStart(2, "0") + `${day}`.padStart(2, "0");
}

/** Numbers that have names. */
function named<T>(names: { numberOf(value: T): bigint; variantOf(number: bigint): T }): Codec<T> {
  return {
    encode: (value) => ulong.encode(names.numberOf(value)),
    decode: (value) => names.variantOf(ulong.decode(value)),
  };
}

const mechanisms: Codec<readonly TypesMechanismType[]> = {
  encode: (value) => encodeUlongs(value.map((each) => mechanismTypes.numberOf(each))),
  decode: (value) => decodeUlongs(value).map((each) => mechanismTypes.variantOf(each)),
};

function encodeUlongs(values: readonly bigint[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(values).buffer);
}

function decodeUlongs(value: Uint8Array): readonly bigint[] {
  if (value.length % ULONG_BYTES !== 0) refuse("general-error");
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return Array.from({ length: value.length / ULONG_BYTES }, (_, index) =>
    view.getBigUint64(index * ULONG_BYTES, true),
  );
}

export const CODECS = {
  bool,
  bytes,
  text,
  ulong,
  date,
  class: named<TypesObjectClass>(objectClasses),
  "key-type": named<TypesKeyType>(keyTypes),
  "certificate-type": named<TypesCertificateType>(certificateTypes),
  mechanism: named<TypesMechanismType>(mechanismTypes),
  mechanisms,
} as const;

type CodecName = keyof typeof CODECS;
type ValueOf<Name extends CodecName> = ReturnType<(typeof CODECS)[Name]["decode"]>;

/** The codec for exactly this type of value. */
export type CodecOf<Value> = {
  [Name in CodecName]: [Value, ValueOf<Name>] extends [ValueOf<Name>, Value] ? Name : never;
}[CodecName];
