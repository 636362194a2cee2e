import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { NativeLibrary } from "../../../src/worker/native/types.ts";
import type { ValueType } from "../../../src/shared/wit/types.ts";
import { compileLibrary, compiler } from "../../support/native.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { callCount, COUNTING_HEAP, freedBlocks, liveBlocks } from "./counting-heap.ts";
import { func, Guest, open, thrownBy } from "./guest.ts";

/** Results that are wrong in one place and hold allocations in others, and callee-owned arguments. */
const SOURCE = `${COUNTING_HEAP}
typedef struct { string *ptr; size_t len; } list_string;
typedef struct { uint32_t *ptr; size_t len; } list_u32;
typedef struct { uint8_t tag; union { string text; uint32_t number; } val; } shape;
typedef struct { shape *ptr; size_t len; } list_shape;
typedef struct { list_string before; list_shape shapes; list_string after; } bundle;

static list_string strings(int count) {
  list_string out = { t_alloc(count * sizeof(string)), count };
  for (int i = 0; i < count; i++) out.ptr[i] = t_string("text", 4);
  return out;
}
static list_shape shapes(int count) {
  list_shape out = { t_alloc(count * sizeof(shape)), count };
  for (int i = 0; i < count; i++) { out.ptr[i].tag = 0; out.ptr[i].val.text = t_string("shape", 5); }
  return out;
}
void good(bundle *ret) { ret->before = strings(2); ret->shapes = shapes(3); ret->after = strings(1); }
void bad_tag(bundle *ret) { good(ret); t_free(ret->shapes.ptr[1].val.text.ptr); ret->shapes.ptr[1].tag = 9; }
void bad_text(bundle *ret) { good(ret); ret->after.ptr[0].ptr[1] = 0xff; }
void bad_null(bundle *ret) { good(ret); t_free(ret->before.ptr[1].ptr); ret->before.ptr[1].ptr = NULL; }
void two_faults(bundle *ret) { bad_tag(ret); t_free(ret->before.ptr[0].ptr); ret->before.ptr[0].ptr = NULL; }
void bad_length(list_u32 *ret) { ret->ptr = t_alloc(16); ret->len = 1u << 30; }
void bad_nested_length(list_string *ret) { *ret = strings(2); t_free(ret->ptr[0].ptr); t_free(ret->ptr[1].ptr); ret->len = (size_t)1 << 40; }
void bad_chars(list_u32 *ret) { ret->ptr = t_alloc(8); ret->len = 2; ret->ptr[0] = 65; ret->ptr[1] = 0x110000; }
void loud_bools(string *ret) { *ret = t_string("\\0\\1\\2\\377", 4); }
void echo(list_string *in, list_string *ret) {
  *ret = strings(in->len);
  for (size_t i = 0; i < in->len; i++) { t_free(ret->ptr[i].ptr); ret->ptr[i] = t_string(in->ptr[i].ptr, in->ptr[i].len); }
}
bool bad_option(list_string *ret) { *ret = strings(1); ret->ptr[0].ptr[0] = 0x80; return true; }

uint32_t exports_take(list_string *in) {
  t_calls++;
  uint32_t n = 0;
  for (size_t i = 0; i < in->len; i++) { n += in->ptr[i].len; if (in->ptr[i].len) free(in->ptr[i].ptr); }
  if (in->len) free(in->ptr);
  return n;
}
uint64_t exports_where(string *in) { uint64_t at = (uint64_t)(uintptr_t)in->ptr; if (in->len) { in->ptr[0] = 'X'; free(in->ptr); } return at; }
`;

const u32: ValueType = { kind: "u32" };
const text: ValueType = { kind: "string" };
const texts: ValueType = { kind: "list", element: text };
const shape: ValueType = {
  kind: "variant",
  cases: [
    { name: "text", type: text },
    { name: "number", type: u32 },
  ],
};
const bundle: ValueType = {
  kind: "record",
  fields: [
    { name: "before", type: texts },
    { name: "shapes", type: { kind: "list", element: shape } },
    { name: "after", type: texts },
  ],
};

describe.skipIf(!compiler.available)(`faults and releases ${compiler.reason}`, () => {
  let library: NativeLibrary;
  let guest: Guest;
  beforeAll(() => {
    library = open(compileLibrary(temporaryFolder(), "faults", SOURCE), { freeSymbol: "t_free" });
  });
  beforeEach(() => {
    guest = new Guest();
    freedBlocks(library);
  });
  const returning = (symbol: string, type: ValueType): (() => string) => {
    const core = guest.bind(library, symbol, func([], type));
    const out = guest.put(Buffer.alloc(32));
    return () => thrownBy(() => core(out));
  };
  const echoing = (): (() => string) => {
    guest = new Guest();
    const core = guest.bind(library, "echo", func([texts], texts));
    const items = guest.words(...guest.ascii("one"), ...guest.ascii("three"));
    const out = guest.put(Buffer.alloc(8));
    return () => thrownBy(() => core(items, 2, out));
  };

  it("a guest that used up the stack inside a call does not spoil the library for the next instance", () => {
    for (let depth = 0; depth < 10; depth += 1) {
      const call = echoing();
      let calls = 0;
      // On the way back from the deepest frame each call has a little more stack left than the one before.
      const dive = (): void => {
        try {
          dive();
        } catch {
          calls += 1;
          if (calls > 12) return;
        }
        call();
      };
      const burn = (frames: number): void => (frames === 0 ? dive() : burn(frames - 1));
      thrownBy(() => burn(depth));
      expect(echoing()()).toBe("nothing");
      expect(liveBlocks(library)).toBe(0);
    }
  });

  it("releases a good result", () => {
    expect(returning("good", bundle)()).toBe("nothing");
    expect([freedBlocks(library), liveBlocks(library)]).toEqual([9, 0]);
  });

  it.each([
    ["bad_tag", "result.shapes[1]: the discriminant 9 is not one of 2 cases"],
    ["bad_text", "result.after[0]: the string is not well-formed UTF-8"],
    ["bad_null", "result.before[1]: a NULL pointer with length 4"],
    ["two_faults", "result.before[0]: a NULL pointer with length 4"],
  ])("%s: says where, and releases all the rest", (symbol, reason) => {
    const thrown = returning(symbol, bundle)();
    expect(thrown).toBe(
      `HOST_FAULT host bundle "test-bundle" returned a bad value: test:abi/it#${symbol}: ${reason}`,
    );
    // Of nine blocks, each was released once: by us, or by the C function that broke its own result.
    expect([freedBlocks(library), liveBlocks(library)]).toEqual([9, 0]);
  });

  it.each<[string, ValueType, string]>([
    ["bad_length", { kind: "list", element: u32 }, "result: the length 1073741824 does not fit"],
    ["bad_nested_length", texts, "result: the length 1099511627776 does not fit"],
    [
      "bad_chars",
      { kind: "list", element: { kind: "char" } },
      "result[1]: 0x110000 is not a Unicode scalar value",
    ],
    ["bad_option", { kind: "option", element: texts }, "result[0]: the string is not well-formed UTF-8"],
  ])("%s: a fault, everything released", (symbol, type, reason) => {
    const thrown = returning(symbol, type)();
    expect(thrown).toMatch(/^HOST_FAULT/u);
    expect(thrown).toContain(reason);
    expect(liveBlocks(library)).toBe(0);
  });

  it("stores bools in normal form", () => {
    const out = guest.words(0, 0);
    guest.bind(library, "loud_bools", func([], { kind: "list", element: { kind: "bool" } }))(out);
    expect([...guest.bytes(guest.view.getUint32(out, true), 4)]).toEqual([0, 1, 1, 1]);
  });

  describe("realloc", () => {
    it.each<[string, () => number, string]>([
      ["gives a misaligned block", () => 4098, "which is not 4-aligned"],
      ["gives a block beyond the memory", () => 65_532, "beyond the memory's 65536"],
      ["gives a block whose end overflows", () => -4, "beyond the memory's 65536"],
    ])("%s", (_, realloc, reason) => {
      const call = returning("good", bundle);
      guest.realloc = realloc;
      const thrown = call();
      expect(thrown).toMatch(/^TRAP test:abi\/it#good: result/u);
      expect(thrown).toContain(reason);
      expect([freedBlocks(library), liveBlocks(library)]).toEqual([9, 0]);
    });

    it("throws half-way", () => {
      const call = returning("good", bundle);
      let left = 4;
      const { realloc } = guest;
      guest.realloc = (...args) => {
        left -= 1;
        if (left === 0) throw new WebAssembly.RuntimeError("unreachable");
        return realloc(...args);
      };
      expect(call()).toBe("RuntimeError: unreachable");
      expect([freedBlocks(library), liveBlocks(library)]).toEqual([9, 0]);
    });

    it("grows the memory each time", () => {
      const out = guest.put(Buffer.alloc(32));
      const { realloc } = guest;
      guest.realloc = (...args) => {
        guest.memory.grow(1);
        return realloc(...args);
      };
      guest.bind(library, "good", func([], bundle))(out);
      expect(guest.text(guest.view.getUint32(out + 16, true))).toBe("text");
      expect(guest.text(guest.view.getUint32(out + 8, true) + 4 + 12)).toBe("shape");
    });

    it("calls an import", () => {
      const call = returning("good", bundle);
      const scalar = guest.bind(library, "calls", func([], { kind: "s32" }));
      const { realloc } = guest;
      guest.realloc = (...args) => {
        scalar();
        return realloc(...args);
      };
      expect(call()).toMatch(
        "TRAP test:abi/it#calls: the guest called an import from inside its own realloc",
      );
      expect(liveBlocks(library)).toBe(0);
    });

    it("of another instance calls into a library in use", () => {
      const call = returning("good", bundle);
      const other = new Guest();
      const nested = other.bind(library, "good", func([], bundle));
      guest.realloc = (_old, _size, align, size) => {
        nested(other.put(Buffer.alloc(32)));
        return guest.allocate(align, size);
      };
      expect(call()).toMatch("TRAP");
      expect(liveBlocks(library)).toBe(0);
    });
  });

  it.each<[number, string]>([
    [2, "the result's pointer: the pointer 0x2 is not 4-aligned"],
    [65_520, "the result's pointer: 24 bytes at 0xfff0 exceed"],
  ])("a result pointer %i traps before the call", (out, reason) => {
    const thrown = thrownBy(() => guest.bind(library, "good", func([], bundle))(out));
    expect(thrown).toMatch("TRAP");
    expect(thrown).toContain(reason);
    expect([freedBlocks(library), liveBlocks(library)]).toEqual([0, 0]);
  });

  describe("callee-owned arguments", () => {
    it("are heap copies", () => {
      const where = guest.bind(library, "exports_where", func([text], { kind: "u64" }), {
        convention: "export",
      });
      const at = guest.put(Buffer.from("keep"));
      expect(where(at, 4)).not.toBe(0n);
      expect(Buffer.from(guest.bytes(at, 4)).toString()).toBe("keep");
    });

    it("are copied at every level", () => {
      const take = guest.bind(library, "exports_take", func([texts], u32), { convention: "export" });
      const items = guest.words(...guest.ascii("one"), ...guest.ascii(""), ...guest.ascii("three"));
      for (let round = 0; round < 1000; round += 1) expect(take(items, 3)).toBe(8);
    });

    it("are not handed over where checking fails half-way", () => {
      const take = guest.bind(library, "exports_take", func([texts], u32), { convention: "export" });
      const before = callCount(library);
      const items = guest.words(...guest.ascii("one"), guest.put([0xff]), 1);
      expect(thrownBy(() => take(items, 2))).toMatch("TRAP test:abi/it#exports_take: p0[1]: ");
      expect(callCount(library)).toBe(before);
    });
  });
});
