import { describe, expect, it } from "vitest";
import type { ValueType } from "../../../../src/shared/wit/types.ts";
import { compileExport } from "../../../../src/worker/abi/js/compile-export.ts";
import { compileGuestCall } from "../../../../src/worker/abi/js/compile-guest-call.ts";
import type { CoreFunction } from "../../../../src/worker/abi/types.ts";
import { le, MEMORY } from "./hostile.ts";
import { func, LABEL, resourceIndex, TestInstance, thrownBy } from "./instance.ts";

const u32: ValueType = { kind: "u32" };
const text: ValueType = { kind: "string" };
const list = (element: ValueType): ValueType => ({ kind: "list", element });
const tuple = (...elements: ValueType[]): ValueType => ({ kind: "tuple", elements });
const AT = TestInstance.scratch;

const nothing: CoreFunction = () => undefined;

const throws: CoreFunction = () => {
  throw new WebAssembly.Exception(new WebAssembly.Tag({ parameters: [] }), []);
};

it("a case leaves nothing of the one before in the flat values that it does not use", () => {
  const u64: ValueType = { kind: "u64" };
  const type: ValueType = {
    kind: "variant",
    cases: [
      { name: "wide", type: tuple(u64, u64) },
      { name: "single", type: { kind: "f32" } },
      { name: "word", type: u32 },
      { name: "text", type: text },
      { name: "nothing" },
    ],
  };
  const instance = new TestInstance();
  instance.realloc = () => AT;
  const seen: unknown[] = [];
  const call = instance.exported(func([type, type]), (...flat) => void seen.push(flat));
  const all = 2n ** 64n - 1n;
  const wide = { wide: [all, all] };
  call(wide, wide);
  for (const value of [{ single: 1.5 }, { word: 0xffff_ffff }, { text: "abc" }, "nothing"]) call(value, wide);
  const rest = [0, -1n, -1n];
  expect(seen).toEqual([
    [0, -1n, -1n, ...rest],
    [1, 0x3fc0_0000n, 0n, ...rest],
    [2, 0xffff_ffffn, 0n, ...rest],
    [3, BigInt(AT), 3n, ...rest],
    [4, 0n, 0n, ...rest],
  ]);
});

describe("realloc", () => {
  const listed = func([list(u32)]);

  it.each<[string, number, string]>([
    ["a misaligned pointer", 2, "p0: realloc gave 0x2, which is not 4-aligned"],
    [
      "a pointer too near the end",
      MEMORY - 4,
      "p0: realloc gave 8 bytes at 0xfffc, beyond the memory's 65536",
    ],
    ["a negative pointer", -8, "p0: realloc gave 8 bytes at 0xfffffff8, beyond the memory's 65536"],
    ["no integer at all", Number.NaN, "nothing"],
  ])("that gives %s", (_, pointer, message) => {
    const instance = new TestInstance();
    instance.realloc = () => pointer;
    const thrown = thrownBy(() => instance.exported(listed, nothing)([1, 2]));
    expect(thrown).toContain(message);
    expect(instance.state.mayEnter).toBe(message === "nothing");
  });

  it("is checked for strings in each encoding", () => {
    for (const [encoding, value] of [
      ["utf8", "abc"],
      ["utf8", "ä".repeat(99)],
      ["utf16", "abc"],
      ["latin1+utf16", "abc"],
      ["latin1+utf16", "€€€"],
    ] as const) {
      const instance = new TestInstance(encoding);
      instance.realloc = () => MEMORY - 2;
      expect(thrownBy(() => instance.exported(func([text]), nothing)(value))).toContain(
        "beyond the memory's 65536",
      );
    }
  });

  it("that calls out traps, though the guest catches what it got", () => {
    const instance = new TestInstance();
    let calls = 0;
    const out = instance.imported(func([]), () => void (calls += 1));
    instance.realloc = () => {
      expect(thrownBy(() => out())).toBe(
        `TRAP ${LABEL}: the guest called an import from inside its own realloc or post-return`,
      );
      return 8;
    };
    expect(thrownBy(() => instance.exported(listed, nothing)([1]))).toContain("from inside its own realloc");
    expect([calls, instance.state.mayEnter, instance.state.mayLeave]).toEqual([0, false, false]);
  });

  it("that throws ends the call with what it threw", () => {
    const instance = new TestInstance();
    const error = new RangeError("out of stack");
    instance.realloc = () => {
      throw error;
    };
    expect(thrownBy(() => instance.exported(listed, nothing)([1]))).toBe("RangeError out of stack");
    expect(instance.state.failure).toBe(error);
  });

  it("may move the memory while a value is stored", () => {
    const instance = new TestInstance();
    const type = func([], list(tuple(text, text)));
    instance.realloc = (...args) => {
      instance.guest.memory.grow(1);
      return instance.guest.realloc(...args);
    };
    instance.imported(type, () => [
      ["one", "two"],
      ["three", "four"],
    ])(AT);
    const { view, bytes } = instance.guest;
    const at = view.getUint32(AT, true);
    const words = [0, 8, 16, 24].map((offset) => {
      const pointer = view.getUint32(at + offset, true);
      return Buffer.from(bytes.slice(pointer, pointer + view.getUint32(at + offset + 4, true))).toString();
    });
    expect([view.getUint32(AT + 4, true), ...words]).toEqual([2, "one", "two", "three", "four"]);
  });
});

describe("entering and leaving", () => {
  it("an instance cannot be entered while it runs, from the host or from a guest", () => {
    const instance = new TestInstance();
    const other = new TestInstance();
    const seen: string[] = [];
    const inner = instance.exported(func([]), () => undefined);
    const fromOther = other.importedFrom(instance, func([]), () => undefined);
    const outer = instance.exported(func([]), () => {
      seen.push(
        thrownBy(() => inner()),
        thrownBy(() => fromOther()),
      );
    });
    outer();
    const refusal = `TRAP ${LABEL}: cannot enter component instance`;
    expect(seen).toEqual([refusal, refusal]);
    expect([other.state.mayLeave, thrownBy(() => fromOther())]).toEqual([false, refusal]);
    expect(thrownBy(() => inner())).toBe("nothing");
  });

  it("all instances that a call enters must be free, and are free again afterwards", () => {
    const [child, parent, caller] = [new TestInstance(), new TestInstance(), new TestInstance()];
    const seen: boolean[] = [];
    const lifted = {
      ...child.lifted(() => void seen.push(child.state.mayEnter, parent.state.mayEnter)),
      entered: [child.state, parent.state],
    };
    const call = compileExport({ label: LABEL, type: func([]), style: "value", resourceIndex }).bind(lifted);
    call();
    expect([...seen, child.state.mayEnter, parent.state.mayEnter]).toEqual([false, false, true, true]);
    parent.state.mayEnter = false;
    expect(thrownBy(() => call())).toContain("cannot enter component instance");
    expect(child.state.mayEnter).toBe(true);
    expect(caller.state.mayLeave).toBe(true);
  });

  it("post-return gets the flat result and must not call out", () => {
    const instance = new TestInstance();
    const seen: unknown[] = [];
    const out = instance.imported(func([]), () => undefined);
    const call = instance.exported(func([], u32), () => 42, {
      postReturn: (...flat) => {
        seen.push(...flat, instance.state.mayLeave);
      },
    });
    expect([call(), ...seen]).toEqual([42, 42, false]);
    const bad = instance.exported(func([], u32), () => 42, { postReturn: () => void thrownBy(() => out()) });
    expect(thrownBy(() => bad())).toContain("from inside its own realloc or post-return");
    expect([instance.state.mayEnter, instance.state.mayLeave]).toEqual([false, false]);
  });

  it("post-return of a callee comes after the caller has its result", () => {
    const [caller, callee] = [new TestInstance(), new TestInstance()];
    const order: string[] = [];
    caller.realloc = (...args) => {
      order.push("realloc of the caller");
      return caller.guest.realloc(...args);
    };
    callee.put(le(0, 0));
    const core = caller.importedFrom(
      callee,
      func([], text),
      () => AT,
      () => void order.push("post-return"),
    );
    core(AT);
    expect(order).toEqual(["realloc of the caller", "post-return"]);
  });

  it("a guest that catches what ended a call gets no further", () => {
    const instance = new TestInstance();
    const error = new Error("the disk is full");
    let calls = 0;
    const fails = instance.imported(func([]), () => {
      calls += 1;
      throw error;
    });
    const call = instance.exported(func([], u32), () => {
      thrownBy(() => fails());
      expect(thrownBy(() => fails())).toBe("Error the disk is full");
      return 1;
    });
    expect(thrownBy(() => call())).toBe("Error the disk is full");
    expect([calls, instance.state.failure, instance.state.mayEnter]).toEqual([1, error, false]);
  });

  it("a failure in a callee is the caller's as well, whatever either makes of it", () => {
    const [caller, callee] = [new TestInstance(), new TestInstance()];
    const error = new WebAssembly.RuntimeError("unreachable");
    const fails = caller.importedFrom(callee, func([]), () => {
      throw error;
    });
    const call = caller.exported(func([]), () => void thrownBy(() => fails()));
    expect(thrownBy(() => call())).toBe("RuntimeError unreachable");
    expect([caller.state.failure, callee.state.failure]).toEqual([error, error]);
  });

  it("a callee that the caller is inside of dies with it, though it is not entered anew", () => {
    const [child, parent] = [new TestInstance(), new TestInstance()];
    const lifted = { ...parent.lifted(throws), entered: [] };
    const call = compileGuestCall({ label: LABEL, type: func([]), resourceIndex }).bind(
      child.options,
      lifted,
    );
    expect(thrownBy(() => call())).toBe(`TRAP ${LABEL}: the guest threw an exception`);
    expect([parent.state.mayLeave, parent.state.failure === child.state.failure]).toEqual([false, true]);
  });

  it("an exception of WebAssembly does not cross into another component", () => {
    const [caller, callee] = [new TestInstance(), new TestInstance()];
    const message = `TRAP ${LABEL}: the guest threw an exception`;
    expect(thrownBy(() => caller.importedFrom(callee, func([]), throws)())).toBe(message);
    expect(thrownBy(() => new TestInstance().exported(func([]), throws)())).toBe(message);
  });

  it("a guest without memory where one is needed is our mistake", () => {
    const { state } = new TestInstance();
    const options = { instance: state, encoding: "utf8" } as const;
    const call = compileExport({ label: LABEL, type: func([text]), style: "value", resourceIndex }).bind({
      options,
      core: () => undefined,
      entered: [state],
    });
    expect(thrownBy(() => call("x"))).toBe(`INTERNAL ${LABEL}: bound without the guest's memory`);
  });
});
