import { beforeAll, describe, expect, it } from "vitest";
import type { ValueType } from "../../../src/shared/wit/types.ts";
import { compileLoweredImport } from "../../../src/worker/abi/compile.ts";
import type { NativeLibrary } from "../../../src/worker/native/types.ts";
import { compileLibrary, compiler } from "../../support/native.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { func, Guest, open, thrownBy } from "./guest.ts";

const SOURCE = `
#include <stdint.h>
#include <stddef.h>
typedef struct { uint8_t *ptr; size_t len; } string;
typedef struct { uint32_t proto; string text; uint32_t other; } odd;
typedef struct { odd *ptr; size_t len; } list_odd;
uint32_t add_up(list_odd *in) {
  uint32_t n = 0;
  for (size_t i = 0; i < in->len; i++) n += in->ptr[i].proto + in->ptr[i].text.len * 10 + in->ptr[i].other * 100;
  return n;
}
void wide(uint8_t *in) { (void)in; }
`;

const u32: ValueType = { kind: "u32" };
const odd: ValueType = {
  kind: "record",
  name: 'odd"; process.exit(1); //',
  fields: [
    { name: "__proto__", type: u32 },
    { name: "constructor", type: { kind: "string" } },
    { name: 'quote"s`${1}\n', type: u32 },
  ],
};

describe.skipIf(!compiler.available)(`compiling lowered imports ${compiler.reason}`, () => {
  let library: NativeLibrary;
  beforeAll(() => {
    library = open(compileLibrary(temporaryFolder(), "compile", SOURCE));
  });
  const compile = (
    symbol: string,
    params: ValueType[],
    result?: ValueType,
  ): ReturnType<typeof compileLoweredImport> =>
    compileLoweredImport({
      label: `test:abi/it@1.0.0#${symbol}`,
      plan: { name: symbol, symbol, type: func(params, result), library: 0, convention: "import" },
      library,
    });

  it("keeps labels of any spelling apart from code", () => {
    const guest = new Guest();
    const [pointer, length] = guest.ascii("ab");
    const items = guest.words(1, pointer, length, 3, 2, pointer, 1, 4);
    const list: ValueType = { kind: "list", element: odd };
    const core = guest.bind(library, "add_up", func([list], u32));
    expect(core(items, 2)).toBe(1 + 20 + 300 + 2 + 10 + 400);
    guest.view.setUint32(items + 20, 0xffff_ffff, true);
    expect(thrownBy(() => core(items, 2))).toMatch(/^TRAP .*p0\[1\]\.constructor: /u);
  });

  it("shows what it generated, records first", () => {
    const { source } = compile("add_up", [{ kind: "list", element: odd }], u32);
    expect(source).toContain("test:abi/it@1.0.0#add_up -> add_up");
    expect(source.indexOf("function load(guest, from, native, to, call)")).toBeGreaterThan(0);
    expect(source.indexOf("function lowered_add_up(p0, p1)")).toBeGreaterThan(
      source.indexOf("function load("),
    );
    expect(source).not.toContain("process.exit");
  });

  it("binds one compilation to many instances", () => {
    const compiled = compile("add_up", [{ kind: "list", element: odd }], u32);
    const results = [1, 2, 3].map((proto) => {
      const guest = new Guest();
      const items = guest.words(proto, 0, 0, 0);
      return compiled.bind({ memory: guest.memory, stringEncoding: "utf8" }, guest.instance)(items, 1);
    });
    expect(results).toEqual([1, 2, 3]);
  });

  it("wants a memory where values go through one", () => {
    const compiled = compile("add_up", [{ kind: "list", element: odd }], u32);
    expect(thrownBy(() => compiled.bind({ stringEncoding: "utf8" }, { mayLeave: true }))).toMatch(
      /^INTERNAL .*without the guest's memory/u,
    );
  });

  it("refuses a frame that only a hostile type needs", () => {
    const huge: ValueType = { kind: "fixed-list", element: { kind: "u8" }, length: 2 ** 28 };
    expect(thrownBy(() => compile("wide", [{ kind: "tuple", elements: [{ kind: "bool" }, huge] }]))).toMatch(
      /^WIT_INVALID .*more than 16777216/u,
    );
  });
});
