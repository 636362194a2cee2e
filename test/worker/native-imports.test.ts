import { expect, test } from "vitest";
import type { FunctionPlan, LinkPlan } from "../../src/shared/protocol.ts";
import type { CompiledLoweredImport } from "../../src/worker/abi/types.ts";
import { buildNativeImports } from "../../src/worker/native-imports.ts";
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
  return { libraries: [], imports: [{ kind: "native-interface", name: "t:e/h@1.0.0", functions }] };
}

/** A cache that has the functions already, and notes how they are bound. */
function cacheOf(names: readonly string[], bound: unknown[]): Map<string, CompiledLoweredImport> {
  return new Map(
    names.map((name) => [
      [`t:e/h@1.0.0#${name}`, name, "import", "key"].join("\0"),
      {
        source: `// ${name}`,
        bind: (options) => {
          bound.push(options);
          return () => 1;
        },
      },
    ]),
  );
}

const options = { stats: true };
const opened = [{ key: "key", library }];

test.each([
  [{}, "utf8"],
  [{ stringEncoding: "utf8" }, "utf8"],
  [{ stringEncoding: "utf16" }, "utf16"],
  [{ stringEncoding: "compact-utf16" }, "latin1+utf16"],
])("jco finds the trampoline and binds it with %j", (given, stringEncoding) => {
  const bound: unknown[] = [];
  const native = buildNativeImports(plan(func("do-it")), opened, cacheOf(["do-it"], bound), options);
  const doIt = native.imports["t:e/h@1.0.0"]?.["doIt"];
  const lower: unknown = Reflect.get(Object(doIt), Symbol.for("cabiLower"));
  expect(typeof lower === "function" && Reflect.apply(lower, undefined, [given])).toBeTypeOf("function");
  expect(bound).toEqual([{ stringEncoding }]);
  expect(native.stats()).toEqual([
    { function: "t:e/h@1.0.0#do-it", calls: 0, bytesIn: 0, bytesOut: 0, timeNs: 0 },
  ]);
  expect(native.source()).toBe("// do-it");
  expect(native.failure()).toBeUndefined();
});

test("the slow path never serves a bundle", () => {
  const native = buildNativeImports(plan(func("do-it")), opened, cacheOf(["do-it"], []), options);
  const doIt = native.imports["t:e/h@1.0.0"]?.["doIt"];
  expect(doIt).toThrow(expect.objectContaining({ code: "INTERNAL" }));
});

test("an encoding that nobody knows is an error of ours", () => {
  const native = buildNativeImports(plan(func("do-it")), opened, cacheOf(["do-it"], []), options);
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
  expect(() => buildNativeImports(plan(...names.map(func)), opened, cacheOf(names, []), options)).toThrow(
    expect.objectContaining({ code: "COMPONENT_INVALID" }),
  );
});

test("an interface of types only is there, and empty", () => {
  const types: LinkPlan = { libraries: [], imports: [{ kind: "types-only", name: "t:e/types@1.0.0" }] };
  expect(buildNativeImports(types, [], new Map(), options).imports["t:e/types@1.0.0"]).toEqual({});
});
