import { createHash } from "node:crypto";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatError } from "../../../src/shared/errors.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { faultOf, findingTexts, realLibraryBytes, resolveOne, SOUND, WIT, write } from "./files.ts";

const PLATFORM = `${process.platform}-${process.arch}`;

function bundleWith(hostToml: string, files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = temporaryFolder();
  write(folder, { ...SOUND, "host.toml": hostToml, ...files });
  return folder;
}

describe("a sound bundle", () => {
  test("is resolved to absolute paths and the library's symbols", () => {
    const folder = temporaryFolder();
    write(folder, SOUND);
    const bundle = resolveOne(folder);
    expect(bundle).toMatchObject({
      name: "kv",
      folder,
      witPath: join(folder, "wit/kv.wit"),
      threadsafe: false,
      config: {},
      where: { file: join(folder, "host.toml"), line: 2, column: 1 },
      library: { path: join(folder, "lib/libkv.so"), where: { line: 3, column: 1 } },
    });
    expect(bundle.library?.symbols.has("napi_register_module_v1")).toBe(true);
    expect(bundle).not.toHaveProperty("free");
    expect(bundle).not.toHaveProperty("world");
  });

  test("carries everything that host.toml may say", () => {
    const sha256 = createHash("sha256").update(realLibraryBytes()).digest("hex");
    const folder = bundleWith(`
      functions."acme:kv/store#get" = "my_get"
      [host]
      name = "kv"
      lib = { ${PLATFORM} = "lib/libkv.so", plan9-x64 = "nowhere.so" }
      wit = "wit/kv.wit"
      world = "host"
      threadsafe = true
      free = "my_free"
      sha256 = "${sha256.toUpperCase()}"
      [host.config]
      path = "data.db"
      retries = 3
    `);
    const bundle = resolveOne(folder);
    expect(bundle).toMatchObject({
      world: "host",
      threadsafe: true,
      free: "my_free",
      config: { path: "data.db", retries: 3 },
    });
    expect(bundle.functions.get("acme:kv/store#get")).toMatchObject({ symbol: "my_get", where: { line: 2 } });
  });

  test("may link its library within itself", () => {
    const folder = bundleWith(SOUND["host.toml"].replace("libkv.so", "libkv.so.1"));
    symlinkSync("libkv.so", join(folder, "lib/libkv.so.1"));
    expect(resolveOne(folder).library?.path).toBe(join(folder, "lib/libkv.so"));
  });
});

describe("what is wrong with a bundle is said with its place", () => {
  const start = '[host]\nname = "kv"\n';
  const rest = 'lib = "lib/libkv.so"\nwit = "wit/kv.wit"\n';

  test.each<[string, string, readonly RegExp[]]>([
    ["no [host]", "", [/no \[host\] table.*begins with \[host\]/u]],
    ["host is no table", 'host = "kv"', [/^1:1 `host` must be a table/u]],
    ["no name", `[host]\n${rest}`, [/^1:1 `name` is missing \| add name = "my-host"/u]],
    ["an empty name", `[host]\nname = ""\n${rest}`, [/^2:1 `name` must be a string that is not empty/u]],
    ["a name of another type", `[host]\nname = 3\n${rest}`, [/^2:1 `name` must be a string/u]],
    ["a name with odd characters", `[host]\nname = "a b"\n${rest}`, [/^2:1 "a b" is not a bundle name/u]],
    ["no lib", `${start}wit = "wit/kv.wit"`, [/`lib` is missing/u]],
    ["no wit", `${start}lib = "lib/libkv.so"`, [/`wit` is missing/u]],
    [
      "lib of another type",
      `${start}lib = 3\nwit = "wit/kv.wit"`,
      [/^3:1 `lib` must be a string, or a table/u],
    ],
    [
      "no library for this platform",
      `${start}lib = { plan9-x64 = "a.so" }\nwit = "wit/kv.wit"`,
      [
        new RegExp(
          `^3:1 there is no library for this platform, ${PLATFORM} \\| there is one for: plan9-x64`,
          "u",
        ),
      ],
    ],
    [
      "a missing library",
      `${start}lib = "lib/no.so"\nwit = "wit/kv.wit"`,
      [/^3:1 the library .*lib\/no\.so does not exist/u],
    ],
    [
      "a folder as library",
      `${start}lib = "lib"\nwit = "wit/kv.wit"`,
      [/^3:1 the library .* is not a file/u],
    ],
    ["a NUL in a path", `${start}lib = "a\\u0000b"\nwit = "wit/kv.wit"`, [/does not exist/u]],
    [
      "missing WIT",
      `${start}lib = "lib/libkv.so"\nwit = "no.wit"`,
      [/^4:1 the WIT .*no\.wit does not exist/u],
    ],
    [
      "an unknown key",
      `${start}${rest}treadsafe = true`,
      [/^5:1 unknown key `treadsafe` \| did you mean `threadsafe`\?/u],
    ],
    [
      "an unknown key like no other",
      `${start}${rest}zzz = 1`,
      [/^5:1 unknown key `zzz` \| known keys: name, /u],
    ],
    ["an unknown table", `${start}${rest}[hosts]`, [/^5:1 unknown key `hosts` \| did you mean `host`\?/u]],
    ["threadsafe as text", `${start}${rest}threadsafe = "yes"`, [/^5:1 `threadsafe` must be true or false/u]],
    ["a symbol that is no text", `${start}${rest}[functions]\nf = 1`, [/^6:1 "f" must be a string/u]],
    ["config that is no table", `${start}${rest}config = 1`, [/^5:1 `config` must be a table/u]],
    [
      "an adapter that there is not",
      `${start}${rest}adapter = "duckdb2"`,
      [/^5:1 there is no adapter "duckdb2" \| did you mean "duckdb"\?/u],
    ],
    [
      "an adapter of one's own that is not there",
      `${start}${rest}adapter = "./adapter.js"`,
      [/^5:1 the adapter .*adapter\.js does not exist/u],
    ],
    [
      "an adapter of one's own outside the bundle",
      `${start}${rest}adapter = "${process.execPath}"`,
      [/^5:1 the adapter lies outside the bundle/u],
    ],
    [
      "a library that the adapter has no use for",
      `${start}${rest}adapter = "keyvalue"`,
      [/^3:1 the adapter "keyvalue" uses no library/u],
    ],
    ["no library for an adapter that needs one", `${start}adapter = "pkcs11"`, [/^1:1 `lib` is missing/u]],
    [
      "a digest that is none",
      `${start}${rest}sha256 = "abc"`,
      [/^5:1 `sha256` must be 64 hexadecimal digits/u],
    ],
    [
      "the digest of something else",
      `${start}${rest}sha256 = "${"0".repeat(64)}"`,
      [
        /^5:1 the library .* is not the one that was declared \| sha256 declared {2}0{64} \| sha256 of file {3}[0-9a-f]{64} \| restore/u,
      ],
    ],
    ["TOML that is none", "[host\nname = 1", [/^1:\d+ not valid TOML: .*\[host/u]],
    ["a key twice", '[host]\nname = "a"\nname = "b"\n', [/^3:\d+ not valid TOML/u]],
    [
      "several faults at once",
      '[host]\nname = 1\nlib = "no.so"\nwit = "no.wit"\nx = 1\n',
      [/^2:1 `name`/u, /^5:1 unknown key `x`/u, /^3:1 the library/u, /^4:1 the WIT/u],
    ],
  ])("%s", (_title, hostToml, expected) => {
    const folder = bundleWith(hostToml);
    const error = faultOf({ bundles: [folder] });
    expect(error.code).toBe("BUNDLE_INVALID");
    const texts = findingTexts(error);
    expect(texts).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(texts[index]).toMatch(pattern);
    for (const finding of error.findings ?? []) expect(finding.where?.file).toBe(join(folder, "host.toml"));
  });

  test("a caret points at bad TOML", () => {
    const text = formatError(faultOf({ bundles: [bundleWith('[host]\nname = "kv\n')] }));
    expect(text).toMatch(/not valid TOML/u);
    expect(text).toMatch(/2: {2}name = "kv\n.*\^/u);
    expect(text).toMatch(/host\.toml:2:\d+/u);
  });

  test.each<[string, (folder: string) => string, RegExp]>([
    [
      "nothing there",
      (folder) => join(folder, "no"),
      /^the bundle does not exist \| --host-bundle takes the folder/u,
    ],
    ["a file", (folder) => join(folder, "host.toml"), /^a bundle is a folder, this is a file/u],
    ["a folder without host.toml", (folder) => join(folder, "lib"), /^this folder has no host\.toml/u],
  ])("%s", (_title, place, expected) => {
    const folder = temporaryFolder();
    write(folder, SOUND);
    const error = faultOf({ bundles: [place(folder)] });
    expect(findingTexts(error)).toEqual([expect.stringMatching(expected)]);
    expect(error.findings?.[0]?.where?.file).toBe(place(folder));
  });

  test("host.toml as a folder, too large, or not UTF-8", () => {
    const folder = temporaryFolder();
    write(folder, {
      "a/host.toml/x": "",
      "b/host.toml": `# ${"x".repeat(1024 * 1024)}`,
      "c/host.toml": Uint8Array.of(0xff),
    });
    const error = faultOf({ bundles: ["a", "b", "c"].map((name) => join(folder, name)) });
    expect(findingTexts(error)).toEqual([
      "this is not a file",
      "the file has 1048578 bytes; at most 1048576 are read",
      "the file is not UTF-8",
    ]);
  });

  test("a library outside the bundle, whichever way it gets there", () => {
    const folder = temporaryFolder();
    write(folder, { "outside.so": "lib", "a/wit/kv.wit": WIT, "b/wit/kv.wit": WIT, "b/lib/x": "" });
    write(folder, { "a/host.toml": SOUND["host.toml"].replace("lib/libkv.so", "../outside.so") });
    write(folder, { "b/host.toml": SOUND["host.toml"].replace('"kv"', '"kv2"') });
    symlinkSync("../../outside.so", join(folder, "b/lib/libkv.so"));
    const texts = findingTexts(faultOf({ bundles: [join(folder, "a"), join(folder, "b")] }));
    expect(texts).toHaveLength(2);
    for (const text of texts) {
      expect(text).toContain(`3:1 the library lies outside the bundle: ${join(folder, "outside.so")}`);
    }
  });

  test("two bundles of one name", () => {
    const folder = temporaryFolder();
    write(join(folder, "a"), SOUND);
    write(join(folder, "b"), SOUND);
    const error = faultOf({ bundles: [join(folder, "a"), join(folder, "b")] });
    expect(error.code).toBe("CONFIG_INVALID");
    expect(findingTexts(error)[0]).toMatch(
      /^2:1 two host bundles have the name "kv" \| the first: .*a\/host\.toml:2:1 \| name them apart/u,
    );
  });

  test("paths are relative to the folder given", () => {
    const folder = temporaryFolder();
    expect(faultOf({ bundles: ["no"], cwd: folder }).findings?.[0]?.where?.file).toBe(join(folder, "no"));
  });
});
