import { expect, test } from "vitest";
import type { FunctionPlan, LinkPlan } from "../../src/shared/protocol.ts";
import type { CompiledLoweredImport } from "../../src/worker/abi/types.ts";
import type { ImportObject } from "../../src/worker/jco-instantiate.ts";
import { buildNativeImports } from "../../src/worker/jco-native-imports.ts";
import {
  type CompiledCache,
  NativeFunctions,
  type OpenedLibrary,
} from "../../src/worker/native-functions.ts";
import type { NativeLibrary } from "../../src/worker/native/types.ts";

function unused(): never {
  throw new Error("not part of this test");
}

const library: NativeLibrary = {
  bundle: "b",
  func: unused,
  free: unused,
  memory: { malloc: unused, free: unused, memcpy: unused, addressOf: unused },
  close: unused,
};

function func(name: string): FunctionPlan {
  return { name, type: { params: [] }, library: 0, symbol: name, convention: "import" };
}

function plan(...functions: readonly FunctionPlan[]): LinkPlan {
  return {
    libraries: [],
    resources: [],
    adapters: [],
    imports: [{ kind: "native-interface", name: "t:e/h@1.0.0", functions }],
  };
}

/** A cache that has the functions already, and notes how they are bound. */
function cacheOf(names: readonly string[], bound: unknown[]): Map<string, CompiledLoweredImport> {
  return new Map(
    names.map((name) => [
      [`t:e/h@1.0.0#${name}`, name, "import", "key"].join("\0"),
      {
        source: `// ${name}`,
        type: { params: [] },
        resources: [],
        adapters: [],
        bind: (options) => {
          bound.push(options);
          return () => 1;
        },
      },
    ]),
  );
}

const opened = [{ key: "key", library }];

function build(
  link: LinkPlan,
  libraries: readonly OpenedLibrary[],
  cache: CompiledCache,
): { readonly imports: ImportObject; readonly functions: NativeFunctions } {
  const functions = new NativeFunctions(libraries, cache, { stats: true });
  return { imports: buildNativeImports(link, functions, { mayLeave: true }), functions };
}

test.each([
  [{}, "utf8"],
  [{ stringEncoding: "utf8" }, "utf8"],
  [{ stringEncoding: "utf16" }, "utf16"],
  [{ stringEncoding: "compact-utf16" }, "latin1+utf16"],
])("jco finds the trampoline and binds it with %j", (given, stringEncoding) => {
  const bound: unknown[] = [];
  const native = build(plan(func("do-it")), opened, cacheOf(["do-it"], bound));
  const doIt = native.imports["t:e/h@1.0.0"]?.["doIt"];
  const lower: unknown = Reflect.get(Object(doIt), Symbol.for("cabiLower"));
  expect(typeof lower === "function" && Reflect.apply(lower, undefined, [given])).toBeTypeOf("function");
  expect(bound).toEqual([{ stringEncoding }]);
  expect(native.functions.stats()).toEqual([
    { function: "t:e/h@1.0.0#do-it", calls: 0, bytesIn: 0, bytesOut: 0, timeNs: 0 },
  ]);
  expect(native.functions.source()).toBe("// do-it");
});

test("the slow path never serves a bundle", () => {
  const native = build(plan(func("do-it")), opened, cacheOf(["do-it"], []));
  const doIt = native.imports["t:e/h@1.0.0"]?.["doIt"];
  expect(doIt).toThrow(expect.objectContaining({ code: "INTERNAL" }));
});

test("an encoding that nobody knows is an error of ours", () => {
  const native = build(plan(func("do-it")), opened, cacheOf(["do-it"], []));
  const lower: unknown = Reflect.get(
    Object(native.imports["t:e/h@1.0.0"]?.["doIt"]),
    Symbol.for("cabiLower"),
  );
  expect(() => (typeof lower === "function" ? lower({ stringEncoding: "ebcdic" }) : undefined)).toThrow(
    "ebcdic",
  );
});

test("two functions that jco calls by one name are refused", () => {
  const names = ["get-url", "get-URL"];
  expect(() => build(plan(...names.map(func)), opened, cacheOf(names, []))).toThrow(
    expect.objectContaining({ code: "COMPONENT_INVALID" }),
  );
});

test("an interface of types only is there, and empty", () => {
  const types: LinkPlan = {
    libraries: [],
    resources: [],
    adapters: [],
    imports: [{ kind: "types-only", name: "t:e/types@1.0.0" }],
  };
  expect(build(types, [], new Map()).imports["t:e/types@1.0.0"]).toEqual({});
});
