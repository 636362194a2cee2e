/**
 * The same examples through the whole product: a real component in WAT, whose exports pass what they get on to
 * an import served by a native library, run through the API. Fixed-length lists are left out: jco has none.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Component, createHost, type Host } from "hostbundle";
import type { FuncType } from "../../src/shared/wit/types.ts";
import { echoType, sameValue, typeNamer } from "../support/arbitrary.ts";
import { cLibrary, collectTypes, COUNTERS, TEST_SPACE, type CFunction } from "../support/c-source.ts";
import { buildComponent } from "../support/component.ts";
import { compileLibrary, compiler } from "../support/native.ts";
import { coreSignature } from "../support/oracle/index.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { hasFixedList, witInterface } from "../support/wit-bindgen.ts";
import { EXAMPLES } from "./examples.ts";

const named = typeNamer();
const ROWS = EXAMPLES.filter(([, type]) => !hasFixedList(type)).map(([name, type, values]) => ({
  name,
  values,
  echo: { name: `echo-${name}`, type: echoType([named(type)]), body: { kind: "echo" } } satisfies CFunction,
}));
const functions = ROWS.map((row) => row.echo);

const declared = [...collectTypes(functions, TEST_SPACE).values()].flatMap((type) =>
  "name" in type && type.name !== undefined ? [`%${type.name}`] : [],
);
const WIT = `package test:echo;
${witInterface("types", functions, TEST_SPACE)}
${witInterface("api", functions, TEST_SPACE, `use types.{${declared.join(", ")}};`)}
world guest { import types; export api; }
`;

/** Where results of imports are written, and where the allocator starts. */
const RETURN_AREA = 64;
const HEAP = 8192;

/** `(param i32 i64)`, or nothing. */
function clause(word: string, types: readonly string[]): string {
  return types.length === 0 ? "" : ` (${word} ${types.join(" ")})`;
}

/** One export that hands its core arguments to the import and its result back. */
function passOn(name: string, type: FuncType): { readonly imported: string; readonly exported: string } {
  const { params, results, spilledResult } = coreSignature(type);
  const own = spilledResult ? params.slice(0, -1) : params;
  const args = own.map((_, index) => `(local.get ${index})`).join(" ");
  return {
    imported: `(import "test:echo/types" "${name}" (func $${name}${clause("param", params)}${clause("result", results)}))`,
    exported: spilledResult
      ? `(func (export "test:echo/api#${name}")${clause("param", own)} (result i32)
    (call $${name} ${args} (i32.const ${RETURN_AREA})) (i32.const ${RETURN_AREA}))`
      : `(func (export "test:echo/api#${name}")${clause("param", own)}${clause("result", results)} (call $${name} ${args}))`,
  };
}

const passers = functions.map((one) => passOn(one.name, one.type));
const WAT = `(module
  ${passers.map((one) => one.imported).join("\n  ")}
  (memory (export "memory") 16)
  (global $next (mut i32) (i32.const ${HEAP}))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.set $next (i32.and
      (i32.add (global.get $next) (i32.sub (local.get 2) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get 2))))
    (global.get $next)
    (global.set $next (i32.add (global.get $next) (local.get 3))))
  ${passers.map((one) => one.exported).join("\n  ")})`;

describe.skipIf(!compiler.available)(`examples through a component ${compiler.reason}`, () => {
  const folder = temporaryFolder();
  const bundle = join(folder, "echo");
  let host: Host;
  beforeAll(async () => {
    mkdirSync(bundle);
    compileLibrary(bundle, "echo", cLibrary({ space: TEST_SPACE, functions }), ["-O0"]);
    writeFileSync(join(bundle, "echo.wit"), WIT);
    writeFileSync(
      join(bundle, "host.toml"),
      `[host]\nname = "echo"\nlib = "libecho.so"\nwit = "echo.wit"\nfree = "${COUNTERS.free}"\n`,
    );
    host = await createHost({ bundles: [bundle], cacheFolder: join(folder, "cache"), concurrency: 1 });
  });
  afterAll(() => host.close());

  describe.each(["utf8", "utf16"] as const)("a guest with %s", (stringEncoding) => {
    let component: Component;
    beforeAll(async () => {
      const path = join(folder, `${stringEncoding}.wasm`);
      writeFileSync(path, await buildComponent({ wat: WAT, wit: WIT, world: "guest", stringEncoding }));
      component = await host.load(path);
    });

    it.each(ROWS)("$name", async ({ echo, values }) => {
      for (const value of values) {
        const outcome = await host.run(component, { export: `test:echo/api#${echo.name}`, args: [value] });
        expect(outcome).toMatchObject({ status: "ok" });
        expect(outcome.status === "ok" && sameValue(outcome.value, value)).toBe(true);
      }
    });
  });
});
