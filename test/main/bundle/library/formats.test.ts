/** Mach-O, universal and PE files, built byte by byte: their formats are read on every machine. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LibraryProblem } from "../../../../src/main/bundle/library/file.ts";
import { inspectLibrary, type Machine } from "../../../../src/main/bundle/library/inspect.ts";
import { createRandom, mutate } from "../../../support/mutate.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const folder = temporaryFolder();
const MAC: Machine = { platform: "darwin", architecture: "arm64" };
const WINDOWS: Machine = { platform: "win32", architecture: "x64" };
const LINUX: Machine = { platform: "linux", architecture: "x64" };
const [ARM64, X64] = [0x0100_000c, 0x0100_0007];

/** `exports: ` and the symbols, or the problem. */
function read(bytes: Uint8Array, machine: Machine): string {
  const path = join(folder, "candidate");
  writeFileSync(path, bytes);
  try {
    return `exports: ${[...inspectLibrary(path, machine).symbols].join(" ")}`;
  } catch (error) {
    if (error instanceof LibraryProblem) return error.message;
    throw error;
  }
}

const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const wide = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** A Mach-O file with one symbol table: an exported, a private, a local and an undefined symbol, and one without `_`. */
function machO(cpu: number, type = 6): Buffer {
  const strings = Buffer.from("\0_shown\0_private\0_local\0_undefined\0assembly\0", "latin1");
  const symbols: readonly (readonly [name: string, type: number])[] = [
    ["_shown", 0x0f],
    ["_private", 0x1f & ~0x01],
    ["_local", 0x0e],
    ["_undefined", 0x01],
    ["assembly", 0x0f],
  ];
  const table = symbols.map(([name, kind]) =>
    Buffer.concat([word(strings.indexOf(name)), Buffer.of(kind, 1, 0, 0), Buffer.alloc(8)]),
  );
  const at = 32 + 24;
  const end = at + table.length * 16;
  return Buffer.concat([
    ...[0xfeed_facf, cpu, 0, type, 1, 24, 0, 0].map(word),
    ...[2, 24, at, table.length, end, strings.length].map(word),
    ...table,
    strings,
  ]);
}

function universal(slices: readonly (readonly [cpu: number, bytes: Buffer])[]): Buffer {
  let offset = 8 + slices.length * 20;
  const heads: Buffer[] = [];
  for (const [cpu, bytes] of slices) {
    heads.push(...[cpu, 0, offset, bytes.length, 0].map(wide));
    offset += bytes.length;
  }
  return Buffer.concat([
    wide(0xcafe_babe),
    wide(slices.length),
    ...heads,
    ...slices.map(([, bytes]) => bytes),
  ]);
}

interface PeShape {
  readonly machine?: number;
  readonly characteristics?: number;
  readonly magic?: number;
  readonly sectionOffset?: number;
  readonly directory?: number;
}

/** A DLL with one section that holds the export directory: two names. */
function dll(shape: PeShape = {}): Buffer {
  const bytes = Buffer.alloc(1024);
  bytes.write("MZ", 0, "latin1");
  bytes.writeUInt32LE(64, 0x3c);
  bytes.write("PE\0\0", 64, "latin1");
  bytes.writeUInt16LE(shape.machine ?? 0x8664, 68);
  bytes.writeUInt16LE(1, 70);
  bytes.writeUInt16LE(240, 84);
  bytes.writeUInt16LE(shape.characteristics ?? 0x2022, 86);
  bytes.writeUInt16LE(shape.magic ?? 0x20b, 88);
  bytes.writeUInt32LE(shape.directory ?? 0x1000, 88 + 112);
  const section = 88 + 240;
  bytes.writeUInt32LE(0x1000, section + 12);
  bytes.writeUInt32LE(512, section + 16);
  bytes.writeUInt32LE(shape.sectionOffset ?? 512, section + 20);
  bytes.writeUInt32LE(2, 512 + 24);
  bytes.writeUInt32LE(0x1000 + 64, 512 + 32);
  bytes.writeUInt32LE(0x1000 + 100, 512 + 64);
  bytes.writeUInt32LE(0x1000 + 110, 512 + 68);
  bytes.write("first\0", 512 + 100, "latin1");
  bytes.write("second\0", 512 + 110, "latin1");
  return bytes;
}

describe("Mach-O", () => {
  test.each<[string, Buffer, RegExp]>([
    ["a dynamic library", machO(ARM64), /^exports: shown$/u],
    ["a bundle", machO(ARM64, 8), /^exports: shown$/u],
    ["a program", machO(ARM64, 2), /^this is a Mach-O file of type 2, not a dynamic library/u],
    ["another architecture", machO(X64), /^it is built for x64; this machine is arm64/u],
    ["an unknown architecture", machO(77), /^it is built for CPU type 77/u],
    [
      "universal",
      universal([
        [X64, machO(X64)],
        [ARM64, machO(ARM64)],
      ]),
      /^exports: shown$/u,
    ],
    [
      "universal without ours",
      universal([
        [X64, machO(X64)],
        [7, machO(7)],
      ]),
      /^it is built for x64 and ia32; /u,
    ],
    ["universal of nothing", universal([]), /^this is not a shared library|^it is built for/u],
    [
      "universal of many",
      Buffer.concat([wide(0xcafe_babe), wide(65), Buffer.alloc(64)]),
      /claims 65 architectures/u,
    ],
    ["universal, cut", universal([[ARM64, machO(ARM64)]]).subarray(0, 80), /outside the file/u],
    ["cut", machO(ARM64).subarray(0, 80), /^the symbol table lies outside the file/u],
  ])("%s", (_title, bytes, expected) => {
    const padded = bytes.length < 64 ? Buffer.concat([bytes, Buffer.alloc(64 - bytes.length)]) : bytes;
    expect(read(padded, MAC)).toMatch(expected);
  });

  test("is refused elsewhere", () => {
    expect(read(machO(X64), LINUX)).toBe(
      "this is a Mach-O dynamic library; linux needs an ELF shared object",
    );
  });
});

describe("PE", () => {
  test.each<[string, PeShape, RegExp]>([
    ["a DLL", {}, /^exports: first second$/u],
    ["one that exports nothing", { directory: 0 }, /^exports: $/u],
    ["a program", { characteristics: 0x22 }, /^this is a program, not a DLL/u],
    ["another architecture", { machine: 0xaa64 }, /^it is built for arm64; this machine is x64/u],
    ["an unknown architecture", { machine: 0x1234 }, /^it is built for machine 0x1234/u],
    ["32-bit", { machine: 0x14c, magic: 0x10b }, /^it is built for 32-bit ia32/u],
    ["exports in no section", { directory: 0x9000 }, /^the address 0x9000 is in no section/u],
    ["a section outside", { sectionOffset: 0x7fff_0000 }, /^the export directory lies outside the file/u],
  ])("%s", (_title, shape, expected) => {
    expect(read(dll(shape), WINDOWS)).toMatch(expected);
  });

  test("a name behind the end of the file", () => {
    const bytes = dll({ directory: 0x1000 });
    // A second section, whose place in the file is beyond its end.
    bytes.writeUInt16LE(2, 70);
    const section = 88 + 240 + 40;
    for (const [at, value] of [
      [12, 0x5000],
      [16, 512],
      [20, 0x10_0000],
    ] as const)
      bytes.writeUInt32LE(value, section + at);
    bytes.writeUInt32LE(0x5000, 512 + 64);
    expect(read(bytes, WINDOWS)).toMatch(/^an export name lies outside the file/u);
  });

  test("is refused elsewhere", () => {
    expect(read(dll(), LINUX)).toBe("this is a Windows DLL; linux needs an ELF shared object");
  });

  test("without PE header", () => {
    const bytes = dll();
    bytes.writeUInt32LE(128, 0x3c);
    expect(read(bytes, WINDOWS)).toBe("there is no PE header");
  });
});

test.each<[string, Buffer, Machine]>([
  ["Mach-O", machO(ARM64), MAC],
  [
    "universal",
    universal([
      [X64, machO(X64)],
      [ARM64, machO(ARM64)],
    ]),
    MAC,
  ],
  ["PE", dll(), WINDOWS],
])("seeded faults in %s: symbols or a problem, never anything else", (_title, bytes, machine) => {
  const random = createRandom(1);
  const answers = new Set<string>();
  for (let round = 0; round < 400; round++) answers.add(read(mutate(bytes, random), machine));
  expect(answers.size).toBeGreaterThan(5);
});
