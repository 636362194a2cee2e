/** A hostile component and a faulty bundle as a user meets them: exit codes and one message on the terminal. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { cLibrary, COUNTERS, type CFunction } from "../support/c-source.ts";
import { enumOf, list, t } from "../support/c-source-short.ts";
import { hostbundle } from "../support/command-line.ts";
import { buildComponent } from "../support/component.ts";
import { compileLibrary, compiler } from "../support/native.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { witInterface } from "../support/wit-bindgen.ts";

const SPACE = { world: "hostile", interface: "test_echo_host" };
const colour = { ...enumOf(3), name: "colour" };
const bytes = "out_.len = 1; out_.ptr = counted_malloc(1); out_.ptr[0] = ";

/** Every function says on stderr that it was called. */
const said = (name: string, code = ""): CFunction["body"] => ({
  kind: "raw",
  code: `fputs("called ${name}\\n", stderr); ${code}`,
});
const functions: readonly CFunction[] = [
  { name: "take", type: { params: [{ name: "x", type: t("string") }] }, body: said("take") },
  { name: "words", type: { params: [{ name: "x", type: list(t("u32")) }] }, body: said("words") },
  { name: "letter", type: { params: [{ name: "x", type: t("char") }] }, body: said("letter") },
  { name: "pick", type: { params: [{ name: "x", type: colour }] }, body: said("pick") },
  { name: "give", type: { params: [], result: t("string") }, body: said("give", `${bytes}'a';`) },
  { name: "lie", type: { params: [], result: t("string") }, body: said("lie", `${bytes}0xff;`) },
];

/** What each export of the guest does. */
const ACTS: Readonly<Record<string, string>> = {
  "out-of-bounds": "(call $take (i32.const 0xffff) (i32.const 2))",
  overflowing: "(call $take (i32.const 16) (i32.const -16))",
  "bad-utf8": "(call $take (i32.const 16) (i32.const 2))",
  misaligned: "(call $words (i32.const 17) (i32.const 1))",
  "bad-char": "(call $letter (i32.const 0xd800))",
  "bad-enum": "(call $pick (i32.const 3))",
  "bad-realloc": "(global.set $answer (i32.const 0x7fffffff)) (call $give (i32.const 64))",
  believing: "(call $lie (i32.const 64))",
  honest: "(call $take (i32.const 32) (i32.const 2)) (call $give (i32.const 64))",
};

const WIT = `package test:echo;
${witInterface("host", functions, SPACE)}
world hostile {
  import host;
  ${Object.keys(ACTS)
    .map((name) => `export ${name}: func();`)
    .join("\n  ")}
}
`;

const WAT = `(module
  ${functions
    .map((one) => {
      const count = one.name === "take" || one.name === "words" ? 2 : 1;
      const params = Array.from({ length: count }, () => "i32").join(" ");
      return `(import "test:echo/host" "${one.name}" (func $${one.name} (param ${params})))`;
    })
    .join("\n  ")}
  (memory (export "memory") 1)
  (global $answer (mut i32) (i32.const 1024))
  (data (i32.const 16) "\\c0\\80")
  (data (i32.const 32) "ok")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (global.get $answer))
  ${Object.entries(ACTS)
    .map(([name, body]) => `(func (export "${name}") ${body})`)
    .join("\n  ")})`;

describe.skipIf(!compiler.available)(`on the command line ${compiler.reason}`, () => {
  const folder = temporaryFolder();
  const bundle = join(folder, "bundle");
  const component = join(folder, "hostile.wasm");
  const env = { HOSTBUNDLE_CACHE_DIR: join(folder, "cache") };
  beforeAll(async () => {
    mkdirSync(bundle);
    const extra = "#include <stdio.h>";
    compileLibrary(bundle, "hostile", cLibrary({ space: SPACE, functions, extra }));
    writeFileSync(join(bundle, "host.wit"), WIT);
    writeFileSync(
      join(bundle, "host.toml"),
      `[host]\nname = "target"\nlib = "libhostile.so"\nwit = "host.wit"\nfree = "${COUNTERS.free}"\n`,
    );
    writeFileSync(component, await buildComponent({ wat: WAT, wit: WIT, world: "hostile" }));
  });

  const invoke = (name: string, ...flags: string[]): ReturnType<typeof hostbundle> =>
    hostbundle(["run", ...flags, "--host-bundle", bundle, "--invoke", `${name}()`, component], { env });

  it.each([
    ["out-of-bounds", "take"],
    ["overflowing", "take"],
    ["bad-utf8", "take"],
    ["misaligned", "words"],
    ["bad-char", "letter"],
    ["bad-enum", "pick"],
  ])("%s: exit 134, the library is not called", async (act, name) => {
    const { exitCode, stdout, stderr } = await invoke(act);
    expect(stderr).toContain(`test:echo/host#${name}`);
    expect(stderr).not.toContain("called");
    expect(stderr).not.toContain("    at ");
    expect({ exitCode, stdout }).toEqual({ exitCode: 134, stdout: "" });
  });

  it("garbage from realloc: exit 134, the library was called once", async () => {
    const { exitCode, stderr } = await invoke("bad-realloc");
    expect(stderr.split("called give").length - 1).toBe(1);
    expect(exitCode).toBe(134);
  });

  it("as JSON: a TRAP of the guest that names the function", async () => {
    const { exitCode, stdout } = await invoke("bad-utf8", "--json");
    expect(exitCode).toBe(134);
    expect(JSON.parse(stdout)).toMatchObject({
      status: "error",
      error: { code: "TRAP", fault: "guest", function: "test:echo/host#take" },
    });
  });

  it("a library that lies: exit 3, bundle and function named", async () => {
    const { exitCode, stderr } = await invoke("believing");
    expect(stderr).toContain('"target"');
    expect(stderr).toContain("test:echo/host#lie");
    expect(exitCode).toBe(3);
  });

  it("the same guest, when it keeps to the rules: exit 0", async () => {
    const { exitCode, stderr } = await invoke("honest");
    expect(stderr).toBe("called take\ncalled give\n");
    expect(exitCode).toBe(0);
  });
});
