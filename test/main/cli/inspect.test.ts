import { describe, expect, test } from "vitest";
import {
  bundlesLines,
  bundlesToJson,
  describeBundles,
  type LibraryFormatFacts,
} from "../../../src/main/cli/inspect-bundles.ts";
import { componentLines, componentToJson } from "../../../src/main/cli/inspect-component.ts";
import type { InstantiationPlan } from "../../../src/shared/component-plan.ts";
import type { Linking } from "../../../src/shared/wit/binary/record-plan.ts";
import type { BundleWorld } from "../../../src/main/link/provider.ts";
import { bundle, component, func, iface, signature, STRING, worldFunction } from "../link/worlds.ts";

const STORE = iface("acme:kv/store@1.2.0", [func("get", signature("key", STRING, STRING)), "clear"]);

function elf(): LibraryFormatFacts {
  return { format: "elf", architecture: "x64" };
}

function servedBy(input: BundleWorld): readonly string[] {
  return describeBundles([input], elf).bundles.flatMap(({ serves }) => serves.map((item) => item.name));
}

const app = component(
  [iface("wasi:io/poll@0.2.3", ["poll"]), STORE, iface("acme:kv/types", []), worldFunction("log")],
  [worldFunction("run", signature("name", STRING, STRING))],
);

const PLAN: InstantiationPlan = {
  modules: [],
  instances: [{}],
  resources: [],
  trampolines: [],
  lifts: [],
  steps: [],
  exports: [],
};
const OWN: Linking = { kind: "own", plan: PLAN };
const JCO: Linking = { kind: "jco", refusal: { reason: "it calls an async function", offset: 7 } };

describe("a component", () => {
  test("as text", () => {
    expect(componentLines("app.wasm", { world: app, linking: OWN })).toEqual([
      "component app.wasm",
      "linked by hostbundle",
      "imports",
      "  wasi:io/poll@0.2.3   built in",
      "    poll: func()",
      "  acme:kv/store@1.2.0  needs a host bundle",
      "    get: func(key: string) -> string",
      "    clear: func()",
      "  acme:kv/types        types only",
      "  log: func()          needs a host bundle",
      "exports",
      "  run: func(name: string) -> string",
    ]);
    expect(componentLines("a", { world: component([]), linking: JCO })).toEqual([
      "component a",
      "linked by jco: it calls an async function",
      "imports: none",
      "exports: none",
    ]);
  });

  test("as JSON", () => {
    expect(componentToJson("app.wasm", { world: app, linking: JCO })).toMatchObject({
      linker: { name: "jco", reason: "it calls an async function" },
    });
    expect(componentToJson("app.wasm", { world: app, linking: OWN })).toMatchObject({
      kind: "component",
      linker: { name: "own" },
      component: "app.wasm",
      imports: [
        { name: "wasi:io/poll@0.2.3", servedBy: "wasi" },
        { servedBy: "bundle", functions: [{ name: "get", wit: "get: func(key: string) -> string" }, {}] },
        { servedBy: "types-only", functions: [] },
        { name: "log", kind: "function", servedBy: "bundle" },
      ],
      exports: [{ name: "run", kind: "function" }],
    });
  });
});

describe("bundles", () => {
  const kv = bundle([STORE], {
    symbols: ["exports_acme_kv_store_get", "kv_free", "hostbundle_init"],
    free: "kv_free",
  });

  test("as text", () => {
    expect(bundlesLines(describeBundles([kv], elf))).toEqual([
      'host bundle "kv"',
      "  declared in  /hosts/kv/host.toml:1",
      "  library      /hosts/kv/lib.so (ELF, x64)",
      "  wit          /hosts/kv/wit (world acme:kv/host@1.0.0)",
      "  free         kv_free",
      "  lifecycle    hostbundle_init",
      "  serves acme:kv/store@1.2.0",
      "    get: func(key: string) -> string",
      "      exports_acme_kv_store_get  present (owns its arguments)",
      "    clear: func()",
      "      acme_kv_store_clear        MISSING in the library",
    ]);
  });

  test("as JSON", () => {
    expect(bundlesToJson("kv", describeBundles([kv], elf), [])).toMatchObject({
      kind: "bundles",
      bundles: [
        {
          name: "kv",
          library: { path: "/hosts/kv/lib.so", format: "elf", architecture: "x64" },
          lifecycle: { hostbundle_init: true, hostbundle_deinit: false },
          serves: [
            {
              name: "acme:kv/store@1.2.0",
              functions: [
                { name: "get", symbol: "exports_acme_kv_store_get", present: true, convention: "export" },
                { name: "clear", symbol: "acme_kv_store_clear", present: false },
              ],
            },
          ],
        },
      ],
      conflicts: [],
      findings: [],
    });
  });

  test("WASI in a bundle's world is not something it serves, unless it says so", () => {
    const random = iface("wasi:random/random@0.2.3", ["get-random-u64"]);
    expect(servedBy(bundle([random, STORE]))).toEqual([STORE.name]);
    expect(servedBy(bundle([random, STORE], { serves: [random.name] }))).toEqual([random.name]);
  });

  test("conflicts and entries that mean nothing are findings", () => {
    const inputs = [bundle([STORE], { name: "a" }), bundle([STORE], { name: "b", functions: { nope: "x" } })];
    const { conflicts, findings } = describeBundles(inputs, elf);
    expect(conflicts).toEqual([{ name: "acme:kv/store@1.2.0", bundles: ["a", "b"] }]);
    expect(findings.map((finding) => finding.message)).toEqual([
      '[functions] of host bundle "b" maps "nope", which its WIT does not have',
      '2 host bundles serve acme:kv/store@1.2.0: "a" and "b"',
    ]);
  });
});
