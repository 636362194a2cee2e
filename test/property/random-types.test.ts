/**
 * Random types and values, guest → native C → guest: the oracle lowers a value into a guest's memory, the
 * compiled import hands it to a C echo function, the oracle lifts what came back. Types are drawn once with a
 * fixed seed and their functions live in one library.
 */
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ValueType } from "../../src/shared/wit/types.ts";
import { arbitraryType, arbitraryValue, echoType, sameValue, typeNamer } from "../support/arbitrary.ts";
import { buildTestLibrary, type TestLibrary } from "../support/c-source-library.ts";
import { TEST_SPACE, type CFunction } from "../support/c-source.ts";
import { compiler } from "../support/native.ts";
import { asGuestImport, callFromGuest, coreSignature, GuestMemory } from "../support/oracle/index.ts";
import { temporaryFolder } from "../support/temporary.ts";

const SEED = 20_261_123;
const LEAVES = 16;
const NESTED = 100;
const SEVERAL = 40;
const VALUES_PER_TYPE = 30;
const ENCODINGS = ["utf8", "utf16", "latin1+utf16"] as const;

/** Types with few enough flat values that the engine's limit of 1000 parameters is far away. */
function drawTypes(depth: number, count: number, seed: number): readonly ValueType[] {
  return fc.sample(arbitraryType(depth), { numRuns: count, seed });
}

function drawFunctions(): readonly CFunction[] {
  const named = typeNamer();
  const single = [...drawTypes(0, LEAVES, SEED), ...drawTypes(3, NESTED, SEED)].map((type) => [type]);
  const pool = drawTypes(1, SEVERAL * 8, SEED + 1);
  const several = Array.from({ length: SEVERAL }, (_, index) =>
    pool.slice(index * 8, index * 8 + 2 + (index % 7)),
  );
  return [...single, ...several].map((params, index): CFunction => {
    const type = echoType(params.map(named));
    // Every fourth function is of the export convention and frees the arguments it owns.
    return index % 4 === 3
      ? { name: `f${index}`, type, body: { kind: "echo" }, convention: "export" }
      : { name: `f${index}`, type, body: { kind: "echo" } };
  });
}

const functions = drawFunctions();

describe("the drawn functions", () => {
  it("cover spilled parameters, spilled results and both flat", () => {
    const signatures = functions.map(({ type }) => coreSignature(type));
    expect(signatures.filter((one) => one.spilledParams).length).toBeGreaterThan(10);
    expect(signatures.filter((one) => !one.spilledParams && one.spilledResult).length).toBeGreaterThan(30);
    expect(signatures.filter((one) => !one.spilledResult).length).toBeGreaterThan(10);
  });
});

describe.skipIf(!compiler.available)(`random types through C ${compiler.reason}`, () => {
  const folder = temporaryFolder();
  let library: TestLibrary;
  beforeAll(() => {
    library = buildTestLibrary(folder, "random", { space: TEST_SPACE, functions });
  });
  afterAll(() => library.native.close());

  it.each(functions)("$name comes back equal", (one) => {
    const guests = ENCODINGS.map((encoding) => {
      const guest = new GuestMemory(encoding);
      const core = library.bind(one, {
        memory: guest.memory,
        realloc: guest.realloc,
        stringEncoding: encoding,
      });
      return { guest, imported: asGuestImport(one.type, core) };
    });
    const args = fc.tuple(...one.type.params.map((param) => arbitraryValue(param.type)));
    const before = { allocated: library.count("allocated"), released: library.count("released") };
    fc.assert(
      fc.property(args, fc.constantFrom(...guests), (values, { guest, imported }) => {
        guest.reset();
        const returned = callFromGuest(guest, one.type, imported, values);
        expect(sameValue(returned, values.length === 1 ? values[0] : values)).toBe(true);
      }),
      { numRuns: VALUES_PER_TYPE, seed: SEED },
    );
    expect(library.count("released") - before.released).toBe(library.count("allocated") - before.allocated);
    expect(library.count("wild")).toBe(0);
  });
});
