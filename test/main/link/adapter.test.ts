/** Bundles that an adapter serves: which of its interfaces stands for which of the bundle's. */
import { describe, expect, test } from "vitest";
import { linkComponent } from "../../../src/main/link/link.ts";
import type { BundleWorld } from "../../../src/main/link/provider.ts";
import { formatError } from "../../../src/shared/errors.ts";
import type { LinkPlan } from "../../../src/shared/protocol.ts";
import type { WorldItem } from "../../../src/shared/wit/types.ts";
import { thrownBy } from "../../support/errors.ts";
import { bundle, func, iface, signature, type BundleOptions } from "./worlds.ts";

const STORE = iface("keyvalue:store/store@0.1.0", [
  func("get", signature("key", { kind: "string" })),
  func("set", signature("key", { kind: "string" })),
]);
const ADMIN = iface("keyvalue:store/admin@0.1.0", ["clear"]);
const ADAPTER_WORLD = { name: "keyvalue:store/host@0.1.0", imports: [], exports: [STORE, ADMIN] };

interface AdapterOptions extends BundleOptions {
  readonly isDeclared?: boolean;
  readonly module?: boolean;
}

function served(items: readonly WorldItem[], options: AdapterOptions = {}): BundleWorld {
  const made = bundle(items, options);
  const { where } = made.bundle;
  const { isDeclared = true, module = false } = options;
  return {
    ...made,
    bundle: {
      ...made.bundle,
      adapter: module
        ? { kind: "module", path: "/hosts/kv/adapter.js", where }
        : { kind: "built-in", name: "keyvalue", isDeclared, where },
    },
    adapterWorld: ADAPTER_WORLD,
  };
}

function link(imports: readonly WorldItem[], bundles: readonly BundleWorld[]): LinkPlan {
  return linkComponent({ path: "app.wasm", world: { name: "root", imports, exports: [] }, bundles });
}

function refusal(imports: readonly WorldItem[], bundles: readonly BundleWorld[]): string {
  return formatError(thrownBy(() => link(imports, bundles)));
}

describe("an import is served by", () => {
  const plain = (name: string, id?: string): WorldItem => ({
    ...STORE,
    name,
    ...(id === undefined ? {} : { implements: id }),
  });

  test.each<[string, WorldItem, readonly WorldItem[], AdapterOptions]>([
    ["the adapter's interface of that id", STORE, [STORE, ADMIN], {}],
    ["an interface of a plain name that has its shape", plain("store"), [plain("store")], {}],
    ["what `serves` names, by its shape", plain("primary"), [STORE], { serves: ["primary"] }],
    [
      "what `serves` names, by what it implements",
      plain("primary", STORE.name),
      [ADMIN, STORE],
      { serves: ["primary"] },
    ],
  ])("%s", (_title, wanted, items, options) => {
    expect(link([wanted], [served(items, options)])).toMatchObject({
      libraries: [],
      adapters: [{ bundle: "kv", adapter: { kind: "built-in", name: "keyvalue" }, threadsafe: true }],
      imports: [{ kind: "adapter-interface", name: wanted.name, adapter: 0, provided: STORE.name }],
    });
  });

  test("one of two bundles with the same adapter each", () => {
    const [one, two] = [
      served([STORE], { name: "one", serves: ["primary"] }),
      served([STORE], { name: "two", serves: ["secondary"], config: { path: "b" } }),
    ];
    const plan = link([plain("secondary"), plain("primary")], [one, two]);
    expect(plan.adapters.map((adapter) => adapter.bundle)).toEqual(["two", "one"]);
    expect(plan.imports).toMatchObject([
      { name: "secondary", adapter: 0 },
      { name: "primary", adapter: 1 },
    ]);
  });

  test("a bundle's own module, whatever it is", () => {
    const other = iface("acme:kv/other", ["f"]);
    expect(link([other], [served([other], { module: true })])).toMatchObject({
      adapters: [{ adapter: { kind: "module", path: "/hosts/kv/adapter.js" } }],
      imports: [{ provided: other.name, functions: ["f"] }],
    });
  });

  test("the library, where the adapter has only the bundle's name and does not fit", () => {
    const other = iface("acme:kv/other", ["f"]);
    const plan = link([other], [served([other], { isDeclared: false, symbols: ["acme_kv_other_f"] })]);
    expect(plan).toMatchObject({ adapters: [], imports: [{ kind: "native-interface" }] });
  });
});

describe("what does not link", () => {
  test("an adapter that was asked for and does not fit", () => {
    const changed = iface(STORE.name, [func("get", signature("key", { kind: "u32" }))]);
    const text = refusal([changed], [served([changed])]);
    expect(text).toContain('the adapter "keyvalue" does not fit the WIT of host bundle "kv"');
    expect(text).toContain("host bundle   get: func(key: u32)");
    expect(text).toContain("the adapter   get: func(key: string)");
  });

  test("symbols for functions that have none", () => {
    const functions = { "keyvalue:store/store#get": "get" };
    expect(refusal([STORE], [served([STORE], { functions })])).toContain(
      '`functions` of host bundle "kv": the adapter "keyvalue" serves it, for which there is no such choice',
    );
  });

  test("a resource of an adapter in a function of a library", () => {
    const resource = { interface: "acme:kv/things", name: "thing" };
    const things: WorldItem = {
      kind: "interface",
      name: "acme:kv/things",
      interface: { functions: [], resources: [resource], types: [] },
    };
    const user = iface("acme:kv/user", [func("use-it", signature("thing", { kind: "borrow", resource }))]);
    const text = refusal(
      [things, user],
      [
        served([things], { name: "js", module: true }),
        bundle([user], { name: "c", symbols: ["acme_kv_user_use_it"] }),
      ],
    );
    expect(text).toContain('which is served by host bundle "js"');
  });
});
