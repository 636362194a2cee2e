/** Guests for the end-to-end tests: small core modules in WAT and the WIT of their worlds. */
import type { GuestSource } from "../support/component.ts";

/** A bump allocator that grows memory as needed; static data stays below 1024. */
const ALLOCATOR = `
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 1024))
  (func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.sub (local.get 2) (i32.const 1)))
                            (i32.sub (i32.const 0) (local.get 2))))
    (global.set $next (i32.add (local.get $at) (local.get 3)))
    (if (i32.gt_u (global.get $next) (i32.shl (memory.size) (i32.const 16)))
      (then (if (i32.eq (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get 3) (i32.const 16)))) (i32.const -1))
        (then unreachable))))
    (memory.copy (local.get $at) (local.get 0) (local.get 1))
    (local.get $at))`;

export const STREAMS = `
package wasi:io@0.2.0 {
  interface error { resource error; }
  interface streams {
    use error.{error};
    variant stream-error { last-operation-failed(error), closed }
    resource input-stream { blocking-read: func(len: u64) -> result<list<u8>, stream-error>; }
    resource output-stream { blocking-write-and-flush: func(contents: list<u8>) -> result<_, stream-error>; }
  }
}`;

/** `example:interface/runtime#greet`, straight through; in any string encoding. */
export const greet: GuestSource = {
  wit: `package acme:greet;
    world greet { import example:%interface/runtime@1.0.0; export run: func(name: string) -> string; }
    package example:%interface@1.0.0 { interface runtime { greet: func(name: string) -> string; } }`,
  wat: `(module
    (import "example:interface/runtime@1.0.0" "greet" (func $greet (param i32 i32 i32)))
    ${ALLOCATOR}
    (func (export "run") (param i32 i32) (result i32)
      (call $greet (local.get 0) (local.get 1) (i32.const 16))
      (i32.const 16)))`,
};

/** Ends in every way a guest can end. */
export const endings: GuestSource = {
  wit: `package acme:endings;
    world endings {
      import wasi:cli/exit@0.2.0;
      /// Calls wasi:cli/exit with this code.
      export quit: func(code: u8);
      export quit-with-err: func();
      export trap: func();
      export recurse: func() -> u32;
      export answer: func(fail: bool) -> result<u32, string>;
      export nothing: func();
      /// err
      export wasi:cli/run@0.2.0;
    }
    package wasi:cli@0.2.0 {
      interface exit {
        exit: func(status: result);
        exit-with-code: func(status-code: u8);
      }
      interface run { run: func() -> result; }
    }`,
  wat: `(module
    (import "wasi:cli/exit@0.2.0" "exit" (func $exit (param i32)))
    (import "wasi:cli/exit@0.2.0" "exit-with-code" (func $exit_with_code (param i32)))
    ${ALLOCATOR}
    (data (i32.const 100) "asked to fail")
    (func (export "quit") (param i32) (call $exit_with_code (local.get 0)))
    (func (export "quit-with-err") (call $exit (i32.const 1)))
    (func (export "trap") unreachable)
    (func $recurse (export "recurse") (result i32) (i32.add (i32.const 1) (call $recurse)))
    (func (export "answer") (param i32) (result i32)
      (i32.store8 (i32.const 16) (local.get 0))
      (if (local.get 0)
        (then (i32.store (i32.const 20) (i32.const 100)) (i32.store (i32.const 24) (i32.const 13)))
        (else (i32.store (i32.const 20) (i32.const 42))))
      (i32.const 16))
    (func (export "nothing"))
    (func (export "wasi:cli/run@0.2.0#run") (result i32) (i32.const 1)))`,
};

/** Counts in a global of its own, and in one of the library. */
export const counter: GuestSource = {
  wit: `package acme:counter;
    world counter {
      import acme:count/native@1.0.0;
      export %own: func() -> u32;
      export native: func() -> u32;
      export rounds: func(rounds: u32) -> u32;
    }
    package acme:count@1.0.0 { interface native { increment: func() -> u32; } }`,
  wat: `(module
    (import "acme:count/native@1.0.0" "increment" (func $increment (result i32)))
    (global $count (mut i32) (i32.const 0))
    (func (export "own") (result i32)
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (global.get $count))
    (func (export "native") (result i32) (call $increment))
    (func (export "rounds") (param $left i32) (result i32)
      (local $last i32)
      (loop $again
        (local.set $last (call $increment))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $again (local.get $left)))
      (local.get $last)))`,
};

/** Gives back the text that the library answers. */
export const asking: GuestSource = {
  wit: `package acme:asking;
    world asking { import acme:ask/native@1.0.0; export ask: func() -> string; }
    package acme:ask@1.0.0 { interface native { answer: func() -> string; } }`,
  wat: `(module
    (import "acme:ask/native@1.0.0" "answer" (func $answer (param i32)))
    ${ALLOCATOR}
    (func (export "ask") (result i32) (call $answer (i32.const 16)) (i32.const 16)))`,
};

/** Copies stdin to stdout, and what a file says to a caller. */
export const files: GuestSource = {
  wit: `package acme:files;
    world files {
      import wasi:cli/stdin@0.2.0;
      import wasi:cli/stdout@0.2.0;
      import wasi:filesystem/types@0.2.0;
      import wasi:filesystem/preopens@0.2.0;
      use wasi:filesystem/types@0.2.0.{error-code};
      /// The names of the preopened directories.
      export directories: func() -> list<string>;
      /// A file in the first of them.
      export read: func(path: string) -> result<string, error-code>;
      export write: func(path: string, text: string) -> result<u64, error-code>;
      /// One file to another, through streams; gives the bytes.
      export copy: func(%from: string, to: string) -> result<u64, error-code>;
      export wasi:cli/run@0.2.0;
    }
    package wasi:cli@0.2.0 {
      interface stdin { use wasi:io/streams@0.2.0.{input-stream}; get-stdin: func() -> input-stream; }
      interface stdout { use wasi:io/streams@0.2.0.{output-stream}; get-stdout: func() -> output-stream; }
      interface run { run: func() -> result; }
    }
    package wasi:filesystem@0.2.0 {
      interface types {
        use wasi:io/streams@0.2.0.{input-stream, output-stream};
        enum error-code {
          access, would-block, already, bad-descriptor, busy, deadlock, quota, exist, file-too-large,
          illegal-byte-sequence, in-progress, interrupted, invalid, io, is-directory, loop, too-many-links,
          message-size, name-too-long, no-device, no-entry, no-lock, insufficient-memory, insufficient-space,
          not-directory, not-empty, not-recoverable, unsupported, no-tty, no-such-device, overflow,
          not-permitted, pipe, read-only, invalid-seek, text-file-busy, cross-device,
        }
        flags path-flags { symlink-follow }
        flags open-flags { create, directory, exclusive, truncate }
        flags descriptor-flags {
          read, write, file-integrity-sync, data-integrity-sync, requested-write-sync, mutate-directory,
        }
        resource descriptor {
          open-at: func(path-flags: path-flags, path: string, open-flags: open-flags, %flags: descriptor-flags)
            -> result<descriptor, error-code>;
          read: func(length: u64, offset: u64) -> result<tuple<list<u8>, bool>, error-code>;
          write: func(buffer: list<u8>, offset: u64) -> result<u64, error-code>;
          read-via-stream: func(offset: u64) -> result<input-stream, error-code>;
          write-via-stream: func(offset: u64) -> result<output-stream, error-code>;
        }
      }
      interface preopens {
        use types.{descriptor};
        get-directories: func() -> list<tuple<descriptor, string>>;
      }
    }
    ${STREAMS}`,
  wat: `(module
    (import "wasi:cli/stdin@0.2.0" "get-stdin" (func $get_stdin (result i32)))
    (import "wasi:cli/stdout@0.2.0" "get-stdout" (func $get_stdout (result i32)))
    (import "wasi:io/streams@0.2.0" "[method]input-stream.blocking-read" (func $read_stream (param i32 i64 i32)))
    (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush"
      (func $write_stream (param i32 i32 i32 i32)))
    (import "wasi:filesystem/preopens@0.2.0" "get-directories" (func $get_directories (param i32)))
    (import "wasi:filesystem/types@0.2.0" "[method]descriptor.open-at"
      (func $open_at (param i32 i32 i32 i32 i32 i32 i32)))
    (import "wasi:filesystem/types@0.2.0" "[method]descriptor.read" (func $read (param i32 i64 i64 i32)))
    (import "wasi:filesystem/types@0.2.0" "[method]descriptor.write" (func $write (param i32 i32 i32 i64 i32)))
    (import "wasi:filesystem/types@0.2.0" "[method]descriptor.read-via-stream" (func $reader (param i32 i64 i32)))
    (import "wasi:filesystem/types@0.2.0" "[method]descriptor.write-via-stream" (func $writer (param i32 i64 i32)))
    (import "wasi:filesystem/types@0.2.0" "[resource-drop]descriptor" (func $drop_descriptor (param i32)))
    (import "wasi:io/streams@0.2.0" "[resource-drop]input-stream" (func $drop_in (param i32)))
    (import "wasi:io/streams@0.2.0" "[resource-drop]output-stream" (func $drop_out (param i32)))
    ${ALLOCATOR}

    ;; Pairs (name address, name length) out of triples (descriptor, name address, name length).
    (func (export "directories") (result i32)
      (local $from i32) (local $to i32) (local $left i32)
      (call $get_directories (i32.const 16))
      (local.set $left (i32.load (i32.const 20)))
      (local.set $from (i32.load (i32.const 16)))
      (local.set $to
        (call $realloc (i32.const 0) (i32.const 0) (i32.const 4) (i32.shl (local.get $left) (i32.const 3))))
      (i32.store (i32.const 16) (local.get $to))
      (block $done (loop $again
        (br_if $done (i32.eqz (local.get $left)))
        (i64.store align=4 (local.get $to) (i64.load offset=4 align=4 (local.get $from)))
        (local.set $from (i32.add (local.get $from) (i32.const 12)))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $again)))
      (i32.const 16))

    ;; Leaves result<descriptor, error-code> at 16. Where nothing is preopened, the error is not-permitted (31).
    (func $open (param $path i32) (param $len i32) (param $open_flags i32) (param $flags i32)
      (call $get_directories (i32.const 16))
      (if (i32.eqz (i32.load (i32.const 20)))
        (then (i32.store8 (i32.const 16) (i32.const 1)) (i32.store8 (i32.const 20) (i32.const 31)) (return)))
      (call $open_at (i32.load (i32.load (i32.const 16))) (i32.const 1)
        (local.get $path) (local.get $len) (local.get $open_flags) (local.get $flags) (i32.const 16)))

    ;; result<tuple<list<u8>, bool>, e> begins like result<string, e>.
    (func (export "read") (param i32 i32) (result i32)
      (call $open (local.get 0) (local.get 1) (i32.const 0) (i32.const 1))
      (if (i32.eqz (i32.load8_u (i32.const 16)))
        (then (call $read (i32.load (i32.const 20)) (i64.const 4096) (i64.const 0) (i32.const 16))))
      (i32.const 16))

    ;; The payload of result<u64, e> is at 8, that of result<descriptor, e> at 4.
    (func (export "write") (param i32 i32 i32 i32) (result i32)
      (call $open (local.get 0) (local.get 1) (i32.const 1) (i32.const 2))
      (if (i32.load8_u (i32.const 16))
        (then (i32.store8 (i32.const 24) (i32.load8_u (i32.const 20))))
        (else (call $write (i32.load (i32.const 20)) (local.get 2) (local.get 3) (i64.const 0) (i32.const 16))))
      (i32.const 16))

    ;; Makes result<u64, error-code> at 16 of an error that lies there as the first byte of a payload at 4.
    (func $failed (result i32)
      (if (result i32) (i32.load8_u (i32.const 16))
        (then (i32.store8 (i32.const 24) (i32.load8_u (i32.const 20))) (i32.const 1))
        (else (i32.const 0))))

    (func (export "copy") (param i32 i32 i32 i32) (result i32)
      (local $file i32) (local $in i32) (local $out i32) (local $total i64)
      (call $open (local.get 0) (local.get 1) (i32.const 0) (i32.const 1))
      (if (call $failed) (then (return (i32.const 16))))
      (local.set $file (i32.load (i32.const 20)))
      (call $reader (local.get $file) (i64.const 0) (i32.const 16))
      (if (call $failed) (then (return (i32.const 16))))
      (local.set $in (i32.load (i32.const 20)))
      ;; The stream keeps its file open.
      (call $drop_descriptor (local.get $file))
      (call $open (local.get 2) (local.get 3) (i32.const 9) (i32.const 2))
      (if (call $failed) (then (return (i32.const 16))))
      (call $writer (i32.load (i32.const 20)) (i64.const 0) (i32.const 16))
      (if (call $failed) (then (return (i32.const 16))))
      (local.set $out (i32.load (i32.const 20)))
      (block $end (loop $again
        (call $read_stream (local.get $in) (i64.const 1000) (i32.const 16))
        (br_if $end (i32.load8_u (i32.const 16)))
        (local.set $total (i64.add (local.get $total) (i64.extend_i32_u (i32.load (i32.const 24)))))
        (call $write_stream (local.get $out) (i32.load (i32.const 20)) (i32.load (i32.const 24)) (i32.const 32))
        (if (i32.load8_u (i32.const 32)) (then unreachable))
        (br $again)))
      (call $drop_in (local.get $in))
      (call $drop_out (local.get $out))
      (i32.store8 (i32.const 16) (i32.const 0))
      (i64.store (i32.const 24) (local.get $total))
      (i32.const 16))

    (func (export "wasi:cli/run@0.2.0#run") (result i32)
      (local $in i32) (local $out i32)
      (local.set $in (call $get_stdin))
      (local.set $out (call $get_stdout))
      (block $closed (loop $again
        (call $read_stream (local.get $in) (i64.const 4096) (i32.const 16))
        (br_if $closed (i32.load8_u (i32.const 16)))
        (call $write_stream (local.get $out) (i32.load (i32.const 20)) (i32.load (i32.const 24)) (i32.const 32))
        (br_if $closed (i32.load8_u (i32.const 32)))
        (br $again)))
      (i32.const 0)))`,
};
