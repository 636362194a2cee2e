/**
 * What a run ended with, as data: every way out of a guest call is mapped to one outcome, and whose fault
 * it is follows from what was thrown and where.
 */
import { HostbundleError, isHostbundleError, type ErrorData } from "../shared/errors.ts";
import type { Call } from "../shared/protocol.ts";
import { asEntry } from "../shared/value/shape.ts";
import type { Value } from "../shared/value/types.ts";
import type { ResultType } from "../shared/wit/types.ts";

/** Thrown by `wasi:cli/exit`; it unwinds the guest. */
export class GuestExit extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`the guest exited with code ${exitCode}`);
    this.name = "GuestExit";
    this.exitCode = exitCode;
  }
}

export type Ending =
  | { readonly status: "ok"; readonly value?: Value }
  | { readonly status: "error"; readonly error: ErrorData };

/** The ending of a call that returned; `value` is absent where the function has no result. */
export function returned(value: Value | undefined, call: Call): Ending {
  if (call.kind === "command") {
    if (value === undefined || asEntry(value, COMMAND_RESULT)[0] === "ok") return { status: "ok" };
    return failed(new HostbundleError("GUEST_EXIT", "the command returned an error", { exitCode: 1 }));
  }
  return value === undefined ? { status: "ok" } : { status: "ok", value };
}

/** `wasi:cli/run#run: func() -> result` */
const COMMAND_RESULT: ResultType = { kind: "result" };

/**
 * The ending of a call that threw.
 * @param call Absent in a session: with whatever code the guest exits, the session is over.
 * @param codeUrl URL of the module that jco printed: what is thrown there is a check that the guest failed.
 */
export function threw(error: unknown, call: Call | undefined, codeUrl: string): Ending {
  if (error instanceof GuestExit) return exited(error.exitCode, call);
  return failed(fromForeign(error, codeUrl));
}

/** The ending of a run that never reached its call. */
export function failed(error: HostbundleError): Ending {
  return { status: "error", error: error.toData() };
}

/** Any thrown value as an error with a fault. */
export function fromForeign(error: unknown, codeUrl: string): HostbundleError {
  if (isHostbundleError(error)) return error;
  if (error instanceof WebAssembly.RuntimeError) return trap(error.message, error);
  if (error instanceof WebAssembly.Exception) return trap("an exception was not caught", error);
  // The engine's name for it; Node 20 has no such class.
  if (error instanceof Error && error.name === "SuspendError")
    return trap("a synchronous call waits for an asynchronous one", error);
  if (error instanceof WebAssembly.LinkError) {
    return new HostbundleError("COMPONENT_INVALID", `the component does not link: ${error.message}`, {
      help: "its core modules do not fit each other; build it again with a current toolchain",
      cause: error,
    });
  }
  if (error instanceof WebAssembly.CompileError) {
    return new HostbundleError(
      "COMPONENT_INVALID",
      `this Node cannot compile the component: ${error.message}`,
      {
        help: "the component may need a WebAssembly feature that a newer Node has",
        cause: error,
      },
    );
  }
  if (error instanceof RangeError && error.message.includes("call stack"))
    return trap("call stack exhausted", error);
  if (error instanceof RangeError && error.message.includes("Out of memory")) {
    return trap("the memory that the component declares cannot be allocated", error);
  }
  if (error instanceof Error && isGuestsCheck(error, codeUrl)) {
    return trap(`the Canonical ABI's rules were broken: ${error.message}`, error);
  }
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new HostbundleError("INTERNAL", `unexpected: ${detail.replaceAll(/\s*\n\s*/g, "; ")}`, {
    cause: error,
  });
}

function exited(exitCode: number, call: Call | undefined): Ending {
  const isComplete = call !== undefined && (call.kind === "command" || call.type.result === undefined);
  if (exitCode === 0 && isComplete) return { status: "ok" };
  return failed(new HostbundleError("GUEST_EXIT", `the guest exited with code ${exitCode}`, { exitCode }));
}

function trap(message: string, cause: unknown): HostbundleError {
  return new HostbundleError("TRAP", `the guest trapped: ${message}`, { cause });
}

/** jco's class is declared anew in each module it prints. */
export function isComponentError(error: unknown): error is Error & { readonly payload: unknown } {
  return error instanceof Error && error.constructor.name === "ComponentError" && "payload" in error;
}

/** Whether the innermost frame with a file is in that module, or in the shim that it calls. */
function isGuestsCheck(error: Error, url: string): boolean {
  if (error.name === "ShimExit") return true;
  const frame = error.stack?.split("\n").find((line) => /^\s+at .*(?:file|wasm):\/\//.test(line));
  return frame !== undefined && ((url !== "" && frame.includes(url)) || frame.includes("/preview2-shim/"));
}
