import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { describe, expect, it } from "vitest";
import { compileModule } from "../../../src/main/component/compile-module.ts";
import { decodeComponent } from "../../../src/main/component/decode.ts";
import { decodeCoreModule } from "../../../src/shared/wasm/core-module.ts";
import { printExtern } from "../../../src/shared/wasm/print.ts";
import type { CoreExtern, CoreModule } from "../../../src/shared/wasm/types.ts";
import { BinaryReader } from "../../../src/shared/wit/binary/reader.ts";
import { BinaryFault, Trail } from "../../../src/shared/wit/binary/trail.ts";
import { exampleGuests } from "../../support/guests.ts";
import { createRandom, mutate } from "../../support/mutate.ts";

function decode(bytes: Uint8Array): CoreModule {
  return decodeCoreModule(new BinaryReader(bytes));
}

/** As the engine calls it. */
function kindOf({ kind }: CoreExtern): string {
  return kind === "func" ? "function" : kind;
}

/** One line for each import and export. */
function lines({ imports, exports }: CoreModule): string[] {
  return [
    ...imports.map(({ namespace, name, extern }) => `import ${namespace} ${name} ${printExtern(extern)}`),
    ...Array.from(exports, ([name, { extern }]) => `export ${name} ${printExtern(extern)}`),
  ];
}

const MODULES: readonly { readonly name: string; readonly wat: string; readonly lines: readonly string[] }[] =
  [
    { name: "nothing", wat: "(module)", lines: [] },
    {
      name: "functions: imported ones come first",
      wat: `(module
        (import "a" "f" (func (param i32 i64) (result f32)))
        (import "a" "g" (func (param f64 v128 funcref externref) (result i32 i32)))
        (func (param i32)) (func (result i64) i64.const 0)
        (export "f" (func 0)) (export "own" (func 3)) (export "other" (func 2)))`,
      lines: [
        "import a f (func (param i32 i64) (result f32))",
        "import a g (func (param f64 v128 funcref externref) (result i32 i32))",
        "export f (func (param i32 i64) (result f32))",
        "export own (func (result i64))",
        "export other (func (param i32))",
      ],
    },
    {
      name: "memories",
      wat: `(module
        (import "m" "a" (memory 1)) (memory 1 2) (memory 1 2 shared) (memory i64 1 0x1_0000_0000)
        (memory 8 (pagesize 1))
        (export "a" (memory 0)) (export "b" (memory 1)) (export "c" (memory 2)) (export "d" (memory 3))
        (export "e" (memory 4)))`,
      lines: [
        "import m a (memory 1)",
        "export a (memory 1)",
        "export b (memory 1 2)",
        "export c (memory 1 2 shared)",
        "export d (memory i64 1 4294967296)",
        "export e (memory 8 (pagesize 1))",
      ],
    },
    {
      name: "tables, with and without first elements",
      wat: `(module (type $f (func))
        (import "t" "a" (table 0 externref)) (table 1 2 funcref) (table 1 (ref $f) (ref.func $g)) (table i64 3 anyref)
        (table 2 (ref null i31) (ref.i31 (i32.const 7)))
        (func $g) (elem declare func $g)
        (export "a" (table 0)) (export "b" (table 1)) (export "c" (table 2)) (export "d" (table 3))
        (export "e" (table 4)))`,
      lines: [
        "import t a (table 0 externref)",
        "export a (table 0 externref)",
        "export b (table 1 2 funcref)",
        "export c (table 1 (ref 0))",
        "export d (table i64 3 anyref)",
        "export e (table 2 i31ref)",
      ],
    },
    {
      name: "globals behind every constant instruction",
      wat: `(module (type $s (struct (field i8) (field (mut i32)))) (type $a (array i16))
        (import "g" "a" (global $a i32))
        (global i32 (i32.add (global.get $a) (i32.const -5)))
        (global (mut i64) (i64.mul (i64.const 0x7fff_ffff_ffff_ffff) (i64.const -1)))
        (global f32 (f32.const 1.5)) (global f64 (f64.const 11)) (global v128 (v128.const i64x2 11 11))
        (global funcref (ref.func $f)) (global externref (ref.null extern))
        (global (ref $s) (struct.new $s (i32.const 1) (i32.const 2)))
        (global (ref null $s) (struct.new_default $s))
        (global (ref array) (array.new_fixed $a 2 (i32.const 0) (i32.const 1)))
        (global (ref any) (any.convert_extern (extern.convert_any (array.new_default $a (i32.const 3)))))
        (global (mut f64) (f64.const 0))
        (func $f)
        (export "0" (global 0)) (export "1" (global 1)) (export "2" (global 2)) (export "3" (global 3))
        (export "4" (global 4)) (export "5" (global 5)) (export "6" (global 6)) (export "7" (global 7))
        (export "8" (global 8)) (export "9" (global 9)) (export "10" (global 10)) (export "11" (global 11))
        (export "12" (global 12)))`,
      lines: [
        "import g a (global i32)",
        "export 0 (global i32)",
        "export 1 (global i32)",
        "export 2 (global (mut i64))",
        "export 3 (global f32)",
        "export 4 (global f64)",
        "export 5 (global v128)",
        "export 6 (global funcref)",
        "export 7 (global externref)",
        "export 8 (global (ref 0))",
        "export 9 (global (ref null 0))",
        "export 10 (global (ref array))",
        "export 11 (global (ref any))",
        "export 12 (global (mut f64))",
      ],
    },
    {
      name: "tags",
      wat: `(module (import "t" "a" (tag (param i32))) (tag (param i64 f32)) (export "b" (tag 1)))`,
      lines: ["import t a (tag (param i32))", "export b (tag (param i64 f32))"],
    },
    {
      name: "functions in recursion groups and under supertypes",
      wat: `(module
        (rec (type $a (func (param (ref null $b)))) (type $b (struct (field (ref $a)))))
        (type $c (sub (func (param i32)))) (type $d (sub final $c (func (param i32)))) (rec (type $e (func (result i64))))
        (import "f" "a" (func (type $a))) (import "f" "c" (func (type $c)))
        (import "f" "d" (func (type $d))) (import "f" "e" (func (type $e))))`,
      lines: [
        "import f a (func (param (ref null 1)))",
        "import f c (func (param i32))",
        "import f d (func (param i32))",
        "import f e (func (result i64))",
      ],
    },
    {
      name: "names that objects have already, code, data and custom sections",
      wat: `(module (@custom "producers" "x") (import "__proto__" "constructor" (func))
        (func (export "__proto__") call 0) (func (export "") (export "ü"))
        (memory 1) (data (i32.const 0) "abc") (start 1))`,
      lines: [
        "import __proto__ constructor (func)",
        "export __proto__ (func)",
        "export  (func)",
        "export ü (func)",
      ],
    },
  ];

describe("imports and exports of core modules", () => {
  it.each(MODULES)("$name", async ({ wat, lines: expected }) => {
    expect(lines(decode(await parse(wat)))).toEqual(expected);
  });

  it("tells which function types are the same in another module when they print the same", async () => {
    const { imports } = decode(
      await parse(`(module
        (rec (type $a (func)) (type (func (param i32)))) (type $c (sub (func))) (type $d (sub final $c (func)))
        (type $e (func (param (ref null $a)))) (rec (type $f (func))) (type $g (func (param anyref (ref i31))))
        (import "" "a" (func (type $a))) (import "" "c" (func (type $c))) (import "" "d" (func (type $d)))
        (import "" "e" (func (type $e))) (import "" "f" (func (type $f))) (import "" "g" (func (type $g))))`),
    );
    const structural = imports.filter(({ extern }) => extern.kind === "func" && extern.type?.isStructural);
    expect(structural.map(({ name }) => name)).toEqual(["f", "g"]);
  });

  it("gives places in the file, of which the module may be a part", async () => {
    const module = await parse(`(module (import "a" "f" (func)) (export "f" (func 0)))`);
    const file = Buffer.concat([Buffer.from("0123456789"), module, Buffer.from("rest")]);
    const decoded = decodeCoreModule(new BinaryReader(file, new Trail(), 10, 10 + module.length));
    expect(decoded.start).toBe(10);
    expect(file.subarray(decoded.imports[0]?.offset).subarray(0, 4).toString("latin1")).toBe("\x01a\x01f");
    expect(file.subarray(decoded.exports.get("f")?.offset).subarray(0, 2).toString("latin1")).toBe("\x01f");
  });

  it.each(exampleGuests())("finds in $name what the engine finds", ({ name, bytes }) => {
    const { linking } = decodeComponent(bytes, name);
    if (linking.kind !== "own") throw new Error(linking.refusal.reason);
    for (const { start, end } of linking.plan.modules) {
      const engine = compileModule(bytes.subarray(start, end), name);
      const { imports, exports } = decodeCoreModule(new BinaryReader(bytes, new Trail(), start, end));
      expect(
        imports.map((each) => ({
          module: each.namespace,
          name: each.name,
          kind: kindOf(each.extern),
        })),
      ).toEqual(WebAssembly.Module.imports(engine));
      expect(Array.from(exports, ([label, { extern }]) => ({ name: label, kind: kindOf(extern) }))).toEqual(
        WebAssembly.Module.exports(engine),
      );
    }
  });
});

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** A module of sections, each an id and its bytes. */
function moduleOf(...sections: readonly (readonly [id: number, ...bytes: number[]])[]): Uint8Array {
  const bytes = [...HEADER];
  for (const [id, ...content] of sections) bytes.push(id, content.length, ...content);
  return Uint8Array.from(bytes);
}

const EXPORT_F = [0x01, 0x66, 0x00, 0x00] as const;

describe("what is not known is there without a type", () => {
  it("types after an unknown form of type", () => {
    // One function type, one of form 0x42, then another function type.
    const types = [0x01, 0x03, 0x60, 0x00, 0x00, 0x42, 0x60, 0x00, 0x00] as const;
    const bytes = moduleOf(
      types,
      [0x03, 0x02, 0x00, 0x02],
      [0x07, 0x02, ...EXPORT_F, 0x01, 0x67, 0x00, 0x01],
    );
    expect(lines(decode(bytes))).toEqual(["export f (func)", "export g (func …)"]);
  });

  it("an unknown value type", () => {
    const bytes = moduleOf(
      [0x01, 0x01, 0x60, 0x01, 0x40, 0x00],
      [0x03, 0x01, 0x00],
      [0x07, 0x01, ...EXPORT_F],
    );
    expect(lines(decode(bytes))).toEqual(["export f (func (param 0x40))"]);
  });

  it("globals after an unknown constant instruction", () => {
    const globals = [0x06, 0x02, 0x7f, 0x00, 0xff, 0x0b, 0x7f, 0x00, 0x41, 0x00, 0x0b] as const;
    const exports = [0x07, 0x02, 0x01, 0x66, 0x03, 0x00, 0x01, 0x67, 0x03, 0x01] as const;
    expect(lines(decode(moduleOf(globals, exports)))).toEqual([
      "export f (global i32)",
      "export g (global …)",
    ]);
  });

  it("tables after an unknown constant instruction", () => {
    const tables = [0x04, 0x02, 0x40, 0x00, 0x70, 0x00, 0x01, 0xff, 0x0b, 0x70, 0x00, 0x00] as const;
    const exports = [0x07, 0x01, 0x01, 0x66, 0x01, 0x01] as const;
    expect(lines(decode(moduleOf(tables, exports)))).toEqual(["export f (table …)"]);
  });

  it("sections", () => {
    expect(lines(decode(moduleOf([0x2a, 0x01, 0x02, 0x03])))).toEqual([]);
  });
});

describe("what cannot be read is refused with its place", () => {
  const LONG = Array.from({ length: 10 }, () => 0xff);
  it.each<{ name: string; bytes: Uint8Array; message: string; offset: number }>([
    {
      name: "another header",
      bytes: Uint8Array.from([0x00, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]),
      message: "expected the header of a core module (0x01), found 0x0d",
      offset: 4,
    },
    {
      name: "a cut header",
      bytes: Uint8Array.from(HEADER.slice(0, 5)),
      message: "ends too early",
      offset: 5,
    },
    {
      name: "a section longer than the module",
      bytes: Uint8Array.from([...HEADER, 0x0a, 0x05, 0x00]),
      message: "5 bytes are announced, 1 are left",
      offset: 10,
    },
    {
      name: "more definitions than bytes",
      bytes: moduleOf([0x02, 0x09, 0x00]),
      message: "9 × import is more than the 1 that there can be",
      offset: 10,
    },
    {
      name: "more functions than an engine takes",
      bytes: moduleOf([0x03, 0xc1, 0x84, 0x3d]),
      message: "1000001 × function is more than the 0 that there can be",
      offset: 10,
    },
    {
      name: "an unknown kind of import",
      bytes: moduleOf([0x02, 0x01, 0x01, 0x61, 0x01, 0x62, 0x09, 0x00]),
      message: "import[0]: unknown kind of import or export 0x09",
      offset: 15,
    },
    {
      name: "an unknown kind of limits",
      bytes: moduleOf([0x05, 0x02, 0x00, 0x01, 0x10, 0x01]),
      message: "memory[1]: unknown kind of limits 0x10",
      offset: 13,
    },
    {
      name: "a bound of a 64-bit memory that does not end",
      bytes: moduleOf([0x05, 0x01, 0x04, ...LONG, 0x01]),
      message: "memory[0]: an integer is longer than 10 bytes",
      offset: 12,
    },
    {
      name: "an export of nothing",
      bytes: moduleOf([0x03, 0x01, 0x00], [0x07, 0x01, 0x01, 0x66, 0x00, 0x01]),
      message: 'export "f": func index 1 is out of range',
      offset: 15,
    },
    {
      name: "two imports of one name",
      bytes: moduleOf(
        [0x01, 0x01, 0x60, 0x00, 0x00],
        [0x02, 0x02, 0x01, 0x61, 0x01, 0x62, 0x00, 0x00, 0x01, 0x61, 0x01, 0x62, 0x00, 0x00],
      ),
      message: 'import[1]: "a" "b" is imported twice',
      offset: 23,
    },
  ])("$name", ({ bytes, message, offset }) => {
    let fault: unknown;
    try {
      decode(bytes);
    } catch (error) {
      fault = error;
    }
    expect(fault).toBeInstanceOf(BinaryFault);
    expect(fault).toMatchObject({ message, offset });
  });

  it("names are not confused by where they are parted", async () => {
    const wat = `(module (import "a" "bc" (func)) (import "ab" "c" (func)) (import "" "abc" (func)))`;
    expect(lines(decode(await parse(wat)))).toHaveLength(3);
  });

  it("a budget shared by many modules runs out", () => {
    const bytes = moduleOf([0x01, 0x02, 0x60, 0x00, 0x00, 0x60, 0x00, 0x00]);
    const budget = { items: 3 };
    const read = (): unknown =>
      decodeCoreModule(new BinaryReader(bytes, new Trail(), 0, bytes.length, budget));
    read();
    expect(read).toThrow(BinaryFault);
  });
});

it("mutated modules give imports and exports or an error with a place", async () => {
  const originals = await Promise.all(MODULES.map(({ wat }) => parse(wat)));
  const random = createRandom(20_261_123);
  const outcomes = { decoded: 0, refused: 0 };
  for (let round = 0; round < 8000; round++) {
    const bytes = mutate(originals[round % originals.length] ?? new Uint8Array(), random);
    try {
      expect(lines(decode(bytes)).length).toBeLessThan(100);
      outcomes.decoded++;
    } catch (error) {
      if (!(error instanceof BinaryFault))
        throw new Error(`round ${round}: ${Buffer.from(bytes).toString("hex")}`, { cause: error });
      outcomes.refused++;
    }
  }
  expect(outcomes.decoded).toBeGreaterThan(400);
  expect(outcomes.refused).toBeGreaterThan(400);
});
