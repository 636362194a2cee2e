/** What the guests have in common, in WAT. */

/** A loop that does `body` as often as its parameter says; exported as `run-<id>`. */
export function loop(/** @type {string} */ id, /** @type {string} */ body) {
  return `(func $run-${id} (export "run-${id}") (param $count i32)
    (block $done (loop $again
      (br_if $done (i32.eqz (local.get $count)))
      ${body}
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br $again))))`;
}

/** Memory and a bump allocator that starts at `heapAt`; what is to be given up at once sets `$heap` back. */
export function allocator(/** @type {number} */ pages, /** @type {number} */ heapAt) {
  return `
  (memory (export "memory") ${pages})
  (global $heap (export "heap") (mut i32) (i32.const ${heapAt}))
  (func (export "cabi_realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and
      (i32.sub (i32.add (global.get $heap) (local.get $align)) (i32.const 1))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $heap (i32.add (local.get $at) (local.get $size)))
    (local.get $at))`;
}
