/** A hostile `realloc`: the library was called once, its result is released whole, and the guest traps. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HostbundleError, isHostbundleError } from "../../src/shared/errors.ts";
import type { ValueType } from "../../src/shared/wit/types.ts";
import type { CoreFunction, InstanceState, StringEncoding } from "../../src/worker/abi/types.ts";
import { sameValue } from "../support/arbitrary.ts";
import { bindFor, expectTrap, thrownBy } from "../support/c-source-fixture.ts";
import { buildTestLibrary, type TestLibrary } from "../support/c-source-library.ts";
import { list, t } from "../support/c-source-short.ts";
import { TEST_SPACE, type CFunction } from "../support/c-source.ts";
import { compiler } from "../support/native.ts";
import { callFromGuest, GuestMemory } from "../support/oracle/index.ts";
import { load } from "../support/oracle/load-store.ts";
import { temporaryFolder } from "../support/temporary.ts";

type Realloc = GuestMemory["realloc"];

const END = 65_536;
/** Where the guest wants the result. */
const RETURN_AREA = 64;

const giver = (name: string, type: ValueType, code: string): CFunction => ({
  name,
  type: { params: [], result: type },
  body: { kind: "raw", code },
});

const TEXT = "hé😀";
const UTF8_TEXT = `"${[...new TextEncoder().encode(TEXT)].map((byte) => `\\x${byte.toString(16)}`).join("")}"`;
const giveText = giver(
  "text",
  t("string"),
  `out_.len = 7; out_.ptr = counted_malloc(7); memcpy(out_.ptr, ${UTF8_TEXT}, 7);`,
);
const giveNumbers = giver(
  "numbers",
  list(t("u32")),
  "out_.len = 4; out_.ptr = counted_malloc(16); for (uint32_t i = 0; i < 4; i++) out_.ptr[i] = i * 1000;",
);
const giveTexts = giver(
  "texts",
  list(t("string")),
  `out_.len = 5; out_.ptr = counted_malloc(5 * sizeof *out_.ptr);
  for (int i = 0; i < 5; i++) {
    out_.ptr[i].len = 7; out_.ptr[i].ptr = counted_malloc(7); memcpy(out_.ptr[i].ptr, ${UTF8_TEXT}, 7);
  }`,
);
const plain = giver("plain", t("u32"), "out_ = 1;");
const givers = [giveText, giveNumbers, giveTexts];

interface Garbage {
  readonly name: string;
  /** `call` counts from 1; `honest` is a working allocator. */
  readonly answer: (call: number, align: number, size: number, honest: Realloc) => number;
  readonly one: CFunction;
  readonly encoding?: StringEncoding;
}

const TABLE: readonly Garbage[] = [
  { name: "past the end", one: giveText, answer: () => END },
  { name: "0xffffffff", one: giveText, answer: () => 0xffff_ffff },
  { name: "-1", one: giveNumbers, answer: () => -1 },
  { name: "0x80000000", one: giveText, answer: () => 0x8000_0000 },
  { name: "too close to the end", one: giveText, answer: (_, __, size) => END - size + 1 },
  { name: "too close to the end for a list", one: giveNumbers, answer: (_, __, size) => END - size + 4 },
  { name: "misaligned for u32", one: giveNumbers, answer: () => 1026 },
  { name: "odd for UTF-16", one: giveText, encoding: "utf16", answer: () => 1025 },
  { name: "odd for latin1+utf16", one: giveText, encoding: "latin1+utf16", answer: () => 1025 },
  { name: "misaligned for a list of strings", one: giveTexts, answer: () => 1026 },
  {
    name: "garbage for the third string only",
    one: giveTexts,
    answer: (call, align, size, honest) => (call === 4 ? END : honest(0, 0, align, size)),
  },
  {
    name: "garbage for the last string only",
    one: giveTexts,
    answer: (call, align, size, honest) => (call === 6 ? 0xffff_fff0 : honest(0, 0, align, size)),
  },
];

describe.skipIf(!compiler.available)(`a hostile realloc ${compiler.reason}`, () => {
  const folder = temporaryFolder();
  let library: TestLibrary;
  beforeAll(() => {
    library = buildTestLibrary(folder, "realloc", { space: TEST_SPACE, functions: [...givers, plain] });
  });
  afterAll(() => library.native.close());

  /** Runs the call and checks that the library was called once and everything it gave is released. */
  function callOnce(call: () => unknown): unknown {
    const before = {
      calls: library.count("calls"),
      live: library.count("allocated") - library.count("released"),
    };
    const error = thrownBy(call);
    expect(library.count("calls") - before.calls).toBe(1);
    expect(library.count("allocated") - library.count("released")).toBe(before.live);
    expect(library.count("wild")).toBe(0);
    return error;
  }

  it.each(TABLE)("gives what is $name", ({ one, answer, encoding }) => {
    const guest = new GuestMemory(encoding ?? "utf8");
    let calls = 0;
    const realloc: Realloc = (_ptr, _oldSize, align, size) => {
      calls += 1;
      return answer(calls, align, size, guest.realloc);
    };
    const instance: InstanceState = { mayLeave: true };
    const imported = bindFor(library, one, guest, { realloc, instance });
    const error = callOnce(() => imported(RETURN_AREA));
    expectTrap(error, one);
    expect(calls).toBeGreaterThan(0);
  });

  it.each([
    ["past the end", END],
    ["too close to the end", END - 4],
    ["misaligned", 66],
    ["0xfffffffc", 0xffff_fffc],
  ])("a return area %s", (_, area) => {
    const guest = new GuestMemory("utf8");
    const imported = bindFor(library, giveText, guest);
    const live = library.count("allocated") - library.count("released");
    expectTrap(
      thrownBy(() => imported(area)),
      giveText,
    );
    expect(library.count("allocated") - library.count("released")).toBe(live);
  });

  it("gives address 0, which is an address", () => {
    const guest = new GuestMemory("utf8");
    const imported = bindFor(library, giveText, guest, { realloc: () => 0 });
    expect(callOnce(() => imported(RETURN_AREA))).toBeUndefined();
    expect(load(guest, RETURN_AREA, t("string"))).toBe(TEXT);
  });

  it.each(["utf8", "utf16", "latin1+utf16"] as const)("grows the memory every time, %s", (encoding) => {
    for (const one of givers) {
      const guest = new GuestMemory(encoding);
      const realloc: Realloc = (...args) => {
        guest.memory.grow(1);
        return guest.realloc(...args);
      };
      const returned: unknown[] = [];
      const error = callOnce(() =>
        returned.push(callFromGuest(guest, one.type, bindFor(library, one, guest, { realloc }), [])),
      );
      expect(error).toBeUndefined();
      const expected = {
        text: TEXT,
        numbers: [0, 1000, 2000, 3000],
        texts: Array.from({ length: 5 }, () => TEXT),
      };
      expect(returned[0]).toSatisfy((value: string) =>
        sameValue(value, Object.entries(expected).find(([name]) => name === one.name)?.[1]),
      );
    }
  });

  it.each(givers)("throws: its own error comes out ($name)", (one) => {
    const guest = new GuestMemory("utf8");
    const thrown = new WebAssembly.RuntimeError("unreachable");
    let calls = 0;
    const realloc: Realloc = (...args) => {
      calls += 1;
      if (calls === (one === giveTexts ? 3 : 1)) throw thrown;
      return guest.realloc(...args);
    };
    const imported = bindFor(library, one, guest, { realloc });
    expect(callOnce(() => imported(RETURN_AREA))).toBe(thrown);
  });

  it.each(givers)("calls the import again ($name)", (one) => {
    const guest = new GuestMemory("utf8");
    const again: CoreFunction[] = [];
    const realloc: Realloc = (...args) => {
      for (const imported of again) imported(RETURN_AREA);
      return guest.realloc(...args);
    };
    const imported = bindFor(library, one, guest, { realloc });
    again.push(imported);
    const error = callOnce(() => imported(RETURN_AREA));
    expect(error).toBeInstanceOf(HostbundleError);
    expectTrap(error, one);
  });

  it.each([giveNumbers, plain])("calls another import of the same instance ($name)", (another) => {
    const guest = new GuestMemory("utf8");
    const instance: InstanceState = { mayLeave: true };
    const other = bindFor(library, another, guest, { instance });
    const realloc: Realloc = () => Number(other(RETURN_AREA));
    const imported = bindFor(library, giveText, guest, { realloc, instance });
    const error = callOnce(() => imported(RETURN_AREA));
    expect(error).toBeInstanceOf(HostbundleError);
    expectTrap(error, another);
  });

  it("calls the import again and hides that it trapped: the instance remembers", () => {
    const guest = new GuestMemory("utf8");
    const instance: InstanceState = { mayLeave: true };
    const again: CoreFunction[] = [];
    const realloc: Realloc = (...args) => {
      for (const imported of again) thrownBy(() => imported(RETURN_AREA));
      return guest.realloc(...args);
    };
    const imported = bindFor(library, giveTexts, guest, { realloc, instance });
    again.push(imported);
    expectTrap(
      callOnce(() => imported(RETURN_AREA)),
      giveTexts,
    );
    expect(isHostbundleError(instance.failure) && instance.failure.code).toBe("TRAP");
    const calls = library.count("calls");
    expectTrap(
      thrownBy(() => imported(RETURN_AREA)),
      giveTexts,
    );
    expect(library.count("calls")).toBe(calls);
  });

  it("may leave again after an honest call", () => {
    const guest = new GuestMemory("utf8");
    const instance: InstanceState = { mayLeave: true };
    const imported = bindFor(library, giveTexts, guest, { instance });
    callOnce(() => imported(RETURN_AREA));
    expect(instance).toEqual({ mayLeave: true });
    expect(callOnce(() => imported(RETURN_AREA))).toBeUndefined();
  });
});
