/**
 * Malformed bundles, manifests, WIT and components: each ends in exit 2 with a message that names the place.
 * No stack trace, no "internal error", no hang.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { cli } from "../main/cli/io.ts";
import { REAL_LIBRARY } from "../main/bundle/files.ts";
import { hostbundle } from "../support/command-line.ts";
import { buildComponent } from "../support/component.ts";
import { createRandom, mutate } from "../support/mutate.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { COMPONENTS, WITS } from "./malformed-binaries.ts";
import { HOST_TOMLS, HOSTS_TOMLS, type MalformedText } from "./malformed-cases.ts";

const folder = temporaryFolder();
const at = (path: string): string => join(folder, path);
const env = { HOSTBUNDLE_CACHE_DIR: at("cache") };

const SOUND_HOST_TOML = `[host]
name = "kv"
lib = "lib/libkv.so" # the library
wit = "kv.wit"
threadsafe = false
[host.config]
path = "data.db"
[functions]
"acme:kv/store#get" = "napi_register_module_v1"
`;
const SOUND_HOSTS_TOML = `[global]
search_paths = ["./hosts", "."]
[[host]]
name = "one"
bundle = "bundle"
config = { a = [1, 2], "b c" = 'x' }
serves = ["acme:kv/store"]
`;
const SOUND_WIT = `package acme:kv@1.0.0;
interface store {
  record entry { key: string, tags: list<tuple<u8, option<char>>> }
  variant problem { missing, other(string) }
  get: func(key: string) -> result<entry, problem>;
}
world host { import store; }
`;
let soundComponent: Uint8Array;

beforeAll(async () => {
  // The host takes the cache folder from the environment of the process.
  vi.stubEnv("HOSTBUNDLE_CACHE_DIR", env.HOSTBUNDLE_CACHE_DIR);
  soundComponent = await buildComponent({
    wit: "package a:app;\nworld app { export add: func(a: u32, b: u32) -> u32; }",
    wat: '(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))',
  });
  const library = readFileSync(REAL_LIBRARY);
  for (const name of ["bundle/lib", "bundle/host.toml.d"]) mkdirSync(at(name), { recursive: true });
  writeFileSync(at("app.wasm"), soundComponent);
  writeFileSync(at("outside.so"), library);
  writeFileSync(at("bundle/lib/libkv.so"), library);
  writeFileSync(at("bundle/lib/cut.so"), library.subarray(0, 700));
  writeFileSync(at("bundle/lib/empty.so"), "");
  writeFileSync(at("bundle/lib/noise.so"), Buffer.alloc(4096, 0xa5));
  restore();
});

/** The sound files again; tests overwrite one of them each. */
function restore(): void {
  writeFileSync(at("bundle/host.toml"), SOUND_HOST_TOML);
  writeFileSync(at("hosts.toml"), SOUND_HOSTS_TOML);
  writeFileSync(at("bundle/kv.wit"), SOUND_WIT);
}

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What may never be seen, whatever the input. */
const CRASH = /^ {4}at |internal error|INTERNAL|TypeError|RangeError/mu;

/** `refused` as it should be, `accepted`, or what is wrong with the refusal. */
function verdict({ exitCode, stdout, stderr }: Ended, place: string, says = /^error: ./u): string {
  if (CRASH.test(stdout + stderr)) return `crashed: ${stdout}${stderr}`;
  if (exitCode === 0) return "accepted";
  if (exitCode !== 2) return `exit ${exitCode}: ${stderr}`;
  if (stdout !== "") return `printed: ${stdout}`;
  if (!stderr.includes(place)) return `does not name ${place}: ${stderr}`;
  return says.test(stderr) ? "refused" : `does not say ${String(says)}: ${stderr}`;
}

const placeOf = (file: string, { line }: MalformedText): string =>
  line === undefined ? file : `${file}:${line}:`;

const CHECK_BUNDLE = ["check", "--host-bundle", at("bundle"), at("app.wasm")];
const CHECK_MANIFEST = ["check", "--host-config", at("hosts.toml"), at("app.wasm")];

describe("the sound files are accepted", () => {
  it.each([[CHECK_BUNDLE], [CHECK_MANIFEST]])("%j", async (argv) => {
    restore();
    expect(await cli(argv)).toMatchObject({ exitCode: 0, stderr: "" });
  });
});

describe("host.toml", () => {
  it.each(HOST_TOMLS)("$title", async (malformed) => {
    restore();
    writeFileSync(at("bundle/host.toml"), malformed.text);
    const file = malformed.text === "" ? at("bundle") : at("bundle/host.toml");
    expect(verdict(await cli(CHECK_BUNDLE), placeOf(file, malformed), malformed.says)).toBe("refused");
  });
});

describe("hosts.toml", () => {
  it.each(HOSTS_TOMLS)("$title", async (malformed) => {
    restore();
    writeFileSync(at("hosts.toml"), malformed.text);
    expect(verdict(await cli(CHECK_MANIFEST), placeOf(at("hosts.toml"), malformed), malformed.says)).toBe(
      "refused",
    );
  });
});

describe("WIT", () => {
  it.each(WITS)("%s", async (_title, text, says) => {
    restore();
    writeFileSync(at("bundle/kv.wit"), text);
    expect(verdict(await cli(CHECK_BUNDLE), at("bundle/kv.wit"), says)).toBe("refused");
  });
});

describe("a component", () => {
  it.each(COMPONENTS)("$title", async ({ bytes, says }) => {
    writeFileSync(at("bad.wasm"), typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
    expect(verdict(await cli(["check", at("bad.wasm")]), at("bad.wasm"), says)).toBe("refused");
  });
});

describe("what is no file of its kind", () => {
  it.each<[title: string, argv: readonly string[], place: string]>([
    ["no component", ["check", at("no.wasm")], at("no.wasm")],
    ["a folder as component", ["check", at("bundle")], at("bundle")],
    ["a long name to check", ["check", `/${"x".repeat(5000)}`], "xxx"],
    ["a long name to inspect", ["inspect", `/${"x".repeat(5000)}`], "xxx"],
    ["something in a file", ["inspect", at("app.wasm/x")], at("app.wasm/x")],
    ["no bundle", ["check", "--host-bundle", at("no"), at("app.wasm")], at("no")],
    ["a component as bundle", ["check", "--host-bundle", at("app.wasm"), at("app.wasm")], at("app.wasm")],
    ["a folder that is no bundle", ["check", "--host-bundle", folder, at("app.wasm")], folder],
    ["no manifest", ["check", "--host-config", at("no.toml"), at("app.wasm")], at("no.toml")],
    ["a bundle as manifest", ["check", "--host-config", at("bundle"), at("app.wasm")], at("bundle")],
    ["a component as manifest", ["check", "--host-config", at("app.wasm"), at("app.wasm")], at("app.wasm")],
    ["a folder to inspect", ["inspect", at("bundle/lib")], at("bundle/lib")],
  ])("%s", async (_title, argv, place) => {
    restore();
    expect(verdict(await cli(argv), place)).toBe("refused");
  });
});

describe("with seeded faults, sound files stay sound or are refused", () => {
  it.each<[string, string, readonly string[], number]>([
    ["host.toml", "bundle/host.toml", CHECK_BUNDLE, 120],
    ["hosts.toml", "hosts.toml", CHECK_MANIFEST, 120],
    ["WIT", "bundle/kv.wit", CHECK_BUNDLE, 100],
    ["the component", "mutated.wasm", ["check", at("mutated.wasm")], 120],
    ["the library", "bundle/lib/libkv.so", CHECK_BUNDLE, 80],
  ])("%s", async (_title, file, argv, rounds) => {
    restore();
    const sound = file === "mutated.wasm" ? soundComponent : readFileSync(at(file));
    const random = createRandom(20_251_123);
    const verdicts: string[] = [];
    for (let round = 0; round < rounds; round++) {
      // Of a library only the headers are of interest: faults elsewhere are in its code.
      const head = file.endsWith(".so") ? 1024 : sound.length;
      writeFileSync(at(file), Buffer.concat([mutate(sound.subarray(0, head), random), sound.subarray(head)]));
      verdicts.push(verdict(await cli(argv), file.endsWith(".so") ? at("bundle/host.toml:3:") : at(file)));
    }
    writeFileSync(at(file), sound);
    expect(verdicts.filter((each) => each !== "refused" && each !== "accepted")).toEqual([]);
    expect(verdicts.filter((each) => each === "refused").length).toBeGreaterThan(rounds / 20);
  });
});

describe("a component with seeded faults", () => {
  it("is run or refused; whatever happens is an outcome", async () => {
    restore();
    const random = createRandom(7);
    const codes: number[] = [];
    const crashes: string[] = [];
    for (let round = 0; round < 25; round++) {
      writeFileSync(at("mutated.wasm"), mutate(soundComponent, random));
      const { exitCode, stderr } = await cli(["run", "--invoke", "add(1, 2)", at("mutated.wasm")]);
      codes.push(exitCode);
      if (CRASH.test(stderr)) crashes.push(stderr);
    }
    expect(crashes).toEqual([]);
    expect(codes).toContain(2);
    expect(codes).toContain(0);
    expect(codes.filter((code) => ![0, 2, 3, 134].includes(code))).toEqual([]);
  });
});

describe("the real binary", () => {
  const cases: readonly (readonly [
    title: string,
    file: string,
    content: string,
    command: readonly string[],
  ])[] = [
    ["host.toml", "host.toml", "[host\n", ["check"]],
    ["host.toml, run", "host.toml", "[host]\nname = 1\n", ["run", "--invoke", "add(1, 2)"]],
    ["host.toml, deep", "host.toml", `a = ${"[".repeat(100_000)}`, ["check"]],
    ["WIT", "kv.wit", "interface", ["check"]],
    ["WIT, run", "kv.wit", "package a:b;\nworld w { import no; }", ["run", "--invoke", "add(1, 2)"]],
    ["WIT, deep", "kv.wit", `package a:b;\ninterface i { type t = ${"list<".repeat(50_000)}`, ["check"]],
  ];

  it.each(cases)("%s", async (_title, file, content, command) => {
    const bundle = join(temporaryFolder(), "bundle");
    mkdirSync(join(bundle, "lib"), { recursive: true });
    writeFileSync(join(bundle, "lib/libkv.so"), readFileSync(REAL_LIBRARY));
    writeFileSync(join(bundle, "host.toml"), SOUND_HOST_TOML);
    writeFileSync(join(bundle, "kv.wit"), SOUND_WIT);
    writeFileSync(join(bundle, file), content);
    const result = await hostbundle([...command, "--host-bundle", bundle, at("app.wasm")], { env });
    expect(verdict(result, join(bundle, file))).toBe("refused");
  });

  it.each([
    ["a truncated component", (): Uint8Array => soundComponent.subarray(0, soundComponent.length - 3)],
    ["a core module", (): Uint8Array => Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)],
    ["noise", (): Uint8Array => new Uint8Array(10_000).fill(0xa5)],
  ])("%s", async (_title, make) => {
    const path = join(temporaryFolder(), "bad.wasm");
    writeFileSync(path, make());
    const result = await hostbundle(["run", "--invoke", "add(1, 2)", path], { env });
    expect(verdict(result, path)).toBe("refused");
  });

  it("--json has the place as data", async () => {
    const path = join(temporaryFolder(), "bad.wasm");
    writeFileSync(path, "hello");
    const result = await hostbundle(["check", "--json", path], { env });
    expect(result).toMatchObject({ exitCode: 2, stderr: "" });
    expect(JSON.parse(result.stdout)).toMatchObject({
      status: "error",
      error: { code: "COMPONENT_INVALID" },
    });
    expect(result.stdout).toContain(path);
  });
});
