import type { BinaryReader } from "./reader.ts";
import { hexByte } from "./reader.ts";
import type { Canon, CanonOptions, StringEncoding } from "./sections.ts";

/** The built-ins of the async and threads proposals, by opcode: known so that a refusal can name them. */
const UNSUPPORTED: Readonly<Record<number, string>> = {
  0x05: "task.cancel",
  0x06: "subtask.cancel",
  0x08: "backpressure.set",
  0x09: "task.return",
  0x0a: "context.get",
  0x0b: "context.set",
  0x0c: "thread.yield",
  0x0d: "subtask.drop",
  0x0e: "stream.new",
  0x0f: "stream.read",
  0x10: "stream.write",
  0x11: "stream.cancel-read",
  0x12: "stream.cancel-write",
  0x13: "stream.drop-readable",
  0x14: "stream.drop-writable",
  0x15: "future.new",
  0x16: "future.read",
  0x17: "future.write",
  0x18: "future.cancel-read",
  0x19: "future.cancel-write",
  0x1a: "future.drop-readable",
  0x1b: "future.drop-writable",
  0x1c: "error-context.new",
  0x1d: "error-context.debug-message",
  0x1e: "error-context.drop",
  0x1f: "waitable-set.new",
  0x20: "waitable-set.wait",
  0x21: "waitable-set.poll",
  0x22: "waitable-set.drop",
  0x23: "waitable.join",
  0x24: "backpressure.inc",
  0x25: "backpressure.dec",
  0x26: "thread.index",
  0x27: "thread.new-indirect",
  0x28: "thread.resume-later",
  0x29: "thread.suspend",
  0x2a: "thread.suspend-then-resume",
  0x2b: "thread.yield-then-resume",
  0x2c: "thread.suspend-then-promote",
  0x2d: "thread.yield-then-promote",
  0x40: "thread.spawn-ref",
  0x41: "thread.spawn-indirect",
  0x42: "thread.available-parallelism",
};

/** What to do about a construct of the async proposals. */
export const ASYNC_HELP = "hostbundle runs synchronous components (WASI 0.2); build the guest without async";

const ENCODINGS: readonly StringEncoding[] = ["utf8", "utf16", "latin1+utf16"];

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
      const builtin = UNSUPPORTED[kind];
      if (builtin !== undefined)
        reader.fail(`the built-in "canon ${builtin}" is not supported`, offset, ASYNC_HELP);
      return reader.fail(`unknown canonical definition ${hexByte(kind)}`, offset);
    }
  }
}

/** `opts`. */
function readOptions(reader: BinaryReader): CanonOptions {
  const options: { -readonly [Key in keyof CanonOptions]: CanonOptions[Key] } = {};
  reader.vector("option", () => {
    const offset = reader.offset;
    const kind = reader.byte();
    const encoding = ENCODINGS[kind];
    if (encoding !== undefined) options.encoding = encoding;
    else if (kind === 0x03) options.memory = reader.u32();
    else if (kind === 0x04) options.realloc = reader.u32();
    else if (kind === 0x05) options.postReturn = reader.u32();
    else if (kind === 0x06) reader.fail('the canonical option "async" is not supported', offset, ASYNC_HELP);
    else if (kind === 0x07)
      reader.fail('the canonical option "callback" is not supported', offset, ASYNC_HELP);
    else reader.fail(`unknown canonical option ${hexByte(kind)}`, offset);
  });
  return options;
}
