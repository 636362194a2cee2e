import type { BuiltInAdapterName } from "../../shared/adapters.ts";
import type { Location } from "../../shared/errors.ts";

/** A host bundle after its manifest was read, checked and merged: absolute paths, nothing opened yet. */
export interface ResolvedBundle {
  /** The name in hosts.toml where the bundle came through a manifest, else the one in host.toml. */
  readonly name: string;
  /** The bundle's folder; for an explicit entry of a manifest, the manifest's folder. */
  readonly folder: string;
  /** WIT file or folder, absolute. */
  readonly witPath: string;
  /** World to use where the WIT has several. */
  readonly world?: string;
  /** Absent only where an adapter serves the bundle and needs none. */
  readonly library?: BundleLibrary;
  /** Serves it instead of functions of the library; one that is not declared only where the WIT fits. */
  readonly adapter?: BundleAdapter;
  /** Release function of the library; absent: libc `free`. */
  readonly free?: string;
  readonly threadsafe: boolean;
  /** The bundle's config with the manifest's on top. */
  readonly config: Readonly<Record<string, unknown>>;
  /** By key of the config: the folder of the file that set it, which its paths are relative to. */
  readonly configFolders: ReadonlyMap<string, string>;
  /** WIT function (`ns:pkg/iface#func` with or without version, or a plain name) to C symbol, with the place it was written. */
  readonly functions: ReadonlyMap<string, { readonly symbol: string; readonly where: Location }>;
  /** The imports this entry serves; absent: all that its WIT imports or exports. */
  readonly serves?: readonly string[];
  /** Where the bundle was declared (host.toml, or the [[host]] entry), for messages. */
  readonly where: Location;
}

export type BundleAdapter =
  | {
      readonly kind: "built-in";
      readonly name: BuiltInAdapterName;
      /** Asked for, and not only of the bundle's name: what it does not fit is a fault. */
      readonly isDeclared: boolean;
      readonly where: Location;
    }
  /** The bundle's own module: absolute, symlinks resolved. */
  | { readonly kind: "module"; readonly path: string; readonly where: Location };

export interface BundleLibrary {
  /** Absolute, symlinks resolved. */
  readonly path: string;
  /** Where `lib` was written. */
  readonly where: Location;
  /** Names of the functions and objects it exports, version suffixes removed. */
  readonly symbols: ReadonlySet<string>;
}
