import { availableParallelism } from "node:os";
import { basename, posix, resolve } from "node:path";
import { HostbundleError, type Finding } from "../shared/errors.ts";
import type {
  ComponentImage,
  DirectoryGrant,
  InstanceRequest,
  LinkPlan,
  RunOutcome,
  WasiGrants,
} from "../shared/protocol.ts";
import type { Isolation, RunLimits } from "../shared/limits.ts";
import type { SandboxMode } from "../shared/sandbox.ts";
import type { WorldType } from "../shared/wit/types.ts";
import { readWorlds } from "./bundle-worlds.ts";
import { lookAt } from "./bundle/paths.ts";
import { resolveBundles } from "./bundle/resolve.ts";
import type { ResolvedBundle } from "./bundle/types.ts";
import { defaultCacheFolder, usePrivateFolder } from "./cache.ts";
import { cancellable } from "./cancel.ts";
import { resolveCall, type CallOptions } from "./call.ts";
import { loadImage, type LinkerChoice } from "./component/image.ts";
import { checkHeapMib, checkLimits, checkMilliseconds } from "./limits.ts";
import { linkComponent } from "./link/link.ts";
import type { BundleWorld } from "./link/provider.ts";
import { RunPool, type ChildPolicy, type RunPoolOptions } from "./pool/pool.ts";
import type { LiveSession, Session } from "./session.ts";

/** What `createHost` takes. Relative paths are resolved from `cwd`. */
export interface HostOptions {
  /** Bundle directories. */
  readonly bundles?: readonly string[];
  /** `hosts.toml` files. */
  readonly manifests?: readonly string[];
  /** Default: the process's. */
  readonly cwd?: string;
  /** Where transpiled components are kept; default: `HOSTBUNDLE_CACHE_DIR`, else the platform's cache folder. */
  readonly cacheFolder?: string;
  /**
   * Who links components: hostbundle's own linker where it can and jco otherwise (`auto`, the default), or always the
   * one or the other. The variable `HOSTBUNDLE_LINKER` changes the default.
   */
  readonly linker?: LinkerChoice;
  /**
   * Bundles may bring an adapter module of their own (`adapter = "./adapter.js"`): it runs as JavaScript with all the
   * rights of this process. Default: such bundles are refused.
   */
  readonly allowAdapterCode?: boolean;
  /** Runs at once; default: the number of cores. */
  readonly concurrency?: number;
  /**
   * Where runs happen. Default: in a child process (`process`) where the component uses a native library, whose crash then costs
   * one run; on a thread of this process (`thread`) otherwise.
   */
  readonly isolation?: Isolation;
  /** Sessions that may be open at once. Each has a thread of its own (and a child process), besides those of runs. Default: 16. */
  readonly maxSessions?: number;
  /** What a run may use up; `host.run` can set its own. */
  readonly limits?: RunLimits;
  /**
   * JavaScript heap of each thread, or each child process: what values, handles and captured output take; a guest's memory does not count.
   * At least 16 MiB, in whole MiB. Default: Node's own limit.
   */
  readonly maxHeapBytes?: number;
  /** How child processes are kept. */
  readonly children?: ChildPolicy;
  /**
   * How native code in a child process is restricted (`docs/security.md`): by all that the system has (`best-effort`, the default);
   * not at all (`off`); or by the whole sandbox, without which runs with native libraries end in USAGE (`required`).
   */
  readonly sandbox?: SandboxMode;
  /** Has `createHost` reject at once with CANCELLED; nothing once there is a host. */
  readonly signal?: AbortSignal;
}

export interface LoadOptions {
  /** Has `load` reject at once with CANCELLED. */
  readonly signal?: AbortSignal;
}

/** A component that was read, checked and linked against the host's bundles. */
export interface Component {
  /** Absolute. */
  readonly path: string;
  /** SHA-256 of the file, hex. */
  readonly digest: string;
  readonly world: WorldType;
  /** Who serves which import. */
  readonly plan: LinkPlan;
}

/** What an instance is given; everything not given is denied. */
export interface InstanceOptions {
  /** The guest's command line, after its own name. */
  readonly guestArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>> | readonly (readonly [name: string, value: string])[];
  /** Preopened directories; `host` may be relative to the host's `cwd`. */
  readonly directories?: readonly DirectoryGrant[];
  /** Default: empty. A string is given as UTF-8. */
  readonly stdin?: "inherit" | Uint8Array | { readonly text: string };
  /** `capture` (default): returned in the outcome; `inherit`: written to the process's own stdout and stderr. */
  readonly output?: "inherit" | "capture";
  /** Over the host's. */
  readonly limits?: RunLimits;
  /** Ends the run, or the session, at once with CANCELLED. On a thread, native code goes on until it returns. */
  readonly signal?: AbortSignal;
  /** Count calls, bytes and time per import. */
  readonly stats?: boolean;
}

/** What to call, and what the guest is given. */
export interface RunOptions extends CallOptions, InstanceOptions {
  /** Return the generated source of the imports' trampolines. */
  readonly dumpTrampolines?: boolean;
}

/**
 * What the instance of a session is given. Of its limits, `timeoutMs` is that of making the instance and of each call, `outputBytes` that
 * of each call, whose output is handed over with its outcome; all others hold for the session as a whole (`cpuMs`: all calls together).
 */
export interface OpenOptions extends InstanceOptions {
  /** Closes the session when it had no call for this time. Default: it stays open. */
  readonly idleTimeoutMs?: number;
}

/** Bundles that components can be run against. Made by `createHost`. */
export interface Host extends AsyncDisposable {
  /** What is odd in bundles, manifests and WIT but doesn't stop a run. */
  readonly warnings: readonly Finding[];
  /** Reads, checks and links a component. Throws COMPONENT_INVALID or LINK_FAILED with all findings. */
  load(path: string, options?: LoadOptions): Promise<Component>;
  /**
   * Runs one call in a fresh instance. Throws USAGE or ARGUMENT_INVALID where the call doesn't fit the
   * component; whatever happens after the start is in the outcome.
   */
  run(component: Component, options?: RunOptions): Promise<RunOutcome>;
  /**
   * Makes an instance that stays for many calls. It keeps the program running until it is closed. Throws what making it ended with:
   * TRAP, NATIVE_CRASH, TIMEOUT...; USAGE where `maxSessions` are open.
   */
  open(component: Component, options?: OpenOptions): Promise<Session>;
  /** Ends libraries and threads. Runs and sessions that have not ended are cancelled. */
  close(): Promise<void>;
}

/** See `createHost`. `pool`: one that runs already; the host closes it, unless there comes to be no host. */
export async function openHost(options: HostOptions, pool?: RunPool): Promise<Host> {
  const cwd = resolve(options.cwd ?? ".");
  const concurrency = options.concurrency ?? availableParallelism();
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new HostbundleError("USAGE", `concurrency must be a positive integer, got ${concurrency}`);
  }
  const cacheFolder = resolve(cwd, options.cacheFolder ?? defaultCacheFolder());
  const resolved = resolveBundles({
    bundles: options.bundles ?? [],
    manifests: options.manifests ?? [],
    cwd,
  });
  if (options.allowAdapterCode !== true) refuseAdapterCode(resolved.bundles);
  const { bundles, warnings } = await cancellable(options.signal, "opening the host", (goOn) =>
    readWorlds(resolved.bundles, cacheFolder, goOn),
  );
  const linker = options.linker ?? defaultLinker(process.env);
  return new PooledHost(
    cwd,
    { cacheFolder, linker },
    bundles,
    [...resolved.warnings, ...warnings],
    options.limits ?? {},
    pool ?? new RunPool({ concurrency, ...poolOptions(options) }),
  );
}

function poolOptions(options: HostOptions): Omit<RunPoolOptions, "concurrency"> {
  const { isolation, children, maxSessions, maxHeapBytes, sandbox } = options;
  if (maxSessions !== undefined && !(Number.isInteger(maxSessions) && maxSessions >= 1)) {
    throw new HostbundleError("USAGE", `maxSessions must be a positive integer, got ${maxSessions}`);
  }
  return {
    ...(maxSessions === undefined ? {} : { maxSessions }),
    ...(sandbox === undefined ? {} : { sandbox }),
    ...(isolation === undefined ? {} : { isolation }),
    ...(maxHeapBytes === undefined ? {} : { heapLimitMib: checkHeapMib(maxHeapBytes) }),
    ...(children === undefined ? {} : { children }),
  };
}

function refuseAdapterCode(bundles: readonly ResolvedBundle[]): void {
  const findings = bundles.flatMap(({ name, adapter }) =>
    adapter?.kind === "module"
      ? [{ message: `host bundle "${name}" brings ${adapter.path}`, where: adapter.where }]
      : [],
  );
  if (findings.length === 0) return;
  throw new HostbundleError(
    "BUNDLE_INVALID",
    "a host bundle brings an adapter of its own, which may not run",
    {
      findings,
      help: "an adapter is JavaScript with all the rights of this process: if you trust it, say --allow-adapter-code (allowAdapterCode)",
    },
  );
}

interface ImageOptions {
  readonly cacheFolder: string;
  readonly linker: LinkerChoice;
}

function defaultLinker(env: NodeJS.ProcessEnv): LinkerChoice {
  const chosen = env["HOSTBUNDLE_LINKER"] ?? "";
  if (chosen === "") return "auto";
  if (chosen === "auto" || chosen === "own" || chosen === "jco") return chosen;
  throw new HostbundleError("USAGE", `HOSTBUNDLE_LINKER is "${chosen}", it must be auto, own or jco`);
}

class PooledHost implements Host {
  readonly warnings: readonly Finding[];
  readonly #cwd: string;
  readonly #imageOptions: ImageOptions;
  readonly #bundles: readonly BundleWorld[];
  readonly #limits: RunLimits;
  readonly #pool: RunPool;
  readonly #sessions = new Set<LiveSession>();
  #isClosed = false;
  readonly #images = new WeakMap<Component, ComponentImage>();
  readonly #releasePrivateFolder = usePrivateFolder();

  constructor(
    cwd: string,
    images: ImageOptions,
    bundles: readonly BundleWorld[],
    warnings: readonly Finding[],
    limits: RunLimits,
    pool: RunPool,
  ) {
    this.#cwd = cwd;
    this.#imageOptions = images;
    this.#bundles = bundles;
    this.warnings = warnings;
    this.#limits = limits;
    this.#pool = pool;
  }

  async load(path: string, { signal }: LoadOptions = {}): Promise<Component> {
    const image = await cancellable(signal, `loading ${path}`, (goOn) =>
      loadImage(resolve(this.#cwd, path), { ...this.#imageOptions, goOn }),
    );
    const plan = linkComponent({ path, world: image.world, bundles: this.#bundles });
    const component: Component = { path: image.path, digest: image.digest, world: image.world, plan };
    this.#images.set(component, image);
    return component;
  }

  async run(component: Component, options: RunOptions = {}): Promise<RunOutcome> {
    const instance = this.#instance(component, options);
    const call = await resolveCall(component.world, options);
    return this.#pool.run({ kind: "run", ...instance, call }, options.signal);
  }

  async open(component: Component, options: OpenOptions = {}): Promise<Session> {
    const { idleTimeoutMs, signal } = options;
    checkMilliseconds("idleTimeoutMs", idleTimeoutMs);
    const request = this.#instance(component, options);
    if (this.#isClosed) throw new HostbundleError("USAGE", "the host is closed");
    const { LiveSession: SessionClass } = await import("./session.ts");
    const thread = await this.#pool.open(request);
    const session = new SessionClass(thread, {
      timeoutMs: request.limits.timeoutMs,
      idleTimeoutMs,
      signal,
      resolveCall: (call) => resolveCall(component.world, call),
    });
    this.#sessions.add(session);
    void thread.ended.then(() => this.#sessions.delete(session));
    // Closed since: too early to know of this session.
    if (this.#isClosed) void session.end("the host was closed");
    await session.open();
    return session;
  }

  #instance(component: Component, options: RunOptions): InstanceRequest {
    const image = this.#images.get(component);
    if (image === undefined) {
      throw new HostbundleError("USAGE", "the component was not loaded by this host", {
        help: "pass what host.load() returned",
      });
    }
    const limits = checkLimits({ ...this.#limits, ...options.limits });
    return {
      image: forWorker(image),
      plan: component.plan,
      wasi: { ...grants(component, options, this.#cwd), ...outputLimit(limits) },
      limits,
      stats: options.stats ?? false,
      dumpTrampolines: options.dumpTrampolines ?? false,
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#sessions].map((session) => session.end("the host was closed")));
    await this.#pool.close();
    this.#releasePrivateFolder();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The image without its world: the plan and the call say all that a worker needs, and cloning types costs. */
function forWorker(image: ComponentImage): ComponentImage {
  return { ...image, world: { name: image.world.name, imports: [], exports: [] } };
}

function outputLimit({ outputBytes }: RunLimits): Pick<WasiGrants, "outputBytes"> {
  return outputBytes === undefined ? {} : { outputBytes };
}

function grants(component: Component, options: InstanceOptions, cwd: string): WasiGrants {
  const { env = [], stdin = new Uint8Array() } = options;
  return {
    args: [basename(component.path), ...(options.guestArgs ?? [])],
    env: isPairs(env) ? env : Object.entries(env),
    directories: (options.directories ?? []).map((grant) => resolveGrant(grant, cwd)),
    stdin: typeof stdin === "object" && "text" in stdin ? new TextEncoder().encode(stdin.text) : stdin,
    output: options.output ?? "capture",
  };
}

function resolveGrant({ host, guest, readOnly }: DirectoryGrant, cwd: string): DirectoryGrant {
  const path = resolve(cwd, host);
  if (lookAt(path)?.isDirectory() !== true) {
    throw new HostbundleError("USAGE", `cannot grant ${host}: it is not a directory`);
  }
  return { host: path, guest: posix.resolve("/", guest), readOnly };
}

function isPairs(
  env: Readonly<Record<string, string>> | readonly (readonly [name: string, value: string])[],
): env is readonly (readonly [name: string, value: string])[] {
  return Array.isArray(env);
}
