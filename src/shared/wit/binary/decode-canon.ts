import { readCoreValueType } from "./decode-core.ts";
import { readResultList } from "./decode-types.ts";
import type { BinaryReader } from "./reader.ts";
import { hexByte } from "./reader.ts";
import type { Canon, CanonOptions, StringEncoding } from "./sections.ts";

/**
 * What follows a built-in's opcode: `i` an index or number, `f` a flag byte, `v` a core value type, `r` a result
 * list, `o` canonical options.
 */
type Immediates = string;

/**
 * The built-ins of the async and threads proposals, by opcode. A synchronous component may hold them without ever
 * calling one: the runtimes of interpreted languages import them all.
 */
const BUILTINS: Readonly<Record<number, readonly [name: string, immediates: Immediates]>> = {
  0x05: ["task.cancel", ""],
  0x06: ["subtask.cancel", "f"],
  0x08: ["backpressure.set", ""],
  0x09: ["task.return", "ro"],
  0x0a: ["context.get", "vi"],
  0x0b: ["context.set", "vi"],
  0x0c: ["thread.yield", "f"],
  0x0d: ["subtask.drop", ""],
  0x0e: ["stream.new", "i"],
  0x0f: ["stream.read", "io"],
  0x10: ["stream.write", "io"],
  0x11: ["stream.cancel-read", "if"],
  0x12: ["stream.cancel-write", "if"],
  0x13: ["stream.drop-readable", "i"],
  0x14: ["stream.drop-writable", "i"],
  0x15: ["future.new", "i"],
  0x16: ["future.read", "io"],
  0x17: ["future.write", "io"],
  0x18: ["future.cancel-read", "if"],
  0x19: ["future.cancel-write", "if"],
  0x1a: ["future.drop-readable", "i"],
  0x1b: ["future.drop-writable", "i"],
  0x1c: ["error-context.new", "o"],
  0x1d: ["error-context.debug-message", "o"],
  0x1e: ["error-context.drop", ""],
  0x1f: ["waitable-set.new", ""],
  0x20: ["waitable-set.wait", "fi"],
  0x21: ["waitable-set.poll", "fi"],
  0x22: ["waitable-set.drop", ""],
  0x23: ["waitable.join", ""],
  0x24: ["backpressure.inc", ""],
  0x25: ["backpressure.dec", ""],
  0x26: ["thread.index", ""],
  0x27: ["thread.new-indirect", "ii"],
  0x28: ["thread.resume-later", ""],
  0x29: ["thread.suspend", "f"],
  0x2a: ["thread.suspend-then-resume", "f"],
  0x2b: ["thread.yield-then-resume", "f"],
  0x2c: ["thread.suspend-then-promote", "f"],
  0x2d: ["thread.yield-then-promote", "f"],
  0x40: ["thread.spawn-ref", "fi"],
  0x41: ["thread.spawn-indirect", "fii"],
  0x42: ["thread.available-parallelism", "f"],
};

/** What to do about a construct of the async proposals. */
export const ASYNC_HELP = "hostbundle runs synchronous components (WASI 0.2); build the guest without async";

const ENCODINGS: readonly StringEncoding[] = ["utf8", "utf16", "latin1+utf16"];

/** The options that take an index, by opcode. */
const OPTIONS: Readonly<Record<number, keyof CanonOptions>> = {
  0x03: "memory",
  0x04: "realloc",
  0x05: "postReturn",
};

/** `canon`, Binary.md "Canonical Definitions". */
export function readCanon(reader: BinaryReader): Canon {
  const offset = reader.offset;
  const kind = reader.byte();
  switch (kind) {
    case 0x00: {
      reader.expect(0x00, "the func sort");
      const coreFunc = reader.u32();
      const options = readOptions(reader);
      return { kind: "lift", coreFunc, options, type: reader.u32() };
    }
    case 0x01: {
      reader.expect(0x00, "the func sort");
      const func = reader.u32();
      return { kind: "lower", func, options: readOptions(reader) };
    }
    case 0x02:
      return { kind: "resource.new", type: reader.u32() };
    case 0x03:
      return { kind: "resource.drop", type: reader.u32() };
    case 0x04:
      return { kind: "resource.rep", type: reader.u32() };
    default: {
      const builtin = BUILTINS[kind];
      if (builtin === undefined) return reader.fail(`unknown canonical definition ${hexByte(kind)}`, offset);
      const [name, immediates] = builtin;
      for (const immediate of immediates) skipImmediate(reader, immediate);
      return { kind: "async-builtin", name };
    }
  }
}

function skipImmediate(reader: BinaryReader, immediate: string): void {
  if (immediate === "i") reader.u32();
  else if (immediate === "f") reader.byte();
  else if (immediate === "v") readCoreValueType(reader);
  else if (immediate === "r") readResultList(reader);
  else readOptions(reader);
}

/** `opts` */
function readOptions(reader: BinaryReader): CanonOptions {
  const options: { -readonly [Key in keyof CanonOptions]: CanonOptions[Key] } = {};
  reader.vector("option", () => {
    const offset = reader.offset;
    const kind = reader.byte();
    const encoding = ENCODINGS[kind];
    const name = encoding === undefined ? OPTIONS[kind] : "encoding";
    if (name !== undefined && name in options)
      reader.fail(`the canonical option ${name} is given twice`, offset);
    if (encoding !== undefined) options.encoding = encoding;
    else if (kind === 0x03) options.memory = reader.u32();
    else if (kind === 0x04) options.realloc = reader.u32();
    else if (kind === 0x05) options.postReturn = reader.u32();
    else if (kind === 0x06 || kind === 0x07) {
      options.async = true;
      if (kind === 0x07) reader.u32();
    } else reader.fail(`unknown canonical option ${hexByte(kind)}`, offset);
  });
  return options;
}
