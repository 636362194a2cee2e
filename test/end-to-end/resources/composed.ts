/**
 * A component of two: `$Owner` makes items of the library and hands them, or what it says are their indices, to `$Other`.
 * Each has its own table of handles.
 */

export interface ComposedCase {
  readonly name: string;
  /**
   * What `$Other` does, the body of a function with a parameter: `lent` a borrow, `given` an owned handle, `told` an
   * index of the owner's table.
   */
  readonly other: string;
  readonly how: "lent" | "given" | "told";
  /** What `$Owner` does; its item is in `$item`, and `$pass` is the function of `$Other`. */
  readonly owner?: string;
  /** Part of the message; absent where all is well. */
  readonly message?: RegExp;
  readonly calls: number;
  readonly consumed?: number;
}

const PASS = "(drop (call $pass (local.get $item)))";
const LOOK = "(drop (call $look (local.get 0)))";
const TAKE = "(drop (call $take (local.get 0)))";
const DROP = "(call $drop (local.get 0))";
const UNKNOWN = /unknown handle index 1$/;

export const COMPOSED: readonly ComposedCase[] = [
  { name: "a borrow is lent on, and dropped", how: "lent", other: LOOK + DROP, calls: 1 },
  { name: "an owned handle moves on", how: "given", other: TAKE, calls: 1, consumed: 1 },
  { name: "an owned handle stays with the other", how: "given", other: LOOK, calls: 1 },
  { name: "an owned handle is dropped by the other", how: "given", other: DROP, calls: 0 },
  {
    name: "the owner goes on with what it lent",
    how: "lent",
    other: DROP,
    owner: `${PASS} (drop (call $look (local.get $item))) (call $drop (local.get $item))`,
    calls: 1,
  },
  { name: "an index of the owner's table lent", how: "told", other: LOOK, message: UNKNOWN, calls: 0 },
  { name: "an index of the owner's table given", how: "told", other: TAKE, message: UNKNOWN, calls: 0 },
  { name: "an index of the owner's table dropped", how: "told", other: DROP, message: UNKNOWN, calls: 0 },
  {
    name: "an index of the owner's table that is another resource in the other's",
    how: "told",
    other: `(drop (call $new-other (i32.const 5))) ${LOOK}`,
    message: /is of resource \S*other, \S*item is expected/,
    calls: 0,
  },
  {
    name: "a borrow given as owned",
    how: "lent",
    other: TAKE,
    message: /is borrowed, an owned handle is expected/,
    calls: 0,
  },
  { name: "a borrow that is not dropped", how: "lent", other: LOOK, message: /borrow/, calls: 1 },
  { name: "a borrow dropped twice", how: "lent", other: DROP + DROP, message: UNKNOWN, calls: 0 },
  {
    name: "a borrow lent on after it was dropped",
    how: "lent",
    other: DROP + LOOK,
    message: UNKNOWN,
    calls: 0,
  },
  {
    name: "lent and given in one call of the library, by who borrows",
    how: "lent",
    other: "(drop (call $look-take (local.get 0) (local.get 0)))",
    message: /is lent|is borrowed/,
    calls: 0,
  },
  {
    name: "a handle that was given to the other lent",
    how: "given",
    other: "",
    owner: `${PASS} (drop (call $look (local.get $item)))`,
    message: UNKNOWN,
    calls: 0,
  },
  {
    name: "a handle that was given to the other dropped",
    how: "given",
    other: "",
    owner: `${PASS} (call $drop (local.get $item))`,
    message: UNKNOWN,
    calls: 0,
  },
  {
    name: "a handle that the library consumed for the other dropped by the owner",
    how: "given",
    other: TAKE,
    owner: `${PASS} (call $drop (local.get $item))`,
    message: UNKNOWN,
    calls: 1,
    consumed: 1,
  },
];

const PARAM = {
  lent: '(param "item" (borrow $item))',
  given: '(param "item" (own $item))',
  told: '(param "item" u32)',
};

/** What both have of the store; `$item` and `$other` are the resources. */
const STORE = `
    (import "store" (instance $store
      (export "item" (type $i (sub resource)))
      (export "other" (type $o (sub resource)))
      (export "[constructor]item" (func (param "v" u32) (result (own $i))))
      (export "[constructor]other" (func (param "v" u32) (result (own $o))))
      (export "take" (func (param "i" (own $i)) (result u32)))
      (export "look" (func (param "i" (borrow $i)) (result u32)))
      (export "look-take" (func (param "a" (borrow $i)) (param "b" (own $i)) (result u32)))))
    (alias export $store "item" (type $item))
    (core func $new (canon lower (func $store "[constructor]item")))
    (core func $new-other (canon lower (func $store "[constructor]other")))
    (core func $take (canon lower (func $store "take")))
    (core func $look (canon lower (func $store "look")))
    (core func $look-take (canon lower (func $store "look-take")))
    (core func $drop (canon resource.drop $item))
    (core instance $served
      (export "new" (func $new)) (export "new-other" (func $new-other)) (export "take" (func $take))
      (export "look" (func $look)) (export "look-take" (func $look-take)) (export "drop" (func $drop)))`;

const CORE_IMPORTS = `
      (import "store" "new" (func $new (param i32) (result i32)))
      (import "store" "new-other" (func $new-other (param i32) (result i32)))
      (import "store" "take" (func $take (param i32) (result i32)))
      (import "store" "look" (func $look (param i32) (result i32)))
      (import "store" "look-take" (func $look-take (param i32 i32) (result i32)))
      (import "store" "drop" (func $drop (param i32)))`;

function each(text: (one: ComposedCase, index: number) => string): string {
  return COMPOSED.map(text).join("\n    ");
}

/** Exports `case0`, `case1`, … */
export function composedText(): string {
  return `(component
  ${STORE.replace('(import "store" ', '(import "test:misuse/store" ')}
  (component $Other ${STORE}
    (core module $M ${CORE_IMPORTS}
      ${each(({ other }, index) => `(func (export "case${index}") (param i32) (result i32) ${other} (i32.const 0))`)})
    (core instance $m (instantiate $M (with "store" (instance $served))))
    ${each(
      ({ how }, index) =>
        `(func (export "case${index}") ${PARAM[how]} (result u32) (canon lift (core func $m "case${index}")))`,
    )})
  (component $Owner ${STORE}
    ${each(({ how }, index) => `(import "case${index}" (func $f${index} ${PARAM[how]} (result u32)))`)}
    ${each((_, index) => `(core func $f${index} (canon lower (func $f${index})))`)}
    ${each(
      ({ owner = PASS }, index) => `(core module $M${index} ${CORE_IMPORTS}
      (import "other" "case" (func $pass (param i32) (result i32)))
      (func (export "run") (local $item i32) (local.set $item (call $new (i32.const ${100 + index}))) ${owner}))
    (core instance $m${index} (instantiate $M${index}
      (with "store" (instance $served)) (with "other" (instance (export "case" (func $f${index}))))))
    (func (export "case${index}") (canon lift (core func $m${index} "run")))`,
    )})
  (instance $other (instantiate $Other (with "store" (instance $store))))
  (instance $owner (instantiate $Owner (with "store" (instance $store))
    ${each((_, index) => `(with "case${index}" (func $other "case${index}"))`)}))
  ${each((_, index) => `(export "case${index}" (func $owner "case${index}"))`)})`;
}
