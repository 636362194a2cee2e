/** A hostile guest: whatever it passes, it traps and the library is not called (NATIVE-ABI.md, "What the host guarantees"). */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { typeNamer } from "../support/arbitrary.ts";
import { bindFor, expectTrap, thrownBy } from "../support/c-source-fixture.ts";
import { buildTestLibrary, type TestLibrary } from "../support/c-source-library.ts";
import { TEST_SPACE, type CFunction } from "../support/c-source.ts";
import { compiler } from "../support/native.ts";
import { GuestMemory } from "../support/oracle/index.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { HOSTILE_CASES, type HostileCase } from "./hostile-cases.ts";

const named = typeNamer();

const sink = (row: HostileCase, index: number): CFunction => ({
  name: `sink-${index}`,
  type: { params: row.params.map((type, at) => ({ name: `x${at}`, type: named(type) })) },
  body: { kind: "raw", code: "" },
});

const ROWS = HOSTILE_CASES.map((row, index) => ({ name: row.name, row, sink: sink(row, index) }));

describe("the table", () => {
  it("names every case once", () => {
    expect(new Set(HOSTILE_CASES.map((row) => row.name)).size).toBe(HOSTILE_CASES.length);
    expect(HOSTILE_CASES.length).toBeGreaterThan(120);
  });
});

describe.skipIf(!compiler.available)(`a hostile guest ${compiler.reason}`, () => {
  const folder = temporaryFolder();
  let library: TestLibrary;
  beforeAll(() => {
    library = buildTestLibrary(folder, "hostile", {
      space: TEST_SPACE,
      functions: ROWS.map((row) => row.sink),
    });
  });
  afterAll(() => library.native.close());

  it.each(ROWS)("$name", ({ row, sink: one }) => {
    const guest = new GuestMemory(row.encoding ?? "utf8", row.pages);
    const imported = bindFor(library, one, guest);
    const calls = library.count("calls");
    expectTrap(
      thrownBy(() => imported(...row.pass(guest))),
      one,
    );
    expect(library.count("calls")).toBe(calls);
  });
});
