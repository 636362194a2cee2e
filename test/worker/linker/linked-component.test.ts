import { describe, expect, test } from "vitest";
import { jsImports, linkText, NO_IMPORTS } from "../../support/link.ts";

const ALLOCATOR = `
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 1024))
  (func (export "realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.set $next (i32.add (local.get $at) (local.get 3)))
    (local.get $at))`;

describe("instances", () => {
  const COUNTER = `(component
    (core module $m
      (global $count (mut i32) (i32.const 0))
      (func (export "count") (result i32)
        (global.set $count (i32.add (global.get $count) (i32.const 1)))
        (global.get $count)))
    (core instance $i (instantiate $m))
    (func (export "count") (result u32) (canon lift (core func $i "count"))))`;

  test("share nothing but code", async () => {
    const component = await linkText(COUNTER);
    const [one, two] = [component.instantiate(NO_IMPORTS), component.instantiate(NO_IMPORTS)];
    const count = one.exported(undefined, "count");
    expect([count?.(), count?.(), two.exported(undefined, "count")?.()]).toEqual([1, 2, 1]);
    expect(one.exported(undefined, "other")).toBeUndefined();
    expect(one.exported("count", "count")).toBeUndefined();
  });

  test("of one component inside another have memories and globals of their own", async () => {
    const component = await linkText(`(component
      (component $counter ${COUNTER.slice("(component".length)}
      (instance $a (instantiate $counter))
      (instance $b (instantiate $counter))
      (export "a" (instance $a))
      (export "b" (instance $b)))`);
    const instance = component.instantiate(NO_IMPORTS);
    const [a, b] = [instance.exported("a", "count"), instance.exported("b", "count")];
    expect([a?.(), a?.(), b?.()]).toEqual([1, 2, 1]);
  });
});

/** A component with another inside; `body` has the module that calls it. */
function calling(body: string): string {
  return `(component
    (component $inner
      (core module $m ${ALLOCATOR}
        (func (export "twice") (param i32 i32) (result i32)
          ;; The text, twice in a row.
          (memory.copy (i32.const 512) (local.get 0) (local.get 1))
          (memory.copy (i32.add (i32.const 512) (local.get 1)) (local.get 0) (local.get 1))
          (i32.store (i32.const 16) (i32.const 512))
          (i32.store (i32.const 20) (i32.shl (local.get 1) (i32.const 1)))
          (i32.const 16))
        (func (export "fail") unreachable))
      (core instance $i (instantiate $m))
      (func (export "twice") (param "text" string) (result string)
        (canon lift (core func $i "twice") (memory (core memory $i "memory")) (realloc (core func $i "realloc")) string-encoding=utf16))
      (func (export "fail") (canon lift (core func $i "fail"))))
    (instance $inner (instantiate $inner))
    (core module $memory ${ALLOCATOR})
    (core instance $memory (instantiate $memory))
    (core func $twice (canon lower (func $inner "twice")
      (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
    (core func $fail (canon lower (func $inner "fail")))
    ${body})`;
}

describe("a call between components", () => {
  test("copies values from one memory to the other, whatever their encodings", async () => {
    const component = await linkText(
      calling(`
      (core module $m
        (import "host" "twice" (func $twice (param i32 i32 i32)))
        (func (export "run") (param i32 i32) (result i32)
          (call $twice (local.get 0) (local.get 1) (i32.const 8))
          (i32.const 8)))
      (core instance $i (instantiate $m (with "host" (instance (export "twice" (func $twice))))))
      (func (export "run") (param "text" string) (result string)
        (canon lift (core func $i "run") (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))`),
    );
    const run = component.instantiate(NO_IMPORTS).exported(undefined, "run");
    for (const text of ["", "abc", "äöü", "🙂 mixed", "x".repeat(100)]) {
      // Two bytes a unit inside, so "twice" doubles units and not bytes: half of them is what came in.
      expect(run?.(text)).toHaveLength(text.length * 2);
    }
  });

  test("that traps ends the whole instance", async () => {
    const component = await linkText(
      calling(`
      (core module $m (import "host" "fail" (func $fail)) (func (export "run") (call $fail)) (func (export "ok")))
      (core instance $i (instantiate $m (with "host" (instance (export "fail" (func $fail))))))
      (func (export "run") (canon lift (core func $i "run")))
      (func (export "ok") (canon lift (core func $i "ok")))`),
    );
    const instance = component.instantiate(NO_IMPORTS);
    expect(() => instance.exported(undefined, "run")?.()).toThrow("unreachable");
    expect(instance.failure).toBeInstanceOf(WebAssembly.RuntimeError);
    expect(() => instance.exported(undefined, "ok")?.()).toThrow("cannot enter component instance");
  });
});

describe("resources of a guest", () => {
  const OWNER = `(component
    (component $owner
      (import "log" (func $log (param "rep" u32)))
      (core func $log (canon lower (func $log)))
      (core module $d (import "" "log" (func $log (param i32))) (func (export "drop") (param i32) (call $log (local.get 0))))
      (core instance $d (instantiate $d (with "" (instance (export "log" (func $log))))))
      (type $r' (resource (rep i32) (dtor (core func $d "drop"))))
      (core func $new (canon resource.new $r'))
      (core func $rep (canon resource.rep $r'))
      (export $r "r" (type $r'))
      (core module $m
        (import "" "new" (func $new (param i32) (result i32)))
        (import "" "rep" (func $rep (param i32) (result i32)))
        (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
        (func (export "peek") (param i32) (result i32) (local.get 0))
        (func (export "rep") (param i32) (result i32) (call $rep (local.get 0))))
      (core instance $i (instantiate $m
        (with "" (instance (export "new" (func $new)) (export "rep" (func $rep))))))
      (func (export "make") (param "rep" u32) (result (own $r)) (canon lift (core func $i "make")))
      (func (export "peek") (param "r" (borrow $r)) (result u32) (canon lift (core func $i "peek")))
      (func (export "rep") (param "r" (own $r)) (result u32) (canon lift (core func $i "rep"))))
    (import "log" (func $log (param "rep" u32)))
    (instance $owner (instantiate $owner (with "log" (func $log))))
    (alias export $owner "r" (type $r))
    (core func $make (canon lower (func $owner "make")))
    (core func $peek (canon lower (func $owner "peek")))
    (core func $rep (canon lower (func $owner "rep")))
    (core func $drop (canon resource.drop $r))
    (core module $m
      (import "" "make" (func $make (param i32) (result i32)))
      (import "" "peek" (func $peek (param i32) (result i32)))
      (import "" "rep" (func $rep (param i32) (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "live") (param i32) (result i32)
        (local $h i32) (local $seen i32)
        (local.set $h (call $make (local.get 0)))
        (local.set $seen (call $peek (local.get $h)))
        (call $drop (local.get $h))
        (local.get $seen))
      (func (export "give") (param i32) (result i32) (call $rep (call $make (local.get 0))))
      (func (export "twice") (local $h i32)
        (local.set $h (call $make (i32.const 1)))
        (call $drop (local.get $h))
        (call $drop (local.get $h)))
      (func (export "guess") (call $drop (i32.const 7))))
    (core instance $i (instantiate $m (with "" (instance
      (export "make" (func $make)) (export "peek" (func $peek)) (export "rep" (func $rep)) (export "drop" (func $drop))))))
    (func (export "live") (param "rep" u32) (result u32) (canon lift (core func $i "live")))
    (func (export "give") (param "rep" u32) (result u32) (canon lift (core func $i "give")))
    (func (export "twice") (canon lift (core func $i "twice")))
    (func (export "guess") (canon lift (core func $i "guess"))))`;

  test("the implementer sees its own rep, and its destructor runs once for each that is dropped", async () => {
    const dropped: number[] = [];
    const component = await linkText(OWNER);
    const instance = component.instantiate(jsImports({ log: (rep: number) => void dropped.push(rep) }));
    expect(instance.exported(undefined, "live")?.(42)).toBe(42);
    expect(dropped).toEqual([42]);
    expect(instance.exported(undefined, "give")?.(7)).toBe(7);
    expect(dropped).toEqual([42]);
  });

  test.each([
    ["twice", "resource.drop r: unknown handle index 1"],
    ["guess", "resource.drop r: unknown handle index 7"],
  ])("dropping %s traps", async (name, message) => {
    const component = await linkText(OWNER);
    const instance = component.instantiate(jsImports({ log: () => undefined }));
    expect(() => instance.exported(undefined, name)?.()).toThrow(message);
    expect(() => instance.exported(undefined, "live")?.(1)).toThrow("cannot enter component instance");
  });
});

describe("what the host serves", () => {
  const USER = `(component
    (import "acme:files/api" (instance $api
      (export "file" (type $file (sub resource)))
      (export "open" (func (param "name" u32) (result (own $file))))
      (export "size" (func (param "file" (borrow $file)) (result u64)))))
    (alias export $api "file" (type $file))
    (core func $open (canon lower (func $api "open")))
    (core func $size (canon lower (func $api "size")))
    (core func $drop (canon resource.drop $file))
    (core module $m
      (import "" "open" (func $open (param i32) (result i32)))
      (import "" "size" (func $size (param i32) (result i64)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "size-of") (param i32) (result i64)
        (local $h i32) (local $size i64)
        (local.set $h (call $open (local.get 0)))
        (local.set $size (call $size (local.get $h)))
        (call $drop (local.get $h))
        (local.get $size)))
    (core instance $i (instantiate $m (with "" (instance
      (export "open" (func $open)) (export "size" (func $size)) (export "drop" (func $drop))))))
    (func (export "size-of") (param "name" u32) (result u64) (canon lift (core func $i "size-of"))))`;

  test("its resources are its own objects, dropped once", async () => {
    const dropped: unknown[] = [];
    const made: unknown[] = [];
    const imports = jsImports(
      {
        "acme:files/api#open": (name: number) => {
          const file = { name };
          made.push(file);
          return file;
        },
        "acme:files/api#size": (file: { readonly name: number }) => BigInt(file.name) * 2n,
      },
      (rep) => void dropped.push(rep),
    );
    const instance = (await linkText(USER)).instantiate(imports);
    expect(instance.exported(undefined, "size-of")?.(21)).toBe(42n);
    expect(made).toEqual([{ name: 21 }]);
    expect(dropped).toEqual(made);
  });

  test("a function of the async proposals traps when it is called, and only then", async () => {
    const component = await linkText(`(component
      (core func $yield (canon thread.yield))
      (core module $m (import "" "yield" (func $yield (result i32)))
        (func (export "calm")) (func (export "yield") (drop (call $yield))))
      (core instance $i (instantiate $m (with "" (instance (export "yield" (func $yield))))))
      (func (export "calm") (canon lift (core func $i "calm")))
      (func (export "yield") (canon lift (core func $i "yield"))))`);
    const instance = component.instantiate(NO_IMPORTS);
    expect(instance.exported(undefined, "calm")?.()).toBeUndefined();
    expect(() => instance.exported(undefined, "yield")?.()).toThrow(
      expect.objectContaining({ code: "TRAP", message: expect.stringContaining("thread.yield") }),
    );
  });
});

test("a start function that traps ends the instantiation", async () => {
  const component = await linkText(`(component
    (core module $m (func $start unreachable) (start $start))
    (core instance (instantiate $m)))`);
  expect(() => component.instantiate(NO_IMPORTS)).toThrow(WebAssembly.RuntimeError);
});
