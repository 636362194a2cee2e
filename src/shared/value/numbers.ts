/**
 * Integers in range and floats in their shortest text: what the text forms of values (WAVE, JSON) share.
 */

export type IntegerKind = "s8" | "u8" | "s16" | "u16" | "s32" | "u32" | "s64" | "u64";

/** Inclusive bounds of every integer type. */
export const INTEGER_BOUNDS: Readonly<Record<IntegerKind, { readonly min: bigint; readonly max: bigint }>> = {
  s8: { min: -0x80n, max: 0x7fn },
  u8: { min: 0n, max: 0xffn },
  s16: { min: -0x8000n, max: 0x7fffn },
  u16: { min: 0n, max: 0xffffn },
  s32: { min: -0x8000_0000n, max: 0x7fff_ffffn },
  u32: { min: 0n, max: 0xffff_ffffn },
  s64: { min: -0x8000_0000_0000_0000n, max: 0x7fff_ffff_ffff_ffffn },
  u64: { min: 0n, max: 0xffff_ffff_ffff_ffffn },
};

/** Decimal digits of the largest 64-bit integer: longer text is out of range before it is converted. */
const MAX_INTEGER_DIGITS = 20;

/** Whether values of the type are bigints. */
export function isWide(kind: IntegerKind): kind is "s64" | "u64" {
  return kind === "s64" || kind === "u64";
}

/** The integer as a value of the type (bigint for the 64-bit ones); undefined where it is out of range. */
export function integerInRange(kind: IntegerKind, integer: bigint): number | bigint | undefined {
  const { min, max } = INTEGER_BOUNDS[kind];
  if (integer < min || integer > max) return undefined;
  return isWide(kind) ? integer : Number(integer);
}

/**
 * The value of decimal text (`-?[0-9]+`); undefined where it is out of range for the type. Bounded: the
 * cost of converting does not grow with the text.
 */
export function integerFromText(kind: IntegerKind, text: string): number | bigint | undefined {
  const digits = text.replace(/^(-?)0+(?=[0-9])/u, "$1");
  if (digits.length > MAX_INTEGER_DIGITS + 1) return undefined;
  return integerInRange(kind, BigInt(digits));
}

/**
 * A finite `f32` as the shortest decimal that rounds back to it, in JavaScript's notation
 * (0.1, not 0.10000000149011612).
 */
export function shortestF32(value: number): string {
  if (value === 0) return plainText(value);
  // Six digits often suffice, nine always do.
  const start = Math.fround(Number(value.toPrecision(6))) === value ? 1 : 7;
  for (let digits = start; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return plainText(Number(text));
  }
  return plainText(Number(value.toPrecision(9)));
}

/** `String(-0)` is "0": the sign is part of the value. */
function plainText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/**
 * A float in WAVE: `nan`, `inf`, `-inf`, or decimal digits without an exponent, the form wasm-wave
 * prints.
 */
export function printFloat(kind: "f32" | "f64", value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (value === Infinity) return "inf";
  if (value === -Infinity) return "-inf";
  return withoutExponent(kind === "f32" ? shortestF32(value) : plainText(value));
}

/** `1.5e-7` as `0.00000015`. */
function withoutExponent(text: string): string {
  if (!text.includes("e")) return text;
  const match = /^(-?)([0-9]+)(?:\.([0-9]+))?e([-+][0-9]+)$/u.exec(text);
  if (match === null) return text;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits}${"0".repeat(point - digits.length)}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
