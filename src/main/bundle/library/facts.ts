export type LibraryFormat = "elf" | "mach-o" | "pe";

export interface LibraryFacts {
  readonly format: LibraryFormat;
  /** As in `process.arch` where Node has a name for it. */
  readonly architecture: string;
  /** Exported names, without version suffixes; empty where the architecture is not read. */
  readonly symbols: ReadonlySet<string>;
}
