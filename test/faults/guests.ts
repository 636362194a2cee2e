/** A guest that misbehaves in every way that needs no library. */
import type { GuestSource } from "../support/component.ts";

const INTERFACES = `
package wasi:cli@0.2.0 {
  interface exit { exit-with-code: func(status-code: u8); }
  interface stdout { use wasi:io/streams@0.2.0.{output-stream}; get-stdout: func() -> output-stream; }
}
package wasi:clocks@0.2.0 { interface monotonic-clock { now: func() -> u64; } }
package wasi:io@0.2.0 {
  interface error { resource error; }
  interface streams {
    use error.{error};
    variant stream-error { last-operation-failed(error), closed }
    resource output-stream { blocking-write-and-flush: func(contents: list<u8>) -> result<_, stream-error>; }
  }
}`;

/** What one call writes at most. */
export const PIECE_BYTES = 4096;

export const misbehaving: GuestSource = {
  wit: `package t:guests;
    interface things {
      resource thing;
      /// Makes things for ever, and keeps them.
      hoard: func();
    }
    world guests {
      import wasi:cli/exit@0.2.0;
      import wasi:cli/stdout@0.2.0;
      import wasi:clocks/monotonic-clock@0.2.0;
      export things;
      export add: func(a: u32, b: u32) -> u32;
      export trap: func();
      export outside: func() -> u32;
      export spin: func();
      export recurse: func() -> u32;
      /// Grows its memory until it is refused; gives its pages, or traps.
      export grow: func(trap: bool) -> u32;
      /// Writes so many pieces to its standard output.
      export flood: func(pieces: u32) -> u32;
      export quit: func(code: u8);
      /// Calls the host so often.
      export ask: func(times: u32) -> u32;
      /// Gives so many values, all of them false.
      export many: func(count: u32) -> list<bool>;
    }
    ${INTERFACES}`,
  wat: `(module
    (import "wasi:cli/exit@0.2.0" "exit-with-code" (func $exit (param i32)))
    (import "wasi:cli/stdout@0.2.0" "get-stdout" (func $stdout (result i32)))
    (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush" (func $write (param i32 i32 i32 i32)))
    (import "wasi:clocks/monotonic-clock@0.2.0" "now" (func $now (result i64)))
    (import "[export]t:guests/things" "[resource-new]thing" (func $thing (param i32) (result i32)))
    (memory (export "memory") 2)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "trap") unreachable)
    (func (export "outside") (result i32) (i32.load (i32.const -4)))
    (func (export "spin") (loop (br 0)))
    (func $recurse (export "recurse") (result i32) (i32.add (i32.const 1) (call $recurse)))
    (func (export "grow") (param i32) (result i32)
      (loop $again (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
      (if (local.get 0) (then unreachable))
      (memory.size))
    (func (export "flood") (param $left i32) (result i32)
      (local $stream i32)
      (local.set $stream (call $stdout))
      (memory.fill (i32.const 4096) (i32.const 120) (i32.const ${PIECE_BYTES}))
      (loop $again
        (if (local.get $left) (then
          (call $write (local.get $stream) (i32.const 4096) (i32.const ${PIECE_BYTES}) (i32.const 16))
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (br $again))))
      (i32.load8_u (i32.const 16)))
    (func (export "many") (param $count i32) (result i32)
      (drop (memory.grow (i32.div_u (local.get $count) (i32.const 65536))))
      (i32.store (i32.const 16) (i32.const 1024))
      (i32.store (i32.const 20) (local.get $count))
      (i32.const 16))
    (func (export "quit") (param i32) (call $exit (local.get 0)))
    (func (export "ask") (param $left i32) (result i32)
      (loop $again
        (if (local.get $left) (then
          (drop (call $now))
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (br $again))))
      (local.get $left))
    (func (export "t:guests/things#hoard") (loop (drop (call $thing (i32.const 1))) (br 0))))`,
};
