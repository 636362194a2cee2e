import { afterAll } from "vitest";
import type { WasiGrants } from "../../src/shared/protocol.ts";
import type { ShimStat } from "../../src/worker/shim.ts";
import { prepareWasi, type WasiRun } from "../../src/worker/wasi.ts";

/** A stream as jco's modules use it. */
export interface GuestStream {
  blockingRead(length: bigint): Uint8Array;
  read(length: bigint): Uint8Array;
  skip(length: bigint): bigint;
  write(bytes: Uint8Array): void;
  blockingWriteAndFlush(bytes: Uint8Array): void;
  writeZeroes(length: bigint): void;
  blockingSplice(from: GuestStream, length: bigint): bigint;
  subscribe(): GuestPollable;
}

/** A pollable as jco's modules use it. */
export interface GuestPollable {
  ready(): boolean;
  block(): void;
}

/** A descriptor as jco's modules use it. */
export interface GuestDescriptor {
  openAt(pathFlags: object, path: string, openFlags: object, flags: object): GuestDescriptor;
  read(length: bigint, offset: bigint): readonly [bytes: Uint8Array, end: boolean];
  write(bytes: Uint8Array, offset: bigint): bigint;
  readViaStream(offset: bigint): GuestStream;
  writeViaStream(offset: bigint): GuestStream;
  appendViaStream(): GuestStream;
  readDirectory(): object;
  getFlags(): object;
  stat(): ShimStat;
  statAt(pathFlags: object, path: string): ShimStat;
  metadataHash(): object;
  metadataHashAt(pathFlags: object, path: string): object;
  setSize(size: bigint): void;
  setTimes(access: object, modification: object): void;
  setTimesAt(pathFlags: object, path: string, access: object, modification: object): void;
  createDirectoryAt(path: string): void;
  removeDirectoryAt(path: string): void;
  unlinkFileAt(path: string): void;
  symlinkAt(target: string, path: string): void;
  renameAt(from: string, into: GuestDescriptor, to: string): void;
  linkAt(pathFlags: object, from: string, into: GuestDescriptor, to: string): void;
}

/** WASI of one run, as a component's imports ask for it. */
export async function openWasi(names: readonly string[], grants: WasiGrants): Promise<WasiRun> {
  return prepareWasi(names).open(grants);
}

/** Calls an imported function (`cli/exit#exit`, version 0.2.0) as jco's modules do; the caller says what it gives. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export function callWasi<Result>(run: WasiRun, name: string, ...args: readonly unknown[]): Result {
  const [owner = "", func = ""] = name.split("#");
  const found = run.imports[`wasi:${owner}@0.2.0`]?.[func];
  if (typeof found !== "function") throw new Error(`no ${name}`);
  return Reflect.apply(found, undefined, args);
}

/** Loading preview2-shim takes the exit away from it and from this process: puts it back when the file ends. */
export function restoreExit(): void {
  const exit = Object.getOwnPropertyDescriptor(process, "exit");
  const trace = Object.getOwnPropertyDescriptor(console, "trace");
  afterAll(() => {
    if (exit !== undefined) Object.defineProperty(process, "exit", exit);
    if (trace !== undefined) Object.defineProperty(console, "trace", trace);
  });
}

/** What a call throws; `undefined` where it returns. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}
