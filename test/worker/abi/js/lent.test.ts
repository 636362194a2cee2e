import { describe, expect, it } from "vitest";
import type { FuncType, ValueType } from "../../../../src/shared/wit/types.ts";
import { compileGuestCall } from "../../../../src/worker/abi/js/compile-guest-call.ts";
import type { CoreFunction, StringEncoding } from "../../../../src/worker/abi/types.ts";
import { le, MEMORY } from "./hostile.ts";
import { func, LABEL, resourceIndex, TestInstance, thrownBy } from "./instance.ts";

const text: ValueType = { kind: "string" };
const list = (element: ValueType): ValueType => ({ kind: "list", element });
const tuple = (...elements: ValueType[]): ValueType => ({ kind: "tuple", elements });
const [AT, RETURN_AREA, TARGET] = [TestInstance.scratch, 1024, 49_152];

const ascii = (bytes: number): number[] => Array.from({ length: bytes }, (_, index) => 0x61 + (index % 26));

/** What lies at a pointer. */
const read = ({ guest }: TestInstance, at: number, bytes: number): number[] =>
  Array.from(guest.bytes.subarray(at, at + bytes));

describe("bytes go from memory to memory", () => {
  // Short and long, and all ways to begin between two words.
  const LENGTHS = [0, 1, 3, 4, 5, 31, 32, 33, 127, 128, 129, 1000];
  const SHIFTS = [0, 1, 2, 3];

  it.each(LENGTHS)("%i of them, wherever they lie", (bytes) => {
    for (const from of SHIFTS) {
      for (const to of SHIFTS) {
        const [caller, callee] = [new TestInstance(), new TestInstance()];
        callee.realloc = () => TARGET + to;
        callee.guest.bytes.fill(0xee);
        const seen: unknown[] = [];
        const call = caller.importedFrom(callee, func([text]), (...flat) => void seen.push(flat));
        call(caller.put(ascii(bytes), AT + from), bytes);
        expect(seen).toEqual([[TARGET + to, bytes]]);
        expect(read(callee, TARGET + to - 1, bytes + 2)).toEqual([0xee, ...ascii(bytes), 0xee]);
      }
    }
  });

  it("up to the very ends of both memories", () => {
    const [caller, callee] = [new TestInstance(), new TestInstance()];
    callee.realloc = () => MEMORY - 7;
    const call = caller.importedFrom(callee, func([text]), () => undefined);
    call(caller.put(ascii(7), MEMORY - 7), 7);
    expect(read(callee, MEMORY - 7, 7)).toEqual(ascii(7));
  });

  it("NaNs with their payloads", () => {
    const [caller, callee] = [new TestInstance(), new TestInstance()];
    callee.realloc = () => TARGET;
    const call = caller.importedFrom(callee, func([list({ kind: "f32" })]), () => undefined);
    call(caller.words(0x7fa0_0001, 0xffc1_2345), 2);
    expect(read(callee, TARGET, 8)).toEqual(le(0x7fa0_0001, 0xffc1_2345));
  });

  it.each<[string, ValueType, number, readonly number[]]>([
    ["of a tuple", tuple({ kind: "u8" }, { kind: "u16" }), 4, [1, 0xee, 3, 4]],
    ["behind a tuple", tuple({ kind: "u16" }, { kind: "u8" }), 4, [1, 2, 3, 0xee]],
    ["beside a payload", { kind: "option", element: { kind: "u8" } }, 2, [0, 0xee]],
  ])("but not the padding %s", (_, element, bytes, left) => {
    const [caller, callee] = [new TestInstance(), new TestInstance()];
    callee.realloc = () => TARGET;
    callee.guest.bytes.fill(0xee);
    const call = caller.importedFrom(callee, func([list(element)]), () => undefined);
    call(caller.put(element.kind === "option" ? [0, 2] : [1, 2, 3, 4]), 1);
    expect(read(callee, TARGET, bytes)).toEqual(left);
  });
});

it.each<[string, StringEncoding, ValueType, readonly number[], string]>([
  ["a text", "utf8", text, [0x61, 0xff], "p1: the string is not well-formed UTF-8"],
  ["a UTF-16 text", "utf16", text, [0x61, 0, 0, 0xd8], "p1: the string is not well-formed UTF-16"],
  ["a list", "utf8", list({ kind: "char" }), le(65, 0xd800), "p1[1]: 0xd800 is not a Unicode scalar value"],
])("%s that is wrong ends the call before anything is allocated for those before it", (...row) => {
  const [, encoding, type, bytes, message] = row;
  const [caller, callee] = [new TestInstance(encoding), new TestInstance(encoding)];
  const call = caller.importedFrom(callee, func([text, type]), () => undefined);
  caller.put(ascii(8), 512);
  expect(thrownBy(() => call(512, 2, caller.put(bytes), 2))).toBe(`TRAP ${LABEL}: ${message}`);
  expect(callee.guest.reallocs).toBe(0);
});

it("the callee's memory may move with every allocation", () => {
  const [caller, callee] = [new TestInstance(), new TestInstance()];
  const next = [TARGET, 2 * MEMORY, 3 * MEMORY + 8];
  callee.realloc = () => {
    callee.guest.memory.grow(1);
    return next.shift() ?? 0;
  };
  const seen: unknown[] = [];
  const call = caller.importedFrom(callee, func([text, list(text)]), (...flat) => void seen.push(flat));
  caller.put(ascii(40), 512);
  call(512, 40, caller.words(512, 5), 1);
  expect(seen).toEqual([[TARGET, 40, 2 * MEMORY, 1]]);
  expect(read(callee, TARGET, 40)).toEqual(ascii(40));
  expect(read(callee, 2 * MEMORY, 8)).toEqual(le(3 * MEMORY + 8, 5));
  expect(read(callee, 3 * MEMORY + 8, 5)).toEqual(ascii(5));
});

function callItself(instance: TestInstance, type: FuncType, core: CoreFunction): CoreFunction {
  const lifted = { ...instance.lifted(core), entered: [] };
  return compileGuestCall({ label: LABEL, type, resourceIndex }).bind(instance.options, lifted);
}

/** Its `realloc` gets at what was checked before it ran. */
describe.each<[string, StringEncoding, ValueType, number, readonly number[]]>([
  ["a string", "utf8", text, 8, ascii(8)],
  ["a UTF-16 string", "utf16", text, 4, ascii(8)],
  ["a long string", "utf8", text, 400, ascii(400)],
  ["a list of bytes", "utf8", list({ kind: "u8" }), 7, ascii(7)],
  ["a list of chars", "utf8", list({ kind: "char" }), 2, le(65, 66)],
])("a component instance that calls itself gets %s", (_, encoding, type, length, bytes) => {
  it("as it was checked, though realloc has overwritten it", () => {
    const instance = new TestInstance(encoding);
    instance.put(bytes);
    instance.realloc = () => {
      instance.guest.bytes.fill(0xff, AT, AT + bytes.length);
      return TARGET;
    };
    const seen: unknown[] = [];
    const core: CoreFunction = (...flat) => void seen.push(flat, read(instance, TARGET, bytes.length));
    callItself(instance, func([type]), core)(AT, length);
    expect(seen).toEqual([[TARGET, length], bytes]);
  });

  it("though realloc has moved the memory and gives where it lies, and back again", () => {
    const instance = new TestInstance(encoding);
    instance.put(bytes);
    const targets = [AT + 4, AT + 8];
    instance.realloc = () => {
      instance.guest.memory.grow(1);
      return targets.shift() ?? 0;
    };
    const call = callItself(instance, func([type], type), (...flat) => {
      instance.put(le(...flat.map(Number)), 512);
      return 512;
    });
    call(AT, length, RETURN_AREA);
    expect(read(instance, RETURN_AREA, 8)).toEqual(le(AT + 8, length));
    expect(read(instance, AT + 8, bytes.length)).toEqual(bytes);
  });
});
