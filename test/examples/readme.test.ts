/** What the README tells a reader to write and to type is written and typed here. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { hostbundle } from "../support/command-line.ts";
import { buildComponent } from "../support/component.ts";
import { buildBundle, copyExamples } from "../support/examples.ts";
import { compiler } from "../support/native.ts";
import { hasGlibc } from "../support/platform.ts";
import { temporaryFolder } from "../support/temporary.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");
const env = { HOSTBUNDLE_CACHE_DIR: join(temporaryFolder(), "cache") };

/** The fenced blocks of one language, in order. */
function blocks(language: string): readonly string[] {
  return [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter((match) => match[1] === language)
    .map((match) => match[2] ?? "");
}

function block(language: string, beginning: string): string {
  const found = blocks(language).find((text) => text.startsWith(beginning));
  if (found === undefined)
    throw new Error(`the README has no ${language} block that begins with ${beginning}`);
  return found;
}

describe.skipIf(!compiler.available || !hasGlibc)(
  `the README's commands ${compiler.reason || "(need glibc Linux)"}`,
  () => {
    const examples = copyExamples();
    beforeAll(() => {
      buildBundle(join(examples, "example_host"));
      buildBundle(join(examples, "keyvalue_host"));
    });

    const commands = blocks("sh")
      .flatMap((text) => text.split("\n"))
      .filter((line) => line.startsWith("npx hostbundle "));

    it("are more than a few", () => expect(commands.length).toBeGreaterThan(6));

    it.each(commands)("%s", (command) => {
      const line = command.replace(/^npx hostbundle/, `"$NODE" "$BIN"`);
      const result = spawnSync("sh", ["-c", line], {
        cwd: examples,
        encoding: "utf8",
        env: {
          ...env,
          PATH: process.env["PATH"],
          NODE: process.execPath,
          BIN: join(root, "dist/bundle/hostbundle.cjs"),
        },
      });
      expect(result).toMatchObject({ status: 0, stdout: expect.stringMatching(/./) });
    });

    it("the JavaScript prints the greeting", () => {
      const folder = dirname(examples);
      mkdirSync(join(folder, "node_modules"));
      symlinkSync(root, join(folder, "node_modules/hostbundle"));
      writeFileSync(join(folder, "app.mjs"), block("js", "import { createHost }"));
      const stdout = execFileSync(process.execPath, ["app.mjs"], {
        cwd: folder,
        encoding: "utf8",
        env: { ...env, PATH: process.env["PATH"] },
      });
      expect(stdout).toBe("Hello, World!\n");
    });
  },
);

describe.skipIf(!compiler.available)(`the README's host bundle ${compiler.reason}`, () => {
  const folder = temporaryFolder();
  const bundle = join(folder, "clock_host");

  beforeAll(() => {
    mkdirSync(join(bundle, "wit"), { recursive: true });
    mkdirSync(join(bundle, "lib"));
    writeFileSync(join(bundle, "wit/clock.wit"), block("wit", "package acme:clock"));
    writeFileSync(join(bundle, "clock.c"), block("c", "#include"));
    writeFileSync(join(bundle, "host.toml"), block("toml", "[host]").replace('"…"', '"lib/none.so"'));
    execFileSync("sh", ["-c", block("sh", "cc -shared")], {
      cwd: bundle,
      stdio: ["ignore", "ignore", "pipe"],
    });
  });

  it("is whole", async () => {
    const result = await hostbundle(["inspect", "."], { cwd: bundle, env });
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    expect(result.stdout).toMatch(/acme_clock_clock_now +present/);
  });

  it("tells the time", async () => {
    writeFileSync(
      join(folder, "app.wasm"),
      await buildComponent({
        wit: `package acme:app;
          world app {
            import acme:clock/clock@1.0.0;
            use acme:clock/clock@1.0.0.{moment};
            export now: func(zone: string) -> result<moment, string>;
          }
          ${readme.match(/^package acme:clock@1\.0\.0;\n(.*?)^```$/ms)?.[1]?.replace(/^(?=interface)/m, "package acme:clock@1.0.0 {")} }`,
        wat: `(module
          (import "acme:clock/clock@1.0.0" "now" (func $now (param i32 i32 i32)))
          (memory (export "memory") 1)
          (global $next (mut i32) (i32.const 1024))
          (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
            (global.set $next (i32.add (global.get $next) (local.get 3)))
            (i32.sub (global.get $next) (local.get 3)))
          (func (export "now") (param i32 i32) (result i32)
            (call $now (local.get 0) (local.get 1) (i32.const 16))
            (i32.const 16)))`,
      }),
    );
    const ask = (zone: string) =>
      hostbundle(["run", "--host-bundle", bundle, "--invoke", `now("${zone}")`, "app.wasm"], {
        cwd: folder,
        env,
      });
    const told = await ask("UTC");
    expect(told.exitCode).toBe(0);
    expect(told.stdout).toMatch(/^ok\(\{seconds: \d{10}, zone: "UTC"\}\)\n$/);
    expect(await ask("CET")).toMatchObject({ exitCode: 1, stdout: 'err("only UTC is known")\n' });
  });

  it("is found by the README's manifest, which lacks the library under /opt and nothing else", async () => {
    writeFileSync(join(folder, "hosts.toml"), block("toml", "[global]"));
    const result = await hostbundle(["inspect", "--json", "hosts.toml"], { cwd: folder, env });
    expect(result.exitCode).toBe(2);
    const { error }: { error: { findings: readonly { message: string }[] } } = JSON.parse(result.stdout);
    for (const { message } of error.findings) expect(message).toContain("/opt/crypto");
  });
});
