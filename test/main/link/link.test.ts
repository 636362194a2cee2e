import { describe, expect, test } from "vitest";
import { linkComponent } from "../../../src/main/link/link.ts";
import type { BundleWorld } from "../../../src/main/link/provider.ts";
import { formatError, type ErrorData } from "../../../src/shared/errors.ts";
import type { LinkPlan } from "../../../src/shared/protocol.ts";
import type { ValueType, WorldItem } from "../../../src/shared/wit/types.ts";
import { thrownBy } from "../../support/errors.ts";
import { bundle, component, func, iface, signature, STRING, U32, worldFunction } from "./worlds.ts";

function link(imports: readonly WorldItem[], bundles: readonly BundleWorld[]): LinkPlan {
  return linkComponent({ path: "app.wasm", world: component(imports), bundles });
}

function failure(imports: readonly WorldItem[], bundles: readonly BundleWorld[]): ErrorData {
  return thrownBy(() => link(imports, bundles));
}

const STORE = iface("acme:kv/store@1.2.0", ["get", "set"]);
const STORE_SYMBOLS = ["acme_kv_store_get", "acme_kv_store_set"];

describe("what links", () => {
  test("an interface, with the symbols of wit-bindgen", () => {
    expect(link([STORE], [bundle([STORE], { symbols: STORE_SYMBOLS })])).toEqual({
      libraries: [
        {
          bundle: "kv",
          path: "/hosts/kv/lib.so",
          declaredIn: "/hosts/kv/host.toml:3",
          threadsafe: false,
          hasInit: false,
          hasDeinit: false,
          configJson: "{}",
        },
      ],
      imports: [
        {
          kind: "native-interface",
          name: "acme:kv/store@1.2.0",
          functions: [
            {
              name: "get",
              type: { params: [] },
              library: 0,
              symbol: "acme_kv_store_get",
              convention: "import",
            },
            {
              name: "set",
              type: { params: [] },
              library: 0,
              symbol: "acme_kv_store_set",
              convention: "import",
            },
          ],
        },
      ],
    });
  });

  test("what a bundle's world exports is served like what it imports", () => {
    const served = bundle([], { exports: [STORE], symbols: STORE_SYMBOLS });
    expect(link([STORE], [served]).imports[0]?.kind).toBe("native-interface");
  });

  test("a subset of an interface needs only the symbols of the subset", () => {
    const served = bundle([STORE], { symbols: ["acme_kv_store_get"] });
    expect(link([iface(STORE.name, ["get"])], [served]).imports).toHaveLength(1);
  });

  test("world-level functions take the name of the bundle's world", () => {
    const served = bundle([worldFunction("do-it")], { world: "acme:x/my-host", symbols: ["my_host_do_it"] });
    expect(link([worldFunction("do-it")], [served]).imports).toEqual([
      {
        kind: "native-function",
        name: "do-it",
        function: {
          name: "do-it",
          type: { params: [] },
          library: 0,
          symbol: "my_host_do_it",
          convention: "import",
        },
      },
    ]);
  });

  test("a plain-named interface", () => {
    const served = bundle([iface("store", ["get"])], { symbols: ["store_get"] });
    expect(link([iface("store", ["get"])], [served]).imports[0]).toMatchObject({
      kind: "native-interface",
      functions: [{ symbol: "store_get" }],
    });
  });

  test.each([
    ["only export-side symbols", ["exports_acme_kv_i_f"], "exports_acme_kv_i_f", "export"],
    ["both sides: the import side", ["exports_acme_kv_i_f", "acme_kv_i_f"], "acme_kv_i_f", "import"],
    ["a version that wit-bindgen wrote", ["acme_kv_1_0_0_i_f"], "acme_kv_1_0_0_i_f", "import"],
  ])("%s", (_title, symbols, symbol, convention) => {
    const item = iface("acme:kv/i@1.0.0", ["f"]);
    expect(link([item], [bundle([item], { symbols })]).imports[0]).toMatchObject({
      functions: [{ symbol, convention }],
    });
  });

  test.each([
    ["with the version", "acme:kv/i@1.0.0#f"],
    ["without", "acme:kv/i#f"],
  ])("[functions] maps a function, %s", (_title, key) => {
    const item = iface("acme:kv/i@1.0.0", ["f"]);
    const served = bundle([item], { functions: { [key]: "cos" }, symbols: ["cos", "acme_kv_i_f"] });
    expect(link([item], [served]).imports[0]).toMatchObject({
      functions: [{ symbol: "cos", convention: "import" }],
    });
  });

  test("[functions] maps functions of the world and of plain-named interfaces", () => {
    const items = [worldFunction("f"), iface("store", ["get"])];
    const served = bundle(items, {
      functions: { f: "my_f", "store#get": "exports_my_get" },
      symbols: ["my_f", "exports_my_get"],
    });
    expect(link(items, [served]).imports).toMatchObject([
      { function: { symbol: "my_f", convention: "import" } },
      { functions: [{ symbol: "exports_my_get", convention: "export" }] },
    ]);
  });

  test.each([
    ["1.2.0", ["1.2.0"], "acme_kv_store_get"],
    ["1.1.0", ["1.2.0"], "acme_kv_store_get"],
    ["1.1.0", ["1.2.0", "1.10.0", "1.9.0"], "acme_kv_1_10_0_store_get"],
    ["1.2.0", ["1.10.0", "1.2.0"], "acme_kv_1_2_0_store_get"],
    ["0.1.1", ["0.1.4", "0.2.0"], "acme_kv_0_1_4_store_get"],
  ])("an import of version %s from a bundle with %j", (wanted, versions, symbol) => {
    const items = versions.map((version) => iface(`acme:kv/store@${version}`, ["get"]));
    const symbols = [
      "acme_kv_store_get",
      ...versions.map((v) => `acme_kv_${v.replaceAll(".", "_")}_store_get`),
    ];
    const plan = link([iface(`acme:kv/store@${wanted}`, ["get"])], [bundle(items, { symbols })]);
    expect(plan.imports[0]).toMatchObject({ name: `acme:kv/store@${wanted}`, functions: [{ symbol }] });
  });

  test("names of types do not matter, their structure does", () => {
    expect(
      link([takesRecord("mine")], [bundle([takesRecord("theirs")], { symbols: ["acme_kv_i_f"] })]).imports,
    ).toHaveLength(1);
  });

  test("interfaces without functions need nobody, WASI 0.2 is built in", () => {
    const plan = link([iface("acme:kv/types", []), iface("wasi:io/streams@0.2.3", [], ["input-stream"])], []);
    expect(plan).toEqual({
      libraries: [],
      imports: [
        { kind: "types-only", name: "acme:kv/types" },
        { kind: "wasi", name: "wasi:io/streams@0.2.3" },
      ],
    });
  });

  test("a world that repeats WASI does not replace it, `serves` does", () => {
    const random = iface("wasi:random/random@0.2.3", ["get-random-u64"]);
    const symbols = ["wasi_random_random_get_random_u64"];
    expect(link([random], [bundle([random], { symbols })]).imports[0]?.kind).toBe("wasi");
    const explicit = bundle([random], { symbols, serves: ["wasi:random/random"] });
    expect(link([random], [explicit]).imports[0]?.kind).toBe("native-interface");
  });

  test("libraries are listed once, in order of use, and only if used", () => {
    const one = iface("a:b/one", ["f"]);
    const two = iface("a:b/two", ["f"]);
    const three = iface("a:b/three", ["f"]);
    const bundles = [
      bundle([one], { name: "first", symbols: ["a_b_one_f"] }),
      bundle([iface("a:b/unused", ["f"])], { name: "unused" }),
      bundle([two, three], { name: "second", symbols: ["a_b_two_f", "a_b_three_f"] }),
    ];
    const plan = link([three, one, two], bundles);
    expect(plan.libraries.map((library) => library.bundle)).toEqual(["second", "first"]);
    expect(
      plan.imports.map((item) => (item.kind === "native-interface" ? item.functions[0]?.library : undefined)),
    ).toEqual([0, 1, 0]);
  });

  test("one library under two names is two libraries", () => {
    const items = [iface("primary", ["get"]), iface("replica", ["get"])];
    const options = { symbols: ["primary_get", "replica_get"] };
    const plan = link(items, [
      bundle(items, { ...options, name: "a", serves: ["primary"], config: { path: "a.db" } }),
      bundle(items, { ...options, name: "b", serves: ["replica"], config: { path: "b.db" } }),
    ]);
    expect(plan.libraries.map((library) => [library.bundle, library.configJson])).toEqual([
      ["a", '{"path":"a.db"}'],
      ["b", '{"path":"b.db"}'],
    ]);
  });

  test("lifecycle symbols and `free` reach the plan", () => {
    const served = bundle([STORE], {
      symbols: [...STORE_SYMBOLS, "hostbundle_init", "hostbundle_deinit", "kv_free"],
      free: "kv_free",
    });
    expect(link([STORE], [served]).libraries[0]).toMatchObject({
      freeSymbol: "kv_free",
      hasInit: true,
      hasDeinit: true,
    });
  });
});

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
      "resources",
      [iface("acme:kv/i", ["[constructor]r", "[method]r.m", "[static]r.s", "plain"], ["r"])],
      [bundle([iface("acme:kv/i", ["[constructor]r", "[method]r.m", "[static]r.s", "plain"], ["r"])])],
      [
        "acme:kv/i deals in resources",
        "in this version",
        "resource r",
        "[constructor]r: func()",
        "[method]r.m: func()",
      ],
    ],
    [
      "handles deep inside a type",
      [iface("acme:kv/i", [func("f", signature("a", deepHandle()))])],
      [bundle([iface("acme:kv/i", [func("f", signature("a", deepHandle()))])], { symbols: ["acme_kv_i_f"] })],
      ["acme:kv/i deals in resources"],
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

function takesRecord(name: string): WorldItem {
  const record: ValueType = { kind: "record", name, fields: [{ name: "x", type: U32 }] };
  return iface("acme:kv/i", [func("f", signature("a", record))]);
}

function enumType(label: string): ValueType {
  return { kind: "enum", name: "colour", labels: [label] };
}

/** A DAG whose tree has 2^60 leaves: a walk that does not remember never ends. */
function deepHandle(): ValueType {
  let type: ValueType = { kind: "borrow", resource: { name: "r" } };
  for (let depth = 0; depth < 60; depth++) {
    const unused: ValueType = { kind: "list", element: type };
    type = { kind: "tuple", elements: [unused, unused] };
  }
  return type;
}
