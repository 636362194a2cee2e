/** What the fault tests share: catching, and what a guest's trap must look like. */
import { expect } from "vitest";
import { type HostbundleError, isHostbundleError } from "../../src/shared/errors.ts";
import type { CoreFunction, InstanceState } from "../../src/worker/abi/types.ts";
import { BUNDLE_NAME, labelOf, type TestLibrary } from "./c-source-library.ts";
import type { CFunction } from "./c-source.ts";
import { asGuestImport, type GuestMemory } from "./oracle/index.ts";

/** What a call throws, or undefined. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** A single-line TRAP that names the function. */
export function expectTrap(error: unknown, one: CFunction): asserts error is HostbundleError {
  if (!isHostbundleError(error)) throw new Error("expected a HostbundleError", { cause: error });
  expect(error).toMatchObject({ code: "TRAP", fault: "guest", context: { function: labelOf(one) } });
  expect(error.message).toContain(labelOf(one));
  expect(error.message).not.toContain("\n");
}

/** A single-line HOST_FAULT that names bundle and function. */
export function expectHostFault(error: unknown, one: CFunction): asserts error is HostbundleError {
  if (!isHostbundleError(error)) throw new Error("expected a HostbundleError", { cause: error });
  expect(error).toMatchObject({
    code: "HOST_FAULT",
    fault: "bundle",
    context: { function: labelOf(one), bundle: BUNDLE_NAME },
  });
  expect(error.message).toContain(labelOf(one));
  expect(error.message).toContain(BUNDLE_NAME);
  expect(error.message).not.toContain("\n");
}

/** The import as that guest calls it; `realloc` may be another than the guest's honest one. */
export function bindFor(
  library: TestLibrary,
  one: CFunction,
  guest: GuestMemory,
  more: { realloc?: GuestMemory["realloc"]; instance?: InstanceState } = {},
): CoreFunction {
  const options = {
    memory: guest.memory,
    realloc: more.realloc ?? guest.realloc,
    stringEncoding: guest.stringEncoding,
  };
  return asGuestImport(one.type, library.bind(one, options, more.instance ?? { mayLeave: true }));
}
