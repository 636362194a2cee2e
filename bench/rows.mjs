/**
 * What `npm run bench` measures. A row says which function is called and with what; each column knows how to
 * call it. `npm run bench:runs` has its rows in `runs-rows.mjs`.
 */

/**
 * @typedef {object} Row
 * @property {string} id
 * @property {string} group one of `CALL_GROUPS`
 * @property {string} title
 */

/** Rows are shown in groups, in this order. */
export const CALL_GROUPS = /** @type {const} */ ([
  { id: "lowered", title: "Lowered imports: a loop in the guest calls a C function" },
  { id: "resources", title: "Resources of the C library, and an adapter in JavaScript: a loop in the guest" },
  { id: "lifted", title: "Lifted exports: a loop in the host calls the guest" },
  { id: "wasi", title: "WASI without I/O: a loop in the guest calls the host" },
  { id: "composed", title: "Component to component: a loop in one guest calls another, memories apart" },
]);

/** @satisfies {readonly Row[]} */
export const CALL_ROWS = /** @type {const} */ ([
  { id: "nothing", group: "lowered", title: "nothing" },
  { id: "i32-add", group: "lowered", title: "i32 add" },
  { id: "f64-add", group: "lowered", title: "f64 add" },
  { id: "u64-add", group: "lowered", title: "u64 add" },
  { id: "string16-in", group: "lowered", title: "16 B string in" },
  { id: "string16-both", group: "lowered", title: "16 B string in and out" },
  { id: "string1k-both", group: "lowered", title: "1 KiB string in and out" },
  { id: "record-both", group: "lowered", title: "record in and out" },
  { id: "words1000-in", group: "lowered", title: "list of 1000 u32 in" },
  { id: "strings100-both", group: "lowered", title: "list of 100 strings in and out" },
  { id: "bytes16-in", group: "lowered", title: "16 B byte list in" },
  { id: "bytes1m-in", group: "lowered", title: "1 MiB byte list in" },
  { id: "resource-life", group: "resources", title: "constructor and drop" },
  { id: "resource-method", group: "resources", title: "method, i32 in and out" },
  { id: "adapter-i32", group: "resources", title: "adapter: i32 add" },
  { id: "adapter-string16", group: "resources", title: "adapter: 16 B string in and out" },
  { id: "adapter-method", group: "resources", title: "adapter: method, i32 in and out" },
  { id: "lifted-i32", group: "lifted", title: "i32 add" },
  { id: "lifted-string16", group: "lifted", title: "16 B string in and out" },
  { id: "lifted-record", group: "lifted", title: "record in and out" },
  { id: "wasi-clock", group: "wasi", title: "monotonic-clock now" },
  { id: "wasi-environment", group: "wasi", title: "get-environment, 2 variables" },
  { id: "wasi-random", group: "wasi", title: "get-random-u64" },
  { id: "composed-i32", group: "composed", title: "i32 add" },
  { id: "composed-string16", group: "composed", title: "16 B string in and out" },
]);

/** @typedef {(typeof CALL_ROWS)[number]["id"]} CallRowId */

/** The 1 KiB text of the string rows; its first 16 bytes are the short one. ASCII, as most strings are. */
export const TEXT = "the quick brown fox jumps over a lazy dog; ".repeat(24).slice(0, 1024);
export const SHORT_TEXT = TEXT.slice(0, 16);
export const WORD_COUNT = 1000;
export const STRING_COUNT = 100;
export const BYTE_COUNT = 1024 * 1024;
/** What the guests of the WASI rows are given. */
export const VARIABLES = /** @type {const} */ ([
  ["COLOUR", "blue"],
  ["SHAPE", "round"],
]);
