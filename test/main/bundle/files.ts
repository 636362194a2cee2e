import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { resolveBundles } from "../../../src/main/bundle/resolve.ts";
import type { ResolvedBundle } from "../../../src/main/bundle/types.ts";
import type { ErrorData } from "../../../src/shared/errors.ts";
import { thrownBy } from "../../support/errors.ts";

/** Every Node has this: a real ELF, Mach-O or PE shared object made for the very machine that runs the tests. */
export const REAL_LIBRARY = ((): string => {
  const name = `koffi-${process.platform}-${process.arch}`;
  return join(
    import.meta.dirname,
    "../../../node_modules/@koromix",
    name,
    `${process.platform}_${process.arch}`,
    "koffi.node",
  );
})();

export const WIT =
  "package acme:kv;\ninterface store { get: func(key: string) -> string; }\nworld host { import store; }\n";

/** Writes files below a folder; a Buffer or text each. `lib` stands for a real library. */
export function write(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    if (content === "lib") copyFileSync(REAL_LIBRARY, path);
    else writeFileSync(path, content);
  }
}

export function realLibraryBytes(): Buffer {
  return readFileSync(REAL_LIBRARY);
}

/** A sound bundle. */
export const SOUND = {
  "host.toml": '[host]\nname = "kv"\nlib = "lib/libkv.so"\nwit = "wit/kv.wit"\n',
  "wit/kv.wit": WIT,
  "lib/libkv.so": "lib",
} as const;

export function resolveOne(folder: string): ResolvedBundle {
  const [bundle] = resolveBundles({ bundles: [folder], manifests: [] }).bundles;
  if (bundle === undefined) throw new Error("no bundle");
  return bundle;
}

export function faultOf(options: { bundles?: string[]; manifests?: string[]; cwd?: string }): ErrorData {
  return thrownBy(() => resolveBundles({ bundles: [], manifests: [], ...options }));
}

/** The findings as `line:column message | lines | help`, for tables. */
export function findingTexts(error: ErrorData): string[] {
  return (error.findings ?? []).map(({ message, where, lines, help }) => {
    const place = where?.line === undefined ? "" : `${where.line}:${where.column ?? 0} `;
    return [`${place}${message}`, ...(lines ?? []), ...(help === undefined ? [] : [help])].join(" | ");
  });
}
