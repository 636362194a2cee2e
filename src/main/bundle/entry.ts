/** The keys that host.toml's `[host]` and a `[[host]]` entry of hosts.toml share, read into one shape. */
import type { Location } from "../../shared/errors.ts";
import type { LibraryDeclaration } from "./library/resolve.ts";
import type { TableReader } from "./table.ts";

/** The name of a bundle, where somebody gives it one. */
export type DeclaredName = Placed;

interface Placed {
  readonly text: string;
  readonly where: Location;
}

/** What a bundle's manifest, or an entry, declares; nothing has been looked up yet. */
export interface Declaration {
  readonly name?: Placed;
  readonly library?: LibraryDeclaration;
  readonly wit?: Placed;
  readonly world?: string;
  readonly free?: string;
  readonly threadsafe?: boolean;
  readonly sha256?: Placed;
  /** A built-in adapter's name, or a file. */
  readonly adapter?: Placed;
  readonly config: Readonly<Record<string, unknown>>;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/u;

/** Reads the shared keys; what is required is the caller's to say. */
export function readDeclaration(table: TableReader): Declaration {
  table.require("name", '"my-host"');
  const name = placed(table, "name", table.string("name"));
  if (name !== undefined && !NAME.test(name.text)) {
    table.fault(
      `"${name.text}" is not a bundle name`,
      name.where,
      "letters, digits, `.`, `_` and `-`, at most 64",
    );
  }
  const library = readLibrary(table);
  const wit = placed(table, "wit", table.string("wit"));
  const sha256 = placed(table, "sha256", table.string("sha256"));
  const adapter = placed(table, "adapter", table.string("adapter"));
  const world = table.string("world");
  const free = table.string("free");
  const threadsafe = table.boolean("threadsafe");
  return {
    ...(name === undefined ? {} : { name }),
    ...(library === undefined ? {} : { library }),
    ...(wit === undefined ? {} : { wit }),
    ...(world === undefined ? {} : { world }),
    ...(free === undefined ? {} : { free }),
    ...(threadsafe === undefined ? {} : { threadsafe }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(adapter === undefined ? {} : { adapter }),
    config: table.table("config") ?? {},
  };
}

/** `[functions]`: WIT function to C symbol. */
export function readFunctions(
  table: TableReader,
): Map<string, { readonly symbol: string; readonly where: Location }> {
  const functions = new Map<string, { readonly symbol: string; readonly where: Location }>();
  for (const [name, { text, where }] of table.stringTable("functions") ?? [])
    functions.set(name, { symbol: text, where });
  return functions;
}

function readLibrary(table: TableReader): LibraryDeclaration | undefined {
  const declared = table.stringOrTable("lib");
  if (declared === undefined) return undefined;
  const where = table.where("lib");
  return typeof declared === "string"
    ? { kind: "file", text: declared, where }
    : { kind: "by-platform", files: declared, where };
}

function placed(table: TableReader, key: string, text: string | undefined): Placed | undefined {
  return text === undefined ? undefined : { text, where: table.where(key) };
}
