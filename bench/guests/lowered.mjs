/**
 * The guest of the lowered imports, in WAT: one exported loop per row around one call of the import. The world is in
 * `lowered.wit`; the same bytes run in every guest column.
 */
import { BYTE_COUNT, STRING_COUNT, TEXT, WORD_COUNT } from "../rows.mjs";
import { allocator, loop } from "./parts.mjs";

const RETURN_AREA = 64;
const TEXT_AT = 1024;
const WORDS_AT = 4096;
const STRINGS_AT = 16_384;
const BYTES_AT = 65_536;
const HEAP_AT = BYTES_AT + BYTE_COUNT;
const PAGES = 64;

/** Core signatures of the imports: the flat Canonical ABI of `lowered.wit`. */
const IMPORTS = {
  nothing: "",
  "add-i32": "(param i32 i32) (result i32)",
  "add-f64": "(param f64 f64) (result f64)",
  "add-u64": "(param i64 i64) (result i64)",
  "take-string": "(param i32 i32)",
  "echo-string": "(param i32 i32 i32)",
  "echo-sample": "(param i32 f64 i64 i32 i32)",
  "take-words": "(param i32 i32) (result i32)",
  "take-bytes": "(param i32 i32) (result i32)",
  "echo-strings": "(param i32 i32 i32)",
};

/** What one turn of each row's loop does. The allocator starts over each time: results are not kept. */
const BODIES = {
  nothing: "(call $nothing)",
  "i32-add": "(drop (call $add-i32 (local.get $count) (i32.const 1)))",
  "f64-add": "(drop (call $add-f64 (f64.const 1.5) (f64.const 2.5)))",
  "u64-add": "(drop (call $add-u64 (i64.extend_i32_u (local.get $count)) (i64.const 1)))",
  "string16-in": `(call $take-string (i32.const ${TEXT_AT}) (i32.const 16))`,
  "string16-both": `(global.set $heap (i32.const ${HEAP_AT}))
    (call $echo-string (i32.const ${TEXT_AT}) (i32.const 16) (i32.const ${RETURN_AREA}))`,
  "string1k-both": `(global.set $heap (i32.const ${HEAP_AT}))
    (call $echo-string (i32.const ${TEXT_AT}) (i32.const 1024) (i32.const ${RETURN_AREA}))`,
  "record-both": `(call $echo-sample
    (local.get $count) (f64.const 0.5) (i64.const 1700000000000) (i32.const 1) (i32.const ${RETURN_AREA}))`,
  "words1000-in": `(drop (call $take-words (i32.const ${WORDS_AT}) (i32.const ${WORD_COUNT})))`,
  "strings100-both": `(global.set $heap (i32.const ${HEAP_AT}))
    (call $echo-strings (i32.const ${STRINGS_AT}) (i32.const ${STRING_COUNT}) (i32.const ${RETURN_AREA}))`,
  "bytes16-in": `(drop (call $take-bytes (i32.const ${BYTES_AT}) (i32.const 16)))`,
  "bytes1m-in": `(drop (call $take-bytes (i32.const ${BYTES_AT}) (i32.const ${BYTE_COUNT})))`,
};

/** The nanoseconds that a loop takes, for engines that only print what an export returns. */
function timer(/** @type {string} */ id) {
  return `(func (export "time-${id}") (param $count i32) (result i64)
    (local $start i64)
    (local.set $start (call $nanoseconds))
    (call $run-${id} (local.get $count))
    (i64.sub (call $nanoseconds) (local.get $start)))`;
}

/** Imports whose parameters and results are all that crosses. */
const CORE_ONLY = /** @type {const} */ ([
  "nothing",
  "add-i32",
  "add-f64",
  "add-u64",
  "take-string",
  "take-bytes",
]);

const imports = Object.entries(IMPORTS).map(
  ([name, signature]) => `(import "bench:calls/host" "${name}" (func $${name} ${signature}))`,
);
const loops = [
  ...Object.entries(BODIES).map(([id, body]) => loop(id, body)),
  // What the loop itself costs; the guest columns include it.
  loop("empty-loop", ""),
];

/** Memory with the rows' data, and a bump allocator. */
const memory = `${allocator(PAGES, HEAP_AT)}
  (data (i32.const ${TEXT_AT}) "${TEXT}")
  (func $fill (local $index i32)
    (loop $again
      (i32.store
        (i32.add (i32.const ${STRINGS_AT}) (i32.mul (local.get $index) (i32.const 8)))
        (i32.add (i32.const ${TEXT_AT}) (local.get $index)))
      (i32.store
        (i32.add (i32.const ${STRINGS_AT + 4}) (i32.mul (local.get $index) (i32.const 8)))
        (i32.const 16))
      (local.set $index (i32.add (local.get $index) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $index) (i32.const ${STRING_COUNT})))))
  (start $fill)`;

/** The core module. */
export const LOWERED = `(module
  ${imports.join("\n  ")}
  ${memory}
  ${loops.join("\n  ")})`;

/** The rows that need nothing but those imports. */
export const CORE_ROWS = Object.entries(BODIES).flatMap(([id, body]) =>
  CORE_ONLY.some((name) => body.includes(`(call $${name} `) || body.includes(`(call $${name})`)) ? [id] : [],
);

/** The same loops as a core module for engines without components: the rows whose results need no allocator. */
export const LOWERED_CORE = `(module
  (import "bench" "nanoseconds" (func $nanoseconds (result i64)))
  ${CORE_ONLY.map((name) => `(import "bench" "${name}" (func $${name} ${IMPORTS[name]}))`).join("\n  ")}
  ${memory}
  ${Object.entries(BODIES)
    .filter(([id]) => CORE_ROWS.includes(id))
    .map(([id, body]) => `${loop(id, body)}\n  ${timer(id)}`)
    .join("\n  ")})`;
