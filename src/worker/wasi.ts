/**
 * WASI 0.2 for one run: a fresh set of objects per run, so that nothing given to one is seen by the next.
 * What was not granted is denied.
 */
import { HostbundleError } from "../shared/errors.ts";
import type { WasiGrants } from "../shared/protocol.ts";
import { parseExternName } from "../shared/wit/id.ts";
import type { ImportObject } from "./instantiate.ts";
import { Capture } from "./wasi-capture.ts";
import {
  bytesSource,
  createIo,
  descriptorSink,
  descriptorSource,
  plainIoBase,
  shimIoBase,
  type Io,
} from "./wasi-io.ts";
import type { Filesystem } from "./wasi-filesystem.ts";
import { noFiles } from "./wasi-no-files.ts";
import { cliImports, clockImports, randomImports } from "./wasi-plain.ts";

type Interfaces = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Standard output and error, where they were captured. */
export interface CapturedOutput {
  readonly stdout?: string;
  readonly stderr?: string;
}

export class WasiRun {
  readonly imports: ImportObject;
  readonly #state: RunState;
  readonly #filesystem: Filesystem | undefined;

  private constructor(imports: ImportObject, state: RunState, filesystem: Filesystem | undefined) {
    this.imports = imports;
    this.#state = state;
    this.#filesystem = filesystem;
  }

  /** The interfaces that a component imports, by extern name. Loads only what they and the grants need. */
  static async open(names: readonly string[], grants: WasiGrants): Promise<WasiRun> {
    const ids = names.map((name) => ({ name, id: parseExternName(name) }));
    const packages = new Set(ids.map(({ id }) => (id.kind === "interface" ? id.package : "")));
    const usesFiles = packages.has("filesystem") && grants.directories.length > 0;
    const usesNetwork = packages.has("sockets") || packages.has("http");
    const state = new RunState(grants);
    const io = createIo(usesFiles || usesNetwork ? await shimIoBase() : plainIoBase());
    const filesystem = usesFiles ? await openGranted(grants) : undefined;
    const byPackage: Readonly<Record<string, Interfaces>> = {
      cli: { ...cliImports(grants, state.stop), ...streamImports(grants, io, state) },
      clocks: clockImports(io),
      filesystem: filesystem?.imports ?? noFiles(),
      io: io.imports,
      random: randomImports(),
      sockets: packages.has("sockets") ? await (await import("./wasi-network.ts")).socketImports() : {},
      http: packages.has("http") ? await (await import("./wasi-network.ts")).httpImports() : {},
    };
    const imports: Record<string, Readonly<Record<string, unknown>>> = Object.create(null);
    for (const { name, id } of ids) {
      const found = id.kind === "interface" ? byPackage[id.package]?.[id.interface] : undefined;
      if (found === undefined)
        throw new HostbundleError("INTERNAL", `the plan has an unknown WASI import ${name}`);
      imports[name] = found;
    }
    return new WasiRun(imports, state, filesystem);
  }

  /** Why the guest was told to stop, if it was. */
  get verdict(): Error | undefined {
    return this.#state.verdict;
  }

  /** Closes what the guest left open and gives what it wrote. */
  close(): CapturedOutput {
    this.#filesystem?.close();
    return this.#state.captured();
  }
}

class RunState {
  readonly stdout: Capture | undefined;
  readonly stderr: Capture | undefined;
  verdict: Error | undefined;

  constructor(grants: WasiGrants) {
    if (grants.output === "inherit") return;
    this.stdout = new Capture("its standard output", this.stop);
    this.stderr = new Capture("its standard error", this.stop);
  }

  readonly stop = (reason: Error): never => {
    this.verdict ??= reason;
    throw reason;
  };

  captured(): CapturedOutput {
    if (this.stdout === undefined || this.stderr === undefined) return {};
    return { stdout: this.stdout.text(), stderr: this.stderr.text() };
  }
}

function streamImports(grants: WasiGrants, io: Io, state: RunState): Interfaces {
  const stdin = io.input(
    grants.stdin === "inherit" ? descriptorSource(0, io.failure) : bytesSource(grants.stdin),
  );
  const stdout = state.stdout?.sink ?? descriptorSink(1, io.failure);
  const stderr = state.stderr?.sink ?? descriptorSink(2, io.failure);
  return {
    stdin: { getStdin: () => stdin },
    stdout: { getStdout: () => io.output(stdout) },
    stderr: { getStderr: () => io.output(stderr) },
  };
}

async function openGranted(grants: WasiGrants): Promise<Filesystem> {
  const { openFilesystem } = await import("./wasi-filesystem.ts");
  return openFilesystem(grants.directories);
}
