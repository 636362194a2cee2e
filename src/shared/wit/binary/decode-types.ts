/** Types and their declarations (Binary.md, "Type Definitions"). */
import type { PrimitiveKind } from "../types.ts";
import { readAlias } from "./decode-aliases.ts";
import { readCoreType } from "./decode-core.ts";
import { checkUnique, readExternName, readLabel } from "./decode-names.ts";
import { LIMITS } from "./limits.ts";
import type { BinaryReader } from "./reader.ts";
import { hexByte } from "./reader.ts";
import type { Definition, ExternType, Labelled, TypeShape, ValueTypeRef } from "./sections.ts";

const PRIMITIVES: Readonly<Record<number, PrimitiveKind | "error-context">> = {
  0x7f: "bool",
  0x7e: "s8",
  0x7d: "u8",
  0x7c: "s16",
  0x7b: "u16",
  0x7a: "s32",
  0x79: "u32",
  0x78: "s64",
  0x77: "u64",
  0x76: "f32",
  0x75: "f64",
  0x74: "char",
  0x73: "string",
  0x64: "error-context",
};

/** `valtype`. */
function readValueTypeRef(reader: BinaryReader): ValueTypeRef {
  const offset = reader.offset;
  const code = reader.s33();
  if (code >= 0) return code;
  const primitive = code >= -0x40 ? PRIMITIVES[code + 0x80] : undefined;
  if (primitive === undefined) reader.fail(`unknown value type ${code}`, offset);
  return primitive;
}

/** `<T>?` of value types. */
function readOptionalRef(reader: BinaryReader): ValueTypeRef | undefined {
  const offset = reader.offset;
  const tag = reader.byte();
  if (tag > 1) reader.fail(`expected 0x00 or 0x01, found ${hexByte(tag)}`, offset);
  return tag === 0 ? undefined : readValueTypeRef(reader);
}

function readLabelled(reader: BinaryReader, what: string): Labelled[] {
  const offset = reader.offset;
  const items = reader.vector(what, () => ({ name: readLabel(reader), type: readValueTypeRef(reader) }));
  checkUnique(
    reader,
    items.map((item) => item.name),
    offset,
  );
  return items;
}

function readLabels(reader: BinaryReader, what: string): string[] {
  const offset = reader.offset;
  const labels = reader.vector(what, () => readLabel(reader));
  checkUnique(reader, labels, offset);
  return labels;
}

/** `deftype`; `depth` counts the component and instance types around it. */
export function readType(reader: BinaryReader, depth: number): TypeShape {
  const offset = reader.offset;
  const opcode = reader.byte();
  switch (opcode) {
    case 0x72:
      return { kind: "record", fields: readLabelled(reader, "field") };
    case 0x71:
      return readVariant(reader, offset);
    case 0x70:
      return { kind: "list", element: readValueTypeRef(reader) };
    case 0x67:
      return { kind: "fixed-list", element: readValueTypeRef(reader), length: reader.u32() };
    case 0x6f:
      return { kind: "tuple", elements: reader.vector("element", () => readValueTypeRef(reader)) };
    case 0x6e:
      return { kind: "flags", labels: readLabels(reader, "flag") };
    case 0x6d:
      return { kind: "enum", labels: readLabels(reader, "label") };
    case 0x6b:
      return { kind: "option", element: readValueTypeRef(reader) };
    case 0x6a: {
      const ok = readOptionalRef(reader);
      const err = readOptionalRef(reader);
      return { kind: "result", ...(ok === undefined ? {} : { ok }), ...(err === undefined ? {} : { err }) };
    }
    case 0x69:
      return { kind: "own", resource: reader.u32() };
    case 0x68:
      return { kind: "borrow", resource: reader.u32() };
    case 0x66:
      readOptionalRef(reader);
      return { kind: "unsupported", construct: "stream" };
    case 0x65:
      readOptionalRef(reader);
      return { kind: "unsupported", construct: "future" };
    case 0x63:
      readValueTypeRef(reader);
      readValueTypeRef(reader);
      return { kind: "unsupported", construct: "map" };
    case 0x40:
    case 0x43:
      return readFunc(reader, opcode === 0x43);
    case 0x41:
    case 0x42:
      return readDeclaringType(reader, opcode === 0x41 ? "component" : "instance", depth);
    case 0x3f:
      return readResource(reader);
    default: {
      const primitive = PRIMITIVES[opcode];
      if (primitive === undefined) reader.fail(`unknown type ${hexByte(opcode)}`, offset);
      return { kind: "primitive", primitive };
    }
  }
}

function readVariant(reader: BinaryReader, offset: number): TypeShape {
  const cases = reader.vector("case", () => {
    const name = readLabel(reader);
    const type = readOptionalRef(reader);
    reader.expect(0x00, "the end of a case");
    return type === undefined ? { name } : { name, type };
  });
  checkUnique(
    reader,
    cases.map((item) => item.name),
    offset,
  );
  return { kind: "variant", cases };
}

function readFunc(reader: BinaryReader, async: boolean): TypeShape {
  const params = readLabelled(reader, "param");
  const result = readResultList(reader);
  return result === undefined ? { kind: "func", async, params } : { kind: "func", async, params, result };
}

/** `resultlist`. */
export function readResultList(reader: BinaryReader): ValueTypeRef | undefined {
  const offset = reader.offset;
  const tag = reader.byte();
  if (tag === 0x00) return readValueTypeRef(reader);
  if (tag !== 0x01) reader.fail(`unknown result list ${hexByte(tag)}`, offset);
  if (reader.u32() !== 0) reader.fail("named results are no longer part of the Component Model", offset);
  return undefined;
}

function readResource(reader: BinaryReader): TypeShape {
  const offset = reader.offset;
  const representation = reader.byte();
  if (representation !== 0x7f)
    reader.fail("a resource that is not represented by an i32 is not supported", offset);
  const tag = reader.byte();
  if (tag > 1) reader.fail(`expected 0x00 or 0x01, found ${hexByte(tag)}`);
  return tag === 0 ? { kind: "resource" } : { kind: "resource", destructor: reader.u32() };
}

function readDeclaringType(reader: BinaryReader, kind: "component" | "instance", depth: number): TypeShape {
  if (depth >= LIMITS.depth) reader.fail(`types nest deeper than ${LIMITS.depth}`);
  return { kind, declarations: reader.vector("declaration", () => readDeclaration(reader, kind, depth + 1)) };
}

/** `componentdecl` and `instancedecl`. */
function readDeclaration(reader: BinaryReader, owner: "component" | "instance", depth: number): Definition {
  const offset = reader.offset;
  const kind = reader.byte();
  switch (kind) {
    case 0x00:
      return { kind: "core-type", type: readCoreType(reader), offset };
    case 0x01:
      return { kind: "type", type: readType(reader, depth), offset };
    case 0x02:
      return { kind: "alias", ...readAlias(reader), offset };
    case 0x03:
      if (owner === "instance") reader.fail("an instance type cannot have imports", offset);
      return { kind: "import", name: readExternName(reader), type: readExternType(reader), offset };
    case 0x04:
      return {
        kind: "export-declaration",
        name: readExternName(reader),
        type: readExternType(reader),
        offset,
      };
    default:
      return reader.fail(`unknown declaration ${hexByte(kind)}`, offset);
  }
}

/** `externtype`. */
export function readExternType(reader: BinaryReader): ExternType {
  const offset = reader.offset;
  const kind = reader.byte();
  switch (kind) {
    case 0x00:
      reader.expect(0x11, "a core module type");
      return { kind: "core-module", index: reader.u32() };
    case 0x01:
      return { kind: "func", index: reader.u32() };
    case 0x02: {
      const bound = reader.byte();
      if (bound === 0x00) reader.u32();
      else readValueTypeRef(reader);
      return { kind: "value" };
    }
    case 0x03: {
      const bound = reader.byte();
      if (bound === 0x00) return { kind: "type", bound: { kind: "eq", index: reader.u32() } };
      if (bound === 0x01) return { kind: "type", bound: { kind: "resource" } };
      return reader.fail(`unknown type bound ${hexByte(bound)}`, offset);
    }
    case 0x04:
      return { kind: "component", index: reader.u32() };
    case 0x05:
      return { kind: "instance", index: reader.u32() };
    default:
      return reader.fail(`unknown extern type ${hexByte(kind)}`, offset);
  }
}
