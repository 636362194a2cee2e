import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { expandPath } from "../../../src/main/bundle/paths.ts";
import { resolveBundles } from "../../../src/main/bundle/resolve.ts";
import type { ResolvedBundle } from "../../../src/main/bundle/types.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { faultOf, findingTexts, SOUND, WIT, write } from "./files.ts";

/** A folder with bundles `near/kv_host` and `far/sql_host`, a library and WIT of no bundle, and a manifest in `near`. */
function folderWith(manifest: string): string {
  const folder = temporaryFolder();
  write(join(folder, "near/kv_host"), {
    ...SOUND,
    "host.toml": `${SOUND["host.toml"]}free = "kv_free"\nthreadsafe = true\n[host.config]\na = 1\nb = { x = 1 }\n[functions]\n"acme:kv/store#get" = "one"\n`,
  });
  write(join(folder, "far/sql_host"), { ...SOUND, "host.toml": SOUND["host.toml"].replace('"kv"', '"sql"') });
  write(folder, { "loose/kv.wit": WIT, "loose/libkv.so": "lib", "near/hosts.toml": manifest });
  return folder;
}

function resolve(manifest: string): { folder: string; bundles: ResolvedBundle[] } {
  const folder = folderWith(manifest);
  return {
    folder,
    bundles: resolveBundles({ bundles: [], manifests: [join(folder, "near/hosts.toml")] }).bundles,
  };
}

describe("entries of a manifest", () => {
  test("by name: beside the manifest, then in search_paths; in the order written", () => {
    const { folder, bundles } = resolve(`
      [global]
      search_paths = ["./no", "../far"]
      [[host]]
      name = "sql"
      bundle = "sql_host"
      [[host]]
      name = "kv"
      bundle = "kv_host"
    `);
    expect(bundles.map(({ name, folder: place }) => [name, place])).toEqual([
      ["sql", join(folder, "far/sql_host")],
      ["kv", join(folder, "near/kv_host")],
    ]);
    expect(bundles[1]?.where).toMatchObject({ file: join(folder, "near/hosts.toml"), line: 8 });
  });

  test("one bundle under two names, each with its config over the bundle's and what it serves", () => {
    const { bundles } = resolve(`
      [[host]]
      name = "primary"
      bundle = "kv_host"
      config = { b = 2, c = 3 }
      serves = ["primary"]
      [[host]]
      name = "secondary"
      bundle = "kv_host"
    `);
    expect(bundles.map(({ name, config, serves, free }) => ({ name, config, serves, free }))).toEqual([
      { name: "primary", config: { a: 1, b: 2, c: 3 }, serves: ["primary"], free: "kv_free" },
      { name: "secondary", config: { a: 1, b: { x: 1 } }, serves: undefined, free: "kv_free" },
    ]);
  });

  test("explicit paths need no bundle", () => {
    const { folder, bundles } = resolve(`
      [[host]]
      name = "loose"
      wit = "../loose/kv.wit"
      lib = "../loose/libkv.so"
      free = "f"
      threadsafe = true
      functions = { "acme:kv/store#get" = "two" }
    `);
    expect(bundles[0]).toMatchObject({
      name: "loose",
      folder: join(folder, "near"),
      witPath: join(folder, "loose/kv.wit"),
      library: { path: join(folder, "loose/libkv.so") },
      free: "f",
      threadsafe: true,
    });
    expect(bundles[0]?.functions.get("acme:kv/store#get")?.symbol).toBe("two");
  });

  test("an entry overrides the bundle's library, functions and switches; its library may lie anywhere", () => {
    const { folder, bundles } = resolve(`
      [[host]]
      name = "kv"
      bundle = "kv_host"
      lib = "../loose/libkv.so"
      threadsafe = false
      functions = { "acme:kv/store#get" = "two", f = "three" }
    `);
    expect(bundles[0]).toMatchObject({
      library: { path: join(folder, "loose/libkv.so") },
      threadsafe: false,
    });
    expect([...(bundles[0]?.functions ?? [])].map(([name, { symbol }]) => [name, symbol])).toEqual([
      ["acme:kv/store#get", "two"],
      ["f", "three"],
    ]);
  });

  test.skipIf(process.platform !== "linux" || !existsSync("/etc/ld.so.conf"))(
    "a bare name is a library of the system (glibc Linux only)",
    () => {
      const { bundles } = resolve('[[host]]\nname = "libm"\nwit = "../loose/kv.wit"\nlib = "libm.so.6"\n');
      const library = bundles[0]?.library;
      expect(basename(library?.path ?? "")).toMatch(/^libm[.-]/u);
      expect(["cos", "sin", "pow", "hypot"].filter((name) => library?.symbols.has(name))).toHaveLength(4);
    },
  );

  test("~ is the home folder, other paths are relative to the manifest", () => {
    expect(expandPath("/a", "~")).toBe(homedir());
    expect(expandPath("/a", "~/b")).toBe(join(homedir(), "b"));
    expect(expandPath("/a", "~b")).toBe("/a/~b");
    expect(expandPath("/a", "../b")).toBe("/b");
    expect(expandPath("/a", "/c")).toBe("/c");
  });
});

describe("what is wrong with a manifest is said with its place", () => {
  test.each<[string, string, readonly RegExp[]]>([
    ["nothing in it", "", [/has no \[\[host\]\] entries/u]],
    [
      "host as a table",
      '[host]\nname = "a"\n',
      [/^1:1 `host` must be an array of tables, written \[\[host\]\]/u, /no \[\[host\]\]/u],
    ],
    [
      "an unknown table",
      '[globl]\n[[host]]\nname="a"\nbundle="kv_host"',
      [/^1:1 unknown key `globl` \| did you mean `global`\?/u],
    ],
    [
      "an unknown key of [global]",
      '[global]\nsearch_path=[]\n[[host]]\nname="a"\nbundle="kv_host"',
      [/^2:1 unknown key `search_path` \| did you mean `search_paths`\?/u],
    ],
    [
      "search_paths of another type",
      '[global]\nsearch_paths="x"\n[[host]]\nname="a"\nbundle="kv_host"',
      [/^2:1 `search_paths` must be an array of strings/u],
    ],
    ["an entry without name", '[[host]]\nbundle="kv_host"', [/^1:1 `name` is missing/u]],
    [
      "neither bundle nor paths",
      '[[host]]\nname="a"',
      [/^1:1 `wit` is missing .*or bundle = /u, /^1:1 `lib` is missing/u],
    ],
    [
      "bundle and wit",
      '[[host]]\nname="a"\nbundle="kv_host"\nwit="x"',
      [/^4:1 `wit` and `bundle` exclude each other/u],
    ],
    [
      "a bundle that is not there",
      '[global]\nsearch_paths=["../far"]\n[[host]]\nname="a"\nbundle="sq_host"',
      [
        /^5:1 the bundle "sq_host" was not found \| looked for host\.toml in: \| .*near\/sq_host \| .*far\/sq_host \| did you mean "sql_host"\?/u,
      ],
    ],
    [
      "an unknown key of an entry",
      '[[host]]\nname="a"\nbundle="kv_host"\n[[host]]\nname="b"\nbundle="kv_host"\nconfg={}',
      [/^7:1 unknown key `confg` \| did you mean `config`\?/u],
    ],
    [
      "a name twice",
      '[[host]]\nname="a"\nbundle="kv_host"\n[[host]]\nname="a"\nbundle="kv_host"',
      [/^5:1 two host bundles have the name "a" \| the first: .*hosts\.toml:2:1/u],
    ],
    [
      "a missing library and missing WIT",
      '[[host]]\nname="a"\nwit="w"\nlib="./l.so"',
      [/^4:1 the library .* does not exist/u, /^3:1 the WIT .* does not exist/u],
    ],
    [
      "no such library of the system",
      '[[host]]\nname="a"\nwit="../loose/kv.wit"\nlib="libno.so.9"',
      [/^4:1 the library .*libno\.so\.9 does not exist \| the system's library folders/u],
    ],
    [
      "an unknown key and a bundle that is not there",
      '[[host]]\nname="a"\nbundle="no_1"\nx=1',
      [/^4:1 unknown key `x`/u, /^3:1 the bundle "no_1" was not found/u],
    ],
    [
      "wrong types and missing files",
      '[[host]]\nname="a"\nwit="w"\nlib="./l.so"\nsha256=1',
      [
        /^5:1 `sha256` must be a string/u,
        /^4:1 the library .* does not exist/u,
        /^3:1 the WIT .* does not exist/u,
      ],
    ],
    [
      "a name twice, one of them with another fault",
      '[[host]]\nname="a"\nbundle="kv_host"\n[[host]]\nname="a"\nbundle="no_1"',
      [/^6:1 the bundle "no_1" was not found/u, /^5:1 two host bundles have the name "a"/u],
    ],
    [
      "faults of every entry",
      '[[host]]\nname="a"\nbundle="no_1"\n[[host]]\nname="b"\nbundle="no_2"',
      [/"no_1" was not found/u, /"no_2" was not found/u],
    ],
  ])("%s", (_title, manifest, expected) => {
    const folder = folderWith(manifest);
    const error = faultOf({ manifests: [join(folder, "near/hosts.toml")] });
    expect(error.code).toBe("CONFIG_INVALID");
    const texts = findingTexts(error);
    expect(texts).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(texts[index]).toMatch(pattern);
  });

  test("a folder given as manifest", () => {
    const error = faultOf({ manifests: [temporaryFolder()] });
    expect(findingTexts(error)[0]).toMatch(/^this is not a file \| --host-config takes a hosts\.toml/u);
  });

  test("faults of bundles and of manifests come together", () => {
    const folder = folderWith("");
    const error = faultOf({ bundles: [join(folder, "no")], manifests: [join(folder, "near/hosts.toml")] });
    expect(findingTexts(error)).toEqual([
      expect.stringMatching(/does not exist/u),
      expect.stringMatching(/no \[\[host\]\]/u),
    ]);
  });
});
