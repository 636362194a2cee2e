import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import type { ValueType } from "../../../../src/shared/wit/types.ts";
import type { ValueStyle } from "../../../../src/worker/abi/js/types.ts";
import type { Resource } from "../../../../src/worker/linker/resource.ts";
import { func, handle, LABEL, TestInstance, thrownBy } from "./instance.ts";

const primitive = (
  kind:
    | "bool"
    | "u8"
    | "s8"
    | "u16"
    | "s16"
    | "u32"
    | "s32"
    | "u64"
    | "s64"
    | "f32"
    | "f64"
    | "char"
    | "string",
): ValueType => ({ kind });
const u8 = primitive("u8");
const u32 = primitive("u32");
const text = primitive("string");
const list = (element: ValueType): ValueType => ({ kind: "list", element });
const option = (element: ValueType): ValueType => ({ kind: "option", element });
const record: ValueType = {
  kind: "record",
  fields: [
    { name: "first-one", type: u8 },
    { name: "b", type: text },
  ],
};
const flags: ValueType = { kind: "flags", labels: ["read-only", "b"] };
const colour: ValueType = { kind: "enum", labels: ["red", "constructor"] };
const variant: ValueType = { kind: "variant", cases: [{ name: "none" }, { name: "some-u8", type: u8 }] };
const pair: ValueType = { kind: "tuple", elements: [u8, u8] };
const row: ValueType = { kind: "fixed-list", element: u8, length: 2 };
const result: ValueType = { kind: "result", ok: u8, err: text };

const MISFITS: readonly [ValueStyle, ValueType, unknown, string][] = [
  ["value", primitive("bool"), 1, ": expected a bool, got 1"],
  ["value", u8, 256, ": expected a u8, got 256"],
  ["value", u8, -1, ": expected a u8, got -1"],
  ["value", u8, 1.5, ": expected a u8, got 1.5"],
  ["value", u8, "1", ': expected a u8, got "1"'],
  ["value", u8, Number.NaN, ": expected a u8, got NaN"],
  ["value", primitive("s8"), 128, ": expected an s8, got 128"],
  ["value", primitive("u16"), 65_536, ": expected a u16, got 65536"],
  ["value", primitive("s16"), -32_769, ": expected an s16, got -32769"],
  ["value", u32, -1, ": expected a u32, got -1"],
  ["value", u32, 2 ** 32, ": expected a u32, got 4294967296"],
  ["value", primitive("s32"), 2 ** 31, ": expected an s32, got 2147483648"],
  ["value", primitive("u64"), -1n, ": expected a u64, got a bigint"],
  ["value", primitive("u64"), 1, ": expected a u64, got 1"],
  ["value", primitive("s64"), 2n ** 63n, ": expected an s64, got a bigint"],
  ["value", primitive("f32"), 1n, ": expected an f32, got a bigint"],
  ["value", primitive("f64"), undefined, ": expected an f64, got undefined"],
  ["value", primitive("char"), "ab", ': expected a char, got "ab"'],
  ["value", primitive("char"), "", ': expected a char, got ""'],
  ["value", primitive("char"), "\ud800", ": expected a char, got "],
  ["value", primitive("char"), 65, ": expected a char, got 65"],
  ["value", text, 5, ": expected a string, got 5"],
  ["value", text, "a\ud800", ": expected a well-formed string"],
  ["value", text, `${"x".repeat(100)}\udc00`, ": expected a well-formed string"],
  ["value", colour, "blue", ': expected a label of the enum, got "blue"'],
  ["value", colour, 0, ": expected a label of the enum, got 0"],
  ["value", flags, ["blue"], ': expected a label of the flags, got "blue"'],
  ["value", flags, "b", ': expected an array of flags, got "b"'],
  ["value", list(u32), "12", ': expected an array, got "12"'],
  ["value", list(u32), { length: 1 }, ": expected an array, got an object"],
  ["value", list(u32), [1, -2], "[1]: expected a u32, got -2"],
  ["value", list(u8), [1, 256], "[1]: expected a u8, got 256"],
  ["value", list(u8), Uint16Array.of(1, 256), "[1]: expected a u8, got 256"],
  ["value", list(pair), [[1, 2], [3]], "[1]: expected an array of 2, got an array"],
  ["value", pair, [1], ": expected an array of 2, got an array"],
  ["value", row, [1, 2, 3], ": expected an array of 2, got an array"],
  ["value", row, [1, -1], "[1]: expected a u8, got -1"],
  ["value", record, null, ": expected an object, got null"],
  ["value", record, { "first-one": 1 }, ".b: expected a string, got undefined"],
  ["value", list(record), [{ "first-one": 300, b: "" }], "[0].first-one: expected a u8, got 300"],
  ["value", variant, "some-u8", ': expected one of its cases, got "some-u8"'],
  ["value", variant, { none: null }, ': expected one of its cases, got "none"'],
  ["value", variant, {}, ": expected one of its cases, got undefined"],
  ["value", variant, { "some-u8": 256 }, "::some-u8: expected a u8, got 256"],
  ["value", option(option(u8)), 5, "::some: expected an object, got 5"],
  ["value", result, { ok: 256 }, "::ok: expected a u8, got 256"],
  ["value", result, { good: 1 }, ': expected one of its cases, got "good"'],
  ["js", record, { "first-one": 1, b: "" }, ".first-one: expected a u8, got undefined"],
  ["js", flags, { readOnly: 1 }, ": expected a boolean for the flag readOnly, got 1"],
  ["js", flags, [], "nothing"],
  ["js", variant, { tag: "some" }, ': expected the tag of one of its cases, got "some"'],
  ["js", variant, { tag: "some-u8", val: 300 }, "::some-u8: expected a u8, got 300"],
  ["js", variant, undefined, ": expected an object, got undefined"],
  ["js", list(result), [{ tag: "ok", val: "" }], '[0]::ok: expected a u8, got ""'],
  ["js", result, 256, "::ok: expected a u8, got 256"],
  ["js", option(u8), "", '::some: expected a u8, got ""'],
  ["js", list(u32), Float32Array.of(1.5), "[0]: expected a u32, got 1.5"],
  ["js", list(primitive("u64")), [1], "[0]: expected a u64, got 1"],
];

/** Not in the table: whoever prints one of these reads its length. */
const LIARS: readonly [string, () => unknown, string][] = [
  ["an array that grows", () => growing(), "[1]: expected a u32, got undefined"],
  ["a huge length", () => withLength(2 ** 40), ": expected a list that fits a memory"],
  ["a negative length", () => withLength(-1), ": expected a list that fits a memory"],
  ["a length that is no number", () => withLength("2"), ": expected a list that fits a memory"],
];

/** Says one length first and another later; has less than either. */
function growing(): unknown {
  let asked = 0;
  const get = (target: readonly unknown[], key: string | symbol): unknown => {
    if (key !== "length") return Reflect.get(target, key);
    asked += 1;
    return asked === 1 ? 2 : 2 ** 20;
  };
  return new Proxy([7], { get });
}

function withLength(length: unknown): unknown {
  return new Proxy([], { get: (_, key) => (key === "length" ? length : 1) });
}

describe("what the host gives", () => {
  it.each(LIARS)("%s is not believed", (_, lie, message) => {
    const guest = new TestInstance();
    const core = guest.imported(func([], list(u32)), () => lie());
    expect(thrownBy(() => core(TestInstance.scratch))).toContain(`INTERNAL ${LABEL}: result${message}`);
  });

  it.each(MISFITS)("style %s, %o: %o", (style, type, value, message) => {
    const at = message === "nothing" ? message : `INTERNAL ${LABEL}: `;
    const guest = new TestInstance();
    const core = guest.imported(func([], type), () => value, { style });
    const asResult = thrownBy(() => core(TestInstance.scratch));
    expect(asResult).toContain(message === "nothing" ? message : `${at}result${message}`);
    expect(guest.state.mayLeave).toBe(message === "nothing");

    const callee = new TestInstance();
    let calls = 0;
    const call = callee.exported(func([type]), () => void (calls += 1), { style });
    // An argument that is a result has no short form.
    const given = style === "js" && type === result ? { tag: "ok", val: value } : value;
    expect(thrownBy(() => call(given))).toContain(message === "nothing" ? message : `${at}p0${message}`);
    expect(calls).toBe(message === "nothing" ? 1 : 0);
  });

  it("a typed array that misstates its length writes no more than it has", () => {
    class Long extends Uint8Array {
      override get length(): number {
        return 1000;
      }
      override get byteLength(): number {
        return 1000;
      }
    }
    const guest = new TestInstance();
    const sizes: number[] = [];
    guest.realloc = (...args) => {
      sizes.push(args[3]);
      return guest.guest.realloc(...args);
    };
    guest.imported(func([], list(u8)), () => Long.of(1, 2, 3))(TestInstance.scratch);
    expect([sizes, guest.guest.view.getUint32(TestInstance.scratch + 4, true)]).toEqual([[3], 3]);
  });

  it("a view of the guest's own memory survives that the memory moves", () => {
    const guest = new TestInstance();
    guest.realloc = (...args) => {
      guest.guest.memory.grow(1);
      return guest.guest.realloc(...args);
    };
    const core = guest.imported(func([], list(u8)), () => new Uint8Array(guest.guest.memory.buffer, 0, 16));
    expect(thrownBy(() => core(TestInstance.scratch))).toContain(`INTERNAL ${LABEL}: result: `);
  });

  it("every class of typed array and its plain form store the same", () => {
    const cases: [ValueType, ArrayLike<unknown>][] = [
      [list(u8), Uint8Array.of(1, 255)],
      [list(u8), Buffer.from([1, 255])],
      [list(u8), Uint8ClampedArray.of(1, 255)],
      [list(primitive("s8")), Int8Array.of(-1, 127)],
      [list(primitive("u16")), Uint16Array.of(1, 65_535)],
      [list(primitive("s16")), Int16Array.of(-1, 5)],
      [list(u32), Uint32Array.of(1, 2 ** 32 - 1)],
      [list(primitive("s32")), Int32Array.of(-1, 7)],
      [list(primitive("u64")), BigUint64Array.of(1n, 2n ** 64n - 1n)],
      [list(primitive("s64")), BigInt64Array.of(-1n, 7n)],
      [list(primitive("f32")), Float32Array.of(0.5, -1)],
      [list(primitive("f64")), Float64Array.of(0.1, -1)],
      [row, Uint8Array.of(1, 2)],
    ];
    for (const [type, value] of cases) {
      const seen = [value, Array.from(value)].map((form) => {
        const guest = new TestInstance();
        // A trip through a guest that gives back what it got.
        const call = guest.exported(func([type], type), (...flat) => {
          guest.words(...flat.map(Number));
          if (type.kind === "fixed-list") guest.put(flat.map(Number));
          return TestInstance.scratch;
        });
        return Array.from<unknown>(Object(call(form)));
      });
      expect(seen[0]).toEqual(Array.from(value));
      expect(seen[1]).toEqual(seen[0]);
    }
  });
});

describe("style js", () => {
  it("gives and takes what jco's users write", () => {
    const guest = new TestInstance();
    const seen: unknown[] = [];
    const types = [record, flags, variant, variant, option(u8), option(option(u8)), list(u32)];
    const values = [
      { firstOne: 7, b: "x" },
      { readOnly: true, b: false },
      { tag: "none", val: undefined },
      { tag: "some-u8", val: 3 },
      undefined,
      { tag: "some", val: undefined },
      Uint32Array.of(1, 2),
    ];
    const tuple: ValueType = { kind: "tuple", elements: types };
    const import_ = guest.imported(func([tuple]), (value: unknown) => void seen.push(value), { style: "js" });
    guest.exported(func([tuple]), (...flat) => import_(...flat), { style: "js" })(values);
    expect(seen).toStrictEqual([values]);
  });

  it.each<[string, unknown, unknown]>([
    ["a string", "no such file", "no such file"],
    ["an error with a payload", Object.assign(new Error("x"), { payload: "not here" }), "not here"],
  ])("%s thrown by a host function is the payload of err", (_, thrown, payload) => {
    const guest = new TestInstance();
    const import_ = guest.imported(
      func([], result),
      () => {
        throw thrown;
      },
      { style: "js" },
    );
    const call = guest.exported(
      func([], result),
      () => {
        import_(TestInstance.scratch);
        return TestInstance.scratch;
      },
      { style: "js" },
    );
    let caught: unknown;
    try {
      call();
    } catch (error) {
      caught = error;
    }
    expect(caught).toBe(payload);
    expect([guest.state.failure, guest.state.mayEnter]).toEqual([undefined, true]);
  });

  it.each<[string, ValueType | undefined, unknown]>([
    ["an error without payload", result, new Error("broken")],
    ["an error of another realm", result, runInNewContext("new RangeError('far')")],
    ["a string where there is no result", undefined, "no result"],
    ["a string where the result is none", u8, "no result"],
  ])("%s ends the run", (_, type, thrown) => {
    const guest = new TestInstance();
    const import_ = guest.imported(
      func([], type),
      () => {
        throw thrown;
      },
      { style: "js" },
    );
    let caught: unknown;
    try {
      import_(TestInstance.scratch);
    } catch (error) {
      caught = error;
    }
    expect([caught, guest.state.failure, guest.state.mayLeave]).toEqual([thrown, thrown, false]);
  });

  it("undefined thrown is a failure as well", () => {
    const guest = new TestInstance();
    const import_ = guest.imported(
      func([]),
      () => {
        throw undefined;
      },
      { style: "js" },
    );
    expect(thrownBy(() => import_())).toBe(`INTERNAL ${LABEL}: undefined was thrown`);
    expect(guest.state.failure).not.toBe(undefined);
  });

  it("calls constructors and methods of what the host keeps", () => {
    const classes: unknown[] = [];
    function File(path: string): object {
      classes.push(new.target);
      return { "constructor-of": (suffix: string) => path + suffix };
    }
    const file: Resource = { name: "file", implementer: undefined, destroy: undefined };
    const guest = new TestInstance("utf8", [file]);
    const open = guest.imported(func([text], handle("own")), File, {
      style: "js",
      invocation: { kind: "constructor" },
    });
    const read = guest.imported(func([handle("borrow"), text], text), () => undefined, {
      style: "js",
      invocation: { kind: "method", name: "constructor-of" },
    });
    const call = guest.exported(func([text], text), (...path) => {
      read(Number(open(...path)), ...path, TestInstance.scratch);
      return TestInstance.scratch;
    });
    expect(call("/etc")).toBe("/etc/etc");
    expect([classes, guest.state.handles.size]).toEqual([[File], 1]);
  });
});
