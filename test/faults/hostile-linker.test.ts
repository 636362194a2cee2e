/** Components that no toolchain writes, against our own linker: what it refuses, before or while they run. */
import { describe, expect, it } from "vitest";
import { isHostbundleError } from "../../src/shared/errors.ts";
import { linkText, NO_IMPORTS } from "../support/link.ts";

interface Case {
  readonly name: string;
  readonly code: "COMPONENT_INVALID" | "TRAP";
  /** Part of what is said about it. */
  readonly says: string;
  /** Exports `go`, where it comes so far. */
  readonly text: string;
}

const CASES: readonly Case[] = [
  {
    name: "a handle of one instantiation's resource given to another instantiation",
    code: "TRAP",
    says: "is of resource r, r is expected",
    text: `(component
  (component $D
    (type $r' (resource (rep i32)))
    (export $r "r" (type $r'))
    (core func $new (canon resource.new $r'))
    (core module $m (import "h" "new" (func $new (param i32) (result i32)))
      (func (export "make") (result i32) (call $new (i32.const 42)))
      (func (export "use") (param i32) (result i32) local.get 0))
    (core instance $h (export "new" (func $new)))
    (core instance $i (instantiate $m (with "h" (instance $h))))
    (func $make' (result (own $r')) (canon lift (core func $i "make")))
    (func $use' (param "x" (borrow $r')) (result u32) (canon lift (core func $i "use")))
    (export "make" (func $make') (func (result (own $r))))
    (export "use" (func $use') (func (param "x" (borrow $r)) (result u32))))
  (instance $a (instantiate $D)) (instance $b (instantiate $D))
  (alias export $a "make" (func $make)) (alias export $b "use" (func $use))
  (core func $makel (canon lower (func $make))) (core func $usel (canon lower (func $use)))
  (core module $m (import "h" "make" (func $make (result i32))) (import "h" "use" (func $use (param i32) (result i32)))
    (func (export "go") (result i32) (call $use (call $make))))
  (core instance $h (export "make" (func $makel)) (export "use" (func $usel)))
  (core instance $i (instantiate $m (with "h" (instance $h))))
  (func (export "go") (result u32) (canon lift (core func $i "go"))))`,
  },
  {
    name: "resource.new of an enclosing component's resource",
    code: "COMPONENT_INVALID",
    says: "the resource is not defined by this component",
    text: `(component
  (type $r (resource (rep i32)))
  (component $c (alias outer 1 $r (type $s)) (core func $new (canon resource.new $s))
    (core module $m (import "h" "new" (func $n (param i32) (result i32))) (func (export "f") (result i32) (call $n (i32.const 1))))
    (core instance $h (export "new" (func $new))) (core instance $i (instantiate $m (with "h" (instance $h))))
    (func (export "f") (result u32) (canon lift (core func $i "f"))))
  (instance $i (instantiate $c)) (alias export $i "f" (func $f)) (export "go" (func $f)))`,
  },
  {
    name: "a record passed for a resource",
    code: "COMPONENT_INVALID",
    says: "must be a resource type",
    text: `(component
  (component $c (import "r" (type $r (sub resource))) (core func $d (canon resource.drop $r)))
  (type $t (record (field "a" u32)))
  (instance $i (instantiate $c (with "r" (type $t)))) )`,
  },
  {
    name: "a function of another type passed to an instantiation",
    code: "COMPONENT_INVALID",
    says: "another type than declared",
    text: `(component
  (core module $k (func (export "f") (param i64) (result i32) (i32.const 9)))
  (core instance $k (instantiate $k))
  (func $f (param "x" u64) (result u32) (canon lift (core func $k "f")))
  (component $c (import "f" (func $f (param "x" u32) (result u32))) (core func $fl (canon lower (func $f)))
    (core module $m (import "h" "f" (func $f (param i32) (result i32))) (func (export "go") (result i32) (call $f (i32.const 1))))
    (core instance $h (export "f" (func $fl))) (core instance $i (instantiate $m (with "h" (instance $h))))
    (func (export "go") (result u32) (canon lift (core func $i "go"))))
  (instance $i (instantiate $c (with "f" (func $f)))) (alias export $i "go" (func $go)) (export "go" (func $go)))`,
  },
  {
    name: "a 64-bit memory for strings",
    code: "COMPONENT_INVALID",
    says: "expected a 32-bit memory that is not shared",
    text: `(component (core module $m (memory (export "memory") i64 1) (func (export "f") (result i32) (i32.const 0)))
  (core instance $i (instantiate $m))
  (func (export "f") (result string) (canon lift (core func $i "f") (memory (core memory $i "memory")))))`,
  },
  {
    name: "a shared memory for strings",
    code: "COMPONENT_INVALID",
    says: "expected a 32-bit memory that is not shared",
    text: `(component (core module $m (memory (export "memory") 1 1 shared) (func (export "f") (result i32) (i32.const 0)))
  (core instance $i (instantiate $m))
  (func (export "f") (result string) (canon lift (core func $i "f") (memory (core memory $i "memory")))))`,
  },
];

describe("a hostile component", () => {
  it.each(CASES)("$name: $code", async ({ code, says, text }) => {
    let thrown: unknown;
    try {
      const instance = (await linkText(text)).instantiate(NO_IMPORTS);
      instance.exported(undefined, "go")?.();
    } catch (error) {
      thrown = error;
    }
    expect(isHostbundleError(thrown) && thrown.code).toBe(code);
    expect(isHostbundleError(thrown) && JSON.stringify([thrown.message, thrown.toData().findings])).toContain(
      says,
    );
  });
});
