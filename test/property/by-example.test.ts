/**
 * One round trip guest → native C → guest per kind of value, by example, in every string encoding and in every
 * position: as parameter and as result of an echo, as the parameter of a function without a result, as the
 * result of a function without parameters, and as an argument that the library owns.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Value } from "../../src/shared/value/types.ts";
import type { FuncType } from "../../src/shared/wit/types.ts";
import { echoType, sameValue, typeNamer } from "../support/arbitrary.ts";
import { buildTestLibrary, type TestLibrary } from "../support/c-source-library.ts";
import { TEST_SPACE, type CFunction } from "../support/c-source.ts";
import { compiler } from "../support/native.ts";
import { asGuestImport, callFromGuest, coreSignature, GuestMemory } from "../support/oracle/index.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { EXAMPLES } from "./examples.ts";

const ENCODINGS = ["utf8", "utf16", "latin1+utf16"] as const;

interface Row {
  readonly name: string;
  readonly echo: CFunction;
  readonly owning: CFunction;
  readonly keep: CFunction;
  readonly give: CFunction;
  readonly values: readonly Value[];
}

function rows(): readonly Row[] {
  const named = typeNamer();
  return EXAMPLES.map(([name, unnamed, values]) => {
    const type = named(unnamed);
    const one = (stem: string, func: FuncType, body: "echo" | "keep" | "give"): CFunction => ({
      name: `${stem}-${name}`,
      type: func,
      body: { kind: body },
    });
    const params = [{ name: "x", type }];
    return {
      name,
      values,
      echo: one("echo", echoType([type]), "echo"),
      owning: { ...one("own", echoType([type]), "echo"), convention: "export" },
      keep: one("keep", { params }, "keep"),
      give: one("give", { params: [], result: type }, "give"),
    };
  });
}

describe.skipIf(!compiler.available)(`every kind of value through C ${compiler.reason}`, () => {
  const folder = temporaryFolder();
  const table = rows();
  let library: TestLibrary;
  beforeAll(() => {
    const functions = table.flatMap((row) => [row.echo, row.owning, row.keep, row.give]);
    library = buildTestLibrary(folder, "examples", { space: TEST_SPACE, functions });
  });
  afterAll(() => library.native.close());

  it.each(table)("$name", (row) => {
    for (const encoding of ENCODINGS) {
      const guest = new GuestMemory(encoding, 16);
      const call = (one: CFunction, ...args: Value[]): Value | undefined => {
        guest.reset();
        const core = library.bind(one, {
          memory: guest.memory,
          realloc: guest.realloc,
          stringEncoding: encoding,
        });
        return callFromGuest(guest, one.type, asGuestImport(one.type, core), args);
      };
      for (const value of row.values) {
        expect(call(row.echo, value)).toSatisfy((back: Value) => sameValue(back, value));
        expect(call(row.owning, value)).toSatisfy((back: Value) => sameValue(back, value));
        expect(call(row.keep, value)).toBeUndefined();
        expect(call(row.give)).toSatisfy((back: Value) => sameValue(back, value));
      }
    }
    expect(library.count("released")).toBe(library.count("allocated"));
    expect(library.count("wild")).toBe(0);
  });

  it("spills parameters when there are more than 16 core values", () => {
    const wide = table.find((row) => row.name === "wide");
    expect(wide && coreSignature(wide.echo.type).spilledParams).toBe(true);
  });
});
