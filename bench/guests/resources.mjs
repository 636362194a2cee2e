/** The guest of the resource rows, in WAT: handles of a C library, and an adapter's functions and objects. */
import { TEXT } from "../rows.mjs";
import { allocator, loop } from "./parts.mjs";

const RETURN_AREA = 64;
const TEXT_AT = 1024;
const HEAP_AT = 4096;

/** What the C library serves, and what the adapter does. */
export const RESOURCES_WIT = `package bench:resources;
interface counters {
  resource counter {
    constructor(start: s32);
    add: func(amount: s32) -> s32;
  }
}
interface adapted {
  resource counter {
    constructor(start: s32);
    add: func(amount: s32) -> s32;
  }
  add-i32: func(a: s32, b: s32) -> s32;
  echo-string: func(text: string) -> string;
}
world library { import counters; }
world adapter { import adapted; }
world resources {
  import counters;
  import adapted;
  export run-resource-life: func(count: u32);
  export run-resource-method: func(count: u32);
  export run-adapter-i32: func(count: u32);
  export run-adapter-string16: func(count: u32);
  export run-adapter-method: func(count: u32);
}
`;

/** The module of the adapter's bundle. */
export const ADAPTER = `
class Counter {
  #value;
  constructor(start) { this.#value = start; }
  add(amount) { return (this.#value = (this.#value + amount) | 0); }
}
const adapted = { Counter, addI32: (a, b) => (a + b) | 0, echoString: (text) => text };
export default { open: () => ({ serve: () => ({ imports: { "bench:resources/adapted": adapted } }) }) };
`;

const counter = (/** @type {string} */ owner) => `
  (import "bench:resources/${owner}" "[constructor]counter" (func $${owner}-new (param i32) (result i32)))
  (import "bench:resources/${owner}" "[method]counter.add" (func $${owner}-add (param i32 i32) (result i32)))`;

export const RESOURCES = `(module
  ${counter("counters")}
  ${counter("adapted")}
  (import "bench:resources/counters" "[resource-drop]counter" (func $drop (param i32)))
  (import "bench:resources/adapted" "add-i32" (func $add-i32 (param i32 i32) (result i32)))
  (import "bench:resources/adapted" "echo-string" (func $echo-string (param i32 i32 i32)))
  ${allocator(1, HEAP_AT)}
  (data (i32.const ${TEXT_AT}) "${TEXT}")
  (global $native (mut i32) (i32.const 0))
  (global $adapted (mut i32) (i32.const 0))
  (func $make
    (global.set $native (call $counters-new (i32.const 1)))
    (global.set $adapted (call $adapted-new (i32.const 1))))
  (start $make)
  ${loop("resource-life", "(call $drop (call $counters-new (local.get $count)))")}
  ${loop("resource-method", "(drop (call $counters-add (global.get $native) (local.get $count)))")}
  ${loop("adapter-i32", "(drop (call $add-i32 (local.get $count) (i32.const 1)))")}
  ${loop(
    "adapter-string16",
    `(global.set $heap (i32.const ${HEAP_AT}))
    (call $echo-string (i32.const ${TEXT_AT}) (i32.const 16) (i32.const ${RETURN_AREA}))`,
  )}
  ${loop("adapter-method", "(drop (call $adapted-add (global.get $adapted) (local.get $count)))")})`;
