/** One run in this thread: open, link, instantiate, call, and say what it ended with. */
import type {
  AdapterPlan,
  Call,
  InstanceRequest,
  LibraryPlan,
  LinkPlan,
  RunOutcome,
} from "../shared/protocol.ts";
import type { LibraryClaim, PlanClaims, WorkerTask } from "../shared/task.ts";
import type { Value } from "../shared/value/types.ts";
import type { ServingAdapter } from "./adapters/serve.ts";
import type { Attempt } from "./attempt.ts";
import { CallMeter } from "./call-meter.ts";
import { lazily } from "./lazy.ts";
import { explainTrap } from "./limits.ts";
import { NativeFunctions, type OpenedLibrary } from "./native-functions.ts";
import { failed, fromForeign, returned, threw, type Ending } from "./outcome.ts";
import { prepareOwn } from "./own-call.ts";
import { loadProgram, type Program } from "./programs.ts";
import type { CapturedOutput, WasiRun } from "./wasi.ts";

// Loaded for runs that need them: each costs more than a run that doesn't.
const claimsModule = lazily(() => import("./claims.ts"));
const jcoModule = lazily(() => import("./jco-call.ts"));
const adaptersModule = lazily(() => import("./adapters/serve.ts"));
const wasiModule = lazily(() => import("./wasi.ts"));

type RunTask = Extract<WorkerTask, { readonly kind: "run" }>;

const openLibraries = new Map<string, OpenedLibrary>();

/** Runs a request. Never throws: whatever happens is in the outcome. */
export async function run(task: RunTask, slots: Int32Array): Promise<RunOutcome> {
  const startMs = performance.now();
  const { call } = task.request;
  const parts: Parts = {};
  let ending: Ending;
  try {
    const entered = enter(await assemble(task, slots, parts), call);
    ending = entered instanceof Promise ? await entered : entered;
  } catch (error) {
    ending = failed(fromForeign(error, parts.attempt?.codeUrl ?? ""));
  }
  return finish(task.request, parts, ending, startMs, call);
}

/** Everything that an instance needs, before it is made. */
export async function assemble(
  { request, claims, adapterClaims }: Assembly,
  slots: Int32Array,
  parts: Parts,
): Promise<Attempt> {
  const { image, plan } = request;
  // Awaited only where there is something to wait for: a turn of the event loop costs as much as a small run.
  let program = loadProgram(image, request.limits);
  if (program instanceof Promise) program = await program;
  parts.isMemoryCapped = program.isMemoryCapped;
  let libraries: OpenedLibrary[] | Promise<OpenedLibrary[]> = openAll(plan.libraries, claims, slots);
  if (libraries instanceof Promise) libraries = await libraries;
  const native = new NativeFunctions(libraries, program.compiled, request);
  parts.native = native;
  let wasi = openWasi(plan, request, program);
  if (wasi instanceof Promise) wasi = await wasi;
  parts.wasi = wasi;
  let adapters = plan.adapters.length === 0 ? NO_ADAPTERS : openAdapters(plan.adapters, adapterClaims, slots);
  if (adapters instanceof Promise) adapters = await adapters;
  parts.adapters = adapters;
  const { calls } = request.limits;
  const meter = calls === undefined ? undefined : new CallMeter(calls);
  const servers = { native, wasi, adapters, meter };
  parts.attempt =
    program.kind === "own"
      ? prepareOwn(program.component, plan, servers)
      : (await jcoModule()).prepareJco(program.module, plan, servers);
  return parts.attempt;
}

/** What an instance is made of. */
export type Assembly = PlanClaims & { readonly request: InstanceRequest };

/** What a run has made so far. */
export interface Parts {
  native?: NativeFunctions;
  wasi?: WasiRun | undefined;
  attempt?: Attempt;
  adapters?: readonly ServingAdapter[];
  isMemoryCapped?: boolean;
}

/** Ends an instance. `call`: the one of its run; absent in a session. */
export function finish(
  request: InstanceRequest,
  { native, wasi, attempt, adapters = NO_ADAPTERS, isMemoryCapped = false }: Parts,
  ending: Ending,
  startMs: number,
  call?: Call,
): RunOutcome {
  const { memoryBytes } = request.limits;
  // Before WASI and libraries: destructors may want them.
  let broken = attempt?.end();
  for (const adapter of adapters) {
    const thrown = adapter.end();
    broken ??= thrown;
  }
  // What the guest was told to stop for counts, even if it caught the exception and went on.
  const reason = attempt?.failure() ?? wasi?.verdict;
  let last = reason === undefined ? ending : threw(reason, call, attempt?.codeUrl ?? "");
  if (broken !== undefined && last.status === "ok") last = threw(broken, call, "");
  if (last.status === "error" && last.error.code === "TRAP" && isMemoryCapped && memoryBytes !== undefined)
    last = { ...last, error: explainTrap(last.error, attempt?.memories() ?? [], memoryBytes) };
  const output = wasi?.close() ?? (request.wasi.output === "capture" ? NO_OUTPUT : {});
  return {
    ...last,
    ...output,
    ...(request.stats && native !== undefined ? { stats: native.stats() } : {}),
    ...(request.dumpTrampolines && native !== undefined ? { trampolines: native.source() } : {}),
    durationMs: performance.now() - startMs,
  };
}

/** Ends all adapters and libraries of this thread. */
export function closeLibraries(): void {
  closeAdapters?.();
  for (const { library } of openLibraries.values()) library.close();
  openLibraries.clear();
}

const NO_ADAPTERS: readonly ServingAdapter[] = [];
/** Once any adapter was opened. */
let closeAdapters: (() => void) | undefined;

async function openAdapters(
  plans: readonly AdapterPlan[],
  claims: readonly LibraryClaim[],
  slots: Int32Array,
): Promise<readonly ServingAdapter[]> {
  const module = await adaptersModule();
  closeAdapters = module.closeAdapters;
  return module.serveAdapters(plans, claims, slots);
}

const NO_LIBRARIES: OpenedLibrary[] = [];

function openAll(
  plans: readonly LibraryPlan[],
  claims: readonly LibraryClaim[],
  slots: Int32Array,
): OpenedLibrary[] | Promise<OpenedLibrary[]> {
  if (plans.length === 0) return NO_LIBRARIES;
  const module = claimsModule();
  const open = ({ openClaimed }: Awaited<typeof module>): OpenedLibrary[] =>
    plans.map((plan, index) => {
      const key = JSON.stringify(plan);
      const known = openLibraries.get(key);
      if (known !== undefined) return known;
      const opened = { key, library: openClaimed(plan, claims[index] ?? {}, slots) };
      openLibraries.set(key, opened);
      return opened;
    });
  return module instanceof Promise ? module.then(open) : open(module);
}

/** WASI for this run: prepared once for each set of interfaces, which is that of the component. */
function openWasi(
  plan: LinkPlan,
  { wasi: grants }: InstanceRequest,
  { prepared }: Program,
): WasiRun | undefined | Promise<WasiRun | undefined> {
  const names = plan.imports.filter((item) => item.kind === "wasi").map((item) => item.name);
  if (names.length === 0) return undefined;
  const module = wasiModule();
  const open = ({ prepareWasi }: Awaited<typeof module>): WasiRun | Promise<WasiRun> => {
    const key = names.join();
    const known = prepared.get(key) ?? prepareWasi(names);
    prepared.set(key, known);
    return known.open(grants);
  };
  return module instanceof Promise ? module.then(open) : open(module);
}

function enter(attempt: Attempt, call: Call): Ending | Promise<Ending> {
  return instantiate(attempt, call) ?? perform(attempt, call, call);
}

/** Makes the instance; gives the ending where that has failed. */
export function instantiate(attempt: Attempt, call?: Call): Ending | undefined {
  try {
    attempt.instantiate();
    return undefined;
  } catch (error) {
    // Start functions are the guest's; what goes wrong outside of them is not.
    return threw(error, call, hasGuestFrame(error) ? attempt.codeUrl : "");
  }
}

/** Calls the instance. `only`: the call as that of a run, absent in a session. */
export function perform(attempt: Attempt, call: Call, only?: Call): Ending | Promise<Ending> {
  try {
    const value = attempt.call(call);
    return value instanceof Promise ? settle(value, attempt, call, only) : returned(value, call);
  } catch (error) {
    return threw(error, only, attempt.codeUrl);
  }
}

async function settle(
  value: Promise<Value | undefined>,
  attempt: Attempt,
  call: Call,
  only: Call | undefined,
): Promise<Ending> {
  try {
    return returned(await value, call);
  } catch (error) {
    return threw(error, only, attempt.codeUrl);
  }
}

function hasGuestFrame(error: unknown): boolean {
  return error instanceof Error && error.stack?.includes("wasm://") === true;
}

/** Of a guest that has no way to write any. */
const NO_OUTPUT: CapturedOutput = { stdout: "", stderr: "" };
