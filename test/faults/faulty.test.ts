/** A faulty library: what it returns is checked, and the error names the bundle and the function (or the file). */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ErrorData, isHostbundleError } from "../../src/shared/errors.ts";
import type { LibraryPlan } from "../../src/shared/protocol.ts";
import { openLibrary } from "../../src/worker/native/open.ts";
import { typeNamer } from "../support/arbitrary.ts";
import { bindFor, expectHostFault, thrownBy } from "../support/c-source-fixture.ts";
import { BUNDLE_NAME, buildTestLibrary, testPlan, type TestLibrary } from "../support/c-source-library.ts";
import { t } from "../support/c-source-short.ts";
import { TEST_SPACE, type CFunction } from "../support/c-source.ts";
import { compiler, compileLibrary } from "../support/native.ts";
import { coreSignature, GuestMemory } from "../support/oracle/index.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { FAULTY_RESULTS } from "./faulty-cases.ts";

const named = typeNamer();
const ROWS = FAULTY_RESULTS.map((row, index) => ({
  name: row.name,
  row,
  giver: {
    name: `give-${index}`,
    type: { params: [], result: named(row.type) },
    body: { kind: "raw", code: row.code },
  } satisfies CFunction,
}));

const answer: CFunction = {
  name: "answer",
  type: { params: [], result: t("u32") },
  body: { kind: "raw", code: "out_ = 42;" },
};

/** `hostbundle_init` that leaves `*error` and says no. */
const failingInit = (setError: string): string => `
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
bool hostbundle_init(const char *config, char **error) {
  (void)config;
  ${setError}
  return false;
}
void counted_free(void *ptr) { free(ptr); }
`;

describe.skipIf(!compiler.available)(`a faulty library ${compiler.reason}`, () => {
  const folder = temporaryFolder();
  let library: TestLibrary;
  beforeAll(() => {
    const functions = [...ROWS.map((row) => row.giver), answer];
    library = buildTestLibrary(folder, "faulty", { space: TEST_SPACE, functions });
  });
  afterAll(() => library.native.close());

  describe.each(["utf8", "utf16", "latin1+utf16"] as const)("for a guest with %s", (encoding) => {
    it.each(ROWS)("$name", ({ row, giver }) => {
      const guest = new GuestMemory(encoding);
      const imported = bindFor(library, giver, guest);
      const before = {
        live: library.count("allocated") - library.count("released"),
        wild: library.count("wild"),
      };
      const error = thrownBy(() => (coreSignature(giver.type).spilledResult ? imported(64) : imported()));
      expect(isHostbundleError(error)).toBe(true);
      expectHostFault(error, giver);
      expect(library.count("wild")).toBe(before.wild);
      const kept = library.count("allocated") - library.count("released") - before.live;
      expect(row.unknowable === true ? 0 : kept).toBe(0);
    });
  });

  it("says what was wrong and where in the value", () => {
    const row = ROWS.find((one) => one.name === "bad UTF-8 deep inside");
    const error = row && thrownBy(() => bindFor(library, row.giver, new GuestMemory("utf8"))(64));
    expect(isHostbundleError(error) && error.message).toMatch(/\[1\]\[0\].*name.*UTF-8/i);
  });

  it("serves a guest after another one's call failed", () => {
    const bad = ROWS[0];
    expect(bad && thrownBy(() => bindFor(library, bad.giver, new GuestMemory("utf8"))(64))).toBeDefined();
    expect(bindFor(library, answer, new GuestMemory("utf8"))()).toBe(42);
  });

  it("lacks the symbol of a function", () => {
    const missing = { ...answer, name: "not-there" };
    const error = thrownBy(() => bindFor(library, missing, new GuestMemory("utf8")));
    expect(isHostbundleError(error) && error.toData()).toMatchObject({
      code: "HOST_FAULT",
      bundle: BUNDLE_NAME,
      message: expect.stringContaining("test_echo_types_not_there"),
    });
  });

  it("lacks the symbol that releases memory", () => {
    const error = thrownBy(() =>
      openLibrary(testPlan(library.path, { freeSymbol: "no_free" }), { copy: false }),
    );
    expect(isHostbundleError(error) && error.toData()).toMatchObject({
      code: "HOST_FAULT",
      bundle: BUNDLE_NAME,
      message: expect.stringContaining("no_free"),
    });
  });

  const INITS: readonly (readonly [name: string, code: string, message: string])[] = [
    ["with a message", '*error = strdup("no database at /data");', "no database at /data"],
    ["with a message of several lines", '*error = strdup("first\\nsecond\\x1b[31m");', "first second"],
    ["with a message that is no UTF-8", '*error = strdup("caf\\xe9!");', "caf"],
    [
      "with an endless message",
      "*error = malloc(100000); memset(*error, 'x', 99999); (*error)[99999] = 0;",
      "xxxx",
    ],
    ["with an empty message", '*error = strdup("");', "failed to initialise"],
    ["without a message", "*error = NULL;", "failed to initialise"],
    ["without touching the message", "(void)error;", "failed to initialise"],
  ];
  it.each(INITS.map(([name, code, message], index) => ({ name, code, message, index })))(
    "fails to initialise $name",
    ({ code, message, index }) => {
      const path = compileLibrary(folder, `init${index}`, failingInit(code));
      const error = thrownBy(() => openLibrary(testPlan(path, { hasInit: true }), { copy: false }));
      expect(isHostbundleError(error) && error.toData()).toMatchObject({
        code: "HOST_FAULT",
        bundle: BUNDLE_NAME,
        message: expect.stringContaining(message),
      });
      expect(isHostbundleError(error) && error.message).toContain(BUNDLE_NAME);
      expect(isHostbundleError(error) && error.message).toMatch(/^[\P{Cc}]{1,5000}$/u);
    },
  );

  it("gets its configuration as it was written", () => {
    const config = `{"path":"a/b","note":"h\u00e9 \\"x\\"","n":[1,2]}`;
    const path = compileLibrary(folder, "config", failingInit("*error = strdup(config);"));
    const error = thrownBy(() =>
      openLibrary(testPlan(path, { hasInit: true, configJson: config }), { copy: false }),
    );
    expect(isHostbundleError(error) && error.message).toContain(config);
  });

  describe.each([false, true])("opened as a copy: %s", (copy) => {
    const files: readonly (readonly [name: string, content: Uint8Array | undefined])[] = [
      ["absent", undefined],
      ["empty", new Uint8Array()],
      ["text", Buffer.from("not a library\n")],
      ["elf-header-only", Buffer.from("\x7fELF\x02\x01\x01")],
      ["garbage-elf", Buffer.concat([Buffer.from("\x7fELF\x02\x01\x01"), Buffer.alloc(4096, 0xa5)])],
    ];
    it.each(files)("is no library: %s", (name, content) => {
      const path = join(folder, `lib${name}-${copy}.so`);
      if (content !== undefined) writeFileSync(path, content);
      expect(faultOfOpening(testPlan(path), copy)).toMatchObject(namesBundleAndFile(path));
    });

    it("is no library: a directory", () => {
      const path = join(folder, `libfolder-${copy}.so`);
      mkdirSync(path);
      expect(faultOfOpening(testPlan(path), copy)).toMatchObject(namesBundleAndFile(path));
    });
  });
});

function faultOfOpening(plan: LibraryPlan, copy: boolean): ErrorData | undefined {
  const error = thrownBy(() => openLibrary(plan, { copy }));
  return isHostbundleError(error) ? error.toData() : undefined;
}

function namesBundleAndFile(path: string): Partial<ErrorData> {
  return { code: "HOST_FAULT", bundle: BUNDLE_NAME, findings: [expect.objectContaining({ message: path })] };
}
