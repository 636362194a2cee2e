/**
 * What a shared library is and exports, read from its file. Nothing is loaded: a library's constructors
 * must not run in the main thread, and not at all for `check`.
 */
import { inspectElf } from "./elf.ts";
import type { LibraryFacts, LibraryFormat } from "./facts.ts";
import { LibraryFile, LibraryProblem } from "./file.ts";
import { inspectFat, inspectMachO, isMachO } from "./mach-o.ts";
import { inspectPe } from "./pe.ts";

/** The machine that a library must be made for. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly architecture: string;
}

const FORMAT_NAMES: Readonly<Record<LibraryFormat, string>> = {
  elf: "an ELF shared object",
  "mach-o": "a Mach-O dynamic library",
  pe: "a Windows DLL",
};

/** Facts of a library that this machine can load; anything else is a `LibraryProblem`. */
export function inspectLibrary(path: string, machine: Machine): LibraryFacts {
  const file = new LibraryFile(path);
  try {
    const facts = inspectFile(file, machine);
    const wanted = formatOf(machine.platform);
    if (facts.format !== wanted) {
      throw new LibraryProblem(
        `this is ${FORMAT_NAMES[facts.format]}; ${machine.platform} needs ${FORMAT_NAMES[wanted]}`,
      );
    }
    if (facts.architecture !== machine.architecture) {
      throw new LibraryProblem(
        `it is built for ${facts.architecture}; this machine is ${machine.architecture}`,
      );
    }
    return facts;
  } finally {
    file.close();
  }
}

function inspectFile(file: LibraryFile, machine: Machine): LibraryFacts {
  if (file.size === 0) throw new LibraryProblem("the file is empty");
  const head = file.size < 64 ? Buffer.alloc(8) : file.read(0, 8, "the header");
  const magic = head.readUInt32BE(0);
  if (magic === 0x7f45_4c46) return inspectElf(file);
  if (magic === 0xcafe_babe || magic === 0xcafe_babf) return inspectFat(file, machine.architecture);
  if (isMachO(head)) return inspectMachO(file);
  if (head.readUInt16BE(0) === 0x4d5a) return inspectPe(file);
  throw new LibraryProblem("this is not a shared library (no ELF, Mach-O or PE header)", 0);
}

function formatOf(platform: NodeJS.Platform): LibraryFormat {
  if (platform === "darwin") return "mach-o";
  return platform === "win32" ? "pe" : "elf";
}
