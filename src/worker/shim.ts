/**
 * preview2-shim as we use it. Its declarations are those of its browser build; these are of the Node build,
 * version 0.26, and name no more than is used here.
 */

import { syncBuiltinESMExports } from "node:module";

/** A class of resources; the shim alone makes instances that do anything. */
export type ResourceClass = new () => object;

/** A new class that has nothing; jco recognises resources by `instanceof`. */
export function emptyClass(): ResourceClass {
  // oxlint-disable-next-line typescript/no-extraneous-class
  return class Resource {};
}

export type Functions = Readonly<Record<string, unknown>>;

export interface ShimIo {
  readonly streams: { readonly InputStream: ResourceClass; readonly OutputStream: ResourceClass };
  readonly poll: { readonly Pollable: ResourceClass };
  readonly error: { readonly Error: new (message: string) => object };
}

export interface ShimFilesystem {
  readonly types: Functions & {
    readonly Descriptor: ResourceClass;
    readonly DirectoryEntryStream: ResourceClass;
  };
  createFilesystem(config: { readonly preopens: Readonly<Record<string, string>> }): {
    readonly preopens: { getDirectories(): readonly (readonly [descriptor: object, path: string])[] };
  };
}

export interface ShimSockets {
  readonly network: Functions;
  readonly ipNameLookup: Functions;
  readonly tcp: Functions;
  readonly udp: Functions;
  createSockets(config: { readonly enableNetwork: boolean }): { readonly instanceNetwork: Functions };
}

export interface ShimHttp {
  readonly types: Functions;
}

interface ShimModules {
  readonly io: ShimIo;
  readonly filesystem: ShimFilesystem;
  readonly sockets: ShimSockets;
  readonly http: ShimHttp;
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
