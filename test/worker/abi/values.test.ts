import { beforeAll, describe, expect, it } from "vitest";
import type { NativeLibrary } from "../../../src/worker/native/types.ts";
import type { ValueType } from "../../../src/shared/wit/types.ts";
import { compileLibrary, compiler } from "../../support/native.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { callCount, COUNTING_HEAP, freedBlocks, liveBlocks } from "./counting-heap.ts";
import { func, Guest, open, thrownBy } from "./guest.ts";

/** Written as the header that `wit-bindgen c` prints would have it. */
const SOURCE = `${COUNTING_HEAP}
typedef struct { uint32_t *ptr; size_t len; } list_u32;
typedef struct { bool *ptr; size_t len; } list_bool;
typedef struct { string *ptr; size_t len; } list_string;
typedef struct { uint8_t small; int64_t large; float single; } plain;
typedef struct { plain *ptr; size_t len; } list_plain;
typedef struct { bool on; uint32_t letter; } checked;
typedef struct { uint32_t id; string name; list_string tags; } person;
typedef struct { person *ptr; size_t len; } list_person;
typedef struct { uint8_t tag; union { uint32_t number; string text; double real; } val; } shape;
typedef struct { bool is_some; string val; } option_string;
typedef struct { bool is_err; union { uint64_t ok; float err; } val; } result_u64_f32;
typedef struct { uint8_t f0; } single;

uint32_t sum(list_u32 *xs) { t_calls++; uint32_t n = 0; for (size_t i = 0; i < xs->len; i++) n += xs->ptr[i]; return n; }
uint64_t where(list_u32 *xs) { return (uint64_t)(uintptr_t)xs->ptr; }
uint32_t raw_bools(list_bool *xs) { t_calls++; uint32_t n = 0; for (size_t i = 0; i < xs->len; i++) n = n * 10 + ((uint8_t *)xs->ptr)[i]; return n; }
double plain_sum(plain *p) { return p->small + (double)p->large + p->single; }
void plain_twice(plain *p, plain *ret) { ret->small = p->small * 2; ret->large = p->large * 2; ret->single = p->single * 2; }
double plains_sum(list_plain *xs) { double n = 0; for (size_t i = 0; i < xs->len; i++) n += plain_sum(&xs->ptr[i]); return n; }
uint32_t checked_raw(checked *c) { t_calls++; return c->letter * 10 + *(uint8_t *)&c->on; }

static list_string copy_tags(list_string *in) {
  list_string out = { in->len ? t_alloc(in->len * sizeof(string)) : NULL, in->len };
  for (size_t i = 0; i < in->len; i++) out.ptr[i] = t_string(in->ptr[i].ptr, in->ptr[i].len);
  return out;
}
static person copy_person(person *in) {
  person out = { in->id + 1, t_string(in->name.ptr, in->name.len), copy_tags(&in->tags) };
  return out;
}
void echo_tags(list_string *in, list_string *ret) { t_calls++; *ret = copy_tags(in); }
void echo_person(person *in, person *ret) { t_calls++; *ret = copy_person(in); }
void echo_people(list_person *in, list_person *ret) {
  t_calls++;
  ret->len = in->len;
  ret->ptr = in->len ? t_alloc(in->len * sizeof(person)) : NULL;
  for (size_t i = 0; i < in->len; i++) ret->ptr[i] = copy_person(&in->ptr[i]);
}
void echo_shape(shape *in, shape *ret) {
  t_calls++;
  *ret = *in;
  if (in->tag == 1) ret->val.text = t_string(in->val.text.ptr, in->val.text.len);
  if (in->tag == 2) ret->val.real = in->val.real * 2;
}
bool echo_maybe(string *maybe_x, string *ret) { t_calls++; if (maybe_x) *ret = t_string(maybe_x->ptr, maybe_x->len); return maybe_x != NULL; }
uint32_t maybe_depth(option_string *maybe_x) { return maybe_x == NULL ? 0 : maybe_x->is_some ? 2 : 1; }
bool divide(uint32_t a, uint32_t b, uint32_t *ret, string *err) {
  if (b == 0) { *err = t_string("division by zero", 16); return false; }
  *ret = a / b;
  return true;
}
bool only_err(uint32_t fail, string *err) { if (fail) *err = t_string("no", 2); return !fail; }
bool only_ok(uint32_t fail, double *ret) { *ret = 0.5; return !fail; }
double joined(result_u64_f32 *r) { return r->is_err ? r->val.err : (double)r->val.ok; }
void one_field(uint8_t x, single *ret) { ret->f0 = x + 1; }
uint32_t fixed(uint16_t *xs) { return xs[0] + xs[1] * 10 + xs[2] * 100; }
void fixed_back(uint16_t x, uint16_t *ret) { for (int i = 0; i < 3; i++) ret[i] = x + i; }
int64_t many(uint8_t a, int64_t b, string *c, list_u32 *d, plain *e, float f, double *maybe_g, uint32_t h, uint32_t i, uint32_t j, uint32_t k, uint32_t l) {
  t_calls++;
  return a + b + (int64_t)c->len * 1000 + (int64_t)d->len * 10000 + e->large + (int64_t)f + (maybe_g ? (int64_t)*maybe_g : 0) + h + i + j + k + l;
}
`;

const u8: ValueType = { kind: "u8" };
const u16: ValueType = { kind: "u16" };
const u32: ValueType = { kind: "u32" };
const u64: ValueType = { kind: "u64" };
const f32: ValueType = { kind: "f32" };
const f64: ValueType = { kind: "f64" };
const text: ValueType = { kind: "string" };
const list = (element: ValueType): ValueType => ({ kind: "list", element });
const tags = list(text);
const record = (fields: Record<string, ValueType>): ValueType => ({
  kind: "record",
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
});
const plain = record({ small: u8, large: { kind: "s64" }, single: f32 });
const checked = record({ on: { kind: "bool" }, letter: { kind: "char" } });
const person = record({ id: u32, name: text, tags });
const shape: ValueType = {
  kind: "variant",
  cases: [
    { name: "number", type: u32 },
    { name: "text", type: text },
    { name: "real", type: f64 },
    { name: "none" },
  ],
};
const option = (element: ValueType): ValueType => ({ kind: "option", element });

describe.skipIf(!compiler.available)(`compound values ${compiler.reason}`, () => {
  let library: NativeLibrary;
  let guest: Guest;
  beforeAll(() => {
    library = open(compileLibrary(temporaryFolder(), "values", SOURCE), { freeSymbol: "t_free" });
  });
  const fresh = (): Guest => (guest = new Guest());

  /** The parameters of `many` as one block. */
  const block = (): number => {
    fresh();
    const at = guest.put(Buffer.alloc(104), 8);
    const { view } = guest;
    const [pointer, length] = guest.ascii("abc");
    view.setUint8(at, 1);
    view.setBigInt64(at + 8, 2n, true);
    view.setUint32(at + 16, pointer, true);
    view.setUint32(at + 20, length, true);
    view.setUint32(at + 24, guest.words(5, 6), true);
    view.setUint32(at + 28, 2, true);
    view.setBigInt64(at + 40, 100n, true);
    view.setFloat32(at + 56, 4, true);
    view.setUint8(at + 64, 1);
    view.setFloat64(at + 72, 8, true);
    for (let index = 0; index < 5; index += 1) view.setUint32(at + 80 + 4 * index, 1, true);
    return at;
  };

  it("lends lists whose layouts agree where they lie", () => {
    fresh();
    const where = guest.bind(library, "where", func([list(u32)], u64));
    const at = guest.words(1, 2, 3);
    const base = BigInt(where(at, 3) ?? 0) - BigInt(at);
    expect(BigInt(where(at + 4, 2) ?? 0) - base).toBe(BigInt(at + 4));
    expect(guest.bind(library, "sum", func([list(u32)], u32))(at, 3)).toBe(6);
  });

  it.each<[number, number, string]>([
    [1, 1, "p0: the list at 0x1 is not 4-aligned"],
    [65_532, 2, "of 8 bytes exceeds the memory's 65536"],
    [0, 0x4000_0000, "a list of 4294967296 bytes exceeds 268435455"],
    [-4, 1, "exceeds the memory's 65536"],
    [65_537, 0, "not 4-aligned"],
    [65_540, 0, "exceeds"],
  ])("traps on a list at %i of %i elements", (pointer, length, reason) => {
    const before = callCount(library);
    const thrown = thrownBy(() => fresh().bind(library, "sum", func([list(u32)], u32))(pointer, length));
    expect(thrown).toMatch("TRAP test:abi/it#sum: p0: ");
    expect(thrown).toContain(reason);
    expect(callCount(library)).toBe(before);
  });

  it("accepts an empty list at the very end of the memory", () => {
    expect(fresh().bind(library, "sum", func([list(u32)], u32))(65_536, 0)).toBe(0);
  });

  it("normalises bools in a copy, not in the guest", () => {
    fresh();
    const at = guest.put([0, 1, 2, 255]);
    expect(guest.bind(library, "raw_bools", func([list({ kind: "bool" })], u32))(at, 4)).toBe(111);
    expect([...guest.bytes(at, 4)]).toEqual([0, 1, 2, 255]);
  });

  it("passes flat, spilled and listed records alike", () => {
    fresh();
    expect(guest.bind(library, "plain_sum", func([plain], f64))(300, -2n, 0.5)).toBe(44 - 2 + 0.5);
    const at = guest.put(Buffer.alloc(48), 8);
    for (const offset of [0, 24]) {
      guest.view.setUint8(at + offset, 3);
      guest.view.setBigInt64(at + offset + 8, 10n, true);
      guest.view.setFloat32(at + offset + 16, 0.25, true);
    }
    expect(guest.bind(library, "plains_sum", func([list(plain)], f64))(at, 2)).toBe(26.5);
    const out = guest.put(Buffer.alloc(24), 8);
    guest.bind(library, "plain_twice", func([plain], plain))(5, -7n, 1.5, out);
    expect(guest.view.getUint8(out)).toBe(10);
    expect(guest.view.getBigInt64(out + 8, true)).toBe(-14n);
    expect(guest.view.getFloat32(out + 16, true)).toBe(3);
  });

  it("checks the fields of a flat record and names them", () => {
    const raw = fresh().bind(library, "checked_raw", func([checked], u32));
    expect(raw(256, 65)).toBe(651);
    expect(thrownBy(() => raw(1, 0xd800))).toMatch("TRAP test:abi/it#checked_raw: p0.letter: 0xd800");
  });

  it("sends and returns nested records, and releases every block once", () => {
    fresh();
    const [name, nameLength] = guest.ascii("Ada");
    const items = guest.words(...guest.ascii("x"), ...guest.ascii(""), ...guest.ascii("long tag"));
    const out = guest.words(0, 0, 0, 0, 0);
    freedBlocks(library);
    guest.bind(library, "echo_person", func([person], person))(7, name, nameLength, items, 3, out);
    expect(guest.view.getUint32(out, true)).toBe(8);
    expect(guest.text(out + 4)).toBe("Ada");
    expect(guest.view.getUint32(out + 16, true)).toBe(3);
    const back = guest.view.getUint32(out + 12, true);
    expect([0, 8, 16].map((offset) => guest.text(back + offset))).toEqual(["x", "", "long tag"]);
    expect([freedBlocks(library), liveBlocks(library)]).toEqual([4, 0]);
  });

  it("sends and returns lists of records", () => {
    fresh();
    const items = guest.words(...guest.ascii("t1"), ...guest.ascii("t2"));
    const people = guest.words(1, ...guest.ascii("Ada"), items, 2, 2, ...guest.ascii("Bob"), items, 1);
    const out = guest.words(0, 0);
    guest.bind(library, "echo_people", func([list(person)], list(person)))(people, 2, out);
    const back = guest.view.getUint32(out, true);
    expect(guest.view.getUint32(out + 4, true)).toBe(2);
    expect([guest.text(back + 4), guest.text(back + 24)]).toEqual(["Ada", "Bob"]);
    expect(guest.text(guest.view.getUint32(back + 32, true))).toBe("t1");
    expect(liveBlocks(library)).toBe(0);
  });

  it("names the path of what is wrong deep inside", () => {
    fresh();
    const items = guest.words(...guest.ascii("fine"), guest.put([0xff]), 1);
    const people = guest.words(1, ...guest.ascii("Ada"), items, 1, 2, ...guest.ascii("Bob"), items, 2);
    const before = callCount(library);
    const thrown = thrownBy(() =>
      guest.bind(library, "echo_people", func([list(person)], list(person)))(people, 2, guest.words(0, 0)),
    );
    expect(thrown).toBe("TRAP test:abi/it#echo_people: p0[1].tags[1]: the string is not well-formed UTF-8");
    expect(callCount(library)).toBe(before);
  });

  it("grows with many strings", () => {
    fresh();
    const count = 20_000;
    const items = guest.words(
      ...Array.from({ length: count }, (_, index) => guest.ascii(`tag ${index}`)).flat(),
    );
    const out = guest.words(0, 0);
    guest.bind(library, "echo_tags", func([tags], tags))(items, count, out);
    const back = guest.view.getUint32(out, true);
    expect([0, 9999, count - 1].map((index) => guest.text(back + 8 * index))).toEqual([
      "tag 0",
      "tag 9999",
      "tag 19999",
    ]);
    expect(liveBlocks(library)).toBe(0);
  });

  it("carries each case of a variant, whatever the slots were joined to", () => {
    fresh();
    const echo = guest.bind(library, "echo_shape", func([shape], shape));
    const out = guest.put(Buffer.alloc(16), 8);
    echo(0, 4_294_967_295n, 0, out);
    expect([guest.view.getUint8(out), guest.view.getUint32(out + 8, true)]).toEqual([0, 4_294_967_295]);
    const [pointer, length] = guest.ascii("case");
    echo(1, BigInt(pointer), length, out);
    expect([guest.view.getUint8(out), guest.text(out + 8)]).toEqual([1, "case"]);
    const real = new BigInt64Array(Float64Array.of(1.25).buffer)[0] ?? 0n;
    echo(2, real, 0, out);
    expect([guest.view.getUint8(out), guest.view.getFloat64(out + 8, true)]).toEqual([2, 2.5]);
    echo(3, 0n, 0, out);
    expect(guest.view.getUint8(out)).toBe(3);
    expect(thrownBy(() => echo(4, 0n, 0, out))).toMatch(
      "TRAP test:abi/it#echo_shape: p0: the discriminant 4",
    );
    expect(liveBlocks(library)).toBe(0);
  });

  it("reads a joined result from its slots as bits", () => {
    const joined = fresh().bind(library, "joined", func([{ kind: "result", ok: u64, err: f32 }], f64));
    expect(joined(0, 12n)).toBe(12);
    expect(joined(1, BigInt(0x3fc0_0000))).toBe(1.5);
    expect(thrownBy(() => joined(2, 0n))).toMatch("TRAP");
  });

  it("passes options as maybe pointers and returns them as bool and out pointer", () => {
    fresh();
    const echo = guest.bind(library, "echo_maybe", func([option(text)], option(text)));
    const out = guest.words(9, 9, 9);
    echo(0, 0, 0, out);
    expect(guest.view.getUint8(out)).toBe(0);
    echo(1, ...guest.ascii("some"), out);
    expect([guest.view.getUint8(out), guest.text(out + 4)]).toEqual([1, "some"]);
    expect(thrownBy(() => echo(2, 0, 0, out))).toMatch("TRAP test:abi/it#echo_maybe: p0: the discriminant 2");
    const depth = new Guest().bind(library, "maybe_depth", func([option(option(text))], u32));
    expect([depth(0, 0, 0, 0), depth(1, 0, 0, 0), depth(1, 1, 0, 0)]).toEqual([0, 1, 2]);
  });

  it("returns results as bool and two pointers", () => {
    fresh();
    const divide = guest.bind(library, "divide", func([u32, u32], { kind: "result", ok: u32, err: text }));
    const out = guest.words(0, 0, 0);
    divide(7, 2, out);
    expect([guest.view.getUint8(out), guest.view.getUint32(out + 4, true)]).toEqual([0, 3]);
    divide(7, 0, out);
    expect([guest.view.getUint8(out), guest.text(out + 4)]).toEqual([1, "division by zero"]);
    const onlyErr = guest.bind(library, "only_err", func([u32], { kind: "result", err: text }));
    onlyErr(1, out);
    expect([guest.view.getUint8(out), guest.text(out + 4)]).toEqual([1, "no"]);
    onlyErr(0, out);
    expect(guest.view.getUint8(out)).toBe(0);
    const wide = guest.put(Buffer.alloc(16), 8);
    const onlyOk = guest.bind(library, "only_ok", func([u32], { kind: "result", ok: f64 }));
    onlyOk(0, wide);
    expect([guest.view.getUint8(wide), guest.view.getFloat64(wide + 8, true)]).toEqual([0, 0.5]);
    onlyOk(1, wide);
    expect(guest.view.getUint8(wide)).toBe(1);
    expect(liveBlocks(library)).toBe(0);
  });

  it("returns a struct of one field as one flat value", () => {
    expect(fresh().bind(library, "one_field", func([u8], { kind: "tuple", elements: [u8] }))(255)).toBe(0);
    expect(fresh().bind(library, "one_field", func([u8], { kind: "tuple", elements: [u8] }))(4)).toBe(5);
  });

  it("passes fixed-length lists inline", () => {
    fresh();
    const three: ValueType = { kind: "fixed-list", element: u16, length: 3 };
    expect(guest.bind(library, "fixed", func([three], u32))(1, 2, 65_536 + 3)).toBe(321);
    const out = guest.put(Buffer.alloc(6), 2);
    guest.bind(library, "fixed_back", func([u16], three))(7, out);
    expect([0, 2, 4].map((offset) => guest.view.getUint16(out + offset, true))).toEqual([7, 8, 9]);
  });

  describe("more than 16 flat parameters", () => {
    const types = [
      u8,
      { kind: "s64" } as const,
      text,
      list(u32),
      plain,
      f32,
      option(f64),
      u32,
      u32,
      u32,
      u32,
      u32,
    ];
    it("come from one block of memory", () => {
      const at = block();
      const many = guest.bind(library, "many", func(types, { kind: "s64" }));
      expect(many(at)).toBe(BigInt(1 + 2 + 3000 + 20_000 + 100 + 4 + 8 + 5));
      guest.view.setUint8(at + 64, 0);
      expect(many(at)).toBe(BigInt(1 + 2 + 3000 + 20_000 + 100 + 4 + 5));
    });

    it.each<[number, string]>([
      [4, "parameters: the pointer 0x4 is not 8-aligned"],
      [65_440, "parameters: 104 bytes at 0xffa0 exceed"],
      [-8, "parameters: 104 bytes at 0xfffffff8 exceed"],
    ])("trap on a block at %i", (pointer, reason) => {
      block();
      const before = callCount(library);
      const thrown = thrownBy(() => guest.bind(library, "many", func(types, { kind: "s64" }))(pointer));
      expect(thrown).toContain(reason);
      expect(callCount(library)).toBe(before);
    });

    it("trap on what is wrong inside the block", () => {
      const at = block();
      guest.view.setUint8(at + 64, 2);
      expect(thrownBy(() => guest.bind(library, "many", func(types, { kind: "s64" }))(at))).toMatch(
        "p6: the discriminant 2",
      );
    });
  });
});
