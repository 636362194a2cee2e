/** ELF shared objects (System V ABI, "Object Files"; gABI, "Dynamic Linking"). 64-bit little-endian only: the native ABI is LP64. */
import { type LibraryFile, LibraryProblem, nameAt, readSize64 } from "./file.ts";
import type { LibraryFacts } from "./facts.ts";

const ARCHITECTURES: ReadonlyMap<number, string> = new Map([
  [3, "ia32"],
  [8, "mips"],
  [20, "ppc"],
  [21, "ppc64"],
  [22, "s390x"],
  [40, "arm"],
  [62, "x64"],
  [183, "arm64"],
  [243, "riscv64"],
  [258, "loong64"],
]);

const ET_DYN = 3;
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const SHT_DYNSYM = 11;
const DT = { hash: 4, strtab: 5, symtab: 6, strsz: 10, gnuHash: 0x6fff_fef5, flags1: 0x6fff_fffb } as const;
const DF_1_PIE = 0x0800_0000;

const SYMBOL_BYTES = 24;
/** More program or section headers than this no linker writes. */
const MAX_HEADERS = 4096;
/** Symbols that share one hash bucket; real tables have a few. */
const MAX_CHAIN = 100_000;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
}

interface Table {
  readonly offset: number;
  readonly size: number;
}

export function inspectElf(file: LibraryFile): LibraryFacts {
  const head = file.read(0, 64, "the ELF header");
  const [wordSize, byteOrder] = [head.readUInt8(4), head.readUInt8(5)];
  if (wordSize < 1 || wordSize > 2 || byteOrder < 1 || byteOrder > 2)
    throw new LibraryProblem("the ELF header is malformed", 4);
  const machine = byteOrder === 1 ? head.readUInt16LE(18) : head.readUInt16BE(18);
  const architecture = ARCHITECTURES.get(machine) ?? `machine ${machine}`;
  if (wordSize === 1 || byteOrder === 2) {
    return {
      format: "elf",
      architecture: `${wordSize * 32}-bit ${byteOrder === 2 ? "big-endian " : ""}${architecture}`,
      symbols: new Set(),
    };
  }
  const type = head.readUInt16LE(16);
  if (type !== ET_DYN) throw new LibraryProblem(`this is ${describeType(type)}, not a shared library`, 16);
  const segments = readSegments(file, head);
  const dynamic = readDynamic(file, segments);
  if (((dynamic.get(DT.flags1) ?? 0) & DF_1_PIE) !== 0) {
    throw new LibraryProblem("this is a program (a position-independent executable), not a shared library");
  }
  const tables = tablesFromSections(file, head) ?? tablesFromDynamic(file, segments, dynamic);
  return {
    format: "elf",
    architecture,
    symbols: tables === undefined ? new Set() : readSymbols(file, tables),
  };
}

function describeType(type: number): string {
  if (type === 1) return "an object file (.o)";
  if (type === 2) return "a program";
  return type === 4 ? "a core dump" : `an ELF file of type ${type}`;
}

function headerTable(
  file: LibraryFile,
  offset: number,
  entryBytes: number,
  count: number,
  least: number,
  what: string,
): Buffer[] {
  if (count === 0 || offset === 0) return [];
  if (count > MAX_HEADERS || entryBytes < least) throw new LibraryProblem(`${what} are malformed`, offset);
  const bytes = file.read(offset, entryBytes * count, what);
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(index * entryBytes, (index + 1) * entryBytes),
  );
}

function readSegments(file: LibraryFile, head: Buffer): Segment[] {
  const headers = headerTable(
    file,
    readSize64(head, 32),
    head.readUInt16LE(54),
    head.readUInt16LE(56),
    56,
    "the program headers",
  );
  return headers.map((header) => ({
    type: header.readUInt32LE(0),
    offset: readSize64(header, 8),
    address: readSize64(header, 16),
    fileSize: readSize64(header, 32),
  }));
}

/** The dynamic section as tag to value; of repeated tags the last. */
function readDynamic(file: LibraryFile, segments: readonly Segment[]): Map<number, number> {
  const entries = new Map<number, number>();
  const segment = segments.find((each) => each.type === PT_DYNAMIC);
  if (segment === undefined)
    throw new LibraryProblem("there is no dynamic section: this is not a shared library");
  const bytes = file.read(segment.offset, segment.fileSize, "the dynamic section");
  for (let at = 0; at + 16 <= bytes.length; at += 16) {
    const tag = readSize64(bytes, at);
    if (tag === 0) break;
    entries.set(tag, readSize64(bytes, at + 8));
  }
  return entries;
}

interface SymbolTables {
  readonly symbols: Table;
  readonly strings: Table;
}

function tablesFromSections(file: LibraryFile, head: Buffer): SymbolTables | undefined {
  const headers = headerTable(
    file,
    readSize64(head, 40),
    head.readUInt16LE(58),
    head.readUInt16LE(60),
    64,
    "the section headers",
  );
  const symbols = headers.find((header) => header.readUInt32LE(4) === SHT_DYNSYM);
  const strings = symbols === undefined ? undefined : headers[symbols.readUInt32LE(40)];
  if (symbols === undefined || strings === undefined) return undefined;
  return { symbols: sectionTable(symbols), strings: sectionTable(strings) };
}

function sectionTable(header: Buffer): Table {
  return { offset: readSize64(header, 24), size: readSize64(header, 32) };
}

/** Without section headers the number of symbols is known from the hash tables only, as for the loader itself. */
function tablesFromDynamic(
  file: LibraryFile,
  segments: readonly Segment[],
  dynamic: ReadonlyMap<number, number>,
): SymbolTables | undefined {
  const place = (tag: number): number | undefined => {
    const address = dynamic.get(tag);
    if (address === undefined) return undefined;
    const segment = segments.find(
      (each) => each.type === PT_LOAD && address >= each.address && address < each.address + each.fileSize,
    );
    return segment === undefined ? undefined : address - segment.address + segment.offset;
  };
  const [symbols, strings, size] = [place(DT.symtab), place(DT.strtab), dynamic.get(DT.strsz)];
  if (symbols === undefined || strings === undefined || size === undefined) return undefined;
  const [hash, gnuHash] = [place(DT.hash), place(DT.gnuHash)];
  let count = 0;
  if (hash !== undefined) count = file.read(hash, 8, "the symbol hash table").readUInt32LE(4);
  else if (gnuHash !== undefined) count = countGnuHash(file, gnuHash);
  return { symbols: { offset: symbols, size: count * SYMBOL_BYTES }, strings: { offset: strings, size } };
}

/** One more than the highest symbol index that a GNU hash table reaches. */
function countGnuHash(file: LibraryFile, offset: number): number {
  const head = file.read(offset, 16, "the GNU hash table");
  const [bucketCount, firstSymbol, bloomWords] = [
    head.readUInt32LE(0),
    head.readUInt32LE(4),
    head.readUInt32LE(8),
  ];
  const bucketsAt = offset + 16 + bloomWords * 8;
  const buckets = file.read(bucketsAt, bucketCount * 4, "the GNU hash table");
  let highest = 0;
  for (let at = 0; at < buckets.length; at += 4) highest = Math.max(highest, buckets.readUInt32LE(at));
  if (highest < firstSymbol) return firstSymbol;
  const chains = bucketsAt + bucketCount * 4 - firstSymbol * 4;
  for (const limit = highest + MAX_CHAIN; highest < limit; highest += 1) {
    if ((file.read(chains + highest * 4, 4, "the GNU hash table").readUInt32LE(0) & 1) !== 0)
      return highest + 1;
  }
  throw new LibraryProblem("the GNU hash table has an endless chain", chains);
}

function readSymbols(file: LibraryFile, tables: SymbolTables): Set<string> {
  const table = file.read(tables.symbols.offset, tables.symbols.size, "the symbol table");
  const strings = file.read(tables.strings.offset, tables.strings.size, "the string table");
  const names = new Set<string>();
  for (let at = 0; at + SYMBOL_BYTES <= table.length; at += SYMBOL_BYTES) {
    const info = table.readUInt8(at + 4);
    const isDefined = table.readUInt16LE(at + 6) !== 0;
    if (!isDefined || !isVisible(info, table.readUInt8(at + 5))) continue;
    const name = nameAt(strings, table.readUInt32LE(at));
    if (name !== undefined) names.add(name);
  }
  return names;
}

/** Global, weak or unique; a function, object, IFUNC or untyped; not hidden or internal. */
function isVisible(info: number, other: number): boolean {
  const [binding, type, visibility] = [info >> 4, info & 0xf, other & 3];
  return (
    (binding === 1 || binding === 2 || binding === 10) &&
    (type <= 2 || type === 10) &&
    visibility !== 1 &&
    visibility !== 2
  );
}
