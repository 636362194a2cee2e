/**
 * Nothing leaks: over many calls every native allocation is released exactly once (a counting allocator says
 * so), and the process does not grow. The long version of this is `bench/soak.mjs`.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Value } from "../../src/shared/value/types.ts";
import type { FuncType } from "../../src/shared/wit/types.ts";
import type { CoreFunction, InstanceState } from "../../src/worker/abi/types.ts";
import { echoType, sameValue, typeNamer } from "../support/arbitrary.ts";
import { bindFor, expectTrap, thrownBy } from "../support/c-source-fixture.ts";
import { buildTestLibrary, type TestLibrary } from "../support/c-source-library.ts";
import { list, option, record, t } from "../support/c-source-short.ts";
import { TEST_SPACE, type CFunction } from "../support/c-source.ts";
import { compiler } from "../support/native.ts";
import { item } from "../support/oracle/despecialize.ts";
import { type CoreValue, lowerFlat } from "../support/oracle/flat.ts";
import { alignment, elemSize } from "../support/oracle/layout.ts";
import { load } from "../support/oracle/load-store.ts";
import { coreSignature, GuestMemory } from "../support/oracle/index.ts";
import { temporaryFolder } from "../support/temporary.ts";

const WARM_UP = 300;
/** Room for the garbage collector; one forgotten block a call would be 80 MB at least. */
const GROWTH_LIMIT_BYTES = 48 * 1024 * 1024;
const LONG = 16 * 1024;

const named = typeNamer();
const string = t("string");
const mixed = named(record({ text: string, bytes: list(t("u8")), names: list(option(string)) }));

const echo: CFunction = { name: "echo", type: echoType([mixed]), body: { kind: "echo" } };
const owning: CFunction = { ...echo, name: "owning", convention: "export" };
/** The second argument is checked after the first was copied for the callee. */
const twoStrings: FuncType = {
  params: [
    { name: "good", type: string },
    { name: "bad", type: t("char") },
  ],
};
const refused: CFunction = {
  name: "refused",
  type: twoStrings,
  body: { kind: "raw", code: "" },
  convention: "export",
};

const VALUE: Value = {
  text: "é".repeat(LONG),
  bytes: new Uint8Array(LONG).fill(7),
  names: ["x".repeat(LONG), null, "", "short"],
};
/** Blocks behind `VALUE`: text, bytes, the list of names and its two strings that are not empty. */
const BLOCKS = 5;

/** Grown resident memory over so many calls, after a warm-up. */
function growthBytes(calls: number, call: () => void): number {
  for (let index = 0; index < WARM_UP; index += 1) call();
  const before = process.memoryUsage.rss();
  for (let index = 0; index < calls; index += 1) call();
  return process.memoryUsage.rss() - before;
}

/** Calls the import again and again with one set of arguments, reusing the guest's memory. */
function repeated(
  guest: GuestMemory,
  one: CFunction,
  bind: (realloc: GuestMemory["realloc"]) => CoreFunction,
) {
  const type = item(one.type.params, 0).type;
  const args: readonly CoreValue[] = lowerFlat(guest, VALUE, type);
  const area = guest.realloc(0, 0, alignment(type), elemSize(type));
  const start = guest.realloc(0, 0, 8, 0);
  let next = start;
  const imported = bind((_ptr, _oldSize, align, size) => {
    const at = Math.ceil(next / align) * align;
    next = at + size;
    return at;
  });
  return {
    call(): void {
      next = start;
      imported(...args, area);
    },
    returned: (): Value => load(guest, area, type),
  };
}

describe.skipIf(!compiler.available)(`many calls ${compiler.reason}`, () => {
  const folder = temporaryFolder();
  let library: TestLibrary;
  beforeAll(() => {
    library = buildTestLibrary(folder, "leaks", { space: TEST_SPACE, functions: [echo, owning, refused] });
  });
  afterAll(() => library.native.close());

  it.each([
    { title: "utf8, borrowed arguments", encoding: "utf8", one: echo, calls: 10_000 },
    { title: "utf8, owned arguments", encoding: "utf8", one: owning, calls: 10_000 },
    { title: "utf16, borrowed arguments", encoding: "utf16", one: echo, calls: 500 },
    { title: "latin1+utf16, owned arguments", encoding: "latin1+utf16", one: owning, calls: 500 },
  ] as const)("$title: strings and lists both ways", ({ encoding, one, calls }) => {
    expect(coreSignature(one.type)).toMatchObject({ spilledParams: false, spilledResult: true });
    const guest = new GuestMemory(encoding, 16);
    const run = repeated(guest, one, (realloc) => bindFor(library, one, guest, { realloc }));
    const before = {
      allocated: library.count("allocated"),
      released: library.count("released"),
      argumentsFreed: library.count("argumentsFreed"),
    };
    expect(growthBytes(calls, () => run.call())).toBeLessThan(GROWTH_LIMIT_BYTES);
    const blocks = BLOCKS * (calls + WARM_UP);
    expect(sameValue(run.returned(), VALUE)).toBe(true);
    expect(library.count("allocated") - before.allocated).toBe(blocks);
    expect(library.count("released") - before.released).toBe(blocks);
    expect(library.count("wild")).toBe(0);
    expect(library.count("argumentsFreed") - before.argumentsFreed).toBe(one === owning ? blocks : 0);
  });

  it("takes back the copies made for a callee that is not called after all", () => {
    const guest = new GuestMemory("utf8");
    const instance: InstanceState = { mayLeave: true };
    const imported = bindFor(library, refused, guest, { instance });
    const call = (): unknown => {
      // A trap ends its instance; here the next call stands for one of a fresh instance.
      instance.mayLeave = true;
      delete instance.failure;
      return thrownBy(() => imported(0, LONG, 0xd800));
    };
    expectTrap(call(), refused);
    const calls = library.count("calls");
    expect(growthBytes(10_000, call)).toBeLessThan(GROWTH_LIMIT_BYTES);
    expectTrap(call(), refused);
    expect(library.count("calls")).toBe(calls);
  });

  it("takes back the result when the guest's realloc throws half-way", () => {
    const guest = new GuestMemory("utf8", 16);
    let calls = 0;
    const run = repeated(guest, echo, (realloc) =>
      bindFor(library, echo, guest, {
        realloc: (...args) => {
          calls += 1;
          if (calls % 4 === 0) throw new WebAssembly.RuntimeError("unreachable");
          return realloc(...args);
        },
      }),
    );
    const live = library.count("allocated") - library.count("released");
    expect(thrownBy(() => run.call())).toBeInstanceOf(WebAssembly.RuntimeError);
    expect(library.count("allocated") - library.count("released")).toBe(live);
  });
});
