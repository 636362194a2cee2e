import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { beforeAll, describe, expect, it } from "vitest";
import type { FuncType, ValueType } from "../../../../src/shared/wit/types.ts";
import { compileExport } from "../../../../src/worker/abi/js/compile-export.ts";
import { compileGuestCall } from "../../../../src/worker/abi/js/compile-guest-call.ts";
import { compileJsImport } from "../../../../src/worker/abi/js/compile-import.ts";
import type { GuestOptions, LiftedCore } from "../../../../src/worker/abi/js/types.ts";
import type { CoreFunction } from "../../../../src/worker/abi/types.ts";
import { ComponentInstance } from "../../../../src/worker/linker/component-instance.ts";
import { func, LABEL, resourceIndex, thrownBy } from "./instance.ts";

/** The allocator takes a page for every allocation, so that memory moves at each. */
const MEMORY = `(module
  (memory (export "memory") 1)
  (global $posts (export "posts") (mut i32) (i32.const 0))
  (func (export "realloc") (param i32 i32 i32 i32) (result i32)
    (i32.mul (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get 3) (i32.const 16)))) (i32.const 65536)))
  (func (export "post") (param i32) (global.set $posts (i32.add (global.get $posts) (i32.const 1)))))`;

/** Its functions use the memory of another module, as the adapter of a real component does. */
const GUEST = `(module
  (import "env" "memory" (memory 1))
  (import "env" "take" (func $take (param i32 i32 i32)))
  (import "env" "fail" (func $fail))
  (func (export "echo") (param i32 i32) (result i32)
    (i32.store (i32.const 16) (local.get 0))
    (i32.store (i32.const 20) (local.get 1))
    (i32.const 16))
  (func (export "pass-on") (param i32 i32) (result i32)
    (call $take (local.get 0) (local.get 1) (i32.const 32))
    (i32.const 32))
  (func (export "catch") (result i32) try (result i32) call $fail i32.const 1 catch_all i32.const 2 end)
  (func (export "unreachable") (result i32) (unreachable))
  (func $deep (export "deep") (param i32) (result i32) (i32.add (call $deep (local.get 0)) (i32.const 1)))
  (func $dive (export "dive") (result i32)
    try (result i32)
      call $dive
    catch_all
      try (result i32)
        (call $take (i32.const 64) (i32.const 3) (i32.const 32)) i32.const 0
      catch_all
        i32.const 1
      end
    end)
)`;

const text: ValueType = { kind: "string" };
const u32: ValueType = { kind: "u32" };
const echoType = func([text], text);

interface Loaded {
  readonly options: GuestOptions;
  readonly posts: () => unknown;
  lifted(name: string, more?: { post: true }): LiftedCore;
}

const exported = (type: FuncType, lifted: LiftedCore): ((...args: readonly unknown[]) => unknown) =>
  compileExport({ label: LABEL, type, style: "value", resourceIndex }).bind(lifted);
const imported = (
  type: FuncType,
  options: GuestOptions,
  target: (...args: never[]) => unknown,
): CoreFunction =>
  compileJsImport({
    label: LABEL,
    type,
    style: "value",
    resourceIndex,
    invocation: { kind: "function" },
  }).bind(options, target);

describe("real guests", () => {
  let memoryModule: WebAssembly.Module;
  let guestModule: WebAssembly.Module;
  beforeAll(async () => {
    memoryModule = new WebAssembly.Module(await parse(MEMORY));
    guestModule = new WebAssembly.Module(await parse(GUEST));
  });

  function load(imports: (options: GuestOptions) => Record<string, CoreFunction>): Loaded {
    const { memory, realloc, post, posts } = new WebAssembly.Instance(memoryModule).exports;
    if (
      !(memory instanceof WebAssembly.Memory) ||
      !isRealloc(realloc) ||
      !(posts instanceof WebAssembly.Global)
    )
      throw new TypeError("the module exports a memory, a function and a global");
    const options: GuestOptions = { instance: new ComponentInstance([]), encoding: "utf8", memory, realloc };
    const env = { memory, take: () => undefined, fail: () => undefined, ...imports(options) };
    const { exports } = new WebAssembly.Instance(guestModule, { env });
    return {
      options,
      posts: () => posts.value,
      lifted(name, more) {
        const core = exports[name];
        if (!isCore(core) || !isCore(post)) throw new TypeError(`no function ${name}`);
        const entered = [options.instance];
        return { options, core, entered, ...(more === undefined ? {} : { postReturn: post }) };
      },
    };
  }

  it("echo strings of any length though the memory moves every time", () => {
    const guest = load(() => ({}));
    const echo = exported(echoType, guest.lifted("echo", { post: true }));
    const values = [
      "",
      "a",
      "hello",
      "grüße",
      "\u{feff}x",
      "\u{fffd}",
      "𝄞".repeat(50_000),
      "x".repeat(100_000),
    ];
    for (const value of values) expect(echo(value)).toBe(value);
    expect(guest.posts()).toBe(values.length);
  });

  it("pass strings on to the host, and to another guest", () => {
    const other = load(() => ({}));
    const toHost = load((options) => ({ take: imported(echoType, options, (value: string) => `${value}!`) }));
    const toGuest = load((options) => ({
      take: compileGuestCall({ label: LABEL, type: echoType, resourceIndex }).bind(
        options,
        other.lifted("echo", { post: true }),
      ),
    }));
    const value = "from guest to guest, 𝄞";
    expect(exported(echoType, toHost.lifted("pass-on"))(value)).toBe(`${value}!`);
    expect(exported(echoType, toGuest.lifted("pass-on"))(value)).toBe(value);
    expect([other.posts(), other.options.instance.mayEnter]).toEqual([1, true]);
  });

  it("cannot outlive a failure by catching it", () => {
    const guest = load((options) => ({
      fail: imported(func([]), options, () => {
        throw new Error("the disk is full");
      }),
    }));
    const call = exported(func([], u32), guest.lifted("catch"));
    expect(thrownBy(() => call())).toBe("Error the disk is full");
    expect(thrownBy(() => call())).toBe(`TRAP ${LABEL}: cannot enter component instance`);
  });

  it("die of a trap, and of an endless recursion", () => {
    const trap = exported(func([], u32), load(() => ({})).lifted("unreachable"));
    expect([thrownBy(() => trap()), thrownBy(() => trap())]).toEqual([
      "RuntimeError unreachable",
      `TRAP ${LABEL}: cannot enter component instance`,
    ]);
    const deep = exported(func([u32], u32), load(() => ({})).lifted("deep"));
    expect(thrownBy(() => deep(1))).toContain("RangeError Maximum call stack size exceeded");
  });

  it("that use up the stack inside a call end with it, whatever they catch", () => {
    const guest = load((options) => ({ take: imported(echoType, options, (value: string) => value) }));
    const dive = exported(func([], u32), guest.lifted("dive"));
    // Where the stack ends is the engine's affair; whether anything was left half done must show.
    const thrown = thrownBy(() => dive());
    const { instance } = guest.options;
    const isAlive = thrown === "nothing";
    expect([instance.mayEnter, instance.mayLeave]).toEqual([isAlive, isAlive]);
  });
});

function isRealloc(value: unknown): value is NonNullable<GuestOptions["realloc"]> {
  return typeof value === "function";
}

function isCore(value: unknown): value is CoreFunction {
  return typeof value === "function";
}
