/** The bundles: complete, and a warm run loads no more of them than it needs. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { buildComponent } from "../support/component.ts";
import { hostbundle } from "../support/command-line.ts";
import { compiler } from "../support/native.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { greet } from "./guests.ts";
import { greetSource, RUNTIME_WIT, writeBundle } from "./libraries.ts";

const checkout = fileURLToPath(new URL("../../", import.meta.url));
const bundles = fileURLToPath(new URL("../../dist/bundle/", import.meta.url));
const files = readdirSync(bundles).filter((name) => name.endsWith(".cjs"));
const source = (name: string): string => readFileSync(join(bundles, name), "utf8");

const ENTRIES = [
  "hostbundle.cjs",
  "thread.cjs",
  "worker.cjs",
  "supervisor.cjs",
  "child.cjs",
  "exit.cjs",
  "probe.cjs",
];
/** Piscina asks for it only where a priority is set. */
const OPTIONAL = "@napi-rs/nice";

/** What a file asks for: `require("…")` and `import("…")`, comments and templates aside. */
function requests(name: string): readonly string[] {
  return [...source(name).matchAll(/\b(?:require|import)\("([^"]+)"\)/g)].map(([, request = ""]) => request);
}

/** Files that come with a file: what it requires before anything else runs. */
function comesWith(name: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const [, file = ""] of source(name).matchAll(/^(?:const|let) \w+ = require\("\.\/([^"]+)"\);$/gm))
    comesWith(file, seen);
  return seen;
}

describe("the files", () => {
  test.each(files)("%s asks for nothing that is not there", (name) => {
    const { resolve } = createRequire(join(bundles, name));
    const isThere = (request: string): boolean => {
      if (request.startsWith("./")) return files.includes(request.slice(2));
      if (request === OPTIONAL) return true;
      try {
        // jco and its shim are ES modules only, which `resolve` of CommonJS does not find.
        return (
          (request.startsWith("@bytecodealliance/") ? import.meta.resolve(request) : resolve(request)) !== ""
        );
      } catch {
        return false;
      }
    };
    expect(requests(name).filter((request) => !isThere(request))).toEqual([]);
  });

  test("nothing of an earlier build is left", () => {
    const reached = new Set<string>();
    const open = [...ENTRIES];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (reached.has(name)) continue;
      reached.add(name);
      open.push(...requests(name).flatMap((request) => (request.startsWith("./") ? [request.slice(2)] : [])));
    }
    expect([...reached].toSorted()).toEqual(files.toSorted());
  });

  test("a thread begins without what its run may not need", () => {
    expect([...comesWith("worker.cjs")].filter((name) => /native|wasi|jco/.test(name))).toEqual([]);
    expect([...comesWith("worker.cjs")].some((name) => source(name).includes("@koromix"))).toBe(false);
  });

  test("the licences of what is copied are there", () => {
    const text = readFileSync(join(bundles, "LICENSES.txt"), "utf8");
    for (const name of ["piscina", "smol-toml"]) expect(text).toContain(`${name}\n\n`);
  });
});

describe("what a command loads", () => {
  const folder = temporaryFolder();
  const cache = join(folder, "cache");
  const probe = join(folder, "probe.cjs");
  const loaded = join(folder, "loaded.json");

  beforeAll(async () => {
    writeFileSync(
      probe,
      `const threads = require("node:worker_threads");
       let count = 0;
       threads.Worker = class extends threads.Worker {
         constructor(...args) { super(...args); count++; }
       };
       process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(loaded)}, JSON.stringify({
         files: Object.keys(require.cache), threads: count })));`,
    );
    writeFileSync(join(folder, "greet.wasm"), await buildComponent(greet));
  });

  async function command(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly stdout: string; readonly files: string; readonly threads: number }> {
    const result = await hostbundle(args, {
      cwd: folder,
      env: { HOSTBUNDLE_CACHE_DIR: cache, ...env },
      nodeFlags: ["--require", probe],
    });
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    const seen: { files: readonly string[]; threads: number } = JSON.parse(readFileSync(loaded, "utf8"));
    return { ...result, files: seen.files.join("\n"), threads: seen.threads };
  }

  test.each([
    [["--version"], /-run\.|start|inspect/],
    [["run", "--help"], /-run\.|start|inspect/],
    [["inspect", "greet.wasm"], /hostbundle-prepare/],
  ])("%j starts no thread", async (args, unused) => {
    const { files: names, threads } = await command(args);
    expect(threads).toBe(0);
    expect(names).toMatch(/hostbundle-main\.cjs/);
    expect(names.split("\n").filter((name) => unused.test(basename(name)))).toEqual([]);
  });

  describe.skipIf(!compiler.available)(`a run ${compiler.reason}`, () => {
    const args = ["run", "--host-bundle", "native", "--invoke", 'run("x")', "greet.wasm"];

    beforeAll(() => {
      writeBundle(folder, { name: "native", wit: RUNTIME_WIT, c: greetSource() });
    });

    test("the second one neither decodes nor transpiles nor parses WIT", async () => {
      const first = await command(args);
      expect(first.files).toMatch(/hostbundle-prepare\.cjs/);
      expect(first.files).toMatch(/hostbundle-parse\.cjs/);
      const second = await command(args);
      expect(second.stdout).toBe(first.stdout);
      expect(second.threads).toBe(1);
      expect(second.files).toContain("hostbundle-run.cjs");
      const needless = /prepare|parse|decode|transpile|inspect|check|bytecodealliance|koffi/;
      expect(second.files.split("\n").filter((file) => needless.test(relative(checkout, file)))).toEqual([]);
    });

    test("a cache that cannot be written, or was damaged, fails no run", async () => {
      const { stdout } = await command(args);
      writeFileSync(join(folder, "a-file"), "");
      expect((await command(args, { HOSTBUNDLE_CACHE_DIR: join(folder, "a-file", "cache") })).stdout).toBe(
        stdout,
      );
      const code = join(cache, "code");
      const isKept = Number.parseInt(process.versions.node, 10) >= 24;
      const kept = isKept ? readdirSync(code, { recursive: true, withFileTypes: true }) : [];
      const entries = kept.filter((entry) => entry.isFile());
      expect(entries.length > 0).toBe(isKept);
      for (const entry of entries) {
        const path = join(entry.parentPath, entry.name);
        const bytes = readFileSync(path);
        writeFileSync(path, bytes.fill(0x5a, bytes.length >> 1));
      }
      expect((await command(args)).stdout).toBe(stdout);
      for (const entry of entries) writeFileSync(join(entry.parentPath, entry.name), "");
      expect((await command(args)).stdout).toBe(stdout);
    });
  });
});
