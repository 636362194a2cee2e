import { expect, test } from "vitest";
import { HostbundleError } from "../../src/shared/errors.ts";
import type { Call } from "../../src/shared/protocol.ts";
import type { ValueType } from "../../src/shared/wit/types.ts";
import { GuestExit, returned, threw } from "../../src/worker/outcome.ts";

const URL_OF_IMAGE = "file:///cache/image/component.mjs";
const COMMAND: Call = { kind: "command", interface: "wasi:cli/run@0.2.0" };
const U8: ValueType = { kind: "u8" };

function exported(result?: ValueType): Call {
  const type = { params: [], ...(result === undefined ? {} : { result }) };
  return { kind: "export", function: "f", type, args: [] };
}

/** As declared anew in every module that jco prints. */
class ComponentError extends Error {
  readonly payload: unknown;

  constructor(payload: unknown) {
    super("component error");
    this.payload = payload;
  }
}

function thrownAt(error: Error, file: string): Error {
  error.stack = `${error.name}: ${error.message}\n    at DataView.getUint8 (<anonymous>)\n    at f (${file}:1:2)`;
  return error;
}

test.each([
  [COMMAND, undefined, { status: "ok" }],
  [exported(), undefined, { status: "ok" }],
  [exported(U8), 7, { status: "ok", value: 7 }],
  [exported({ kind: "result", ok: U8 }), 7, { status: "ok", value: { ok: 7 } }],
  [exported({ kind: "result" }), undefined, { status: "ok", value: { ok: null } }],
] as readonly (readonly [Call, unknown, object])[])("a call that returns, case %#", (call, raw, ending) => {
  expect(returned(raw, call)).toEqual(ending);
});

const FAULT = new HostbundleError("HOST_FAULT", "bad UTF-8", { bundle: "kv", function: "a:b/c#d" });

test.each([
  ["an err of a command", new ComponentError(undefined), COMMAND, { code: "GUEST_EXIT", exitCode: 1 }],
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
  ["a payload where none can be", new ComponentError(1), exported(U8), { code: "INTERNAL" }],
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

test("the err of a result is a value", () => {
  const call = exported({ kind: "result", ok: U8, err: { kind: "string" } });
  expect(threw(new ComponentError("no"), call, URL_OF_IMAGE)).toEqual({ status: "ok", value: { err: "no" } });
});
