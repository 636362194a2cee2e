/**
 * preview2-shim as we use it. Its declarations are those of its browser build; these are of the Node build,
 * version 0.26, and name no more than is used here.
 */

import { syncBuiltinESMExports } from "node:module";
import { HostbundleError } from "../shared/errors.ts";

/** A class of resources; the shim alone makes instances that do anything. */
export type ResourceClass = new () => object;

/** A new class that has nothing; jco recognises resources by `instanceof`. */
export function emptyClass(): ResourceClass {
  // oxlint-disable-next-line typescript/no-extraneous-class
  return class Resource {};
}

/** A class that has the methods and static functions, for linkers to look at, and no instances. */
export function uninhabited(methods: readonly string[], statics: readonly string[] = []): ResourceClass {
  const Resource = emptyClass();
  for (const name of methods) Object.defineProperty(Resource.prototype, name, { value: refuse });
  for (const name of statics) Object.defineProperty(Resource, name, { value: refuse });
  return Resource;
}

function refuse(): never {
  throw new HostbundleError("TRAP", "the guest trapped: it used a resource that it was never given");
}

/** Functions, and classes of resources, of one interface. */
export type Functions = Readonly<Record<string, unknown>>;

/** `datetime` of wasi:clocks/wall-clock. */
export interface Datetime {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

/** `descriptor-stat` of wasi:filesystem/types, as far as it is used. */
export interface ShimStat {
  readonly size: bigint;
  readonly dataAccessTimestamp?: Datetime | undefined;
  readonly dataModificationTimestamp?: Datetime | undefined;
  readonly statusChangeTimestamp?: Datetime | undefined;
}

/** A descriptor, as far as its methods are used. */
export interface ShimDescriptor {
  read(length: bigint, offset: bigint): readonly [bytes: Uint8Array, isEnd: boolean];
  write(bytes: Uint8Array, offset: bigint): bigint;
  stat(): ShimStat;
  statAt(pathFlags: unknown, path: unknown): ShimStat;
}

export interface ShimFilesystem {
  readonly types: Functions & {
    readonly Descriptor: ResourceClass;
    readonly DirectoryEntryStream: ResourceClass;
    /** The `error-code` of a system error; throws what it does not know. */
    filesystemErrorCode(error: { readonly payload: unknown }): string;
  };
  createFilesystem(config: { readonly preopens: Readonly<Record<string, string>> }): {
    readonly preopens: { getDirectories(): readonly (readonly [descriptor: ShimDescriptor, path: string])[] };
  };
}

interface ShimModules {
  readonly filesystem: ShimFilesystem;
}

/** Loads a part of the shim; the first starts the shim's thread. */
export async function loadShim<Name extends keyof ShimModules>(name: Name): Promise<ShimModules[Name]> {
  takeExit();
  const loaded: unknown = await import(`@bytecodealliance/preview2-shim/${name}`);
  // The interfaces above are the shim's declarations.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return loaded as ShimModules[Name];
}

/**
 * The shim ends the process where it meets an error that it does not know, and prints a stack trace before.
 * A run must not: the exit becomes an exception, which is a trap of the guest.
 */
function takeExit(): void {
  process.exit = (code) => {
    throw new ShimExit(code);
  };
  syncBuiltinESMExports();
  Object.assign(console, { trace: () => undefined });
}

/** What the shim throws instead of ending the process. */
export class ShimExit extends Error {
  constructor(code: unknown) {
    super(`a WASI call failed in a way that WASI has no error for (${String(code)})`);
    this.name = "ShimExit";
  }
}
