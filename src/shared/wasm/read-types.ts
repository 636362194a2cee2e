/** A core module's type section and what types are made of (WebAssembly, "Binary Format", "Types"). */
import { type BinaryReader, hexByte } from "../wit/binary/reader.ts";
import type { CoreFuncType, CoreGlobalType, CoreLimits, CoreTableType, CoreValueType } from "./types.ts";

const NUMBERS: Readonly<Record<number, string>> = {
  0x7f: "i32",
  0x7e: "i64",
  0x7d: "f32",
  0x7c: "f64",
  0x7b: "v128",
  0x78: "i8",
  0x77: "i16",
};

/** Abstract heap types, and what a nullable reference to one is called. */
const HEAP_TYPES: Readonly<Record<number, readonly [heap: string, reference: string]>> = {
  0x75: ["nocont", "nullcontref"],
  0x74: ["noexn", "nullexnref"],
  0x73: ["nofunc", "nullfuncref"],
  0x72: ["noextern", "nullexternref"],
  0x71: ["none", "nullref"],
  0x70: ["func", "funcref"],
  0x6f: ["extern", "externref"],
  0x6e: ["any", "anyref"],
  0x6d: ["eq", "eqref"],
  0x6c: ["i31", "i31ref"],
  0x6b: ["struct", "structref"],
  0x6a: ["array", "arrayref"],
  0x69: ["exn", "exnref"],
  0x68: ["cont", "contref"],
};

const REF_NULL = 0x63;
const REF = 0x64;
/** Goes before a heap type that can be shared between threads. */
const SHARED = 0x65;

/** A value or storage type. One that is not known keeps its opcode: the engine decides whether it is one. */
export function readValueType(reader: BinaryReader): CoreValueType {
  const opcode = reader.byte();
  if (opcode !== REF && opcode !== REF_NULL)
    return NUMBERS[opcode] ?? HEAP_TYPES[opcode]?.[1] ?? hexByte(opcode);
  const isShared = reader.peek() === SHARED;
  if (isShared) reader.byte();
  const heap = reader.s33();
  // A negative number is the opcode of an abstract heap type: its lower seven bits.
  const abstract = heap < 0 ? HEAP_TYPES[heap + 0x80] : undefined;
  if (opcode === REF_NULL && abstract !== undefined && !isShared) return abstract[1];
  const name = abstract?.[0] ?? String(heap);
  return `(ref ${opcode === REF_NULL ? "null " : ""}${isShared ? "shared " : ""}${name})`;
}

/** A type index inside means nothing to another module. */
function isModuleRelative(type: CoreValueType): boolean {
  return /\d\)$/.test(type) && !type.endsWith("i31)");
}

/**
 * The types of a type section by index; absent at an index: not a function. Whatever comes after a form of
 * definition that is not known here is left out.
 */
export function readTypes(reader: BinaryReader): (CoreFuncType | undefined)[] {
  const types: (CoreFuncType | undefined)[] = [];
  for (let left = reader.u32(); left > 0; left--) {
    if (!readGroup(reader, types)) break;
  }
  return types;
}

/** `rectype`. Gives whether it could be read. */
function readGroup(reader: BinaryReader, types: (CoreFuncType | undefined)[]): boolean {
  if (reader.peek() !== 0x4e) return readSubtype(reader, types, true);
  reader.byte();
  const members = reader.u32();
  for (let left = members; left > 0; left--) {
    if (!readSubtype(reader, types, members === 1)) return false;
  }
  return true;
}

/** `subtype`, with the shorthand for a final one without supertypes. */
function readSubtype(reader: BinaryReader, types: (CoreFuncType | undefined)[], isAlone: boolean): boolean {
  let isStructural = isAlone;
  const form = reader.peek();
  if (form === 0x50 || form === 0x4f) {
    reader.byte();
    const supertypes = reader.vector("supertype", () => reader.u32());
    isStructural &&= form === 0x4f && supertypes.length === 0;
  }
  if (reader.peek() === SHARED) {
    reader.byte();
    isStructural = false;
  }
  reader.countItems(1);
  switch (reader.byte()) {
    case 0x60:
      types.push(readFuncType(reader, isStructural));
      return true;
    case 0x5f:
      reader.vector("field", () => skipField(reader));
      break;
    case 0x5e:
      skipField(reader);
      break;
    case 0x5d:
      reader.s33();
      break;
    default:
      return false;
  }
  types.push(undefined);
  return true;
}

function readFuncType(reader: BinaryReader, isStructural: boolean): CoreFuncType {
  const params = reader.vector("param", () => readValueType(reader));
  const results = reader.vector("result", () => readValueType(reader));
  const isRelative = params.some(isModuleRelative) || results.some(isModuleRelative);
  return { params, results, isStructural: isStructural && !isRelative };
}

function skipField(reader: BinaryReader): void {
  readValueType(reader);
  reader.byte();
}

/** `tabletype` */
export function readTableType(reader: BinaryReader): CoreTableType {
  return { element: readValueType(reader), limits: readLimits(reader) };
}

const HAS_MAX = 1;
const IS_SHARED = 2;
const IS_64 = 4;
const HAS_PAGE_SIZE = 8;

/** `limits`, and the size of pages where a memory says it. */
export function readLimits(reader: BinaryReader): CoreLimits {
  const offset = reader.offset;
  const flags = reader.byte();
  if (flags > 0x0f) reader.fail(`unknown kind of limits ${hexByte(flags)}`, offset);
  const bound = (): number => ((flags & IS_64) === 0 ? reader.u32() : readU64(reader));
  return {
    min: bound(),
    ...((flags & HAS_MAX) === 0 ? {} : { max: bound() }),
    isShared: (flags & IS_SHARED) !== 0,
    is64: (flags & IS_64) !== 0,
    ...((flags & HAS_PAGE_SIZE) === 0 ? {} : { pageSizeLog2: reader.u32() }),
  };
}

/** An unsigned LEB128 of 64 bits, exact up to 2^53. */
function readU64(reader: BinaryReader): number {
  const offset = reader.offset;
  let result = 0;
  for (let index = 0; index < 10; index++) {
    const byte = reader.byte();
    result += (byte & 0x7f) * 2 ** (7 * index);
    if ((byte & 0x80) === 0) return result;
  }
  return reader.fail("an integer is longer than 10 bytes", offset);
}

/** `globaltype` */
export function readGlobalType(reader: BinaryReader): CoreGlobalType {
  return { value: readValueType(reader), isMutable: (reader.byte() & 1) !== 0 };
}
