/**
 * What DuckDB takes for granted of the values it is given, checked: with others it reads beyond its tables when it
 * prints them, or throws through C.
 */
import type { SqlDecimal, SqlHugeint, SqlInterval, SqlTimeTz } from "./bindings.ts";
import { MAX_TIME_OFFSET } from "./decode.ts";
import { Unfit } from "./errors.ts";

const DAY_MICROS = 86_400_000_000n;
const S64_MAX = 2n ** 63n - 1n;
/** 290309-12-22 (BC), the earliest timestamp in microseconds. */
const FIRST_TIMESTAMP = -9_223_372_022_400_000_000n;
const MAX_DECIMAL_DIGITS = 38;

/** 10^0 to 10^38. */
const POWERS = Array.from({ length: MAX_DECIMAL_DIGITS + 1 }, (_, digits) => 10n ** BigInt(digits));

export function checkTime(micros: bigint): void {
  if (micros < 0n || micros > DAY_MICROS) throw new Unfit(`${micros} is no time of day in microseconds`);
}

export function checkTimeNs(nanos: bigint): void {
  if (nanos < 0n || nanos > DAY_MICROS * 1000n) throw new Unfit(`${nanos} is no time of day in nanoseconds`);
}

export function checkTimeTz({ micros, offset }: SqlTimeTz): void {
  checkTime(micros);
  if (Math.abs(offset) > MAX_TIME_OFFSET) {
    throw new Unfit(`${offset} is no offset from UTC in seconds: it is at most ${MAX_TIME_OFFSET}`);
  }
}

/** The infinities are the largest number and its negative. */
export function checkTimestamp(micros: bigint): void {
  if (micros < FIRST_TIMESTAMP && micros !== -S64_MAX) throw noTimestamp(micros, "microseconds");
}

export function checkTimestampIn(unit: "seconds" | "milliseconds"): (value: bigint) => void {
  const perUnit = unit === "seconds" ? 1_000_000n : 1000n;
  return (value) => {
    if (value === S64_MAX || value === -S64_MAX) return;
    const micros = value * perUnit;
    if (micros < FIRST_TIMESTAMP || micros >= S64_MAX) throw noTimestamp(value, unit);
  };
}

export function checkTimestampNs(nanos: bigint): void {
  // Nothing of this unit is out of the range of timestamps, save the one number without a negative.
  if (nanos < -S64_MAX) throw noTimestamp(nanos, "nanoseconds");
}

function noTimestamp(value: bigint, unit: string): Unfit {
  return new Unfit(`${value} ${unit} since 1970-01-01 is out of the range of timestamps`);
}

/** Days; the smallest number has no negative, and is no date. */
export function checkDate(days: number): void {
  if (days === -(2 ** 31)) throw new Unfit(`${days} days since 1970-01-01 is out of the range of dates`);
}

export function checkInterval({ months, days, micros }: SqlInterval): void {
  if (months === -(2 ** 31) || days === -(2 ** 31) || micros < -S64_MAX) {
    throw new Unfit("a part of the interval is out of range: it has no negative");
  }
}

/** `width` is 1 to 38, `scale` at most `width`. */
export function checkDecimalType(width: number, scale: number): void {
  if (width < 1 || width > MAX_DECIMAL_DIGITS || scale > width) {
    throw new Unfit(
      `DECIMAL(${width},${scale}) is no type: 1 <= width <= ${MAX_DECIMAL_DIGITS}, scale <= width`,
    );
  }
}

export function checkDecimal(unscaled: bigint, width: number): void {
  const limit = POWERS[width] ?? 0n;
  if (unscaled >= limit || unscaled <= -limit) throw new Unfit(`${unscaled} has more than ${width} digits`);
}

export function checkedDecimal({ width, scale, unscaled }: SqlDecimal): void {
  checkDecimalType(width, scale);
  checkDecimal(wide(unscaled), width);
}

/** The one number. */
export function wide({ lower, upper }: SqlHugeint): bigint {
  return (upper << 64n) | lower;
}

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/iu;

/** As the two words of a number, the higher first. */
export function parseUuid(text: string): { readonly lower: bigint; readonly upper: bigint } {
  if (!UUID.test(text)) throw new Unfit("a UUID is 32 hexadecimal digits, with or without hyphens");
  const digits = text.replaceAll("-", "");
  return { upper: BigInt(`0x${digits.slice(0, 16)}`), lower: BigInt(`0x${digits.slice(16)}`) };
}
