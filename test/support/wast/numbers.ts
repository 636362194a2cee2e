/** Numbers of the text format: decimal and hexadecimal, with underscores. */

/** Nothing for text that is no integer. */
export function parseIntegerText(text: string): bigint | undefined {
  const match = /^([+-]?)(0x[0-9a-fA-F_]+|[0-9][0-9_]*)$/.exec(text);
  if (match === null) return undefined;
  const magnitude = BigInt((match[2] ?? "").replaceAll("_", ""));
  return match[1] === "-" ? -magnitude : magnitude;
}

/** `f32` is rounded once, from the exact number. NaN for every NaN pattern. */
export function parseFloatText(text: string, kind: "f32" | "f64"): number {
  const sign = text.startsWith("-") ? -1 : 1;
  const body = text.replace(/^[+-]/, "").replaceAll("_", "");
  if (body.startsWith("nan")) return Number.NaN;
  const magnitude = body === "inf" ? Number.POSITIVE_INFINITY : parseMagnitude(body);
  if (Number.isNaN(magnitude)) throw new RangeError(`"${text}" is no number`);
  return sign * (kind === "f32" ? Math.fround(magnitude) : magnitude);
}

function parseMagnitude(body: string): number {
  const hex = /^0x([0-9a-fA-F]+)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?[0-9]+))?$/.exec(body);
  if (hex === null) return Number(body);
  const [, whole = "", fraction = "", exponent = "0"] = hex;
  const scale = Number(exponent) - 4 * fraction.length;
  // In two steps: the smallest numbers are out of reach of a single power.
  const half = Math.trunc(scale / 2);
  return Number(BigInt(`0x${whole}${fraction}`)) * 2 ** half * 2 ** (scale - half);
}
