/**
 * The column of bare koffi: JavaScript calls the C library, written by hand as one would for this C interface.
 * Strings and lists start and end as JavaScript values; structs are written into a buffer that is kept.
 */
import { Buffer } from "node:buffer";
import koffi from "koffi";
import { BYTE_COUNT, SHORT_TEXT, STRING_COUNT, TEXT, WORD_COUNT } from "../rows.mjs";
import { samplers } from "./samplers.mjs";

/** Of the C symbols. */
const PREFIX = "bench_calls_host_";
/** Offsets in the scratch buffer. */
const ARGUMENT_AT = 0;
const RESULT_AT = 64;
const ITEMS_AT = 1024;
const DATA_AT = 8192;
const SCRATCH_BYTES = 64 * 1024;

/**
 * The library's functions as JavaScript functions. A column of jco uses them too: what it measures is the same FFI
 * call behind jco's bindings.
 * @param {string} libraryPath
 */
export function bindBare(libraryPath) {
  const library = koffi.load(libraryPath, { deep: true });
  const libc = koffi.load(null);
  const memcpy = libc.func("memcpy", "void", ["void *", "void *", "size_t"]);
  const free = libc.func("free", "void", ["void *"]);
  const struct = (/** @type {string} */ name, /** @type {string} */ result, /** @type {number} */ pointers) =>
    library.func(
      `${PREFIX}${name}`,
      result,
      Array.from({ length: pointers }, () => "void *"),
    );
  const native = {
    nothing: library.func(`${PREFIX}nothing`, "void", []),
    addI32: library.func(`${PREFIX}add_i32`, "int32_t", ["int32_t", "int32_t"]),
    addF64: library.func(`${PREFIX}add_f64`, "double", ["double", "double"]),
    addU64: library.func(`${PREFIX}add_u64`, "uint64_t", ["uint64_t", "uint64_t"]),
    takeString: struct("take_string", "void", 1),
    echoString: struct("echo_string", "void", 2),
    echoSample: struct("echo_sample", "void", 2),
    takeWords: struct("take_words", "uint32_t", 1),
    takeBytes: struct("take_bytes", "uint32_t", 1),
    echoStrings: struct("echo_strings", "void", 2),
    callCount: library.func("bench_call_count", "uint64_t", []),
  };

  const scratch = Buffer.from(new ArrayBuffer(SCRATCH_BYTES));
  const u32 = new Uint32Array(scratch.buffer);
  const u64 = new BigUint64Array(scratch.buffer);
  const f64 = new Float64Array(scratch.buffer);
  const base = koffi.address(scratch);
  const argument = base + BigInt(ARGUMENT_AT);
  const result = base + BigInt(RESULT_AT);
  const items = base + BigInt(ITEMS_AT);
  const data = base + BigInt(DATA_AT);

  /** A `{ ptr, len }` at `at`. */
  function writeSlice(/** @type {number} */ at, /** @type {bigint} */ address, /** @type {number} */ length) {
    u64[at / 8] = address;
    u32[at / 4 + 2] = length;
    u32[at / 4 + 3] = 0;
  }

  /** Copies the native string that the slice at `at` names, and frees it. */
  function takeSlice(/** @type {number} */ at) {
    const address = u64[at / 8] ?? 0n;
    const length = u32[at / 4 + 2] ?? 0;
    memcpy(data, address, length);
    free(address);
    return scratch.toString("utf8", DATA_AT, DATA_AT + length);
  }

  return {
    nothing: native.nothing,
    addI32: native.addI32,
    addF64: native.addF64,
    addU64: native.addU64,
    callCount: () => BigInt(native.callCount()),

    takeString: (/** @type {string} */ text) => {
      writeSlice(ARGUMENT_AT, data, scratch.write(text, DATA_AT, "utf8"));
      native.takeString(argument);
    },

    echoString: (/** @type {string} */ text) => {
      writeSlice(ARGUMENT_AT, data, scratch.write(text, DATA_AT, "utf8"));
      native.echoString(argument, result);
      return takeSlice(RESULT_AT);
    },

    echoSample: (/** @type {{ id: number, weight: number, stamp: bigint, valid: boolean }} */ sample) => {
      u32[ARGUMENT_AT / 4] = sample.id;
      f64[ARGUMENT_AT / 8 + 1] = sample.weight;
      u64[ARGUMENT_AT / 8 + 2] = sample.stamp;
      scratch[ARGUMENT_AT + 24] = Number(sample.valid);
      native.echoSample(argument, result);
      return {
        id: u32[RESULT_AT / 4] ?? 0,
        weight: f64[RESULT_AT / 8 + 1] ?? 0,
        stamp: u64[RESULT_AT / 8 + 2] ?? 0n,
        valid: scratch[RESULT_AT + 24] !== 0,
      };
    },

    takeWords: (/** @type {Uint32Array} */ words) => {
      writeSlice(ARGUMENT_AT, koffi.address(words), words.length);
      return native.takeWords(argument);
    },

    takeBytes: (/** @type {Uint8Array} */ bytes) => {
      writeSlice(ARGUMENT_AT, koffi.address(bytes), bytes.length);
      return native.takeBytes(argument);
    },

    echoStrings: (/** @type {readonly string[]} */ texts) => {
      let end = DATA_AT;
      for (let index = 0; index < texts.length; index++) {
        const length = scratch.write(texts[index] ?? "", end, "utf8");
        writeSlice(ITEMS_AT + index * 16, base + BigInt(end), length);
        end += length;
      }
      writeSlice(ARGUMENT_AT, items, texts.length);
      native.echoStrings(argument, result);
      const array = u64[RESULT_AT / 8] ?? 0n;
      const count = u32[RESULT_AT / 4 + 2] ?? 0;
      memcpy(items, array, count * 16);
      free(array);
      return Array.from({ length: count }, (_, index) => takeSlice(ITEMS_AT + index * 16));
    },
  };
}

/** @typedef {ReturnType<typeof bindBare>} BareFunctions */

/**
 * A loop per row. They are written out so that each has its own call site, as in a program.
 * @param {BareFunctions} bare
 * @returns {import("./samplers.mjs").Samplers}
 */
export function bareColumn(bare) {
  const {
    nothing,
    addI32,
    addF64,
    addU64,
    takeString,
    echoString,
    echoSample,
    takeWords,
    takeBytes,
    echoStrings,
  } = bare;
  const words = new Uint32Array(WORD_COUNT);
  const shortBytes = new Uint8Array(new ArrayBuffer(4096), 0, 16);
  const bytes = new Uint8Array(BYTE_COUNT);
  const texts = Array.from({ length: STRING_COUNT }, (_, index) => TEXT.slice(index, index + 16));
  return samplers(
    {
      nothing(count) {
        for (let turn = count; turn > 0; turn--) nothing();
      },
      "i32-add"(count) {
        for (let turn = count; turn > 0; turn--) addI32(turn, 1);
      },
      "f64-add"(count) {
        for (let turn = count; turn > 0; turn--) addF64(1.5, 2.5);
      },
      "u64-add"(count) {
        for (let turn = count; turn > 0; turn--) addU64(BigInt(turn), 1n);
      },
      "string16-in"(count) {
        for (let turn = count; turn > 0; turn--) takeString(SHORT_TEXT);
      },
      "string16-both"(count) {
        for (let turn = count; turn > 0; turn--) echoString(SHORT_TEXT);
      },
      "string1k-both"(count) {
        for (let turn = count; turn > 0; turn--) echoString(TEXT);
      },
      "record-both"(count) {
        for (let turn = count; turn > 0; turn--) {
          echoSample({ id: turn, weight: 0.5, stamp: 1_700_000_000_000n, valid: true });
        }
      },
      "words1000-in"(count) {
        for (let turn = count; turn > 0; turn--) takeWords(words);
      },
      "strings100-both"(count) {
        for (let turn = count; turn > 0; turn--) echoStrings(texts);
      },
      "bytes16-in"(count) {
        for (let turn = count; turn > 0; turn--) takeBytes(shortBytes);
      },
      "bytes1m-in"(count) {
        for (let turn = count; turn > 0; turn--) takeBytes(bytes);
      },
    },
    bare.callCount,
  );
}

/**
 * Proves that the hand-written bindings are right: a wrong one could be fast.
 * @param {BareFunctions} bare
 */
export function checkBare(bare) {
  const sample = { id: 7, weight: 0.5, stamp: 2n ** 63n, valid: true };
  const results = [
    [bare.addI32(2, 3), 5],
    [bare.addF64(0.5, 0.25), 0.75],
    [BigInt(bare.addU64(2n, 3n)), 5n],
    [bare.echoString(TEXT), TEXT],
    [bare.echoSample(sample), sample],
    [bare.takeWords(new Uint32Array([1, 9, 2])), 3],
    [bare.takeBytes(new Uint8Array([1, 9, 2])), 3],
    [bare.echoStrings(["a", "", "bcd"]), ["a", "", "bcd"]],
  ];
  for (const [index, [given, wanted]] of results.entries()) {
    if (show(given) !== show(wanted))
      throw new Error(`check ${index} of the bare bindings: ${show(given)}, not ${show(wanted)}`);
  }
}

function show(/** @type {unknown} */ value) {
  return JSON.stringify(value, (_, part) => (typeof part === "bigint" ? String(part) : part));
}
