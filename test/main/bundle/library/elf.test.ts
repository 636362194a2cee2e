/** Reading real shared objects of this machine's compiler; needs `cc` and Linux. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { LibraryFacts } from "../../../../src/main/bundle/library/facts.ts";
import { LibraryProblem } from "../../../../src/main/bundle/library/file.ts";
import { inspectLibrary, type Machine } from "../../../../src/main/bundle/library/inspect.ts";
import { compileLibrary, compiler } from "../../../support/native.ts";
import { createRandom, mutate } from "../../../support/mutate.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const machine: Machine = { platform: process.platform, architecture: process.arch };
const folder = temporaryFolder();
const skipped = process.platform !== "linux" || !compiler.available;

const SOURCE = `
int plain(void) { return 1; }
int variable = 3;
const char text[] = "x";
__attribute__((weak)) int weak(void) { return 2; }
__attribute__((visibility("hidden"))) int hidden(void) { return 3; }
__attribute__((visibility("protected"))) int guarded(void) { return 4; }
static int internal(void) { return 5; }
extern int elsewhere(void);
int call(void) { return internal() + elsewhere() + hidden(); }
int old_v1(void) { return 1; }
int old_v2(void) { return 2; }
__asm__(".symver old_v1, versioned@V1");
__asm__(".symver old_v2, versioned@@V2");
`;

let library: Buffer;

beforeAll(() => {
  if (skipped) return;
  writeFileSync(join(folder, "versions.map"), "V1 { global: versioned; };\nV2 { global: versioned; } V1;\n");
  const flags = [`-Wl,--version-script=${join(folder, "versions.map")}`, "-Wl,--hash-style=both"];
  library = readFileSync(compileLibrary(folder, "sample", SOURCE, flags));
});

function inspect(bytes: Uint8Array): LibraryFacts {
  const path = join(folder, "candidate.so");
  writeFileSync(path, bytes);
  return inspectLibrary(path, machine);
}

/** The problem as `message (offset)`. */
function problemOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (!(error instanceof LibraryProblem)) throw error;
    return error.offset === undefined ? error.message : `${error.message} (${error.offset})`;
  }
  return "none";
}

/** A copy with one field overwritten. */
function patched(at: number, bytes: readonly number[]): Buffer {
  const copy = Buffer.from(library);
  copy.set(bytes, at);
  return copy;
}

const NO_SECTIONS = [0, 0, 0, 0, 0, 0, 0, 0];
const EXPORTED = ["call", "guarded", "old_v1", "old_v2", "plain", "text", "variable", "versioned", "weak"];
const NOT_EXPORTED = ["hidden", "internal", "elsewhere", "versioned@V1", "versioned@@V2", ""];

describe.skipIf(skipped)(`a shared object (Linux with cc only)`, () => {
  test("exports what other code may bind, without version suffixes", () => {
    const { format, architecture, symbols } = inspect(library);
    expect({ format, architecture }).toEqual({ format: "elf", architecture: process.arch });
    expect(EXPORTED.filter((name) => !symbols.has(name))).toEqual([]);
    expect(NOT_EXPORTED.filter((name) => symbols.has(name))).toEqual([]);
  });

  test.each(["gnu", "sysv", "both"])("without section headers, by the %s hash table", (style) => {
    const path = compileLibrary(folder, `hash-${style}`, SOURCE, [
      `-Wl,--version-script=${join(folder, "versions.map")}`,
      `-Wl,--hash-style=${style}`,
    ]);
    const whole = inspectLibrary(path, machine);
    const bytes = readFileSync(path);
    bytes.set(NO_SECTIONS, 40);
    expect([...inspect(bytes).symbols].toSorted()).toEqual([...whole.symbols].toSorted());
    expect(whole.symbols.has("plain")).toBe(true);
  });

  test("one that exports nothing", () => {
    const source =
      'static int f(void) { return 1; }\nint (*p)(void) __attribute__((visibility("hidden"))) = f;\n';
    for (const style of ["gnu", "sysv"]) {
      const flags = ["-nostdlib", `-Wl,--hash-style=${style}`];
      const bytes = readFileSync(compileLibrary(folder, `empty-${style}`, source, flags));
      expect(inspect(bytes).symbols.size).toBe(0);
      bytes.set(NO_SECTIONS, 40);
      expect(inspect(bytes).symbols.size).toBe(0);
    }
  });

  test("a big one: this very Node", () => {
    expect(problemOf(() => inspectLibrary(process.execPath, machine))).toMatch(/this is a program/u);
  });

  test.each<[string, readonly string[], string, RegExp]>([
    [
      "an object file",
      ["-c"],
      "int f(void) { return 1; }",
      /^this is an object file \(\.o\), not a shared library/u,
    ],
    ["a program", ["-no-pie"], "int main(void) { return 0; }", /^this is a program, not a shared library/u],
    [
      "a position-independent program",
      ["-pie", "-fPIE"],
      "int main(void) { return 0; }",
      /^this is a program \(a pos/u,
    ],
    ["a static program", ["-static", "-nostdlib", "-no-pie"], "void _start(void) {}", /^this is a program/u],
  ])("%s is refused", (_title, flags, source, expected) => {
    const [input, output] = [join(folder, "other.c"), join(folder, "other.out")];
    writeFileSync(input, source);
    execFileSync("cc", [...flags, "-o", output, input]);
    expect(problemOf(() => inspectLibrary(output, machine))).toMatch(expected);
  });

  test.each<[title: string, at: number, bytes: readonly number[], expected: RegExp]>([
    ["another architecture", 18, [243, 0], /^it is built for riscv64; this machine is /u],
    ["an unknown architecture", 18, [0xfe, 0xff], /^it is built for machine 65534; /u],
    ["32-bit", 4, [1], /^it is built for 32-bit /u],
    ["big-endian", 5, [2], /^it is built for 64-bit big-endian /u],
    ["no word size", 4, [7], /^the ELF header is malformed \(4\)/u],
    ["no byte order", 5, [0], /^the ELF header is malformed \(4\)/u],
    ["a core dump", 16, [4, 0], /^this is a core dump/u],
    ["a type of no known kind", 16, [99, 0], /^this is an ELF file of type 99/u],
    ["no program headers", 56, [0, 0], /^there is no dynamic section/u],
    ["program headers outside", 32, [0, 0, 0, 0x7f], /^the program headers lies? outside the file/u],
    ["program headers too small", 54, [1, 0], /^the program headers are malformed/u],
    ["too many program headers", 56, [0xff, 0xff], /^the program headers are malformed/u],
    ["section headers outside", 40, [0, 0, 0, 0x7f], /^the section headers lies? outside the file/u],
    ["section headers far outside", 47, [0xff], /^the section headers lies? outside the file/u],
    ["section headers too small", 58, [8, 0], /^the section headers are malformed/u],
    ["not ELF", 0, [0x7e], /^this is not a shared library/u],
  ])("%s is refused", (_title, at, bytes, expected) => {
    expect(problemOf(() => inspect(patched(at, bytes)))).toMatch(expected);
  });

  test.each([0, 1, 4, 63, 64, 100, 600])("cut to %i bytes is refused", (length) => {
    expect(problemOf(() => inspect(library.subarray(0, length)))).not.toBe("none");
  });

  test.each([true, false])(
    "seeded faults in headers and tables: facts or a problem (section headers: %s)",
    (whole) => {
      const random = createRandom(42);
      const base = whole ? library : patched(40, NO_SECTIONS);
      const results = new Set<string>();
      for (let round = 0; round < 400; round++) {
        // Headers and symbol tables come first in a file, section headers last.
        const [from, to] =
          whole && round % 2 === 0 ? [library.length - 2000, library.length] : [0, round % 4 < 2 ? 1024 : 64];
        const bytes = Buffer.concat([
          base.subarray(0, from),
          mutate(base.subarray(from, to), random),
          base.subarray(to),
        ]);
        results.add(problemOf(() => inspect(bytes)));
      }
      expect(results.size).toBeGreaterThan(3);
    },
  );
});
