/** Mach-O dynamic libraries, thin and universal (mach-o/loader.h, mach-o/fat.h, mach-o/nlist.h). 64-bit only. */
import { type LibraryFile, LibraryProblem, nameAt } from "./file.ts";
import type { LibraryFacts } from "./facts.ts";

const ARCHITECTURES: ReadonlyMap<number, string> = new Map([
  [0x0100_0007, "x64"],
  [0x0100_000c, "arm64"],
  [7, "ia32"],
  [12, "arm"],
]);

const MH_DYLIB = 6;
const MH_BUNDLE = 8;
const LC_SYMTAB = 2;
const MAX_COMMANDS = 65_536;
const MAX_SLICES = 64;

/** A universal file: the slice of the wanted architecture, else a list of what there is. */
export function inspectFat(file: LibraryFile, wanted: string): LibraryFacts {
  const head = file.read(0, 8, "the universal header");
  const isWide = head.readUInt32BE(0) === 0xcafe_babf;
  const [count, entryBytes] = [head.readUInt32BE(4), isWide ? 32 : 20];
  if (count > MAX_SLICES) throw new LibraryProblem(`the universal header claims ${count} architectures`, 4);
  const table = file.read(8, count * entryBytes, "the universal header");
  const found: string[] = [];
  for (let at = 0; at < table.length; at += entryBytes) {
    const architecture = nameOf(table.readUInt32BE(at));
    found.push(architecture);
    if (architecture !== wanted) continue;
    return inspectMachO(file, isWide ? Number(table.readBigUInt64BE(at + 8)) : table.readUInt32BE(at + 8));
  }
  return { format: "mach-o", architecture: found.join(" and "), symbols: new Set() };
}

export function inspectMachO(file: LibraryFile, start = 0): LibraryFacts {
  const head = file.read(start, 32, "the Mach-O header");
  const architecture = nameOf(head.readUInt32LE(4));
  const type = head.readUInt32LE(12);
  if (type !== MH_DYLIB && type !== MH_BUNDLE) {
    throw new LibraryProblem(`this is a Mach-O file of type ${type}, not a dynamic library`, start + 12);
  }
  const count = head.readUInt32LE(16);
  if (count > MAX_COMMANDS)
    throw new LibraryProblem(`the Mach-O header claims ${count} load commands`, start + 16);
  const commands = file.read(start + 32, head.readUInt32LE(20), "the load commands");
  const symbols = new Set<string>();
  for (let at = 0, index = 0; index < count && at + 24 <= commands.length; index += 1) {
    const size = commands.readUInt32LE(at + 4);
    if (size < 8) throw new LibraryProblem(`load command ${index} is malformed`, start + 32 + at);
    if (commands.readUInt32LE(at) === LC_SYMTAB) {
      readSymbols(file, start, commands.subarray(at), symbols);
      // The loader takes one symbol table; thousands of commands for one large table would never end.
      break;
    }
    at += size;
  }
  return { format: "mach-o", architecture, symbols };
}

function readSymbols(file: LibraryFile, start: number, command: Buffer, symbols: Set<string>): void {
  const table = file.read(start + command.readUInt32LE(8), command.readUInt32LE(12) * 16, "the symbol table");
  const strings = file.read(start + command.readUInt32LE(16), command.readUInt32LE(20), "the string table");
  for (let at = 0; at < table.length; at += 16) {
    const type = table.readUInt8(at + 4);
    const isExported = (type & 0xe0) === 0 && (type & 0x01) !== 0 && (type & 0x0e) !== 0;
    const name = isExported ? nameAt(strings, table.readUInt32LE(at)) : undefined;
    // C names carry an underscore here.
    if (name?.startsWith("_") === true) symbols.add(name.slice(1));
  }
}

function nameOf(cpuType: number): string {
  return ARCHITECTURES.get(cpuType) ?? `CPU type ${cpuType}`;
}

/** Whether the first four bytes begin a 64-bit Mach-O file. */
export function isMachO(head: Buffer): boolean {
  return head.readUInt32LE(0) === 0xfeed_facf;
}
