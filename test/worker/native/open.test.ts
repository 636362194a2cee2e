import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { LibraryPlan } from "../../../src/shared/protocol.ts";
import { openLibrary } from "../../../src/worker/native/open.ts";
import { compileLibrary, compiler } from "../../support/native.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { thrownBy } from "../../support/errors.ts";

const SOURCE = `
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
static int32_t state;
static char config[64];
static int *deinits;
int32_t next(void) { return ++state; }
int32_t config_byte(int32_t at) { return config[at]; }
void watch(uintptr_t cell) { deinits = (int *)cell; }
bool hostbundle_init(const char *json, char **error) {
  strncpy(config, json, sizeof(config) - 1);
  if (strstr(json, "fail-silently")) return false;
  if (strstr(json, "fail-long")) { *error = malloc(100000); memset(*error, 'x', 99999); (*error)[99999] = 0; return false; }
  if (strstr(json, "fail")) { *error = strdup("no such\\ntable: \\xff"); return false; }
  return true;
}
void hostbundle_deinit(void) { if (deinits) ++*deinits; }
`;

function planFor(path: string, more: Partial<LibraryPlan> = {}): LibraryPlan {
  return {
    bundle: "kv",
    path,
    declaredIn: "hosts/kv/host.toml:3",
    threadsafe: false,
    hasInit: false,
    hasDeinit: false,
    configJson: "{}",
    ...more,
  };
}

describe.skipIf(!compiler.available)(`opening libraries ${compiler.reason}`, () => {
  let path: string;
  beforeAll(() => {
    path = compileLibrary(temporaryFolder(), "open", SOURCE);
  });

  it("gives a private copy its own globals, and leaves no file behind", () => {
    const before = new Set(readdirSync(tmpdir()));
    const [first, second, shared, again] = [true, true, false, false].map((copy) =>
      openLibrary(planFor(path), { copy }).func("next", "int32_t", []),
    );
    expect([first?.(), first?.(), second?.()]).toEqual([1, 2, 1]);
    expect([shared?.(), again?.()]).toEqual([1, 2]);
    const left = readdirSync(tmpdir()).filter(
      (name) => name.startsWith("hostbundle-lib-") && !before.has(name),
    );
    expect(left).toEqual([]);
  });

  it("resolves a copy's dependencies beside the original", () => {
    const folder = temporaryFolder();
    compileLibrary(folder, "dependency", "int dependency(void) { return 77; }");
    const source = "int dependency(void); int answer(void) { return dependency(); }";
    const flags = ["-L", folder, "-ldependency", "-Wl,-rpath,$ORIGIN"];
    const main = compileLibrary(folder, "main", source, flags);
    expect(openLibrary(planFor(main), { copy: true }).func("answer", "int32_t", [])()).toBe(77);
  });

  it("passes the configuration to hostbundle_init", () => {
    const opened = openLibrary(planFor(path, { hasInit: true, configJson: '{"a":1}' }), { copy: true });
    const byte = opened.func("config_byte", "int32_t", ["int32_t"]);
    expect(Array.from({ length: 8 }, (_, index) => byte(index))).toEqual([...Buffer.from('{"a":1}\0')]);
  });

  it.each([
    ["fail", 'host bundle "kv" failed to initialise: no such table: \u{FFFD}'],
    ["fail-silently", 'host bundle "kv" failed to initialise: it does not say why'],
  ])("reports an initialiser that says %s", (config, message) => {
    const error = thrownBy(() =>
      openLibrary(planFor(path, { hasInit: true, configJson: config }), { copy: true }),
    );
    expect(error).toMatchObject({ code: "HOST_FAULT", message, bundle: "kv" });
  });

  it("bounds the error text", () => {
    const error = thrownBy(() =>
      openLibrary(planFor(path, { hasInit: true, configJson: "fail-long" }), { copy: true }),
    );
    expect(error.message.length).toBeLessThan(5000);
  });

  it("deinitialises once", () => {
    const opened = openLibrary(planFor(path, { hasDeinit: true }), { copy: true });
    const count = new ArrayBuffer(8);
    opened.func("watch", "void", ["uintptr_t"])(opened.memory.addressOf(count));
    opened.close();
    opened.close();
    expect(new Int32Array(count)[0]).toBe(1);
  });

  it("releases with the allocator that the library itself is bound to", () => {
    const own = compileLibrary(
      temporaryFolder(),
      "allocator",
      `#include <stddef.h>
      static char pool[64]; static int freed;
      void *malloc(size_t bytes) { (void)bytes; return pool; }
      void free(void *block) { if (block == pool) freed++; }
      int count(void) { return freed; }`,
      ["-fno-builtin"],
    );
    const opened = openLibrary(planFor(own), { copy: false });
    opened.free(opened.memory.malloc(8));
    expect(opened.func("count", "int32_t", [])()).toBe(1);
  });

  it("names what does not load, and where it was declared", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "lib"));
    const text = join(folder, "lib", "libtext.so");
    writeFileSync(text, "not a library");
    for (const [file, copy] of [
      [text, false],
      [text, true],
      [join(folder, "missing.so"), false],
      [join(folder, "missing.so"), true],
    ] as const) {
      const error = thrownBy(() => openLibrary(planFor(file), { copy }));
      expect(error).toMatchObject({ code: "HOST_FAULT", bundle: "kv" });
      expect(error.message).toMatch(/^cannot load the library of host bundle "kv": ./u);
      expect(error.findings).toEqual([{ message: file, where: { file: "hosts/kv/host.toml:3" } }]);
    }
  });

  it("names a library whose own dependencies are unresolved", () => {
    const broken = compileLibrary(
      temporaryFolder(),
      "unresolved",
      "int nowhere_to_be_found(void); int f(void) { return nowhere_to_be_found(); }",
    );
    const error = thrownBy(() => openLibrary(planFor(broken), { copy: false }));
    expect(error.message).toContain("nowhere_to_be_found");
  });

  it("names a missing symbol, and a missing release function", () => {
    const opened = openLibrary(planFor(path), { copy: false });
    expect(thrownBy(() => opened.func("kv_get", "void", [])).message).toBe(
      'the library of host bundle "kv" lacks the symbol kv_get',
    );
    const error = thrownBy(() => openLibrary(planFor(path, { freeSymbol: "kv_free" }), { copy: false }));
    expect(error.message).toBe('the library of host bundle "kv" lacks the symbol kv_free');
  });
});
