/**
 * What is measured. A row says which function is called and with what; each column knows how to call it.
 */

/** @typedef {{ readonly id: string, readonly title: string }} Row */

/** @satisfies {readonly Row[]} */
export const ROWS = /** @type {const} */ ([
  { id: "nothing", title: "nothing" },
  { id: "i32-add", title: "i32 add" },
  { id: "f64-add", title: "f64 add" },
  { id: "u64-add", title: "u64 add" },
  { id: "string16-in", title: "16 B string in" },
  { id: "string16-both", title: "16 B string in and out" },
  { id: "string1k-both", title: "1 KiB string in and out" },
  { id: "record-both", title: "record in and out" },
  { id: "words1000-in", title: "list of 1000 u32 in" },
  { id: "strings100-both", title: "list of 100 strings in and out" },
  { id: "bytes16-in", title: "16 B byte list in" },
  { id: "bytes1m-in", title: "1 MiB byte list in" },
]);

/** @typedef {(typeof ROWS)[number]["id"]} RowId */

/**
 * One column: a loop per row that makes `count` calls.
 * @typedef {Readonly<Record<RowId, (count: number) => void>>} Column
 */

/** The 1 KiB text of the string rows; its first 16 bytes are the short one. ASCII, as most strings are. */
export const TEXT = "the quick brown fox jumps over a lazy dog; ".repeat(24).slice(0, 1024);
export const SHORT_TEXT = TEXT.slice(0, 16);
export const WORD_COUNT = 1000;
export const STRING_COUNT = 100;
export const BYTE_COUNT = 1024 * 1024;
