/** A component that holds two: the loops of the one call the other, which has its own memory. */
import { SHORT_TEXT } from "../rows.mjs";
import { allocator, loop } from "./parts.mjs";

const RETURN_AREA = 64;
const TEXT_AT = 256;
const HEAP_AT = 1024;

const CALLEE = `(component $callee
    (core module $module
      ${allocator(1, HEAP_AT)}
      (global $calls (mut i64) (i64.const 0))
      (func $called (global.set $calls (i64.add (global.get $calls) (i64.const 1))))
      (func (export "call-count") (result i64) (global.get $calls))
      (func (export "add-i32") (param i32 i32) (result i32)
        (call $called)
        (i32.add (local.get 0) (local.get 1)))
      (func (export "echo-string") (param i32 i32) (result i32)
        (call $called)
        (i32.store (i32.const ${RETURN_AREA}) (local.get 0))
        (i32.store (i32.const ${RETURN_AREA + 4}) (local.get 1))
        (i32.const ${RETURN_AREA}))
      (func (export "post-echo-string") (param i32) (global.set $heap (i32.const ${HEAP_AT}))))
    (core instance $core (instantiate $module))
    (func (export "add-i32") (param "a" s32) (param "b" s32) (result s32)
      (canon lift (core func $core "add-i32")))
    (func (export "echo-string") (param "text" string) (result string)
      (canon lift (core func $core "echo-string")
        (memory (core memory $core "memory")) (realloc (core func $core "cabi_realloc")) (post-return (core func $core "post-echo-string"))))
    (func (export "call-count") (result u64) (canon lift (core func $core "call-count"))))`;

const CALLER = `(component $caller
    (import "add-i32" (func $add-i32 (param "a" s32) (param "b" s32) (result s32)))
    (import "echo-string" (func $echo-string (param "text" string) (result string)))
    (core module $libc ${allocator(1, HEAP_AT)}
      (data (i32.const ${TEXT_AT}) "${SHORT_TEXT}"))
    (core instance $libc (instantiate $libc))
    (core func $add-i32 (canon lower (func $add-i32)))
    (core func $echo-string (canon lower (func $echo-string)
      (memory (core memory $libc "memory")) (realloc (core func $libc "cabi_realloc"))))
    (core module $loops
      (import "callee" "add-i32" (func $add-i32 (param i32 i32) (result i32)))
      (import "callee" "echo-string" (func $echo-string (param i32 i32 i32)))
      (import "libc" "heap" (global $heap (mut i32)))
      ${loop("composed-i32", "(drop (call $add-i32 (local.get $count) (i32.const 1)))")}
      ${loop(
        "composed-string16",
        `(global.set $heap (i32.const ${HEAP_AT}))
        (call $echo-string (i32.const ${TEXT_AT}) (i32.const 16) (i32.const ${RETURN_AREA}))`,
      )})
    (core instance $core (instantiate $loops
      (with "callee" (instance
        (export "add-i32" (func $add-i32))
        (export "echo-string" (func $echo-string))))
      (with "libc" (instance $libc))))
    (func (export "run-composed-i32") (param "count" u32) (canon lift (core func $core "run-composed-i32")))
    (func (export "run-composed-string16") (param "count" u32)
      (canon lift (core func $core "run-composed-string16"))))`;

export const COMPOSED = `(component
  ${CALLEE}
  ${CALLER}
  (instance $callee (instantiate $callee))
  (instance $caller (instantiate $caller
    (with "add-i32" (func $callee "add-i32"))
    (with "echo-string" (func $callee "echo-string"))))
  (func (export "run-composed-i32") (alias export $caller "run-composed-i32"))
  (func (export "run-composed-string16") (alias export $caller "run-composed-string16"))
  (func (export "call-count") (alias export $callee "call-count")))`;
