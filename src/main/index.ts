/**
 * hostbundle as a library: run WebAssembly components with native libraries serving their imports.
 *
 * ```ts
 * await using host = await createHost({ bundles: ["hosts/kv"] });
 * const component = await host.load("app.wasm");
 * const outcome = await host.run(component, { export: "greet", args: ["World"] });
 * ```
 *
 * What the caller did wrong (a bad bundle, a component that doesn't link, an unknown export, an argument of
 * the wrong type) is thrown as a `HostbundleError` before anything runs. What the guest, the library or the
 * host did wrong is data: an outcome with `status: "error"`.
 */
import type { Host, HostOptions } from "./host.ts";
import { openHost } from "./host.ts";

export type { CallOptions } from "./call.ts";
export type {
  Component,
  Host,
  HostOptions,
  InstanceOptions,
  LoadOptions,
  OpenOptions,
  RunOptions,
} from "./host.ts";
export type { Session, SessionCallOptions } from "./session.ts";
export type {
  DirectoryGrant,
  FunctionPlan,
  ImportPlan,
  ImportStats,
  LibraryPlan,
  LinkPlan,
  RunOutcome,
  SymbolConvention,
} from "../shared/protocol.ts";
export type { Isolation, LimitName, RunLimits } from "../shared/limits.ts";
export type { ErrorCode, ErrorData, Fault, Finding, Location, ReachedLimit } from "../shared/errors.ts";
export { ERROR_CODES, formatError, HostbundleError, isHostbundleError } from "../shared/errors.ts";
export type { Value } from "../shared/value/types.ts";
export type * from "../shared/wit/types.ts";

/**
 * Reads and checks all bundles and manifests. Nothing native is opened and no thread started yet.
 * Throws a `HostbundleError` (CONFIG_INVALID, BUNDLE_INVALID, WIT_INVALID) that lists every finding.
 */
export function createHost(options: HostOptions = {}): Promise<Host> {
  return openHost(options);
}
