/**
 * The core parts of a component (Binary.md, "Instance Definitions" and "Type Definitions"). Core modules
 * themselves are not read here: they are compiled by the engine.
 */
import { readCoreSort } from "./decode-names.ts";
import type { BinaryReader } from "./reader.ts";
import { hexByte } from "./reader.ts";
import type { CoreFuncType, CoreInstanceExpression, Definition } from "./sections.ts";

type CoreType = Extract<Definition, { kind: "core-type" }>["type"];

/** `core:type`: functions and module types; the definitions of the GC proposal are not used by components. */
export function readCoreType(reader: BinaryReader): CoreType {
  const offset = reader.offset;
  const opcode = reader.byte();
  switch (opcode) {
    case 0x60:
      return readCoreFuncType(reader);
    case 0x50:
      reader.vector("declaration", () => skipModuleDeclaration(reader));
      return { kind: "module" };
    case 0x00:
    case 0x4e:
    case 0x4f:
    case 0x5e:
    case 0x5f:
      return reader.fail("a core type of the GC proposal is not supported", offset);
    default:
      return reader.fail(`unknown core type ${hexByte(opcode)}`, offset);
  }
}

function readCoreFuncType(reader: BinaryReader): CoreFuncType {
  const params = reader.vector("param", () => readCoreValueType(reader));
  const results = reader.vector("result", () => readCoreValueType(reader));
  return { kind: "func", params, results };
}

/** Gives the opcode; a typed reference's heap type is stepped over. */
export function readCoreValueType(reader: BinaryReader): number {
  const opcode = reader.byte();
  if (opcode === 0x63 || opcode === 0x64) reader.s33();
  return opcode;
}

function skipModuleDeclaration(reader: BinaryReader): void {
  const offset = reader.offset;
  const kind = reader.byte();
  switch (kind) {
    case 0x00:
      reader.name();
      reader.name();
      return skipCoreExternType(reader);
    case 0x01:
      reader.expect(0x60, "a core function type");
      readCoreFuncType(reader);
      return;
    case 0x02:
      reader.expect(0x10, "a core type alias");
      reader.expect(0x01, "an outer alias");
      reader.u32();
      reader.u32();
      return;
    case 0x03:
      reader.name();
      return skipCoreExternType(reader);
    default:
      return reader.fail(`unknown declaration ${hexByte(kind)} in a module type`, offset);
  }
}

function skipCoreExternType(reader: BinaryReader): void {
  const offset = reader.offset;
  const kind = reader.byte();
  switch (kind) {
    case 0x00:
      reader.u32();
      return;
    case 0x01:
      readCoreValueType(reader);
      return skipCoreLimits(reader);
    case 0x02:
      return skipCoreLimits(reader);
    case 0x03:
      readCoreValueType(reader);
      reader.byte();
      return;
    case 0x04:
      reader.byte();
      reader.u32();
      return;
    default:
      return reader.fail(`unknown core extern type ${hexByte(kind)}`, offset);
  }
}

function skipCoreLimits(reader: BinaryReader): void {
  const offset = reader.offset;
  const flags = reader.byte();
  if (flags > 0x0f || (flags & 0x04) !== 0) reader.fail("a 64-bit memory or table is not supported", offset);
  reader.u32();
  if ((flags & 0x01) !== 0) reader.u32();
  if ((flags & 0x08) !== 0) reader.u32();
}

/** `core:instance`. */
export function readCoreInstance(reader: BinaryReader): CoreInstanceExpression {
  const offset = reader.offset;
  const kind = reader.byte();
  if (kind === 0x00) {
    const module = reader.u32();
    const args = reader.vector("argument", () => {
      const name = reader.name();
      reader.expect(0x12, "a core instance");
      return { name, instance: reader.u32() };
    });
    return { kind: "instantiate", module, args };
  }
  if (kind === 0x01) {
    const exports = reader.vector("export", () => {
      const name = reader.name();
      return { name, sort: readCoreSort(reader), index: reader.u32() };
    });
    return { kind: "exports", exports };
  }
  return reader.fail(`unknown core instance expression ${hexByte(kind)}`, offset);
}
