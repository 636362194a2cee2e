import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isHostbundleError } from "../../../src/shared/errors.ts";
import { fromJson, toJson } from "../../../src/shared/value/json.ts";
import { parseWave } from "../../../src/shared/value/parse-wave.ts";
import { printWave } from "../../../src/shared/value/print-wave.ts";
import type { Value } from "../../../src/shared/value/types.ts";
import { arbitraryTypedValue } from "../../support/arbitrary-value.ts";

const SETTINGS = { seed: 20_251, numRuns: 1500 };

/** `JSON.stringify` drops the sign of -0; nothing else may change. */
function withoutNegativeZero(value: Value): Value {
  if (typeof value === "number") return value + 0;
  if (value instanceof Uint8Array || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((element: Value) => withoutNegativeZero(element));
  return Object.fromEntries(
    Object.entries(value).map(([label, field]) => [label, withoutNegativeZero(field)]),
  );
}

/** `accepted`, or the code of the error. */
function outcome(action: () => unknown): string {
  try {
    action();
    return "accepted";
  } catch (error) {
    return isHostbundleError(error) ? error.code : String(error);
  }
}

describe("random values of random types", () => {
  test("parseWave(printWave(value)) is the value, on one line", () => {
    fc.assert(
      fc.property(arbitraryTypedValue(4), ({ type, value }) => {
        const text = printWave(value, type);
        expect(text).not.toContain("\n");
        expect(parseWave(text, type)).toEqual(value);
      }),
      SETTINGS,
    );
  });

  test("fromJson(toJson(value)) is the value", () => {
    fc.assert(
      fc.property(arbitraryTypedValue(4), ({ type, value }) => {
        expect(fromJson(toJson(value, type), type)).toEqual(value);
      }),
      SETTINGS,
    );
  });

  test("the JSON form survives being text", () => {
    fc.assert(
      fc.property(arbitraryTypedValue(4), ({ type, value }) => {
        const text = JSON.stringify(toJson(value, type));
        expect(fromJson(JSON.parse(text), type)).toEqual(withoutNegativeZero(value));
      }),
      SETTINGS,
    );
  });

  test("a value is its own JSON form for JavaScript callers", () => {
    fc.assert(
      fc.property(arbitraryTypedValue(4), ({ type, value }) => {
        expect(fromJson(value, type)).toEqual(value);
      }),
      SETTINGS,
    );
  });

  test("mutilated WAVE is a value or an ARGUMENT_INVALID, never another error", () => {
    const mutated = fc.tuple(
      arbitraryTypedValue(3),
      fc.nat(),
      fc.constantFrom("", "(", "}", '"', "\\", "%", "1", ","),
    );
    fc.assert(
      fc.property(mutated, ([{ type, value }, at, insert]) => {
        const text = printWave(value, type);
        const cut = at % (text.length + 1);
        const broken = text.slice(0, cut) + insert + text.slice(cut + 1);
        expect(["accepted", "ARGUMENT_INVALID"]).toContain(outcome(() => parseWave(broken, type)));
      }),
      SETTINGS,
    );
  });
});
