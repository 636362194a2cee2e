/**
 * Random types against random garbage: core values and a memory that no honest guest would have. Where the
 * oracle traps, the import traps and the library is not called; where it does not, C gets the very value that
 * the oracle sees.
 */
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Value } from "../../src/shared/value/types.ts";
import type { ValueType } from "../../src/shared/wit/types.ts";
import { arbitraryType, echoType, sameValue, typeNamer } from "../support/arbitrary.ts";
import { bindFor, expectTrap, thrownBy } from "../support/c-source-fixture.ts";
import { buildTestLibrary, type TestLibrary } from "../support/c-source-library.ts";
import { TEST_SPACE, type CFunction } from "../support/c-source.ts";
import { compiler } from "../support/native.ts";
import { type CoreValue, liftFlat, readerOf } from "../support/oracle/flat.ts";
import { coreSignature, GuestMemory, OracleTrap } from "../support/oracle/index.ts";
import { alignment, elemSize, type CoreType } from "../support/oracle/layout.ts";
import { load } from "../support/oracle/load-store.ts";
import { temporaryFolder } from "../support/temporary.ts";

const SEED = 20_261_124;
const TYPES = 90;
const TRIES_PER_TYPE = 50;
const ENCODINGS = ["utf8", "utf16", "latin1+utf16"] as const;
const WORDS = 256;
/** Garbage and return area share the first page; what the guest allocates lies behind it. */
const PAGE = 65_536;
const RETURN_AREA = 32_768;

/** Small enough that lists of lists stay small, now and then anything. */
const word = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 3 }) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 12 }).map((index) => index * 8) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 2048 }) },
  { weight: 1, arbitrary: fc.constantFrom(0x41, 0xe9, 0xd7ff, 0xd800, 0x10_ffff, 0x11_0000, 0x8000_0004) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff_ffff }) },
);

function coreValue(type: CoreType): fc.Arbitrary<CoreValue> {
  if (type === "i32") return word;
  if (type === "i64") {
    return fc.tuple(word, word).map(([low, high]) => BigInt(low) + (BigInt(high) << 32n));
  }
  return type === "f32" ? fc.float() : fc.double();
}

const named = typeNamer();
const functions = fc
  .sample(arbitraryType(2), { numRuns: TYPES, seed: SEED })
  .map((type, index): CFunction => ({
    name: `f${index}`,
    type: echoType([named(type)]),
    body: { kind: "echo" },
  }));

/** What a guest with these core values would have passed; `undefined` where that is a trap. */
function passed(
  guest: GuestMemory,
  type: ValueType,
  one: CFunction,
  core: readonly CoreValue[],
): Value | undefined {
  const lifted: Value[] = [];
  const error = thrownBy(() => {
    if (!coreSignature(one.type).spilledParams) {
      lifted.push(liftFlat(guest, readerOf(core), type));
      return;
    }
    const ptr = Number(core[0]) >>> 0;
    if (ptr % alignment(type) !== 0 || !guest.inBounds(ptr, elemSize(type))) throw new OracleTrap("spilled");
    lifted.push(load(guest, ptr, type));
  });
  if (error !== undefined && !(error instanceof OracleTrap)) throw error;
  return lifted[0];
}

describe.skipIf(!compiler.available)(`garbage of random types ${compiler.reason}`, () => {
  const folder = temporaryFolder();
  const outcomes = { passed: 0, trapped: 0 };
  let library: TestLibrary;
  beforeAll(() => {
    library = buildTestLibrary(folder, "garbage", { space: TEST_SPACE, functions });
  });
  afterAll(() => library.native.close());

  it.each(functions)("$name means the same to the import and to the oracle", (one) => {
    const type = one.type.result ?? { kind: "bool" };
    const { params, spilledResult } = coreSignature(one.type);
    const own = spilledResult ? params.slice(0, -1) : params;
    const tries = fc.tuple(
      fc.constantFrom(...ENCODINGS),
      fc.array(word, { minLength: WORDS, maxLength: WORDS, size: "max" }),
      fc.tuple(...own.map(coreValue)),
    );
    fc.assert(
      fc.property(tries, ([encoding, words, core]) => {
        const guest = new GuestMemory(encoding);
        for (const [index, value] of words.entries()) guest.view.setUint32(4 * index, value, true);
        guest.realloc(0, 0, 1, PAGE);
        const expected = passed(guest, type, one, core);
        const imported = bindFor(library, one, guest);
        const calls = library.count("calls");
        const returned: (number | bigint | undefined)[] = [];
        const error = thrownBy(() =>
          returned.push(imported(...core, ...(spilledResult ? [RETURN_AREA] : []))),
        );
        expect(library.count("calls") - calls).toBe(expected === undefined ? 0 : 1);
        outcomes[expected === undefined ? "trapped" : "passed"] += 1;
        if (expected === undefined) {
          expectTrap(error, one);
          return;
        }
        if (error !== undefined) throw error;
        const back = spilledResult
          ? load(guest, RETURN_AREA, type)
          : liftFlat(guest, readerOf([returned[0] ?? 0]), type);
        if (!sameValue(back, expected)) throw new Error("C got another value than the oracle");
      }),
      { numRuns: TRIES_PER_TYPE, seed: SEED, endOnFailure: true },
    );
    expect(library.count("released")).toBe(library.count("allocated"));
  });

  it("tried both what passes and what traps", () => {
    expect(outcomes.passed).toBeGreaterThan(1000);
    expect(outcomes.trapped).toBeGreaterThan(1000);
  });
});
