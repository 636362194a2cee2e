/** One run in this thread: open, link, instantiate, call, and say what it ended with. */
import type { Call, LibraryPlan, LinkPlan, RunOutcome, RunRequest } from "../shared/protocol.ts";
import type { Value } from "../shared/value/types.ts";
import type { LibraryClaim } from "../shared/task.ts";
import type { Attempt } from "./attempt.ts";
import { NativeFunctions, type OpenedLibrary } from "./native-functions.ts";
import { failed, fromForeign, returned, threw, type Ending } from "./outcome.ts";
import { prepareOwn } from "./own-call.ts";
import { loadProgram, type Program } from "./programs.ts";
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
  let native: NativeFunctions | undefined;
  let attempt: Attempt | undefined;
  let ending: Ending;
  try {
    // A promise, and so a turn of the event loop, only where there is something to wait for.
    const loading = loadProgram(image);
    const program = loading instanceof Promise ? await loading : loading;
    const libraries = plan.libraries.length === 0 ? [] : await openAll(plan.libraries, claims, slots);
    native = new NativeFunctions(libraries, program.compiled, request);
    wasi = await openWasi(plan, request);
    attempt = await prepare(program, plan, native, wasi);
    const entered = enter(attempt, call);
    ending = entered instanceof Promise ? await entered : entered;
  } catch (error) {
    ending = failed(fromForeign(error, attempt?.codeUrl ?? ""));
  }
  // What the guest was told to stop for counts, even if it caught the exception and went on.
  const reason = attempt?.failure() ?? wasi?.verdict;
  if (reason !== undefined) ending = threw(reason, call, attempt?.codeUrl ?? "");
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

/** The FFI is loaded for runs that have a library: it costs more than such a run. */
async function openAll(
  plans: readonly LibraryPlan[],
  claims: readonly LibraryClaim[],
  slots: Int32Array,
): Promise<OpenedLibrary[]> {
  const { openClaimed } = await import("./claims.ts");
  return plans.map((plan, index) => {
    const key = JSON.stringify(plan);
    const known = openLibraries.get(key);
    if (known !== undefined) return known;
    const opened = { key, library: openClaimed(plan, claims[index] ?? {}, slots) };
    openLibraries.set(key, opened);
    return opened;
  });
}

/** WASI is loaded for components that import it. */
async function openWasi(plan: LinkPlan, request: RunRequest): Promise<WasiRun | undefined> {
  const names = plan.imports.filter((item) => item.kind === "wasi").map((item) => item.name);
  if (names.length === 0) return undefined;
  const { WasiRun } = await import("./wasi.ts");
  return WasiRun.open(names, request.wasi);
}

async function prepare(
  program: Program,
  plan: LinkPlan,
  native: NativeFunctions,
  wasi: WasiRun | undefined,
): Promise<Attempt> {
  if (program.kind === "own") return prepareOwn(program.component, plan, native, wasi);
  const { prepareJco } = await import("./jco-call.ts");
  return prepareJco(program.module, plan, native, wasi);
}

function enter(attempt: Attempt, call: Call): Ending | Promise<Ending> {
  try {
    attempt.instantiate();
  } catch (error) {
    // Start functions are the guest's; what goes wrong outside of them is not.
    return threw(error, call, hasGuestFrame(error) ? attempt.codeUrl : "");
  }
  try {
    const value = attempt.call(call);
    return value instanceof Promise ? settle(value, attempt, call) : returned(value, call);
  } catch (error) {
    return threw(error, call, attempt.codeUrl);
  }
}

async function settle(value: Promise<Value | undefined>, attempt: Attempt, call: Call): Promise<Ending> {
  try {
    return returned(await value, call);
  } catch (error) {
    return threw(error, call, attempt.codeUrl);
  }
}

function hasGuestFrame(error: unknown): boolean {
  return error instanceof Error && error.stack?.includes("wasm://") === true;
}

/** Of a guest that has no way to write any. */
const NO_OUTPUT: CapturedOutput = { stdout: "", stderr: "" };
