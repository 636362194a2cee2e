/** The faulty library as a host bundle, and hosts that run its guest. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  createHost,
  type Component,
  type Host,
  type HostOptions,
  type RunOptions,
  type RunOutcome,
} from "../../../src/main/index.ts";
import { buildComponent } from "../../support/component.ts";
import { compileCxxLibrary, compileLibrary, compiler } from "../../support/native.ts";
import { FAULTS_SOURCE, FAULTS_WIT, faultsGuest, THROWING_SOURCE, WAYS, type Way } from "./library.ts";

export const isRunnable = compiler.available && process.platform === "linux";
export const skipReason =
  process.platform === "linux" ? compiler.reason : "skipped: reads /proc, which Linux has";

/** Writes the bundle `bundle` and the component `app.wasm`. `extra`: more C, over the same headers. */
export function writeFaults(folder: string, extra = ""): Promise<void> {
  return writeFiles(folder, (bundle) => {
    compileLibrary(bundle, "faults", `${FAULTS_SOURCE}${extra}`, ["-O0", "-pthread"]);
  });
}

/** The same with the library that throws. */
export function writeThrowing(folder: string): Promise<void> {
  return writeFiles(folder, (bundle) => {
    compileCxxLibrary(bundle, "faults", THROWING_SOURCE);
  });
}

async function writeFiles(folder: string, compile: (bundle: string) => void): Promise<void> {
  const bundle = join(folder, "bundle");
  mkdirSync(bundle, { recursive: true });
  compile(bundle);
  writeFileSync(join(bundle, "faults.wit"), FAULTS_WIT);
  writeFileSync(
    join(bundle, "host.toml"),
    '[host]\nname = "faults"\nlib = "libfaults.so"\nwit = "faults.wit"\n',
  );
  writeFileSync(join(folder, "app.wasm"), await buildComponent(faultsGuest));
}

export class FaultsHost {
  readonly host: Host;
  readonly component: Component;

  private constructor(host: Host, component: Component) {
    this.host = host;
    this.component = component;
  }

  static async open(folder: string, options: HostOptions = {}): Promise<FaultsHost> {
    const host = await createHost({
      bundles: [join(folder, "bundle")],
      cacheFolder: join(folder, "cache"),
      concurrency: 1,
      ...options,
    });
    return new FaultsHost(host, await host.load(join(folder, "app.wasm")));
  }

  run(name: string, args: readonly unknown[] = [], options: RunOptions = {}): Promise<RunOutcome> {
    return this.host.run(this.component, { export: name, args, ...options });
  }

  fail(way: Way, options: RunOptions = {}): Promise<RunOutcome> {
    return this.run("fail", [WAYS.indexOf(way)], options);
  }

  /** A run that goes well, wherever it happens. */
  add(options: RunOptions = {}): Promise<RunOutcome> {
    return this.run("add", [2, 3], options);
  }
}

/** What `add` ends with. */
export const FIVE = { status: "ok", value: 5 };
