/** Function lists of modules, and the memory of calls. */
import { describe, expect, test } from "vitest";
import { openCryptoki } from "../../../../src/worker/adapters/pkcs11/native/cryptoki.ts";
import { withFrame } from "../../../../src/worker/adapters/pkcs11/native/frame.ts";
import { libc } from "../../../../src/worker/native/libc.ts";
import { bytesAt, writeUlong } from "./memory.ts";

const LIST_BYTES = 8 + 68 * 8;

/** A library whose function list has this version and these pointers. */
function library(
  [major, minor]: readonly [number, number],
  pointers: Readonly<Record<number, bigint>>,
  rv = 0,
): Parameters<typeof openCryptoki>[0] {
  const list = new DataView(new ArrayBuffer(LIST_BYTES));
  list.setUint8(0, major);
  list.setUint8(1, minor);
  for (const [position, pointer] of Object.entries(pointers))
    list.setBigUint64(8 + 8 * Number(position), pointer, true);
  return {
    func(symbol) {
      if (symbol !== "C_GetFunctionList") throw new RangeError(`no ${symbol}`);
      return (at) => {
        writeUlong(Number(at), BigInt(libc().memory.addressOf(list.buffer)));
        return rv;
      };
    },
  };
}

/** Something with the calling convention of a module's functions: a 64-bit number in, one out. */
function labs(): bigint {
  const address: unknown = libc().handle.symbol("labs");
  if (typeof address !== "bigint") throw new RangeError("the C library has no labs");
  return address;
}

describe("a function list", () => {
  test("gives functions by position, which take and give all 64 bits", () => {
    const cryptoki = openCryptoki(library([2, 40], { 1: labs() }), "hsm");
    expect(BigInt(cryptoki.call("C_Finalize", 2n ** 64n - 5n))).toBe(5n);
    expect(BigInt(cryptoki.call("C_Finalize", 2n ** 62n))).toBe(2n ** 62n);
    expect(Number(cryptoki.call("C_Finalize", 7))).toBe(7);
  });

  test("without a function is one that does not support it", () => {
    expect(Number(openCryptoki(library([2, 40], {}), "hsm").call("C_GenerateRandom", 1, 2, 3))).toBe(0x54);
  });

  test("of a later version begins as that of v2", () => {
    expect(Number(openCryptoki(library([3, 0], { 1: labs() }), "hsm").call("C_Finalize", 3))).toBe(3);
  });

  test.each([
    ["of version 1", library([1, 0], {}), "its version is 1.0"],
    ["that is not given", library([2, 40], {}, 5), "C_GetFunctionList gives no list"],
    ["that nobody has heard of", { func: () => thrown() }, "it lacks the symbol C_GetFunctionList"],
  ])("%s is refused", (_, handle, why) => {
    expect(() => openCryptoki(handle, "hsm")).toThrow(
      expect.objectContaining({ code: "HOST_FAULT", message: expect.stringContaining(why) }),
    );
  });
});

function thrown(): never {
  throw new RangeError("no such symbol");
}

describe("a frame", () => {
  test("holds copies and rooms side by side, aligned, and wipes them", () => {
    const addresses = withFrame((frame) => {
      const made = [1, 3, 8, 20, 100, 9000, 5].map((length) => {
        const bytes = new Uint8Array(length).fill(length % 251);
        return { bytes, address: frame.copy(bytes) };
      });
      const room = frame.room(24);
      expect(bytesAt(room.address, 24)).toEqual(new Uint8Array(24));
      for (const { bytes, address } of made) {
        expect(address % 8).toBe(0);
        expect(bytesAt(address, bytes.length)).toEqual(bytes);
      }
      return made.slice(0, 5);
    });
    for (const { bytes, address } of addresses)
      expect(bytesAt(address, bytes.length)).toEqual(new Uint8Array(bytes.length));
  });

  test("wipes also what was written when a call ends in an exception", () => {
    let address = 0;
    expect(() =>
      withFrame((frame) => {
        address = frame.copy(Uint8Array.of(1, 2, 3));
        throw new RangeError("in between");
      }),
    ).toThrow("in between");
    expect(bytesAt(address, 3)).toEqual(new Uint8Array(3));
  });

  test("inside another one has memory of its own", () => {
    withFrame((outer) => {
      const first = outer.copy(Uint8Array.of(1));
      withFrame((inner) => expect(inner.copy(Uint8Array.of(2))).not.toBe(first));
      const second = outer.copy(Uint8Array.of(3));
      expect([...bytesAt(first, 1), ...bytesAt(second, 1)]).toEqual([1, 3]);
    });
  });

  test("lends large arrays where they lie, parts of buffers too, and copies small and shared ones", () => {
    withFrame((frame) => {
      const large = new Uint8Array(5000).fill(1);
      large[7] = 9;
      expect(frame.lend(large)).toBe(libc().memory.addressOf(large.buffer));
      const part = frame.lend(large.subarray(7));
      expect(bytesAt(part, 2)).toEqual(Uint8Array.of(9, 1));
      const shared = new Uint8Array(new SharedArrayBuffer(5000)).fill(4);
      for (const bytes of [Uint8Array.of(5, 6), shared]) {
        const address = frame.lend(bytes);
        expect(bytesAt(address, bytes.length)).toEqual(Uint8Array.from(bytes));
      }
    });
  });

  test("has an address also for nothing", () => {
    expect(withFrame((frame) => frame.lend(new Uint8Array()))).not.toBe(0);
  });
});
