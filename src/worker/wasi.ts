/**
 * WASI 0.2. What an interface keeps for a run is in objects made for that run, and only where its component
 * imports the interface, so that nothing given to one is seen by the next; the rest is made once per thread.
 * What was not granted is denied.
 */
import { HostbundleError } from "../shared/errors.ts";
import type { WasiGrants } from "../shared/protocol.ts";
import { parseExternName } from "../shared/wit/id.ts";
import type { ImportObject } from "./jco-instantiate.ts";
import type { Functions } from "./shim.ts";
import { STANDARD } from "./standard-descriptors.ts";
import { Capture, LimitedSink } from "./wasi-capture.ts";
import * as cli from "./wasi-cli.ts";
import { MONOTONIC_CLOCK, WALL_CLOCK } from "./wasi-clocks.ts";
import type { FileService, Filesystem } from "./wasi-filesystem.ts";
import type * as HttpModule from "./wasi-http.ts";
import { InputStream, IO, OutputStream, type Sink } from "./wasi-io.ts";
import type * as NetworkModule from "./wasi-network.ts";
import { NO_FILES } from "./wasi-no-files.ts";
import { RANDOM } from "./wasi-random.ts";
import { BytesSource, DescriptorSink, DescriptorSource } from "./wasi-stdio.ts";

/** Standard output and error, where they were captured. */
export interface CapturedOutput {
  readonly stdout?: string;
  readonly stderr?: string;
}

/** Makes an interface for a run, or gives what all runs share. */
type Build = (run: WasiRun) => Functions;

/** Parts that only some components need, kept once they are loaded. */
interface Parts {
  files?: FileService;
  network?: typeof NetworkModule;
  http?: typeof HttpModule;
}

const parts: Parts = {};

/** The WASI imports of a component, looked up once for all of its runs. */
export interface PreparedWasi {
  /** A promise only where something has to be loaded first: once per thread at most. */
  open(grants: WasiGrants): WasiRun | Promise<WasiRun>;
}

/**
 * @param names The interfaces that a component imports, by extern name.
 * @throws HostbundleError INTERNAL of a name that WASI does not have.
 */
export function prepareWasi(names: readonly string[]): PreparedWasi {
  const builds = new Map<string, Build>();
  const packages = new Set<string>();
  for (const name of names) {
    const id = parseExternName(name);
    const build =
      id.kind === "interface" && id.namespace === "wasi"
        ? BUILDS.get(`${id.package}/${id.interface}`)
        : undefined;
    if (id.kind !== "interface" || build === undefined) {
      throw new HostbundleError("INTERNAL", `the plan has an unknown WASI import ${name}`);
    }
    builds.set(name, build);
    packages.add(id.package);
  }
  const importsFiles = packages.has("filesystem");
  const load = async (usesFiles: boolean): Promise<void> => {
    if (packages.has("sockets")) parts.network ??= await import("./wasi-network.ts");
    if (packages.has("http")) parts.http ??= await import("./wasi-http.ts");
    if (usesFiles) parts.files ??= await (await import("./wasi-filesystem.ts")).loadFiles();
  };
  return {
    open(grants) {
      const usesFiles = importsFiles && grants.directories.length > 0;
      const isLoaded =
        (!usesFiles || parts.files !== undefined) &&
        (!packages.has("sockets") || parts.network !== undefined) &&
        (!packages.has("http") || parts.http !== undefined);
      const open = (): WasiRun => new WasiRun(builds, grants, usesFiles ? parts.files : undefined);
      return isLoaded ? open() : load(usesFiles).then(open);
    },
  };
}

/** WASI for one run. */
/** Of each stream; more is a runaway guest. */
const MAX_CAPTURED_BYTES = 64 * 1024 ** 2;

export class WasiRun {
  readonly grants: WasiGrants;
  readonly files: Filesystem | undefined;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly #builds: ReadonlyMap<string, Build>;
  readonly #made = new Map<string, Functions>();
  #imports: ImportObject | undefined;
  #verdict: Error | undefined;

  constructor(builds: ReadonlyMap<string, Build>, grants: WasiGrants, service: FileService | undefined) {
    this.#builds = builds;
    this.grants = grants;
    this.files = service?.open(grants.directories);
    this.stdout = this.#sink("its standard output", STANDARD.stdout);
    this.stderr = this.#sink("its standard error", STANDARD.stderr);
  }

  #sink(name: string, descriptor: number): Sink {
    const { output, outputBytes } = this.grants;
    if (output === "capture") return new Capture(name, outputBytes ?? MAX_CAPTURED_BYTES, this.stop);
    const sink = new DescriptorSink(descriptor);
    return outputBytes === undefined ? sink : new LimitedSink(sink, name, outputBytes, this.stop);
  }

  /** The functions and classes of an interface, by extern name; `undefined` where the component does not import it. */
  holder(name: string): Functions | undefined {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const made = this.#builds.get(name)?.(this);
    if (made !== undefined) this.#made.set(name, made);
    return made;
  }

  /** All interfaces, as jco's modules take them. */
  get imports(): ImportObject {
    if (this.#imports === undefined) {
      const imports: Record<string, Functions> = Object.create(null);
      for (const name of this.#builds.keys()) imports[name] = this.holder(name) ?? {};
      this.#imports = imports;
    }
    return this.#imports;
  }

  /** Why the guest was told to stop, if it was. */
  get verdict(): Error | undefined {
    return this.#verdict;
  }

  /** Ends the run, whatever the guest makes of the exception. */
  readonly stop = (reason: Error): never => {
    this.#verdict ??= reason;
    throw reason;
  };

  /** What the guest wrote since this was last called. */
  takeOutput(): CapturedOutput {
    const { stdout, stderr } = this;
    if (!(stdout instanceof Capture && stderr instanceof Capture)) return {};
    return { stdout: stdout.take(), stderr: stderr.take() };
  }

  /** Closes what the guest left open and gives what it wrote. */
  close(): CapturedOutput {
    this.files?.close();
    return this.takeOutput();
  }
}

function stdin({ grants }: WasiRun): Functions {
  const source =
    grants.stdin === "inherit" ? new DescriptorSource(STANDARD.stdin) : new BytesSource(grants.stdin);
  // One stream: what has been read once is gone.
  const stream = new InputStream(source);
  return { getStdin: () => stream };
}

const terminals = (isInherited: boolean): Readonly<Record<keyof typeof cli.INHERITED, Functions>> =>
  isInherited ? cli.INHERITED : cli.DETACHED;

/** By package and interface: the names of `src/main/link/wasi.ts`. */
const BUILDS: ReadonlyMap<string, Build> = new Map<string, Build>([
  ["cli/environment", ({ grants }) => cli.environment(grants)],
  ["cli/exit", ({ stop }) => cli.exit(stop)],
  ["cli/stdin", stdin],
  ["cli/stdout", ({ stdout }) => ({ getStdout: () => new OutputStream(stdout) })],
  ["cli/stderr", ({ stderr }) => ({ getStderr: () => new OutputStream(stderr) })],
  ["cli/terminal-input", () => cli.TERMINAL_INPUT],
  ["cli/terminal-output", () => cli.TERMINAL_OUTPUT],
  ["cli/terminal-stdin", ({ grants }) => terminals(grants.stdin === "inherit")["terminal-stdin"]],
  ["cli/terminal-stdout", ({ grants }) => terminals(grants.output === "inherit")["terminal-stdout"]],
  ["cli/terminal-stderr", ({ grants }) => terminals(grants.output === "inherit")["terminal-stderr"]],
  ["clocks/monotonic-clock", () => MONOTONIC_CLOCK],
  ["clocks/wall-clock", () => WALL_CLOCK],
  ["filesystem/types", ({ files }) => files?.types ?? NO_FILES.types],
  ["filesystem/preopens", ({ files }) => files?.preopens ?? NO_FILES.preopens],
  ["io/error", () => IO.error],
  ["io/poll", () => IO.poll],
  ["io/streams", () => IO.streams],
  ["random/random", () => RANDOM.random],
  ["random/insecure", () => RANDOM.insecure],
  ["random/insecure-seed", () => RANDOM["insecure-seed"]],
  ...[
    "instance-network",
    "ip-name-lookup",
    "network",
    "tcp",
    "tcp-create-socket",
    "udp",
    "udp-create-socket",
  ].map((name): [string, Build] => [`sockets/${name}`, () => parts.network?.SOCKETS[name] ?? {}]),
  ["http/types", () => parts.http?.HTTP_TYPES ?? {}],
  ["http/outgoing-handler", () => parts.http?.OUTGOING_HANDLER ?? {}],
]);
