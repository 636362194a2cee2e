import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { routineFor } from "../../../src/worker/native/machine-code.ts";
import { compileLibrary, compiler } from "../../support/native.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { open } from "../abi/guest.ts";

describe("the routine", () => {
  it.each([
    ["darwin", "arm64"],
    ["darwin", "x64"],
    ["win32", "x64"],
    ["linux", "ia32"],
    ["linux", "riscv64"],
  ])("is not offered on %s %s", (platform, architecture) => {
    expect(routineFor(platform, architecture)).toBeUndefined();
  });

  it.each(["x64", "arm64"])("of %s ends where the addresses begin, 8-aligned", (architecture) => {
    const routine = routineFor("linux", architecture);
    expect(routine?.code.length).toBe(routine?.functionsAt);
    expect((routine?.functionsAt ?? 1) % 8).toBe(0);
    expect(routine?.code.every((byte) => byte >= 0 && byte <= 255)).toBe(true);
  });
});

/** How many mappings of this process are writable and executable. */
function openPages(): number {
  const lines = readFileSync("/proc/self/maps", "utf8").split("\n");
  return lines.filter((line) => line.includes(" rwx")).length;
}

const isSupported = routineFor(process.platform, process.arch) !== undefined;
describe.skipIf(!compiler.available || !isSupported)(`a library's routine ${compiler.reason}`, () => {
  let path: string;
  beforeAll(() => {
    path = compileLibrary(temporaryFolder(), "settle", "int f(void) { return 1; }");
  });

  it("is switched off by the environment", () => {
    vi.stubEnv("HOSTBUNDLE_NATIVE_LOOPS", "off");
    expect(open(path).settle).toBeUndefined();
    vi.unstubAllEnvs();
    expect(open(path).settle).toBeTypeOf("function");
  });

  it("lies in no page that is writable and executable at once", () => {
    const before = openPages();
    expect(open(path).settle).toBeTypeOf("function");
    expect(openPages()).toBeLessThanOrEqual(before);
  });
});
