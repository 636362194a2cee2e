/** Seeded faults in TOML: findings with places, never anything else; and sizes that must not be felt. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { resolveBundles } from "../../../src/main/bundle/resolve.ts";
import { isHostbundleError, type ErrorData } from "../../../src/shared/errors.ts";
import { createRandom, mutate } from "../../support/mutate.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { SOUND, write } from "./files.ts";

const folder = temporaryFolder();
write(join(folder, "bundle"), SOUND);

/** The error as data; nothing where there is none. Whatever is not ours goes on. */
function attempt(options: { bundles?: string[]; manifests?: string[] }): ErrorData | undefined {
  try {
    resolveBundles({ bundles: [], manifests: [], ...options });
  } catch (error) {
    if (isHostbundleError(error)) return error.toData();
    throw error;
  }
  return undefined;
}

const HOST_TOML = `[host]
name = "kv" # the name
lib = { "linux-x64" = 'lib/libkv.so', darwin-arm64 = "lib/libkv.so" }
wit = """wit/kv.wit"""
threadsafe = true
host.config.a = [1, 2.5, { b = 1979-05-27 }]
[functions]
"acme:kv/store#get" = "my_\\u0067et"
`;
const HOSTS_TOML = `[global]
search_paths = [".", "~/hosts"]
[[host]]
name = "one"
bundle = "bundle"
config = { a = "b" }
[[host]]
name = 'two'
serves = ["acme:kv/store"]
bundle = "bundle"
[host.functions]
"f" = "g"
`;

test.each<[string, string, string, { bundles?: string[]; manifests?: string[] }]>([
  ["host.toml", HOST_TOML, "bundle/host.toml", { bundles: [join(folder, "bundle")] }],
  ["hosts.toml", HOSTS_TOML, "hosts.toml", { manifests: [join(folder, "hosts.toml")] }],
])("mutated %s", (_title, text, file, options) => {
  write(join(folder, "bundle"), { "host.toml": SOUND["host.toml"] });
  const random = createRandom(20_251_123);
  const faults: string[] = [];
  const files = new Set<string | undefined>();
  for (let round = 0; round < 600; round++) {
    writeFileSync(join(folder, file), mutate(Buffer.from(text), random));
    for (const finding of attempt(options)?.findings ?? []) {
      faults.push(finding.message);
      if (!finding.message.startsWith("two host bundles")) files.add(finding.where?.file);
    }
  }
  expect(new Set(faults).size).toBeGreaterThan(20);
  expect([...files]).toEqual([join(folder, file)]);
});

/** What is large, but not too large to be read. */
const MIB = 1024 * 1024;

test.each<[title: string, text: string, expected: string]>([
  [
    "many unknown keys",
    `[host]\n${Array.from({ length: 90_000 }, (_, index) => `k${index}=1\n`).join("")}`,
    "89968 more unknown keys",
  ],
  ["one long key", `${"a".repeat(MIB - 10)} = 1\n`, "there is no [host] table"],
  ["a key of many parts", `[host]\n${"a.".repeat(100_000)}a = 1\n`, "not valid TOML"],
  ["a header of many parts", `[host${".a".repeat(100_000)}]\n`, "not valid TOML"],
  ["deep arrays", `[host]\na = ${"[".repeat(500_000)}`, "not valid TOML"],
  ["deep inline tables", `[host]\na = ${"{a=".repeat(300_000)}`, "not valid TOML"],
  ["a long array", `[host]\nname = [${"1,".repeat(500_000)}]\n`, "`name` must be a string"],
  ["many newlines", `${"\n".repeat(MIB - 100)}[host]\nname = 1\n`, "`name` must be a string"],
  [
    "many symbols that are none",
    `[functions]\n${Array.from({ length: 50_000 }, (_, i) => `f${i}=1\n`).join("")}`,
    '"f49999" must be a string',
  ],
])(
  "%s: a finding, and soon",
  (_title, text, expected) => {
    const place = temporaryFolder();
    mkdirSync(join(place, "b"));
    writeFileSync(join(place, "b/host.toml"), text);
    const messages = (attempt({ bundles: [join(place, "b")] })?.findings ?? []).map(({ message }) => message);
    expect(messages.filter((message) => message.startsWith(expected))).toHaveLength(1);
  },
  5000,
);
