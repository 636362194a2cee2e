/**
 * A component of two: `$Wrapper` implements a resource `box` around an item of the library, `$User` has boxes. The rep of a
 * box is the wrapper's handle of the item.
 */

export interface WrappedCase {
  readonly name: string;
  /** What `$User` does: `$make`, `$drop`, `$open` (gives the item), `$break` (traps inside the wrapper), `$drop-item`. */
  readonly user: string;
  /** Part of the message; absent where all is well. */
  readonly message?: RegExp;
  readonly made: number;
  readonly consumed?: number;
  readonly calls?: number;
}

const MAKE = "(call $make (i32.const 0))";
/** Its destructor drops the item twice. */
const MAKE_BAD = "(call $make (i32.const 1))";
/** Its destructor traps. */
const MAKE_WORSE = "(call $make (i32.const 2))";

export const WRAPPED: readonly WrappedCase[] = [
  { name: "a box dropped, with its item", user: `(call $drop ${MAKE})`, made: 1 },
  { name: "boxes left", user: `(drop ${MAKE}) (call $drop ${MAKE}) (drop ${MAKE})`, made: 3 },
  { name: "a box opened, the item left", user: `(drop (call $open ${MAKE}))`, made: 1 },
  { name: "a box opened, the item dropped", user: `(call $drop-item (call $open ${MAKE}))`, made: 1 },
  {
    name: "a box opened, the item given",
    user: `(call $take (call $open ${MAKE}))`,
    made: 1,
    consumed: 1,
    calls: 1,
  },
  {
    name: "a trap with boxes",
    user: `(drop ${MAKE}) (drop ${MAKE}) unreachable`,
    message: /unreachable/,
    made: 2,
  },
  {
    name: "a trap inside the wrapper",
    user: `(drop ${MAKE}) (call $break ${MAKE})`,
    message: /unreachable/,
    made: 2,
  },
  {
    name: "a destructor that drops twice",
    user: `(drop ${MAKE}) (call $drop ${MAKE_BAD})`,
    message: /unknown handle index 2$/,
    made: 2,
  },
  {
    name: "a destructor that traps",
    user: `(drop ${MAKE}) (call $drop ${MAKE_WORSE})`,
    message: /unreachable/,
    made: 2,
  },
  {
    name: "boxes left whose destructors would trap",
    user: `(drop ${MAKE_WORSE}) (drop ${MAKE_BAD})`,
    made: 2,
  },
  {
    name: "a box dropped twice",
    user: `(drop ${MAKE}) (call $drop (i32.const 1)) (call $drop (i32.const 1))`,
    message: /unknown handle index 1$/,
    made: 1,
  },
  {
    name: "a box for an item",
    user: `(call $take ${MAKE})`,
    message: /is of resource \S*box, \S*item is expected/,
    made: 1,
  },
  {
    name: "an item for a box",
    user: `(drop ${MAKE}) (call $drop (call $open ${MAKE}))`,
    message: /is of resource \S*item, \S*box is expected/,
    made: 2,
  },
];

const STORE = `
      (export "item" (type $i (sub resource)))
      (export "[constructor]item" (func (param "v" u32) (result (own $i))))
      (export "take" (func (param "i" (own $i))))`;

function each(text: (one: WrappedCase, index: number) => string): string {
  return WRAPPED.map(text).join("\n    ");
}

/** Exports `case0`, `case1`, … */
export function wrappedText(): string {
  return `(component
  (import "test:endings/store" (instance $store ${STORE}))
  (alias export $store "item" (type $item))
  (component $Wrapper
    (import "store" (instance $store ${STORE}))
    (alias export $store "item" (type $item))
    (core func $new-item (canon lower (func $store "[constructor]item")))
    (core func $drop-item (canon resource.drop $item))
    ;; The destructor's module has the flaw of each box at 4 times its rep.
    (core module $D
      (import "" "drop-item" (func $drop-item (param i32)))
      (memory (export "memory") 1)
      (func (export "end") (param $rep i32) (local $flaw i32)
        (local.set $flaw (i32.load (i32.shl (local.get $rep) (i32.const 2))))
        (if (i32.eq (local.get $flaw) (i32.const 2)) (then unreachable))
        (if (local.get $rep) (then
          (if (i32.ne (local.get $flaw) (i32.const 3)) (then (call $drop-item (local.get $rep))))
          (if (i32.eq (local.get $flaw) (i32.const 1)) (then (call $drop-item (local.get $rep))))))))
    (core instance $d (instantiate $D (with "" (instance (export "drop-item" (func $drop-item))))))
    (type $box' (resource (rep i32) (dtor (core func $d "end"))))
    (export $box "box" (type $box'))
    (core func $new (canon resource.new $box'))
    (core func $rep (canon resource.rep $box'))
    (core func $drop (canon resource.drop $box'))
    (core module $M
      (import "" "new-item" (func $new-item (param i32) (result i32)))
      (import "" "new" (func $new (param i32) (result i32)))
      (import "" "rep" (func $rep (param i32) (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (import "d" "memory" (memory 1))
      (func (export "make") (param $flaw i32) (result i32) (local $item i32)
        (local.set $item (call $new-item (i32.const 1)))
        (i32.store (i32.shl (local.get $item) (i32.const 2)) (local.get $flaw))
        (call $new (local.get $item)))
      ;; The item leaves the box, whose destructor must not drop it then (flaw 3).
      (func (export "open") (param $box i32) (result i32) (local $item i32)
        (local.set $item (call $rep (local.get $box)))
        (i32.store (i32.shl (local.get $item) (i32.const 2)) (i32.const 3))
        (call $drop (local.get $box))
        (local.get $item))
      (func (export "break") (param i32) unreachable))
    (core instance $m (instantiate $M
      (with "" (instance (export "new-item" (func $new-item)) (export "new" (func $new)) (export "rep" (func $rep))
        (export "drop" (func $drop))))
      (with "d" (instance $d))))
    (func (export "make") (param "flaw" u32) (result (own $box)) (canon lift (core func $m "make")))
    (func (export "open") (param "box" (own $box)) (result (own $item)) (canon lift (core func $m "open")))
    (func (export "break") (param "box" (own $box)) (canon lift (core func $m "break"))))
  (instance $wrapper (instantiate $Wrapper (with "store" (instance $store))))
  (alias export $wrapper "box" (type $box))
  (component $User
    (import "item" (type $item (sub resource)))
    (import "box" (type $box (sub resource)))
    (import "take" (func $take (param "i" (own $item))))
    (import "make" (func $make (param "flaw" u32) (result (own $box))))
    (import "open" (func $open (param "box" (own $box)) (result (own $item))))
    (import "break" (func $break (param "box" (own $box))))
    (core func $take (canon lower (func $take)))
    (core func $make (canon lower (func $make)))
    (core func $open (canon lower (func $open)))
    (core func $break (canon lower (func $break)))
    (core func $drop (canon resource.drop $box))
    (core func $drop-item (canon resource.drop $item))
    (core module $M
      (import "" "take" (func $take (param i32)))
      (import "" "make" (func $make (param i32) (result i32)))
      (import "" "open" (func $open (param i32) (result i32)))
      (import "" "break" (func $break (param i32)))
      (import "" "drop" (func $drop (param i32)))
      (import "" "drop-item" (func $drop-item (param i32)))
      ${each(({ user }, index) => `(func (export "case${index}") ${user})`)})
    (core instance $m (instantiate $M (with "" (instance (export "take" (func $take)) (export "make" (func $make))
      (export "open" (func $open)) (export "break" (func $break)) (export "drop" (func $drop))
      (export "drop-item" (func $drop-item))))))
    ${each((_, index) => `(func (export "case${index}") (canon lift (core func $m "case${index}")))`)})
  (instance $user (instantiate $User (with "item" (type $item)) (with "box" (type $box))
    (with "take" (func $store "take")) (with "make" (func $wrapper "make")) (with "open" (func $wrapper "open"))
    (with "break" (func $wrapper "break"))))
  ${each((_, index) => `(export "case${index}" (func $user "case${index}"))`)})`;
}
