import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Value } from "../../../../src/shared/value/types.ts";
import type { FuncType } from "../../../../src/shared/wit/types.ts";
import { HostbundleError } from "../../../../src/shared/errors.ts";
import type { CoreFunction, StringEncoding } from "../../../../src/worker/abi/types.ts";
import { arbitraryType } from "../../../support/arbitrary.ts";
import {
  asGuestImport,
  asLiftedCore,
  coreSignature,
  liftArguments,
  OracleTrap,
} from "../../../support/oracle/index.ts";
import { inStyle } from "../../../support/oracle/styles.ts";
import { func, TestInstance } from "./instance.ts";

interface Garbage {
  readonly type: FuncType;
  readonly flat: readonly number[];
  /** The memory repeats these bytes. */
  readonly bytes: Uint8Array;
}

/** Mostly small: large numbers are all refused for the same reason. */
const byte = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0, 0, 0, 1, 2, 4, 8) },
  { weight: 2, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
);
const word = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 6 }).map((each) => each * 8) },
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 3 }) },
  { weight: 1, arbitrary: fc.integer() },
);

const garbage: fc.Arbitrary<Garbage> = fc
  .record({
    types: fc.oneof(
      fc.array(arbitraryType(2), { minLength: 1, maxLength: 3 }),
      fc.array(arbitraryType(1), { minLength: 5, maxLength: 12 }),
    ),
    flat: fc.array(word, { minLength: 16, maxLength: 16 }),
    bytes: fc.array(byte, { minLength: 64, maxLength: 64 }),
  })
  .map(({ types, flat, bytes }) => ({ type: func(types), flat, bytes: Uint8Array.from(bytes) }));

const ENCODINGS: readonly StringEncoding[] = ["utf8", "utf16", "latin1+utf16"];

type Outcome = readonly Value[] | "trap";

/** What the specification makes of the arguments. */
function byOracle(instance: TestInstance, type: FuncType, flat: readonly (number | bigint)[]): Outcome {
  try {
    return liftArguments(instance.guest, type, flat);
  } catch (error) {
    if (error instanceof OracleTrap) return "trap";
    throw error;
  }
}

/** Whether a call went through; a trap is the only other thing that may happen. */
function goesThrough(core: CoreFunction, flat: readonly (number | bigint)[]): boolean {
  try {
    core(...flat);
    return true;
  } catch (error) {
    if (error instanceof HostbundleError && error.code === "TRAP") return false;
    throw error;
  }
}

describe.each(ENCODINGS)("garbage in %s is taken or refused as the specification says", (encoding) => {
  const check = (
    seed: number,
    run: (instance: TestInstance, type: FuncType, seen: unknown[]) => CoreFunction,
  ): number => {
    const outcomes = new Set<boolean>();
    const property = fc.property(garbage, ({ type, flat, bytes }) => {
      const instance = new TestInstance(encoding);
      const memory = instance.guest.bytes;
      for (let at = 0; at < memory.length; at += bytes.length) memory.set(bytes, at);
      const { params } = coreSignature(type);
      const core = params.map((each, index) =>
        each === "i64" ? BigInt(flat[index] ?? 0) : (flat[index] ?? 0),
      );
      const expected = byOracle(instance, type, core);
      const seen: unknown[] = [];
      const passed = goesThrough(asGuestImport(type, run(instance, type, seen)), core);
      outcomes.add(passed);
      expect(passed).toBe(expected !== "trap");
      const wanted = expected === "trap" ? [] : [plain(type, expected)];
      expect(isDeepStrictEqual(seen, wanted)).toBe(true);
    });
    fc.assert(property, { seed, numRuns: 150 });
    return outcomes.size;
  };

  // Both outcomes happen, or the comparison says nothing.
  it("by the host", () => {
    const outcomes = check(11, (instance, type, seen) =>
      instance.imported(type, (...args: Value[]) => void seen.push(args)),
    );
    expect(outcomes).toBe(2);
  });

  it.each(ENCODINGS)("by another guest in %s", (other) => {
    const outcomes = check(12, (instance, type, seen) => {
      const callee = new TestInstance(other);
      const core = asLiftedCore(callee.guest, type, (args) => {
        seen.push(plain(type, args));
        return null;
      });
      return instance.importedFrom(callee, type, core);
    });
    expect(outcomes).toBe(2);
  });
});

/** The oracle's own form of values, as style `value` has it: rows of bytes are plain arrays. */
function plain(type: FuncType, args: readonly Value[]): readonly unknown[] {
  return args.map((arg, index) => inStyle(arg, type.params[index]?.type ?? { kind: "bool" }, "value"));
}
