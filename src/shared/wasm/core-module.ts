/**
 * The imports and exports of a core module with their types. This is not a validator: bodies, segments and
 * everything that the engine checks when it compiles the module are stepped over, and what the engine may know and
 * this decoder does not is there without a type.
 */
import { type BinaryReader, hexByte } from "../wit/binary/reader.ts";
import { quote } from "../wit/binary/trail.ts";
import { readGlobalType, readLimits, readTableType, readTypes } from "./read-types.ts";
import { skipConstantExpression } from "./skip-expression.ts";
import type {
  CoreExtern,
  CoreFuncType,
  CoreLimits,
  CoreModule,
  CoreModuleExport,
  CoreModuleImport,
} from "./types.ts";

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** Definitions of one section; V8's own bound. */
const MAX_DEFINITIONS = 1_000_000;

const KINDS = ["func", "table", "memory", "global", "tag"] as const;

type Kind = (typeof KINDS)[number];

interface RawExport {
  readonly name: string;
  readonly kind: Kind;
  readonly index: number;
  readonly offset: number;
}

/**
 * Decodes a core module, which is all that `reader` reads.
 * @throws {BinaryFault} where sections, imports or exports are malformed or over the bounds
 */
export function decodeCoreModule(reader: BinaryReader): CoreModule {
  return new Decoder(reader).module();
}

class Decoder {
  readonly #reader: BinaryReader;
  #types: readonly (CoreFuncType | undefined)[] = [];
  readonly #imports: CoreModuleImport[] = [];
  readonly #importNames = new Set<string>();
  readonly #exports: RawExport[] = [];
  /** The index spaces, except of the functions that the module defines: theirs are only type indices. */
  readonly #externs: Record<Kind, CoreExtern[]> = { func: [], table: [], memory: [], global: [], tag: [] };
  readonly #functionTypes: number[] = [];
  readonly #memories: CoreLimits[] = [];
  #tableElements = 0;
  /** Kinds whose index space goes on after what is known of it. */
  readonly #open = new Set<Kind>();

  constructor(reader: BinaryReader) {
    this.#reader = reader;
  }

  module(): CoreModule {
    const reader = this.#reader;
    const start = reader.offset;
    for (const byte of HEADER) reader.expect(byte, "the header of a core module");
    while (!reader.done) {
      const id = reader.byte();
      this.#section(id, reader.slice(reader.u32()));
    }
    const exports = new Map<string, CoreModuleExport>();
    for (const { name, kind, index, offset } of this.#exports) {
      const extern =
        this.#extern(kind, index) ??
        reader.fail(`export ${quote(name)}: ${kind} index ${index} is out of range`, offset);
      exports.set(name, { extern, offset });
    }
    return {
      start,
      imports: this.#imports,
      memories: this.#memories,
      tableElements: this.#tableElements,
      exports,
    };
  }

  #section(id: number, reader: BinaryReader): void {
    switch (id) {
      case 1:
        this.#types = readTypes(reader);
        return;
      case 2:
        return this.#definitions(reader, "import", () => this.#import(reader));
      case 3:
        return this.#functions(reader);
      case 4:
        return this.#definitions(reader, "table", () => this.#table(reader));
      case 5:
        return this.#definitions(reader, "memory", () => {
          const type = readLimits(reader);
          this.#memories.push(type);
          this.#externs.memory.push({ kind: "memory", type });
        });
      case 6:
        return this.#definitions(reader, "global", () => {
          this.#externs.global.push({ kind: "global", type: readGlobalType(reader) });
          if (!skipConstantExpression(reader)) this.#open.add("global");
          return !this.#open.has("global");
        });
      case 7:
        return this.#definitions(reader, "export", () => {
          const { offset } = reader;
          this.#exports.push({ name: reader.name(), kind: readKind(reader), index: reader.u32(), offset });
        });
      case 13:
        return this.#definitions(reader, "tag", () => {
          this.#externs.tag.push(this.#tag(reader));
        });
      default:
      // Code, data, custom sections and what comes in the future.
    }
  }

  /** `item` may give `false`: the rest of the section cannot be read. */
  #definitions(reader: BinaryReader, what: string, item: () => boolean | void): void {
    const count = countOf(reader, what);
    reader.countItems(count);
    for (let index = 0; index < count; index++) {
      if (reader.trail.within(`${what}[${index}]`, item) === false) return;
    }
  }

  #functions(reader: BinaryReader): void {
    for (let left = countOf(reader, "function"); left > 0; left--) this.#functionTypes.push(reader.u32());
  }

  #import(reader: BinaryReader): void {
    const { offset } = reader;
    const namespace = reader.name();
    const name = reader.name();
    // The engine takes two, a component must not have them (Component Model, test/validation/core-modules.wast).
    const both = `${namespace.length} ${namespace}${name}`;
    if (this.#importNames.has(both))
      reader.fail(`${quote(namespace)} ${quote(name)} is imported twice`, offset);
    this.#importNames.add(both);
    const kind = readKind(reader);
    const extern = this.#imported(kind, reader);
    this.#externs[kind].push(extern);
    this.#imports.push({ namespace, name, extern, offset });
  }

  #imported(kind: Kind, reader: BinaryReader): CoreExtern {
    switch (kind) {
      case "func":
        return this.#func(reader.u32());
      case "table":
        return { kind, type: readTableType(reader) };
      case "memory":
        return { kind, type: readLimits(reader) };
      case "global":
        return { kind, type: readGlobalType(reader) };
      case "tag":
        return this.#tag(reader);
    }
  }

  /** A table, which may say what its elements are at first. */
  #table(reader: BinaryReader): boolean {
    const isInitialized = reader.peek() === 0x40;
    if (isInitialized) reader.slice(2);
    const type = readTableType(reader);
    this.#tableElements += type?.limits.min ?? 0;
    this.#externs.table.push({ kind: "table", type });
    if (isInitialized && !skipConstantExpression(reader)) this.#open.add("table");
    return !this.#open.has("table");
  }

  #tag(reader: BinaryReader): CoreExtern {
    // The attribute: only exceptions exist.
    reader.byte();
    const type = this.#types[reader.u32()];
    return type === undefined ? { kind: "tag" } : { kind: "tag", type };
  }

  #func(typeIndex: number): CoreExtern {
    const type = this.#types[typeIndex];
    return type === undefined ? { kind: "func" } : { kind: "func", type };
  }

  #extern(kind: Kind, index: number): CoreExtern | undefined {
    const known = this.#externs[kind];
    if (index < known.length) return known[index];
    if (kind === "func") {
      const typeIndex = this.#functionTypes[index - known.length];
      return typeIndex === undefined ? undefined : this.#func(typeIndex);
    }
    return this.#open.has(kind) ? { kind } : undefined;
  }
}

function countOf(reader: BinaryReader, what: string): number {
  const { offset } = reader;
  const count = reader.u32();
  // Every definition has at least one byte.
  const most = Math.min(MAX_DEFINITIONS, reader.end - reader.offset);
  if (count > most) reader.fail(`${count} × ${what} is more than the ${most} that there can be`, offset);
  return count;
}

function readKind(reader: BinaryReader): Kind {
  const { offset } = reader;
  const byte = reader.byte();
  return KINDS[byte] ?? reader.fail(`unknown kind of import or export ${hexByte(byte)}`, offset);
}
