/**
 * Data segments that lie close together become one. A toolchain that leaves out runs of zeroes may write thousands, and the
 * engine copies each of them on its own whenever the module is instantiated.
 */
import { decodeCoreModule } from "../../shared/wasm/core-module.ts";
import { BinaryReader } from "../../shared/wit/binary/reader.ts";
import { BinaryFault } from "../../shared/wit/binary/trail.ts";

const DATA_SECTION = 11;
const DATA_COUNT_SECTION = 12;
const HEADER_BYTES = 8;
const PAGE_BYTES = 65_536;

/** Fewer are not worth another copy of the module. */
const FEW_SEGMENTS = 64;
/** Zeroes between two segments that are written out: copying them costs less than another segment. */
const MAX_GAP_BYTES = 256;

const I32_CONST = 0x41;
const END = 0x0b;

interface Segment {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** The same module with fewer segments, or `module` itself where there is nothing to gain or it is not sure to be the same. */
export function mergeDataSegments(module: Uint8Array): Uint8Array {
  try {
    return mergeWhere(module);
  } catch (error) {
    if (!(error instanceof BinaryFault)) throw error;
    // Malformed: that is the engine's to say.
    return module;
  }
}

function mergeWhere(module: Uint8Array): Uint8Array {
  const section = findData(module);
  if (section === undefined) return module;
  const segments = readSegments(section.content);
  if (segments === undefined || segments.length < FEW_SEGMENTS) return module;
  const memoryBytes = initialBytes(module);
  const merged = memoryBytes === undefined ? undefined : merge(segments, memoryBytes);
  if (merged === undefined) return module;
  const content = concat([leb(merged.length), ...merged.flatMap(printSegment)]);
  return concat([
    module.subarray(0, section.start),
    [DATA_SECTION, ...leb(content.length)],
    content,
    module.subarray(section.end),
  ]);
}

interface DataSection {
  readonly start: number;
  readonly end: number;
  readonly content: BinaryReader;
}

/** Absent where there is none, or where code may refer to segments by their numbers. */
function findData(module: Uint8Array): DataSection | undefined {
  const reader = new BinaryReader(module);
  reader.slice(HEADER_BYTES);
  let found: DataSection | undefined;
  while (!reader.done) {
    const start = reader.offset;
    const id = reader.byte();
    const content = reader.slice(reader.u32());
    if (id === DATA_COUNT_SECTION) return undefined;
    if (id !== DATA_SECTION) continue;
    if (found !== undefined) return undefined;
    found = { start, end: reader.offset, content };
  }
  return found;
}

/** Absent where one is passive, or lies where only an instance can tell. */
function readSegments(reader: BinaryReader): Segment[] | undefined {
  const segments: Segment[] = [];
  for (let left = reader.u32(); left > 0; left--) {
    if (reader.u32() !== 0 || reader.byte() !== I32_CONST) return undefined;
    const at = reader.s33();
    if (at !== (at | 0) || reader.byte() !== END) return undefined;
    const content = reader.slice(reader.u32());
    segments.push({ at: at >>> 0, bytes: reader.bytes.subarray(content.offset, content.end) });
  }
  return reader.done ? segments : undefined;
}

/** Of the one memory that the module itself defines, all zeroes at first. */
function initialBytes(module: Uint8Array): number | undefined {
  const { imports, memories } = decodeCoreModule(new BinaryReader(module));
  const [memory] = memories;
  if (memory === undefined || memories.length > 1 || imports.some(({ extern }) => extern.kind === "memory"))
    return undefined;
  const isPlain = !memory.is64 && !memory.isShared && memory.pageSizeLog2 === undefined;
  return isPlain ? memory.min * PAGE_BYTES : undefined;
}

/** In ascending order and inside the memory, so that none hides another and none traps. */
function merge(segments: readonly Segment[], memoryBytes: number): Segment[] | undefined {
  const runs: { at: number; end: number; parts: Segment[] }[] = [];
  for (const segment of segments) {
    const end = segment.at + segment.bytes.length;
    const last = runs.at(-1);
    if (end > memoryBytes || (last !== undefined && segment.at < last.end)) return undefined;
    if (last === undefined || segment.at - last.end > MAX_GAP_BYTES) {
      runs.push({ at: segment.at, end, parts: [segment] });
    } else {
      last.parts.push(segment);
      last.end = end;
    }
  }
  return runs.map(({ at, end, parts }) => {
    const bytes = new Uint8Array(end - at);
    for (const part of parts) bytes.set(part.bytes, part.at - at);
    return { at, bytes };
  });
}

function printSegment({ at, bytes }: Segment): (Uint8Array | number[])[] {
  return [[0, I32_CONST, ...signedLeb(at | 0), END, ...leb(bytes.length)], bytes];
}

/** WebAssembly, "Integers": unsigned. */
function leb(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out.push((rest % 0x80) + 0x80);
  return [...out, rest];
}

/** WebAssembly, "Integers": signed. */
function signedLeb(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  for (; rest < -0x40 || rest >= 0x40; rest >>= 7) out.push((rest & 0x7f) | 0x80);
  return [...out, rest & 0x7f];
}

function concat(parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
