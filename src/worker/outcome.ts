/**
 * What a run ended with, as data: every way out of a guest call is mapped to one outcome, and whose fault
 * it is follows from what was thrown and where.
 */
import { HostbundleError, isHostbundleError, type ErrorData } from "../shared/errors.ts";
import type { Call } from "../shared/protocol.ts";
import type { Value } from "../shared/value/types.ts";
import { fromJco, resultValue } from "./jco-values.ts";

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

/** The ending of a call that returned `raw`. */
export function returned(raw: unknown, call: Call): Ending {
  if (call.kind === "command" || call.type.result === undefined) return { status: "ok" };
  const { result } = call.type;
  const value = result.kind === "result" ? resultValue("ok", raw, result) : fromJco(raw, result);
  return { status: "ok", value };
}

/**
 * The ending of a call that threw.
 * @param imageUrl URL of the module that jco printed: what is thrown there is a check that the guest failed.
 */
export function threw(error: unknown, call: Call, imageUrl: string): Ending {
  if (error instanceof GuestExit) return exited(error.exitCode, call);
  if (isComponentError(error)) {
    if (call.kind === "command") {
      return failed(new HostbundleError("GUEST_EXIT", "the command returned an error", { exitCode: 1 }));
    }
    if (call.type.result?.kind === "result") {
      return { status: "ok", value: resultValue("err", error.payload, call.type.result) };
    }
  }
  if (isHostbundleError(error)) return failed(error);
  return failed(fromForeign(error, imageUrl));
}

/** The ending of a run that never reached its call. */
export function failed(error: HostbundleError): Ending {
  return { status: "error", error: error.toData() };
}

/** Any thrown value as an error with a fault. */
export function fromForeign(error: unknown, imageUrl: string): HostbundleError {
  if (isHostbundleError(error)) return error;
  if (error instanceof WebAssembly.RuntimeError) return trap(error.message, error);
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
  if (error instanceof Error && isGuestsCheck(error, imageUrl)) {
    return trap(`the Canonical ABI's rules were broken: ${error.message}`, error);
  }
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new HostbundleError("INTERNAL", `unexpected: ${detail.replaceAll(/\s*\n\s*/g, "; ")}`, {
    cause: error,
  });
}

function exited(exitCode: number, call: Call): Ending {
  const isComplete = call.kind === "command" || call.type.result === undefined;
  if (exitCode === 0 && isComplete) return { status: "ok" };
  return failed(new HostbundleError("GUEST_EXIT", `the guest exited with code ${exitCode}`, { exitCode }));
}

function trap(message: string, cause: unknown): HostbundleError {
  return new HostbundleError("TRAP", `the guest trapped: ${message}`, { cause });
}

/** jco's class is declared anew in each module it prints. */
function isComponentError(error: unknown): error is Error & { readonly payload: unknown } {
  return error instanceof Error && error.constructor.name === "ComponentError" && "payload" in error;
}

/** Whether the innermost frame with a file is in that module, or in the shim that it calls. */
function isGuestsCheck(error: Error, url: string): boolean {
  if (error.name === "ShimExit") return true;
  const frame = error.stack?.split("\n").find((line) => /^\s+at .*(?:file|wasm):\/\//.test(line));
  return frame !== undefined && ((url !== "" && frame.includes(url)) || frame.includes("/preview2-shim/"));
}
