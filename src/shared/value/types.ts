/**
 * A WIT value as JavaScript data. One shape everywhere: API arguments and results, WAVE, JSON, IPC.
 *
 * | WIT | value |
 * |---|---|
 * | `bool` | boolean |
 * | `s8 … u32`, `f32`, `f64` | number (an `f32` is already rounded) |
 * | `s64`, `u64` | bigint |
 * | `char` | a string of one Unicode scalar value |
 * | `string` | well-formed string |
 * | `list<u8>` | Uint8Array |
 * | any other `list`, fixed-length list, `tuple` | array |
 * | `record` | object keyed by WIT labels, own properties, null prototype |
 * | `option<T>` | `null` or the value; where T itself may be `null` (a nested option), `{ some: value }` |
 * | `result` | `{ ok: value }` or `{ err: value }`; `null` stands for an absent payload |
 * | `variant` | `"label"` for a case without payload, else `{ [label]: payload }` |
 * | `enum` | `"label"` |
 * | `flags` | array of the labels set, in declaration order |
 *
 * Handles (`own`, `borrow`) have no value form: they never leave an instance.
 */
export type Value =
  | boolean
  | number
  | bigint
  | string
  | null
  | Uint8Array
  | readonly Value[]
  | { readonly [label: string]: Value };
