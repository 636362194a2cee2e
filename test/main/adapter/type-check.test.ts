/** The printed declarations are TypeScript, and mean what the ABI gives and takes: one run of tsc over all of them. */
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { userBindings } from "../../../src/main/adapter/modules.ts";
import { lowerCamel } from "../../../src/shared/js-names.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { decodeWit } from "../../support/worlds.ts";
import { RANDOM_WORLD, type RandomWorld } from "./random-world.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const folder = temporaryFolder();
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "lib/tsc.js");

const OPTIONS = {
  target: "es2022",
  lib: ["es2023", "esnext.disposable"],
  module: "nodenext",
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noUnusedLocals: true,
  verbatimModuleSyntax: true,
  allowImportingTsExtensions: true,
  noEmit: true,
};

/** An adapter as an author writes it; each `drift` is one that must not pass. */
const SHOP_WIT = `package acme:shop;
interface stock {
  resource shelf { constructor(name: string); put: func(item: option<u32>) -> result<u32, string>; join: static func(left: shelf, right: borrow<shelf>) -> shelf; }
  resource token;
  total: func(shelves: list<borrow<shelf>>) -> u64;
  issue: func() -> token;
}
world w { import stock; import now: func() -> list<u32>; }`;

const SHOP = `
import type { Adapter, Imports, Result, StockShelf, StockShelfClass, StockTokenClass } from "./shop.ts";
import type { Adapter as OwnAdapter } from ${JSON.stringify(here("../../../src/worker/adapters/types.ts"))};

class Shelf implements StockShelf {
  #items: number[] = [];
  readonly name: string;
  constructor(name: string) { this.name = name; }
  put(item: number | undefined): Result<number, string> {
    if (item === undefined) return { tag: "err", val: this.name };
    return { tag: "ok", val: this.#items.push(item) };
  }
  // Its own class where the declarations say the interface of its objects.
  static join(left: Shelf, right: Shelf): Shelf { left.#items.push(...right.#items); return left; }
  get size(): number { return this.#items.length; }
}
class Token { #secret = 1; get secret(): number { return this.#secret; } }
class Private { private constructor() {} static make(): Private { return new Private(); } }

export const imports: Imports = {
  "acme:shop/stock": { Shelf, Token, total: (shelves) => BigInt(shelves.length), issue: () => new Token() },
  now: () => Uint32Array.of(1),
};
export const adapter: Adapter = { open: () => ({ serve: () => ({ imports }) }) };
export const own: OwnAdapter<Imports> = adapter;
export const user: Adapter = own;
export const tokens: StockTokenClass = Private;

// @ts-expect-error a function is missing
export const lacking: Imports["acme:shop/stock"] = { Shelf, Token, total: () => 0n };
// @ts-expect-error a number where a bigint belongs
export const narrow: Imports["acme:shop/stock"]["total"] = () => 0;
// @ts-expect-error an array where a typed array belongs
export const plain: Imports["now"] = () => [1];
// @ts-expect-error thrown errors are not results
export const thrown: StockShelf["put"] = (): number => { throw "x"; };
// @ts-expect-error a payload of another type
export const payload: StockShelf["put"] = () => ({ tag: "err", val: 1 });
// @ts-expect-error a parameter too many for the constructor
export const maker: StockShelfClass = class extends Shelf { constructor(name: string, more: string) { super(name + more); } };
`;

test("declarations type-check, with values as the ABI gives them and adapters as people write them", async () => {
  const files = { "shop.ts": userBindings(await decodeWit(SHOP_WIT, "w")), "adapter.ts": SHOP };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "rich.ts"), readFileSync(here("rich.golden")));
  const worlds = fc.sample(RANDOM_WORLD, { seed: 42, numRuns: 80 });
  for (const [index, world] of worlds.entries()) writeFileSync(join(folder, `w${index}.ts`), checked(world));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: OPTIONS }));
  expect(await complaints()).toBe("");
});

/** The declarations of a world, then its values: told by their types alone, as what comes from elsewhere is. */
function checked({ world, values }: RandomWorld): string {
  const [item] = world.imports;
  const id = JSON.stringify(item?.name);
  const checks = values.map((value, index) => {
    const name = lowerCamel(`f${index}`);
    return [
      `const v${index} = ${value}${/^(?:new|undefined)/.test(value) ? "" : " as const"};`,
      `export const x${index}: Parameters<Imports[${id}]["${name}"]>[0] = v${index};`,
      `export const y${index}: ReturnType<Imports[${id}]["${name}"]> = x${index};`,
    ].join("\n");
  });
  return [userBindings(world), ...checks].join("\n\n");
}

async function complaints(): Promise<string> {
  try {
    await promisify(execFile)(process.execPath, [tsc, "-p", folder, "--pretty", "false"]);
    return "";
  } catch (error) {
    if (error instanceof Error && "stdout" in error) return String(error.stdout);
    throw error;
  }
}
