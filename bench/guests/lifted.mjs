/** The guest of the lifted exports: it gives back what it gets. */
import { allocator } from "./parts.mjs";

const RETURN_AREA = 64;
const HEAP_AT = 1024;

export const LIFTED_WIT = `package bench:lifted;

world lifted {
  record sample {
    id: u32,
    weight: f64,
    stamp: u64,
    valid: bool,
  }

  export add-i32: func(a: s32, b: s32) -> s32;
  export echo-string: func(text: string) -> string;
  export echo-sample: func(value: sample) -> sample;
  /// How often the others were called.
  export call-count: func() -> u64;
}
`;

export const LIFTED = `(module
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
  (func (export "cabi_post_echo-string") (param i32) (global.set $heap (i32.const ${HEAP_AT})))
  (func (export "echo-sample") (param i32 f64 i64 i32) (result i32)
    (call $called)
    (i32.store (i32.const ${RETURN_AREA}) (local.get 0))
    (f64.store (i32.const ${RETURN_AREA + 8}) (local.get 1))
    (i64.store (i32.const ${RETURN_AREA + 16}) (local.get 2))
    (i32.store8 (i32.const ${RETURN_AREA + 24}) (local.get 3))
    (i32.const ${RETURN_AREA})))`;
