import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { expect, test } from "vitest";
import { loadImage } from "../../../src/main/component/image.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const folder = temporaryFolder();

/** A component whose two core modules meet under the given name, which is written as in WAT. */
async function load(field: string, module: string): Promise<unknown> {
  const path = join(folder, "app.wasm");
  const wat = `(component
    (core module $a (func (export "${field}") (result i32) (i32.const 7)))
    (core module $b (import "${module}" "${field}" (func (result i32))) (export "f" (func 0)))
    (core instance $ia (instantiate $a))
    (core instance $ib (instantiate $b (with "${module}" (instance $ia))))
    (func (export "seven") (result u32) (canon lift (core func $ib "f")))
    (func (export "direct") (result u32) (canon lift (core func $ia "${field}"))))`;
  writeFileSync(path, await parse(wat));
  return loadImage(path, { cacheFolder: join(folder, "cache"), linker: "jco" });
}

test.each([
  ["a quote", "a'];globalThis.pwned=1;exports0['a"],
  ["a double quote", String.raw`a\"b`],
  ["a backtick", "a`b"],
  ["a backslash", String.raw`a\\`],
  ["a line feed", String.raw`a\nb`],
  ["a line separator", String.raw`a\u{2028}b`],
  ["the end of a comment", "a*/b"],
  ["code that is changed after printing", "new TextDecoder()"],
])("a core name with %s never reaches the printed module", async (_what, name) => {
  const refusal = { code: "COMPONENT_INVALID", message: expect.stringContaining("cannot be written") };
  await expect(load(name, "env")).rejects.toMatchObject(refusal);
  await expect(load("f", name)).rejects.toMatchObject(refusal);
  expect(existsSync(join(folder, "cache"))).toBe(false);
});

test.each([
  "[resource-drop]x",
  "cm32p2|a:b/c@1.0.0|f",
  "$root",
  "_ZN4core3fmt$LT$T$GT$E",
  "~lib/x#y",
  "日本",
])("a toolchain's %s passes", async (name) => {
  await expect(load(name, `${name} env`)).resolves.toMatchObject({ code: { entry: "component.mjs" } });
});
