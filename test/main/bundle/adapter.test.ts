/** Which adapter serves a bundle, and what it may then leave out. */
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ResolvedBundle } from "../../../src/main/bundle/types.ts";
import { resolveBundles } from "../../../src/main/bundle/resolve.ts";
import { adapterWitFolder } from "../../../src/main/installation.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { resolveOne, SOUND, write } from "./files.ts";

function bundleOf(name: string, rest: string): ResolvedBundle {
  const folder = temporaryFolder();
  write(folder, { ...SOUND, "adapter.js": "", "host.toml": `[host]\nname = "${name}"\n${rest}` });
  return resolveOne(folder);
}

const LIB = 'lib = "lib/libkv.so"\n';
const OWN_WIT = 'wit = "wit/kv.wit"\n';

test.each<[string, string, string, object | undefined]>([
  ["a built-in one", "store", 'adapter = "keyvalue"', { name: "keyvalue", isDeclared: true }],
  ["of the bundle's name, with nothing else", "keyvalue", "", { name: "keyvalue", isDeclared: true }],
  ["of the bundle's name, beside a library", "pkcs11", LIB, { name: "pkcs11", isDeclared: false }],
  ["none where the library is no use to it", "keyvalue", LIB + OWN_WIT, undefined],
  ["none of that name", "kv", LIB + OWN_WIT, undefined],
  ["a file", "kv", `${OWN_WIT}adapter = "./adapter.js"`, { kind: "module" }],
])("the adapter is %s", (_title, name, rest, expected) => {
  expect({ adapter: bundleOf(name, rest).adapter }).toMatchObject({ adapter: expected });
});

test("a built-in adapter brings its WIT, unless the bundle has one", () => {
  const without = bundleOf("store", 'adapter = "keyvalue"');
  expect(without).toMatchObject({ witPath: adapterWitFolder("keyvalue") });
  expect(without).not.toHaveProperty("library");
  const { folder, witPath } = bundleOf("store", `${OWN_WIT}adapter = "keyvalue"`);
  expect(witPath).toBe(join(folder, "wit/kv.wit"));
});

test("the library of DuckDB is found where npm put it", () => {
  expect(bundleOf("db", 'adapter = "duckdb"').library?.path).toMatch(/node_modules.*duckdb/u);
});

test("a manifest's entry may name the adapter, and whose paths the config has is kept", () => {
  const folder = temporaryFolder();
  write(folder, {
    "hosts.toml": `
      [[host]]
      name = "one"
      adapter = "keyvalue"
      config = { path = "one.db" }
      [[host]]
      name = "two"
      bundle = "kv"
      config = { path = "two.db" }
    `,
    "kv/host.toml": '[host]\nname = "kv"\nadapter = "keyvalue"\n[host.config]\npath = "x"\nother = "y"\n',
  });
  const [one, two] = resolveBundles({ bundles: [], manifests: [join(folder, "hosts.toml")] }).bundles;
  expect(one).toMatchObject({ adapter: { name: "keyvalue" }, config: { path: "one.db" } });
  expect(one?.configFolders).toEqual(new Map([["path", folder]]));
  expect(two).toMatchObject({
    name: "two",
    adapter: { name: "keyvalue" },
    config: { path: "two.db", other: "y" },
  });
  expect(two?.configFolders).toEqual(
    new Map([
      ["path", folder],
      ["other", join(folder, "kv")],
    ]),
  );
});
