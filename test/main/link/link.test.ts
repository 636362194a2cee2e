import { describe, expect, test } from "vitest";
import { linkComponent } from "../../../src/main/link/link.ts";
import type { BundleWorld } from "../../../src/main/link/provider.ts";
import type { LinkPlan } from "../../../src/shared/protocol.ts";
import type { ValueType, WorldItem } from "../../../src/shared/wit/types.ts";
import { bundle, component, func, iface, signature, U32, worldFunction } from "./worlds.ts";

function link(imports: readonly WorldItem[], bundles: readonly BundleWorld[]): LinkPlan {
  return linkComponent({ path: "app.wasm", world: component(imports), bundles });
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
          folder: "/hosts/kv",
          declaredIn: "/hosts/kv/host.toml:3",
          threadsafe: false,
          hasInit: false,
          hasDeinit: false,
          configJson: "{}",
        },
      ],
      resources: [],
      adapters: [],
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

  test("two functions of one signature may share a symbol", () => {
    const served = bundle([STORE], {
      symbols: ["both"],
      functions: { "acme:kv/store#get": "both", "acme:kv/store#set": "both" },
    });
    expect(link([STORE], [served]).imports[0]).toMatchObject({
      functions: [{ symbol: "both" }, { symbol: "both" }],
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
      resources: [],
      adapters: [],
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

function takesRecord(name: string): WorldItem {
  const record: ValueType = { kind: "record", name, fields: [{ name: "x", type: U32 }] };
  return iface("acme:kv/i", [func("f", signature("a", record))]);
}
