import { describe, expect, test } from "vitest";
import { functionSymbols, symbolNaming } from "../../../src/shared/wit/symbol.ts";
import type { WorldItem, WorldType } from "../../../src/shared/wit/types.ts";

function item(name: string): WorldItem {
  return { kind: "interface", name, interface: { functions: [], resources: [], types: [] } };
}

function world(name: string, imports: readonly string[], exports: readonly string[] = []): WorldType {
  return { name, imports: imports.map(item), exports: exports.map(item) };
}

const one = symbolNaming(world("acme:kv/my-world@1.0.0", ["acme:kv/store@1.2.0", "plain-store"]));
const two = symbolNaming(world("w", ["acme:kv/store@1.2.0-rc.1+b7"], ["acme:kv/store@2.0.0", "acme:kv/old"]));

describe("the symbols of wit-bindgen's C generator", () => {
  test.each([
    ["an interface without version", one, "acme:my-kv/the-store", "do-it", ["acme_my_kv_the_store_do_it"]],
    [
      "a version is optional where the world sees one",
      one,
      "acme:kv/store@1.2.0",
      "get",
      ["acme_kv_store_get", "acme_kv_1_2_0_store_get"],
    ],
    [
      "and required where it sees two",
      two,
      "acme:kv/store@1.2.0-rc.1+b7",
      "get",
      ["acme_kv_1_2_0_rc_1_b7_store_get"],
    ],
    ["unless the package has none", two, "acme:kv/old", "get", ["acme_kv_old_get"]],
    ["other packages stay plain", two, "acme:other/i", "get", ["acme_other_i_get"]],
    ["acronyms are lowered", one, "acme:kv/HTTP-api", "get-URL2", ["acme_kv_http_api_get_url2"]],
    ["a keyword needs no escape", one, "acme:kv/int", "return", ["acme_kv_int_return"]],
    ["a constructor", one, "acme:kv/i", "[constructor]my-res", ["acme_kv_i_constructor_my_res"]],
    ["a method", one, "acme:kv/i", "[method]my-res.do-it", ["acme_kv_i_method_my_res_do_it"]],
    ["a static", one, "acme:kv/i", "[static]my-res.do-it", ["acme_kv_i_static_my_res_do_it"]],
  ])("%s", (_title, naming, owner, func, imports) => {
    expect(functionSymbols(naming, owner, func)).toEqual([
      ...imports.map((symbol) => ({ symbol, convention: "import" })),
      ...imports.map((symbol) => ({ symbol: `exports_${symbol}`, convention: "export" })),
    ]);
  });

  test("a function of the world takes the world's own name", () => {
    expect(functionSymbols(one, undefined, "do-it")).toEqual([
      { symbol: "my_world_do_it", convention: "import" },
      { symbol: "exports_my_world_do_it", convention: "export" },
    ]);
    expect(functionSymbols(two, undefined, "do-it")[0]?.symbol).toBe("w_do_it");
  });

  test("a plain-named interface has no export-side spelling of its own", () => {
    expect(functionSymbols(one, "plain-store", "get")).toEqual([
      { symbol: "plain_store_get", convention: "import" },
    ]);
  });
});
