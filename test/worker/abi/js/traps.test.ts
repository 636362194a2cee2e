import { describe, expect, it } from "vitest";
import type { ValueType } from "../../../../src/shared/wit/types.ts";
import { Guest } from "../../../../src/worker/abi/js/guest.ts";
import { HOSTILE, le, MEMORY, WIDE } from "./hostile.ts";
import { func, LABEL, TestInstance, thrownBy } from "./instance.ts";

const u64: ValueType = { kind: "u64" };
const list = (element: ValueType): ValueType => ({ kind: "list", element });
const pair: ValueType = { kind: "tuple", elements: [u64, u64] };

describe.each(HOSTILE)("$what", ({ type, flat, bytes = [], encoding, message }) => {
  const setUp = (): TestInstance => {
    const instance = new TestInstance(encoding);
    instance.put(bytes);
    return instance;
  };

  it("traps as an argument of a host function, before it is called", () => {
    const instance = setUp();
    let calls = 0;
    const core = instance.imported(func([type]), () => (calls += 1));
    const thrown = thrownBy(() => core(...flat));
    expect(thrown).toContain(`TRAP ${LABEL}: p0${message}`);
    expect(calls).toBe(0);
    expect([instance.state.mayLeave, thrownBy(() => core(...flat))]).toEqual([false, thrown]);
  });

  it("traps as an argument for another guest, and kills both", () => {
    const [caller, callee] = [setUp(), new TestInstance()];
    let calls = 0;
    const core = caller.importedFrom(callee, func([type]), () => void (calls += 1));
    expect(thrownBy(() => core(...flat))).toContain(`TRAP ${LABEL}: p0${message}`);
    expect(calls).toBe(0);
    expect([caller.state.mayLeave, callee.state.mayEnter]).toEqual([false, false]);
    expect(callee.state.failure).toBe(caller.state.failure);
  });
});

/** As the result of an export: flat, or a pointer to what is laid out as the flat form is. */
const AS_RESULT = HOSTILE.filter(
  ({ type, flat }) => flat.length === 1 || type.kind === "list" || type.kind === "string",
);

it.each(AS_RESULT)("$what traps as a result", ({ type, flat, bytes = [], encoding, message }) => {
  const instance = new TestInstance(encoding);
  instance.put(bytes);
  instance.put(le(...flat), 1024);
  let posts = 0;
  const call = instance.exported(func([], type), () => (flat.length === 1 ? flat[0] : 1024), {
    postReturn: () => void (posts += 1),
  });
  expect(thrownBy(() => call())).toContain(`TRAP ${LABEL}: result${message}`);
  expect([posts, instance.state.mayEnter, instance.state.mayLeave]).toEqual([0, false, false]);
  expect(thrownBy(() => call())).toBe(`TRAP ${LABEL}: cannot enter component instance`);
});

it("accepts empty lists and strings at the very end of the memory", () => {
  const seen: unknown[] = [];
  const core = new TestInstance().imported(func([list(u64), { kind: "string" }]), (...args: unknown[]) =>
    seen.push(...args),
  );
  core(MEMORY, 0, MEMORY, 0);
  expect(seen).toEqual([[], ""]);
});

it("takes no more than 1 GiB of values in one call, and starts anew with the next", () => {
  const { options } = new TestInstance();
  const guest = new Guest(LABEL, options);
  guest.begin();
  guest.charge(2 ** 30);
  expect(thrownBy(() => guest.charge(1))).toContain("exceed 1 GiB");
  guest.begin();
  expect(thrownBy(() => guest.charge(2 ** 30))).toBe("nothing");
});

it("counts what values take in JavaScript, before they are made", () => {
  const instance = new TestInstance();
  instance.guest.memory.grow(255);
  const core = instance.imported(func([list(WIDE)]), () => undefined);
  expect(thrownBy(() => core(0, 4 * 1024 ** 2))).toContain(
    "p0: the strings and lists of one call exceed 1 GiB",
  );
});

it("makes no array that V8 cannot", () => {
  const instance = new TestInstance();
  instance.guest.memory.grow(1024);
  const core = instance.imported(func([list({ kind: "bool" })]), () => undefined);
  expect(thrownBy(() => core(0, 2 ** 26 + 1))).toContain(
    "p0: a list of 67108865 elements is too long to convert",
  );
});

describe("a block of spilled values", () => {
  const many = Array.from({ length: 17 }, () => u64);
  it.each([
    [4, "parameters: the parameters at 0x4 is not 8-aligned"],
    [MEMORY - 128, "parameters: the parameters at 0xff80 of 136 bytes exceeds"],
    [-8, "parameters: the parameters at 0xfffffff8 of 136 bytes exceeds"],
  ])("of arguments at %i traps", (pointer, message) => {
    const core = new TestInstance().imported(func(many), () => undefined);
    expect(thrownBy(() => core(pointer))).toContain(`TRAP ${LABEL}: ${message}`);
  });

  it.each([
    [4, "result: the result at 0x4 is not 8-aligned"],
    [MEMORY - 8, "result: the result at 0xfff8 of 16 bytes exceeds"],
  ])("for a result at %i traps", (pointer, message) => {
    const core = new TestInstance().imported(func([], pair), () => [1n, 2n]);
    expect(thrownBy(() => core(pointer))).toContain(`TRAP ${LABEL}: ${message}`);
    const call = new TestInstance().exported(func([], pair), () => pointer);
    expect(thrownBy(() => call())).toContain(`TRAP ${LABEL}: ${message}`);
  });
});
