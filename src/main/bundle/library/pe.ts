/** Windows DLLs (Microsoft, "PE Format"). 64-bit only. */
import { type LibraryFile, LibraryProblem, MAX_NAME_BYTES, nameAt } from "./file.ts";
import type { LibraryFacts } from "./facts.ts";

const ARCHITECTURES: ReadonlyMap<number, string> = new Map([
  [0x8664, "x64"],
  [0xaa64, "arm64"],
  [0x14c, "ia32"],
]);

const IMAGE_FILE_DLL = 0x2000;
const PE32_PLUS = 0x20b;
const EXPORT_DIRECTORY_AT = 112;
const MAX_SECTIONS = 96;

interface Section {
  readonly address: number;
  readonly size: number;
  readonly offset: number;
}

export function inspectPe(file: LibraryFile): LibraryFacts {
  const at = file.read(0x3c, 4, "the DOS header").readUInt32LE(0);
  const head = file.read(at, 24, "the PE header");
  if (head.toString("latin1", 0, 4) !== "PE\0\0") throw new LibraryProblem("there is no PE header", at);
  const machine = head.readUInt16LE(4);
  const architecture = ARCHITECTURES.get(machine) ?? `machine 0x${machine.toString(16)}`;
  if ((head.readUInt16LE(22) & IMAGE_FILE_DLL) === 0)
    throw new LibraryProblem("this is a program, not a DLL", at + 22);
  const optional = file.read(at + 24, head.readUInt16LE(20), "the optional header");
  if (optional.length < EXPORT_DIRECTORY_AT + 8 || optional.readUInt16LE(0) !== PE32_PLUS) {
    return { format: "pe", architecture: `32-bit ${architecture}`, symbols: new Set() };
  }
  const count = head.readUInt16LE(6);
  if (count > MAX_SECTIONS) throw new LibraryProblem(`the PE header claims ${count} sections`, at + 6);
  const sections = readSections(file.read(at + 24 + optional.length, count * 40, "the section headers"));
  const directory = optional.readUInt32LE(EXPORT_DIRECTORY_AT);
  return {
    format: "pe",
    architecture,
    symbols: directory === 0 ? new Set() : readExports(file, sections, directory),
  };
}

function readSections(table: Buffer): Section[] {
  return Array.from({ length: table.length / 40 }, (_, index) => ({
    address: table.readUInt32LE(index * 40 + 12),
    size: table.readUInt32LE(index * 40 + 16),
    offset: table.readUInt32LE(index * 40 + 20),
  }));
}

function readExports(file: LibraryFile, sections: readonly Section[], directory: number): Set<string> {
  const place = (address: number): number => {
    const section = sections.find((each) => address >= each.address && address < each.address + each.size);
    if (section === undefined)
      throw new LibraryProblem(`the address 0x${address.toString(16)} is in no section`);
    return address - section.address + section.offset;
  };
  const head = file.read(place(directory), 40, "the export directory");
  const count = head.readUInt32LE(24);
  const pointers =
    count === 0 ? Buffer.alloc(0) : file.read(place(head.readUInt32LE(32)), count * 4, "the export names");
  const symbols = new Set<string>();
  for (let at = 0; at < pointers.length; at += 4) {
    const offset = place(pointers.readUInt32LE(at));
    const bytes = file.read(offset, Math.min(MAX_NAME_BYTES, file.size - offset), "an export name");
    const name = nameAt(bytes, 0);
    if (name !== undefined) symbols.add(name);
  }
  return symbols;
}
