/** One run in this thread: open, link, instantiate, call, and say what it ended with. */
import { HostbundleError } from "../shared/errors.ts";
import type { Call, LibraryPlan, LinkPlan, RunOutcome, RunRequest } from "../shared/protocol.ts";
import type { LibraryClaim } from "../shared/task.ts";
import { openClaimed } from "./claims.ts";
import { loadImage, type InstanceExports } from "./instantiate.ts";
import { lowerCamel } from "./jco-names.ts";
import { toJco } from "./jco-values.ts";
import { buildNativeImports, type NativeImports, type OpenedLibrary } from "./native-imports.ts";
import { failed, fromForeign, returned, threw, type Ending } from "./outcome.ts";
import type { CapturedOutput, WasiRun } from "./wasi.ts";

const openLibraries = new Map<string, OpenedLibrary>();

/** Runs a request. Never throws: whatever happens is in the outcome. */
export async function run(
  request: RunRequest,
  claims: readonly LibraryClaim[],
  slots: Int32Array,
): Promise<RunOutcome> {
  const startMs = performance.now();
  const { image, plan, call } = request;
  let wasi: WasiRun | undefined;
  let native: NativeImports | undefined;
  let ending: Ending;
  let url = "";
  try {
    const loaded = await loadImage(image);
    url = loaded.url;
    const libraries = plan.libraries.map((library, index) => open(library, claims[index] ?? {}, slots));
    native = buildNativeImports(plan, libraries, loaded.compiled, request);
    wasi = await openWasi(plan, request);
    const imports = wasi === undefined ? native.imports : { ...native.imports, ...wasi.imports };
    ending = enter(() => loaded.instantiate(imports), call, url);
  } catch (error) {
    ending = failed(fromForeign(error, url));
  }
  // What the guest was told to stop for counts, even if it caught the exception and went on.
  const reason = native?.failure() ?? wasi?.verdict;
  if (reason !== undefined) ending = threw(reason, call, url);
  const output = wasi?.close() ?? (request.wasi.output === "capture" ? NO_OUTPUT : {});
  return {
    ...ending,
    ...output,
    ...(request.stats && native !== undefined ? { stats: native.stats() } : {}),
    ...(request.dumpTrampolines && native !== undefined ? { trampolines: native.source() } : {}),
    durationMs: performance.now() - startMs,
  };
}

/** Ends all libraries of this thread. */
export function closeLibraries(): void {
  for (const { library } of openLibraries.values()) library.close();
  openLibraries.clear();
}

function open(plan: LibraryPlan, claim: LibraryClaim, slots: Int32Array): OpenedLibrary {
  const key = JSON.stringify(plan);
  const known = openLibraries.get(key);
  if (known !== undefined) return known;
  const opened = { key, library: openClaimed(plan, claim, slots) };
  openLibraries.set(key, opened);
  return opened;
}

/** preview2-shim starts a thread of its own and costs 20 ms: only for components that import WASI. */
async function openWasi(plan: LinkPlan, request: RunRequest): Promise<WasiRun | undefined> {
  const names = plan.imports.filter((item) => item.kind === "wasi").map((item) => item.name);
  if (names.length === 0) return undefined;
  const { WasiRun } = await import("./wasi.ts");
  return WasiRun.open(names, request.wasi);
}

function enter(instantiate: () => InstanceExports, call: Call, url: string): Ending {
  let exports: InstanceExports;
  try {
    exports = instantiate();
  } catch (error) {
    // Start functions are the guest's; what goes wrong outside of them is not.
    return threw(error, call, hasGuestFrame(error) ? url : "");
  }
  try {
    const func = find(exports, call);
    const args =
      call.kind === "command"
        ? []
        : call.type.params.map((param, index) => toJco(call.args[index] ?? null, param.type));
    return returned(func(...args), call);
  } catch (error) {
    return threw(error, call, url);
  }
}

function hasGuestFrame(error: unknown): boolean {
  return error instanceof Error && error.stack?.includes("wasm://") === true;
}

type ExportedFunction = (...args: readonly unknown[]) => unknown;

function find(exports: InstanceExports, call: Call): ExportedFunction {
  const name = call.kind === "command" ? "run" : lowerCamel(call.function);
  const holder: unknown =
    call.interface === undefined ? exports : (exports[call.interface] ?? exports[lowerCamel(call.interface)]);
  const found: unknown =
    typeof holder === "object" && holder !== null && Object.hasOwn(holder, name)
      ? Reflect.get(holder, name)
      : undefined;
  if (isFunction(found)) return found;
  const owner = call.interface === undefined ? "" : ` in ${call.interface}`;
  throw new HostbundleError("INTERNAL", `the instance has no export ${name}${owner}`);
}

function isFunction(value: unknown): value is ExportedFunction {
  return typeof value === "function";
}

/** Of a guest that has no way to write any. */
const NO_OUTPUT: CapturedOutput = { stdout: "", stderr: "" };
