/** Dates, times and intervals as SQL writes them. */

const DAY_MICROS = 86_400_000_000n;
const INFINITE_DATE = 2 ** 31 - 1;
const INFINITE_TIMESTAMP = 2n ** 63n - 1n;

const pad = (value: number | bigint, digits: number): string => String(value).padStart(digits, "0");

/** Days since 1970-01-01, proleptic Gregorian. */
export function dateText(days: number): string {
  if (days === INFINITE_DATE) return "infinity";
  if (days === -INFINITE_DATE) return "-infinity";
  const { year, month, day } = civil(days);
  const name = year > 0 ? pad(year, 4) : pad(1 - year, 4);
  return `${name}-${pad(month, 2)}-${pad(day, 2)}${year > 0 ? "" : " (BC)"}`;
}

/** Eras of 400 years have 146097 days; a year begins in March here, so that a leap day is its last. */
function civil(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * ofYear + 2) / 153);
  const day = ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** `hh:mm:ss`, with a fraction where there is one; `digits` of a second below it. */
function clockText(units: bigint, digits: number): string {
  const perSecond = 10n ** BigInt(digits);
  const seconds = units / perSecond;
  const fraction = pad(units % perSecond, digits).replace(/0+$/u, "");
  const clock = `${pad(seconds / 3600n, 2)}:${pad((seconds / 60n) % 60n, 2)}:${pad(seconds % 60n, 2)}`;
  return fraction === "" || digits === 0 ? clock : `${clock}.${fraction}`;
}

/** Microseconds since midnight. */
export function timeText(micros: bigint): string {
  return clockText(micros, 6);
}

export function timeNsText(nanos: bigint): string {
  return clockText(nanos, 9);
}

export function timeTzText(micros: bigint, offset: number): string {
  const seconds = Math.abs(offset);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = seconds % 60 === 0 ? "" : `:${pad(seconds % 60, 2)}`;
  const small = minutes === 0 && rest === "" ? "" : `:${pad(minutes, 2)}${rest}`;
  return `${timeText(micros)}${offset < 0 ? "-" : "+"}${pad(Math.floor(seconds / 3600), 2)}${small}`;
}

/** `digits` of a second below it are in a unit: 0, 3, 6 or 9. */
export function timestampText(units: bigint, digits: number): string {
  if (units === INFINITE_TIMESTAMP) return "infinity";
  if (units === -INFINITE_TIMESTAMP) return "-infinity";
  const perDay = 86_400n * 10n ** BigInt(digits);
  const ofDay = ((units % perDay) + perDay) % perDay;
  return `${dateText(Number((units - ofDay) / perDay))} ${clockText(ofDay, digits)}`;
}

export function intervalText(months: number, days: number, micros: bigint): string {
  const parts = [
    counted(Math.trunc(months / 12), "year"),
    counted(months % 12, "month"),
    counted(days, "day"),
  ].filter((part) => part !== "");
  const size = micros < 0n ? -micros : micros;
  if (micros !== 0n || parts.length === 0) parts.push(`${micros < 0n ? "-" : ""}${intervalClock(size)}`);
  return parts.join(" ");
}

/** Hours go on beyond a day. */
function intervalClock(micros: bigint): string {
  const hours = (micros / DAY_MICROS) * 24n + (micros % DAY_MICROS) / 3_600_000_000n;
  return `${pad(hours, 2)}${clockText(micros % 3_600_000_000n, 6).slice(2)}`;
}

function counted(value: number, unit: string): string {
  if (value === 0) return "";
  return `${value} ${unit}${Math.abs(value) === 1 ? "" : "s"}`;
}
