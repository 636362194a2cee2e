import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadWit } from "../../../src/main/wit/load.ts";
import { formatError, isHostbundleError } from "../../../src/shared/errors.ts";
import { sameFunc } from "../../../src/shared/wit/equal.ts";
import { printWorld } from "../../support/print-world.ts";
import type { FuncType, ValueType, WorldType } from "../../../src/shared/wit/types.ts";
import { arbitraryType } from "../../support/arbitrary-value.ts";
import { createRandom, mutate } from "../../support/mutate.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { decodeWit, treeOf } from "../../support/worlds.ts";

const folder = temporaryFolder();

/** A world of one function; its types have no names, so the printer has to find some. */
function worldOf(params: readonly ValueType[], result: ValueType | undefined): WorldType {
  const named = params.map((type, index) => ({ name: `p${index}`, type }));
  const type: FuncType = result === undefined ? { params: named } : { params: named, result };
  const func = { name: "f", role: { kind: "freestanding" }, type } as const;
  return {
    name: "t:p/w",
    imports: [
      { kind: "function", name: "f", function: func },
      { kind: "interface", name: "i", interface: { functions: [func], resources: [], types: [] } },
    ],
    exports: [],
  };
}

function functionOf(world: WorldType): FuncType {
  const item = world.imports.find((item) => item.kind === "function");
  if (item?.kind !== "function") throw new TypeError("there is no function f");
  return item.function.type;
}

describe("random types", () => {
  it("printed, parsed by the official parser and decoded are the same", async () => {
    const property = fc.asyncProperty(
      fc.array(arbitraryType(), { maxLength: 4 }),
      fc.option(arbitraryType(), { nil: undefined }),
      async (params, result) => {
        const world = worldOf(params, result);
        const decoded = await decodeWit(printWorld(world));
        expect(treeOf(decoded)).toEqual(treeOf(world));
        expect(sameFunc(functionOf(decoded), functionOf(world))).toBe(true);
      },
    );
    await fc.assert(property, { seed: 20_251_123, numRuns: 200 });
  });
});

const TEXT = `package example:interface@1.0.0;
use dep:one/types@0.2.0 as base;
/// Documented.
interface runtime {
  use base.{thing, kind as sort};
  record config { name: string, limits: option<list<u32>>, sort: sort }
  resource session { constructor(c: config); run: func(t: borrow<thing>) -> result<string, sort>; }
  @since(version = 1.0.0)
  open: func(%list: tuple<u8, char>) -> session;
}
world w { import runtime; export go: func(); }
package dep:one@0.2.0 {
  interface types { resource thing; enum kind { a, b } }
}
`;

describe("mutated text", () => {
  it("gives a world or an error with a place", async () => {
    const random = createRandom(7);
    const original = new TextEncoder().encode(TEXT);
    const path = join(folder, "api.wit");
    let accepted = 0;
    const reports: string[] = [];
    for (let round = 0; round < 400; round++) {
      const bytes = mutate(original, random);
      writeFileSync(path, bytes);
      try {
        await loadWit(path);
        accepted++;
      } catch (error) {
        if (!isHostbundleError(error) || error.code !== "WIT_INVALID") {
          throw new Error(`round ${round}: ${Buffer.from(bytes).toString("hex")}`, { cause: error });
        }
        reports.push(formatError(error.toData()));
      }
    }
    expect(accepted).toBeGreaterThan(10);
    expect(reports.filter((report) => !report.includes(`in ${path}`))).toEqual([]);
    // A crash of the parser would have spoilt all rounds after it.
    expect(reports.filter((report) => report.includes("gave up"))).toEqual([]);
  });
});
