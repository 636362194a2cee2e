import { describe, expect, test } from "vitest";
import { linkComponent } from "../../../src/main/link/link.ts";
import type { BundleWorld } from "../../../src/main/link/provider.ts";
import { formatError, type ErrorData } from "../../../src/shared/errors.ts";
import type { ValueType, WorldItem } from "../../../src/shared/wit/types.ts";
import { thrownBy } from "../../support/errors.ts";
import { bundle, component, func, iface, signature, STRING, U32, worldFunction } from "./worlds.ts";

function failure(imports: readonly WorldItem[], bundles: readonly BundleWorld[]): ErrorData {
  return thrownBy(() => linkComponent({ path: "app.wasm", world: component(imports), bundles }));
}

const STORE = iface("acme:kv/store@1.2.0", ["get", "set"]);
const STORE_SYMBOLS = ["acme_kv_store_get", "acme_kv_store_set"];

describe("what does not link", () => {
  test.each<[string, readonly WorldItem[], readonly BundleWorld[], readonly string[]]>([
    [
      "nobody serves an interface: what is missing",
      [iface("acme:kv/stor@1.2.0", ["get", func("set", signature("key", STRING, U32))])],
      [bundle([STORE], { symbols: STORE_SYMBOLS })],
      [
        "nobody serves acme:kv/stor@1.2.0",
        "get: func()",
        "set: func(key: string) -> u32",
        'help: host bundle "kv" serves acme:kv/store@1.2.0',
      ],
    ],
    [
      "one symbol for two signatures, because of how names become symbols",
      [iface("acme:kv/a", [func("b-c")]), iface("acme:kv/a-b", [func("c", signature("n"))])],
      [
        bundle([iface("acme:kv/a", [func("b-c")]), iface("acme:kv/a-b", [func("c", signature("n"))])], {
          symbols: ["acme_kv_a_b_c"],
        }),
      ],
      [
        'bound to the symbol acme_kv_a_b_c of host bundle "kv"',
        "acme:kv/a#b-c   b-c: func()",
        "acme:kv/a-b#c   c: func(n: u32)",
        "[functions]",
      ],
    ],
    ["nobody serves anything", [STORE], [], ["nobody serves acme:kv/store@1.2.0", "--host-bundle"]],
    ["a function of the world", [worldFunction("do-it")], [], ["nobody serves the function do-it"]],
    [
      "two providers, both named",
      [STORE],
      [
        bundle([STORE], { name: "a", symbols: STORE_SYMBOLS }),
        bundle([STORE], { name: "b", symbols: STORE_SYMBOLS }),
      ],
      ['2 host bundles serve acme:kv/store@1.2.0: "a" and "b"', "/hosts/b/host.toml:1", "serves = ["],
    ],
    [
      "an older version",
      [iface("acme:kv/store@1.3.0", ["get"])],
      [bundle([STORE], { symbols: STORE_SYMBOLS })],
      [
        "no host bundle serves a compatible version",
        "imports acme:kv/store@1.3.0",
        "serves  acme:kv/store@1.2.0",
      ],
    ],
    [
      "another major version",
      [iface("acme:kv/store@2.0.0", ["get"])],
      [bundle([STORE], { symbols: STORE_SYMBOLS })],
      ["no host bundle serves a compatible version of acme:kv/store@2.0.0"],
    ],
    [
      "a function that the bundle's WIT lacks",
      [iface(STORE.name, ["get", func("gett", signature("a", U32))])],
      [bundle([STORE], { symbols: STORE_SYMBOLS })],
      ['host bundle "kv" lacks a function', "gett: func(a: u32)   (it has: get)"],
    ],
    [
      "another signature, both shown",
      [iface(STORE.name, [func("get", signature("a", STRING))])],
      [bundle([iface(STORE.name, [func("get", signature("a", U32))])], { symbols: STORE_SYMBOLS })],
      [
        'acme:kv/store@1.2.0#get has another signature in host bundle "kv"',
        "component    get: func(a: string)",
        "host bundle  get: func(a: u32)",
      ],
    ],
    [
      "a named type of another definition, both shown",
      [iface(STORE.name, [func("get", signature("a", { kind: "list", element: enumType("red") }))])],
      [
        bundle(
          [iface(STORE.name, [func("get", signature("a", { kind: "list", element: enumType("blue") }))])],
          {
            symbols: STORE_SYMBOLS,
          },
        ),
      ],
      ["component    enum colour { red }", "host bundle  enum colour { blue }"],
    ],
    [
      "symbols that the library lacks, grouped",
      [STORE, iface("acme:x/other", ["f"])],
      [bundle([STORE, iface("acme:x/other", ["f"])], { symbols: ["acme_kv_store_set"] })],
      [
        'the library of host bundle "kv" lacks 2 of the functions its WIT declares',
        "acme:kv/store@1.2.0#get   symbol acme_kv_store_get",
        "acme:x/other#f            symbol acme_x_other_f",
        "library /hosts/kv/lib.so",
        "in /hosts/kv/host.toml:3",
        "[functions]",
      ],
    ],
    [
      "a symbol that [functions] names and the library lacks",
      [iface("acme:kv/i", ["f"])],
      [
        bundle([iface("acme:kv/i", ["f"])], {
          functions: { "acme:kv/i#f": "my_f" },
          symbols: ["acme_kv_i_f"],
        }),
      ],
      ["acme:kv/i#f   symbol my_f (/hosts/kv/host.toml:7)"],
    ],
    [
      "an unversioned symbol where the world sees two versions",
      [iface("acme:kv/store@1.2.0", ["get"])],
      [bundle([STORE, iface("acme:kv/store@2.0.0", ["get"])], { symbols: STORE_SYMBOLS })],
      ["symbol acme_kv_1_2_0_store_get"],
    ],
    [
      "an entry of [functions] that means nothing",
      [],
      [bundle([STORE], { functions: { "acme:kv/store#gat": "x" } })],
      [
        'maps "acme:kv/store#gat", which its WIT does not have',
        "host.toml:7",
        'did you mean "acme:kv/store#get"?',
      ],
    ],
    [
      "an entry of serves that means nothing",
      [],
      [bundle([STORE], { serves: ["acme:kv/stoer"] })],
      ['serves = "acme:kv/stoer" names nothing', 'did you mean "acme:kv/store"?'],
    ],
    [
      "left out by serves",
      [STORE],
      [bundle([STORE, iface("acme:kv/other", ["f"])], { serves: ["acme:kv/other"] })],
      ["nobody serves acme:kv/store@1.2.0", "`serves` leaves it out"],
    ],
    [
      "a release function that the library lacks",
      [],
      [bundle([STORE], { free: "kv_fre", symbols: ["kv_free"] })],
      ['lacks its release function "kv_fre"', 'did you mean "kv_free"?'],
    ],
    [
      "the members of a resource",
      [iface("acme:kv/i", ["[constructor]r", "[method]r.m", "[static]r.s", "plain"], ["r"])],
      [bundle([iface("acme:kv/i", ["[constructor]r", "[method]r.m", "[static]r.s", "plain"], ["r"])])],
      ["acme_kv_i_constructor_r", "acme_kv_i_method_r_m", "acme_kv_i_static_r_s", "acme_kv_i_plain"],
    ],
    [
      "handles deep inside a type, of a resource that nobody declares",
      [iface("acme:kv/i", [func("f", signature("a", deepHandle()))])],
      [bundle([iface("acme:kv/i", [func("f", signature("a", deepHandle()))])], { symbols: ["acme_kv_i_f"] })],
      ['acme:kv/i#f of host bundle "kv" deals in the resource', "is not served by a host bundle"],
    ],
    [
      "a destructor that [functions] maps to nothing",
      [iface("acme:kv/i", ["[constructor]r"], ["r"])],
      [
        bundle([iface("acme:kv/i", ["[constructor]r"], ["r"])], {
          symbols: ["acme_kv_i_constructor_r"],
          functions: { "acme:kv/i#[resource-drop]r": "gone" },
        }),
      ],
      ["acme:kv/i#[resource-drop]r", "gone"],
    ],
    [
      "functions with handles on the export side",
      [iface("acme:kv/i", ["[constructor]r"], ["r"])],
      [
        bundle([iface("acme:kv/i", ["[constructor]r"], ["r"])], {
          symbols: ["exports_acme_kv_i_constructor_r"],
        }),
      ],
      ["symbol acme_kv_i_constructor_r"],
    ],
    [
      "an interface where the bundle has a function",
      [iface("store", ["get"])],
      [bundle([worldFunction("store")])],
      ["imports store as an interface", 'host bundle "kv" has a function of that name'],
    ],
    [
      "WASI 0.3",
      [iface("wasi:cli/stdout@0.3.0", ["get"])],
      [],
      ["nobody serves wasi:cli/stdout@0.3.0", "WASI 0.2 is built in"],
    ],
    [
      "a draft of WASI",
      [iface("wasi:cli/stdout@0.2.0-rc-2023-12-05", ["get"])],
      [],
      ["nobody serves wasi:cli/stdout"],
    ],
    [
      "unknown WASI",
      [iface("wasi:keyvalue/store@0.2.0", ["get"])],
      [],
      ["nobody serves wasi:keyvalue/store@0.2.0"],
    ],
  ])("%s", (_title, imports, bundles, texts) => {
    const error = failure(imports, bundles);
    expect(error.code).toBe("LINK_FAILED");
    expect(error.findings).toHaveLength(1);
    for (const text of texts) expect(formatError(error)).toContain(text);
  });

  test("everything is reported at once", () => {
    const error = failure(
      [
        iface("a:b/none", ["f"]),
        STORE,
        iface("a:b/typed", [func("f", signature("a", STRING))]),
        iface("a:b/lib", ["f"]),
      ],
      [
        bundle([STORE, iface("a:b/typed", [func("f", signature("a", U32))])], { name: "one", free: "nope" }),
        bundle([STORE, iface("a:b/lib", ["f"])], { name: "two", functions: { zzz: "x" } }),
      ],
    );
    expect(error.message).toBe("app.wasm cannot be linked for 6 reasons");
    expect(error.findings?.map((finding) => finding.message.replaceAll(/".*/g, "…"))).toEqual([
      "the library of host bundle …",
      "[functions] of host bundle …",
      "nobody serves a:b/none",
      "2 host bundles serve acme:kv/store@1.2.0: …",
      "a:b/typed#f has another signature in host bundle …",
      "the library of host bundle …",
    ]);
    expect(error.bundle).toBeUndefined();
  });

  test("the bundle is named where one is at fault", () => {
    expect(failure([STORE], [bundle([STORE])]).bundle).toBe("kv");
  });

  test("a thousand faults make a report of bounded length", () => {
    const imports = Array.from({ length: 1000 }, (_, index) => iface(`a:b/i${index}`, ["f"]));
    const many = Array.from({ length: 1000 }, (_, index) => `f${index}`);
    const tooMany = failure(imports, []);
    expect(tooMany.message).toBe("app.wasm cannot be linked for more than 100 reasons");
    expect(tooMany.findings).toHaveLength(101);
    const crowded = iface("a:b/i", many);
    for (const bundles of [
      [],
      [bundle([crowded])],
      [bundle([iface("a:b/i", [])])],
      [bundle([iface("a:b/i", ["x"])])],
    ]) {
      const text = formatError(failure([crowded], bundles));
      expect(text.split("\n").length).toBeLessThan(40);
      expect(text).toContain("… and 980 more");
    }
    const otherwise = many.map((name) => func(name, signature("a", STRING)));
    expect(failure([crowded], [bundle([iface("a:b/i", otherwise)])]).findings).toHaveLength(101);
    const entries = Object.fromEntries(many.map((name) => [name, "x"]));
    expect(failure([], [bundle([], { functions: entries })]).findings).toHaveLength(20);
  });
});

function enumType(label: string): ValueType {
  return { kind: "enum", name: "colour", labels: [label] };
}

/** A DAG whose tree has 2^60 leaves: a walk that does not remember never ends. */
function deepHandle(): ValueType {
  let type: ValueType = { kind: "borrow", resource: { interface: "acme:kv/other", name: "r" } };
  for (let depth = 0; depth < 60; depth++) {
    const unused: ValueType = { kind: "list", element: type };
    type = { kind: "tuple", elements: [unused, unused] };
  }
  return type;
}
