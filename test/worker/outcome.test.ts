import { expect, test } from "vitest";
import { HostbundleError } from "../../src/shared/errors.ts";
import type { Call } from "../../src/shared/protocol.ts";
import type { Value } from "../../src/shared/value/types.ts";
import type { ValueType } from "../../src/shared/wit/types.ts";
import { GuestExit, returned, threw } from "../../src/worker/outcome.ts";

const URL_OF_IMAGE = "file:///cache/image/component.mjs";
const COMMAND: Call = { kind: "command", interface: "wasi:cli/run@0.2.0" };
const U8: ValueType = { kind: "u8" };

function exported(result?: ValueType): Call {
  const type = { params: [], ...(result === undefined ? {} : { result }) };
  return { kind: "export", function: "f", type, args: [] };
}

const TAG = new WebAssembly.Tag({ parameters: [] });

function named(name: string): Error {
  return Object.assign(new Error("trying to suspend"), { name });
}

function thrownAt(error: Error, file: string): Error {
  error.stack = `${error.name}: ${error.message}\n    at DataView.getUint8 (<anonymous>)\n    at f (${file}:1:2)`;
  return error;
}

const FAILED = { status: "error", error: { code: "GUEST_EXIT", exitCode: 1 } };

test.each([
  [COMMAND, { ok: null }, { status: "ok" }],
  [COMMAND, { err: null }, FAILED],
  [exported(), undefined, { status: "ok" }],
  [exported(U8), 7, { status: "ok", value: 7 }],
  [exported({ kind: "option", element: U8 }), null, { status: "ok", value: null }],
  [exported({ kind: "result", ok: U8 }), { err: null }, { status: "ok", value: { err: null } }],
] as readonly (readonly [Call, Value | undefined, object])[])(
  "a call that returns, case %#",
  (call, value, ending) => {
    expect(returned(value, call)).toMatchObject(ending);
  },
);

const FAULT = new HostbundleError("HOST_FAULT", "bad UTF-8", { bundle: "kv", function: "a:b/c#d" });

test.each([
  ["an exit with a code", new GuestExit(42), COMMAND, { code: "GUEST_EXIT", fault: "guest", exitCode: 42 }],
  ["an exit before the value", new GuestExit(0), exported(U8), { code: "GUEST_EXIT", exitCode: 0 }],
  ["a wasm trap", new WebAssembly.RuntimeError("unreachable"), COMMAND, { code: "TRAP", fault: "guest" }],
  ["endless recursion", new RangeError("Maximum call stack size exceeded"), COMMAND, { code: "TRAP" }],
  ["too much memory", new RangeError("WebAssembly.Memory(): Out of memory"), COMMAND, { code: "TRAP" }],
  ["a fault of a library", FAULT, COMMAND, { code: "HOST_FAULT", bundle: "kv", function: "a:b/c#d" }],
  ["an unknown feature", new WebAssembly.CompileError("x"), COMMAND, { code: "COMPONENT_INVALID" }],
  ["a check of jco", thrownAt(new RangeError("x"), URL_OF_IMAGE), COMMAND, { code: "TRAP" }],
  [
    "our own bug",
    thrownAt(new TypeError("x"), "file:///src/run.ts"),
    COMMAND,
    { code: "INTERNAL", fault: "bug" },
  ],
  ["no error at all", "text", COMMAND, { code: "INTERNAL" }],
  ["a suspension", named("SuspendError"), COMMAND, { code: "TRAP", fault: "guest" }],
  ["an exception", new WebAssembly.Exception(TAG, []), COMMAND, { code: "TRAP", fault: "guest" }],
  ["modules that don't fit", new WebAssembly.LinkError("x"), COMMAND, { code: "COMPONENT_INVALID" }],
] as readonly (readonly [string, unknown, Call, object])[])(
  "%s ends in its code",
  (_name, error, call, data) => {
    const ending = threw(error, call, URL_OF_IMAGE);
    expect(ending).toMatchObject({ status: "error", error: data });
    expect(ending.status === "error" && ending.error.message).not.toContain("\n");
  },
);

test("an exit with 0 is a success where nothing else is awaited", () => {
  expect(threw(new GuestExit(0), COMMAND, URL_OF_IMAGE)).toEqual({ status: "ok" });
  expect(threw(new GuestExit(0), exported(), URL_OF_IMAGE)).toEqual({ status: "ok" });
});
