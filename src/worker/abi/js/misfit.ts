/** What JavaScript gave for a WIT value and is none: the host's mistake, not the guest's. */
import { Violation } from "../violation.ts";

export class Misfit extends Violation {
  override readonly name = "Misfit";
}

/** `expected` is a noun phrase: `a u8`, `an array of 3`. */
export function misfit(expected: string, value: unknown): never {
  throw new Misfit(`expected ${expected}, got ${describe(value)}`);
}

function describe(value: unknown): string {
  switch (typeof value) {
    case "number":
    case "boolean":
    case "undefined":
      return String(value);
    case "bigint":
      return "a bigint";
    case "string":
      return value.length <= 32 ? JSON.stringify(value) : `a string of ${value.length}`;
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? "an array" : "an object";
    default:
      return `a ${typeof value}`;
  }
}
