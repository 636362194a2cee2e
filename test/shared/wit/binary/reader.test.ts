import { describe, expect, it } from "vitest";
import { BinaryReader } from "../../../../src/shared/wit/binary/reader.ts";
import { BinaryFault, quote } from "../../../../src/shared/wit/binary/trail.ts";

function reader(...bytes: number[]): BinaryReader {
  return new BinaryReader(Uint8Array.from(bytes));
}

function faultOf(body: () => unknown): BinaryFault {
  try {
    body();
  } catch (error) {
    if (error instanceof BinaryFault) return error;
    throw error;
  }
  throw new TypeError("no fault");
}

function outcomeOf(body: () => number): number | string {
  try {
    return body();
  } catch (error) {
    if (error instanceof BinaryFault) return error.detail;
    throw error;
  }
}

describe("u32", () => {
  const cases: [number[], number | string][] = [
    [[0x00], 0],
    [[0x7f], 127],
    [[0x80, 0x01], 128],
    [[0x80, 0x80, 0x00], 0],
    [[0xff, 0xff, 0xff, 0xff, 0x0f], 0xffff_ffff],
    [[0xff, 0xff, 0xff, 0xff, 0x1f], "an integer does not fit in 32 bits"],
    [[0x80, 0x80, 0x80, 0x80, 0x80, 0x00], "an integer is longer than 5 bytes"],
    [[0x80], "ends too early"],
    [[], "ends too early"],
  ];
  it.each(cases)("%j", (bytes, expected) => {
    expect(outcomeOf(() => reader(...bytes).u32())).toBe(expected);
  });
});

describe("s33", () => {
  const cases: [number[], number | string][] = [
    [[0x00], 0],
    [[0x3f], 63],
    [[0x40], -64],
    [[0x7f], -1],
    [[0xff, 0x00], 127],
    [[0xff, 0xff, 0xff, 0xff, 0x0f], 0xffff_ffff],
    [[0x80, 0x80, 0x80, 0x80, 0x70], -0x1_0000_0000],
    [[0xff, 0xff, 0xff, 0xff, 0x1f], "an integer does not fit in 33 bits"],
    [[0x80, 0x80, 0x80, 0x80, 0x80], "an integer is longer than 5 bytes"],
  ];
  it.each(cases)("%j", (bytes, expected) => {
    expect(outcomeOf(() => reader(...bytes).s33())).toBe(expected);
  });
});

describe("names, vectors and slices", () => {
  it("refuses what is not UTF-8, and does not swallow a byte order mark", () => {
    expect(faultOf(() => reader(1, 0xff).name()).detail).toContain("not UTF-8");
    expect(reader(4, 0xef, 0xbb, 0xbf, 0x61).name()).toBe("\ufeffa");
  });

  it("refuses a size that the bytes cannot hold, before it reads an item", () => {
    expect(faultOf(() => reader(5, 0x61).name()).detail).toContain("ends too early");
    let reads = 0;
    const fault = faultOf(() => reader(0xff, 0xff, 0xff, 0xff, 0x0f).vector("item", () => reads++));
    expect(fault.detail).toContain("cannot fit");
    expect(reads).toBe(0);
    expect(faultOf(() => reader(1, 2).slice(3)).detail).toContain("3 bytes are announced, 2 are left");
  });

  it("a slice ends where it ends, and says positions in the whole file", () => {
    const outer = reader(9, 1, 2, 3);
    outer.byte();
    const inner = outer.slice(1);
    expect([inner.byte(), inner.done, outer.offset]).toEqual([1, true, 2]);
    expect(faultOf(() => inner.byte()).offset).toBe(2);
  });

  it("the trail names the item", () => {
    const fault = faultOf(() => {
      const outer = reader(3, 1, 2, 2, 5, 0x80);
      outer.vector("import", () => outer.vector("part", () => outer.u32()));
    });
    expect(fault.message).toBe("import[1]: part[1]: ends too early");
  });
});

describe("quote", () => {
  it("shows names without their control characters and without their end", () => {
    expect(quote('a"\u001b[31m\u202e')).toBe('"a\\"\\u001b[31m\\u202e"');
    expect(quote("x".repeat(5000)).length).toBeLessThan(120);
  });
});
