/** A component may call its own lifted functions, and so a function again that is running: calls inside each other. */
import { expect, test } from "vitest";
import { jsImports, linkText, NO_IMPORTS } from "../../support/link.ts";

/**
 * `go` gets a handle and calls `f(borrow, handle)`, whose body is `body`: `$again` calls `f` with the owned handle and 0,
 * `$drop` drops a handle.
 */
function component(body: string): string {
  return `(component
    (import "r" (type $r (sub resource)))
    (import "give" (func $give (result (own $r))))
    (core module $a
      (table (export "t") 2 funcref)
      (type $f (func (param i32 i32)))
      (type $d (func (param i32)))
      (func $again (param $own i32) (call_indirect (type $f) (local.get $own) (i32.const 0) (i32.const 0)))
      (func $drop (param $h i32) (call_indirect (type $d) (local.get $h) (i32.const 1)))
      (func (export "f") (param $borrow i32) (param $own i32) ${body}))
    (core instance $a (instantiate $a))
    (func $f (param "h" (borrow $r)) (param "own" u32) (canon lift (core func $a "f")))
    (core func $f (canon lower (func $f)))
    (core func $give (canon lower (func $give)))
    (core func $drop (canon resource.drop $r))
    (core module $b
      (import "a" "t" (table 2 funcref))
      (import "h" "f" (func $f (param i32 i32)))
      (import "h" "give" (func $give (result i32)))
      (import "h" "drop" (func $drop (param i32)))
      (elem (i32.const 0) $f $drop)
      (func (export "go") (local $own i32)
        (local.set $own (call $give))
        (call $f (local.get $own) (local.get $own))
        (call $drop (local.get $own))))
    (core instance $h (export "f" (func $f)) (export "give" (func $give)) (export "drop" (func $drop)))
    (core instance $b (instantiate $b (with "a" (instance $a)) (with "h" (instance $h))))
    (func (export "go") (canon lift (core func $b "go"))))`;
}

async function go(body: string): Promise<unknown[]> {
  const destroyed: unknown[] = [];
  const imports = jsImports({ give: () => "resource" }, (rep) => void destroyed.push(rep));
  const instance = (await linkText(component(body))).instantiate(imports);
  try {
    instance.exported(undefined, "go")?.();
  } catch (error) {
    return [...destroyed, String(error)];
  }
  return destroyed;
}

const INNER_FIRST = `
  (if (local.get $own) (then (call $again (local.get $own))))
  (call $drop (local.get $borrow))`;

test("each call keeps its own borrows", async () => {
  expect(await go(INNER_FIRST)).toEqual(["resource"]);
});

test("what is lent to the outer call stays lent when the inner one has ended", async () => {
  const dropped = `
    (if (local.get $own) (then (call $again (local.get $own)) (call $drop (local.get $own))))
    (call $drop (local.get $borrow))`;
  expect(await go(dropped)).toEqual([expect.stringContaining("handle index 1 is lent")]);
});

test("a borrow that the inner call keeps is found when it ends, not when the outer one does", async () => {
  const kept = `
    (if (local.get $own) (then (call $again (local.get $own)) (call $drop (local.get $borrow))))`;
  expect(await go(kept)).toEqual([expect.stringContaining("borrow handles still remain")]);
});

test("a string was checked for good when realloc runs, which gets at it where a component calls itself", async () => {
  const linked = await linkText(`(component
    (core module $a
      (memory (export "memory") 1)
      (data (i32.const 16) "abcd")
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (i32.store (i32.const 16) (i32.const -1))
        (i32.const 64))
      (func (export "f") (param i32 i32) (result i32) (i32.load (local.get 0))))
    (core instance $a (instantiate $a))
    (func $f (param "text" string) (result u32)
      (canon lift (core func $a "f") (memory (core memory $a "memory")) (realloc (core func $a "realloc"))))
    (core func $f (canon lower (func $f) (memory (core memory $a "memory"))))
    (core module $b
      (import "a" "f" (func $f (param i32 i32) (result i32)))
      (func (export "go") (result i32) (call $f (i32.const 16) (i32.const 4))))
    (core instance $b (instantiate $b (with "a" (instance (export "f" (func $f))))))
    (func (export "go") (result u32) (canon lift (core func $b "go"))))`);
  const go = linked.instantiate(NO_IMPORTS).exported(undefined, "go");
  expect(go?.()).toBe(Buffer.from("abcd").readUInt32LE());
});
