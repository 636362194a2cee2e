/** Core modules with lower maxima for the memories and tables that they define: what a run may grow to is decided before it begins. */
import { BinaryReader } from "../wit/binary/reader.ts";
import { readLimits, readValueType } from "./read-types.ts";
import { skipConstantExpression } from "./skip-expression.ts";
import type { CoreLimits } from "./types.ts";

const HEADER_BYTES = 8;
const TABLE_SECTION = 4;
const MEMORY_SECTION = 5;
/** Begins a table that says what its elements are at first. */
const WITH_INITIALISER = 0x40;

/** What a module defines, imports aside, in its order. */
export interface Definitions {
  readonly memories: readonly CoreLimits[];
  readonly tables: readonly CoreLimits[];
}

/** New maxima, in pages and elements; absent: as it was. */
export interface Maxima {
  readonly memories: readonly (number | undefined)[];
  readonly tables: readonly (number | undefined)[];
}

/** One definition: its limits, and where they stand in the file. */
interface Placed {
  readonly limits: CoreLimits;
  readonly start: number;
  readonly end: number;
}

interface Section {
  readonly id: number;
  readonly start: number;
  readonly content: BinaryReader;
}

/** Throws BinaryFault for what is no module. What an engine has compiled is one. */
export function readDefinitions(module: Uint8Array): Definitions {
  const memories: CoreLimits[] = [];
  const tables: CoreLimits[] = [];
  for (const { id, content } of sections(module)) {
    const into = id === MEMORY_SECTION ? memories : tables;
    into.push(...definitions(id, content).map(({ limits }) => limits));
  }
  return { memories, tables };
}

/** A copy with those maxima; the module itself where nothing changes. */
export function capModule(module: Uint8Array<ArrayBuffer>, maxima: Maxima): Uint8Array<ArrayBuffer> {
  if (![...maxima.memories, ...maxima.tables].some((maximum) => maximum !== undefined)) return module;
  const parts: (Uint8Array | readonly number[])[] = [];
  let copied = 0;
  for (const { id, start, content } of sections(module)) {
    const changes = id === MEMORY_SECTION ? maxima.memories : maxima.tables;
    const inner: (Uint8Array | readonly number[])[] = [];
    let at = content.offset;
    for (const [index, placed] of definitions(id, content).entries()) {
      const maximum = changes[index];
      if (maximum === undefined) continue;
      inner.push(module.subarray(at, placed.start), printLimits({ ...placed.limits, max: maximum }));
      at = placed.end;
    }
    inner.push(module.subarray(at, content.end));
    const size = inner.reduce((sum, part) => sum + part.length, 0);
    parts.push(module.subarray(copied, start), [id, ...leb(size)], ...inner);
    copied = content.end;
  }
  parts.push(module.subarray(copied));
  const capped = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    capped.set(part, at);
    at += part.length;
  }
  return capped;
}

/** The sections of memories and tables. */
function* sections(module: Uint8Array): Iterable<Section> {
  const reader = new BinaryReader(module);
  reader.slice(HEADER_BYTES);
  while (!reader.done) {
    const start = reader.offset;
    const id = reader.byte();
    const content = reader.slice(reader.u32());
    if (id === TABLE_SECTION || id === MEMORY_SECTION) yield { id, start, content };
  }
}

function definitions(id: number, from: BinaryReader): readonly Placed[] {
  // The section is read again when it is written.
  const reader = new BinaryReader(from.bytes, undefined, from.offset, from.end);
  const found: Placed[] = [];
  for (let left = reader.u32(); left > 0; left -= 1) {
    const hasInitialiser = id === TABLE_SECTION && reader.peek() === WITH_INITIALISER;
    if (hasInitialiser) reader.slice(2);
    if (id === TABLE_SECTION) readValueType(reader);
    const start = reader.offset;
    const limits = readLimits(reader);
    found.push({ limits, start, end: reader.offset });
    // What comes after an instruction that is not known cannot be found; the engine has few such tables.
    if (hasInitialiser && !skipConstantExpression(reader)) break;
  }
  return found;
}

function printLimits({ min, max, isShared, is64, pageSizeLog2 }: CoreLimits): readonly number[] {
  const flags =
    (max === undefined ? 0 : 1) + (isShared ? 2 : 0) + (is64 ? 4 : 0) + (pageSizeLog2 === undefined ? 0 : 8);
  return [
    flags,
    ...leb(min),
    ...(max === undefined ? [] : leb(max)),
    ...(pageSizeLog2 === undefined ? [] : leb(pageSizeLog2)),
  ];
}

/** An unsigned LEB128; exact up to 2^53. */
function leb(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return bytes;
}
