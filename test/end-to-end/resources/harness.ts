/** A library with a census and components that use it, on one host with one thread. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
// The package as its users import it: workers run what was built.
import {
  createHost,
  type Component,
  type Host,
  type HostOptions,
  type OpenOptions,
  type RunOptions,
  type RunOutcome,
  type Session,
} from "hostbundle";
import { writeBundle } from "../libraries.ts";
import { type Census, censusSince, censusSource, readCensus } from "./census.ts";

export interface Counted<T = RunOutcome> {
  readonly outcome: T;
  /** What the library counted meanwhile. */
  readonly census: Census;
}

export class Stage implements AsyncDisposable {
  /** The bundle's folder. */
  readonly bundle: string;
  readonly #folder: string;
  readonly #host: Host;

  private constructor(folder: string, bundle: string, host: Host) {
    this.#folder = folder;
    this.bundle = bundle;
    this.#host = host;
  }

  /** Writes and builds a bundle around C that comes after the census. `folder` need not exist. */
  static async open(
    folder: string,
    library: { readonly wit: string; readonly c: string },
    options: HostOptions = {},
  ): Promise<Stage> {
    mkdirSync(folder, { recursive: true });
    const c = censusSource(join(folder, "census")) + library.c;
    const bundle = writeBundle(folder, { name: "served", wit: library.wit, c });
    const cacheFolder = join(folder, "cache");
    // Handles of native libraries need hostbundle's own linker, whatever the environment says.
    // The library counts in a file beside its bundle.
    const children = { grants: { writable: [folder] } };
    const host = await createHost({
      bundles: [bundle],
      cacheFolder,
      concurrency: 1,
      linker: "own",
      children,
      ...options,
    });
    return new Stage(folder, bundle, host);
  }

  async load(name: string, bytes: Uint8Array): Promise<Component> {
    const path = join(this.#folder, `${name}.wasm`);
    writeFileSync(path, bytes);
    return this.#host.load(path);
  }

  run(component: Component, options: RunOptions): Promise<Counted> {
    return this.counted(() => this.#host.run(component, options));
  }

  session(component: Component, options: OpenOptions = {}): Promise<Session> {
    return this.#host.open(component, options);
  }

  /** What the library counts while something runs, here or in another process. */
  async counted<T>(run: () => Promise<T>): Promise<Counted<T>> {
    const before = this.#census();
    const outcome = await run();
    return { outcome, census: censusSince(before, this.#census()) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host.close();
  }

  #census(): Census {
    return readCensus(join(this.#folder, "census"));
  }
}
