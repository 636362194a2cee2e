import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Value } from "../../../../src/shared/value/types.ts";
import type { FuncType, ValueType } from "../../../../src/shared/wit/types.ts";
import type { ValueStyle } from "../../../../src/worker/abi/js/types.ts";
import type { StringEncoding } from "../../../../src/worker/abi/types.ts";
import { arbitraryType, arbitraryValue, echoType, sameValue } from "../../../support/arbitrary.ts";
import { asGuestImport, asLiftedCore, callFromGuest } from "../../../support/oracle/index.ts";
import { inStyle } from "../../../support/oracle/styles.ts";
import { LABEL, resourceIndex, TestInstance } from "./instance.ts";
import { compileGuestCall } from "../../../../src/worker/abi/js/compile-guest-call.ts";

const ENCODINGS: readonly StringEncoding[] = ["utf8", "utf16", "latin1+utf16"];
const STYLES: readonly ValueStyle[] = ["value", "js"];
const BOTH = ENCODINGS.flatMap((encoding) => STYLES.map((style) => [encoding, style] as const));
const PAIRS = ENCODINGS.flatMap((from) => ENCODINGS.map((to) => [from, to] as const));

interface Case {
  readonly type: FuncType;
  readonly args: readonly Value[];
  /** Of the second call through the same binding. */
  readonly again: readonly Value[];
}

/** Functions that give their parameters back: few enough to be flat, or so many that they spill. */
const cases: fc.Arbitrary<Case> = fc
  .oneof(
    { weight: 3, arbitrary: fc.array(arbitraryType(2), { minLength: 0, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.array(arbitraryType(1), { minLength: 5, maxLength: 18 }) },
  )
  .chain((types) => {
    const args = fc.tuple(...types.map((type) => arbitraryValue(type)));
    return fc.tuple(args, args).map(([first, again]) => ({ type: echoType(types), args: first, again }));
  });

const property = (seed: number, runs: number, check: (each: Case) => void): void => {
  fc.assert(fc.property(cases, check), { seed, numRuns: runs, endOnFailure: true });
};

const resultOf = (args: readonly Value[]): Value => (args.length === 1 ? (args[0] ?? null) : args);

const expected = (type: FuncType, args: readonly Value[]): Value | undefined =>
  type.result === undefined ? undefined : resultOf(args);

function styled(type: FuncType, args: readonly Value[], style: ValueStyle): unknown[] {
  return args.map((arg, index) => inStyle(arg, type.params[index]?.type ?? { kind: "bool" }, style));
}

/** A top-level result in style `js` is returned or thrown. */
function outcome(call: () => unknown, type: ValueType | undefined, style: ValueStyle): unknown {
  if (style !== "js" || type?.kind !== "result") return call();
  try {
    return { tag: "ok", val: call() };
  } catch (error) {
    if (error instanceof Error) throw error;
    return { tag: "err", val: error };
  }
}

describe.each(BOTH)("%s, style %s", (encoding, style) => {
  const styledResult = (type: FuncType, args: readonly Value[]): unknown =>
    type.result === undefined ? undefined : inStyle(resultOf(args), type.result, style);

  it("the host calls an export that gives its arguments back", () => {
    property(1, 80, ({ type, args, again }) => {
      const instance = new TestInstance(encoding);
      const seen: (readonly Value[])[] = [];
      const returned: unknown[] = [];
      const core = asLiftedCore(instance.guest, type, (given) => {
        seen.push(given);
        return resultOf(given);
      });
      const call = instance.exported(type, core, {
        style,
        postReturn: (...flat) => void returned.push(flat),
      });
      for (const values of [args, again]) {
        const result = outcome(() => call(...styled(type, values, style)), type.result, style);
        expect(isDeepStrictEqual(result, styledResult(type, values))).toBe(true);
        instance.guest.reset();
      }
      expect(sameValue(seen, [args, again])).toBe(true);
      expect(returned.length).toBe(2);
      expect([instance.state.mayEnter, instance.state.mayLeave]).toEqual([true, true]);
    });
  });

  it("a guest calls a function of the host that gives its arguments back", () => {
    property(2, 80, ({ type, args, again }) => {
      const instance = new TestInstance(encoding);
      const seen: unknown[] = [];
      const target = (...given: unknown[]): unknown => {
        seen.push(given);
        const values = seen.length === 1 ? args : again;
        const result = styledResult(type, values);
        if (style !== "js" || type.result?.kind !== "result") return result;
        const { tag, val } = Object(result);
        if (tag === "err") throw val;
        return val;
      };
      const imported = asGuestImport(type, instance.imported(type, target, { style }));
      for (const values of [args, again]) {
        const result = callFromGuest(instance.guest, type, imported, values);
        expect(sameValue(result, expected(type, values))).toBe(true);
        instance.guest.reset();
      }
      expect(isDeepStrictEqual(seen, [styled(type, args, style), styled(type, again, style)])).toBe(true);
      expect(instance.state.failure).toBe(undefined);
    });
  });
});

describe.each(PAIRS)("from %s to %s", (from, to) => {
  it("a guest calls another that gives its arguments back", () => {
    property(3, 50, ({ type, args, again }) => {
      const [caller, callee] = [new TestInstance(from), new TestInstance(to)];
      const seen: (readonly Value[])[] = [];
      const core = asLiftedCore(callee.guest, type, (given) => {
        seen.push(given);
        return resultOf(given);
      });
      const compiled = compileGuestCall({ label: LABEL, type, resourceIndex });
      const imported = asGuestImport(type, compiled.bind(caller.options, callee.lifted(core)));
      for (const values of [args, again]) {
        const result = callFromGuest(caller.guest, type, imported, values);
        expect(sameValue(result, expected(type, values))).toBe(true);
        caller.guest.reset();
        callee.guest.reset();
      }
      expect(sameValue(seen, [args, again])).toBe(true);
      expect([callee.state.mayEnter, callee.state.mayLeave, caller.state.mayLeave]).toEqual([
        true,
        true,
        true,
      ]);
    });
  });
});
