/** A guest that remembers what it was told, and ends in many ways; one that never comes to be. */
import type { GuestSource } from "../support/component.ts";
import { STREAMS } from "./guests.ts";

const WASI = `package wasi:cli@0.2.0 {
  interface exit { exit-with-code: func(status-code: u8); }
  interface stdout { use wasi:io/streams@0.2.0.{output-stream}; get-stdout: func() -> output-stream; }
}
${STREAMS}`;

export const sessionGuest: GuestSource = {
  wit: `package acme:session;
    world session {
      import wasi:cli/exit@0.2.0;
      import wasi:cli/stdout@0.2.0;
      record point { x: s32, name: string }
      /// Adds to a sum, and gives it.
      export add: func(value: s32) -> s32;
      export echo: func(text: string) -> string;
      export echo-all: func(points: list<point>) -> list<point>;
      export check: func(value: u32) -> result<u32, u32>;
      export say: func(text: string);
      /// What memory.grow gives.
      export grow: func(pages: u32) -> s32;
      export trap: func();
      export overflow: func() -> u32;
      export quit: func(code: u8);
      export spin: func();
    }
    ${WASI}`,
  wat: `(module
    (import "wasi:cli/exit@0.2.0" "exit-with-code" (func $exit (param i32)))
    (import "wasi:cli/stdout@0.2.0" "get-stdout" (func $stdout (result i32)))
    (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush"
      (func $write (param i32 i32 i32 i32)))
    (import "wasi:io/streams@0.2.0" "[resource-drop]output-stream" (func $drop (param i32)))
    (memory (export "memory") 1)
    (global $sum (mut i32) (i32.const 0))
    ;; All arguments of a call begin at 1024; what the next one brings may overwrite them.
    (global $next (mut i32) (i32.const 1024))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.sub (local.get 2) (i32.const 1)))
                              (i32.sub (i32.const 0) (local.get 2))))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (if (i32.gt_u (global.get $next) (i32.shl (memory.size) (i32.const 16))) (then unreachable))
      (local.get $at))
    (func $pair (param i32 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0))
      (i32.store (i32.const 20) (local.get 1))
      (global.set $next (i32.const 1024))
      (i32.const 16))
    (func (export "add") (param i32) (result i32)
      (global.set $sum (i32.add (global.get $sum) (local.get 0)))
      (global.get $sum))
    (func (export "echo") (param i32 i32) (result i32) (call $pair (local.get 0) (local.get 1)))
    (func (export "echo-all") (param i32 i32) (result i32) (call $pair (local.get 0) (local.get 1)))
    (func (export "check") (param i32) (result i32)
      (i32.store8 (i32.const 16) (i32.gt_u (local.get 0) (i32.const 9)))
      (i32.store (i32.const 20) (local.get 0))
      (i32.const 16))
    (func (export "say") (param i32 i32)
      (local $stream i32)
      (local.set $stream (call $stdout))
      (call $write (local.get $stream) (local.get 0) (local.get 1) (i32.const 32))
      (call $drop (local.get $stream))
      (global.set $next (i32.const 1024)))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "trap") unreachable)
    (func $overflow (export "overflow") (result i32) (i32.add (i32.const 1) (call $overflow)))
    (func (export "quit") (param i32) (call $exit (local.get 0)))
    (func (export "spin") (loop (br 0))))`,
};

/** Its start function never returns. */
export const endlessGuest: GuestSource = {
  wit: "package acme:endless; world endless { export answer: func() -> u32; }",
  wat: `(module (func $start (loop (br 0))) (start $start) (func (export "answer") (result i32) (i32.const 42)))`,
};

/** Its start function traps. */
export const stillbornGuest: GuestSource = {
  wit: endlessGuest.wit,
  wat: `(module (func $start unreachable) (start $start) (func (export "answer") (result i32) (i32.const 42)))`,
};
