import { componentEmbed, componentNew } from "@bytecodealliance/jco-transpile/wasm-tools";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { decodeComponent } from "../../../src/main/component/decode.ts";
import { linkComponent } from "../../../src/main/link/link.ts";
import type { BundleWorld } from "../../../src/main/link/provider.ts";
import { loadWit } from "../../../src/main/wit/load.ts";
import { formatError } from "../../../src/shared/errors.ts";
import type { WorldType } from "../../../src/shared/wit/types.ts";
import { thrownBy } from "../../support/errors.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { bundle, type BundleOptions } from "./worlds.ts";

const folder = temporaryFolder();

/** A component that imports and exports all that a world has. */
async function guest(witSource: string, world: string): Promise<WorldType> {
  const core = await componentEmbed({ witSource, world, dummy: true });
  return decodeComponent(await componentNew(core, []), "app.wasm").world;
}

async function host(wit: string, options: BundleOptions): Promise<BundleWorld> {
  const path = join(folder, "host.wit");
  writeFileSync(path, wit);
  return { bundle: bundle([], options).bundle, world: (await loadWit(path)).world };
}

const WIT = `
package acme:kv@1.2.0;
interface types { record entry { key: string, value: list<u8> } }
interface store {
  use types.{entry};
  enum problem { full, gone }
  get: func(key: string) -> option<entry>;
  put: func(entry: entry) -> result<_, problem>;
}
world service {
  import store;
  import log-line: func(text: string);
  import clock: interface { now: func() -> u64; }
  export run: func() -> u32;
}`;

const SYMBOLS = ["acme_kv_store_get", "exports_acme_kv_store_put", "service_log_line", "clock_now"];

describe("components and bundles from real WIT", () => {
  test("every kind of import finds its symbol", async () => {
    const plan = linkComponent({
      path: "app.wasm",
      world: await guest(WIT, "service"),
      bundles: [await host(WIT, { symbols: SYMBOLS })],
    });
    const bound = plan.imports.flatMap((item) => {
      if (item.kind === "native-interface") return item.functions;
      return item.kind === "native-function" ? [item.function] : [];
    });
    expect(bound.map(({ symbol, convention }) => `${convention} ${symbol}`).toSorted()).toEqual([
      "export exports_acme_kv_store_put",
      "import acme_kv_store_get",
      "import clock_now",
      "import service_log_line",
    ]);
    expect(plan.imports.filter((item) => item.kind === "types-only").map((item) => item.name)).toEqual([
      "acme:kv/types@1.2.0",
    ]);
  });

  test("a changed enum inside a result is found, and both definitions are shown", async () => {
    const changed = WIT.replace("full, gone", "full, lost");
    const world = await guest(changed, "service");
    const bundles = [await host(WIT, { symbols: SYMBOLS })];
    const text = formatError(thrownBy(() => linkComponent({ path: "app.wasm", world, bundles })));
    expect(text).toContain("acme:kv/store@1.2.0#put has another signature");
    expect(text).toContain("component    enum problem { full, lost }");
    expect(text).toContain("host bundle  enum problem { full, gone }");
  });

  test("resources are planned with what ends them", async () => {
    const wit = `package a:b;
      interface i { resource r { constructor(); m: func(); } resource plain; }
      interface j { use i.{r}; take: func(r: r, others: list<borrow<r>>); }
      world w { import j; import i; }`;
    const world = await guest(wit, "w");
    const symbols = ["a_b_i_constructor_r", "a_b_i_method_r_m", "a_b_i_r_drop_own", "a_b_j_take"];
    const plan = linkComponent({ path: "app.wasm", world, bundles: [await host(wit, { symbols })] });
    expect(plan.resources).toEqual([
      { item: "a:b/i", name: "r", library: 0, dropSymbol: "a_b_i_r_drop_own" },
      { item: "a:b/i", name: "plain", library: 0 },
    ]);
  });

  test("a resource and a function that takes it are one bundle's", async () => {
    const wit = `package a:b;
      interface i { resource r { constructor(); } }
      interface j { use i.{r}; take: func(r: borrow<r>); }
      world w { import i; import j; }`;
    const world = await guest(wit, "w");
    const bundles = [
      await host(wit, { name: "one", symbols: ["a_b_i_constructor_r"], serves: ["a:b/i"] }),
      await host(wit, { name: "two", symbols: ["a_b_j_take"], serves: ["a:b/j"] }),
    ];
    const text = formatError(thrownBy(() => linkComponent({ path: "app.wasm", world, bundles })));
    expect(text).toContain(
      'a:b/j#take of host bundle "two" deals in the resource a:b/i#r, which is served by host bundle "one"',
    );
  });
});
