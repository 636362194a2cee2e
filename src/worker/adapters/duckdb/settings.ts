/** `[host.config]` of a DuckDB bundle. Nothing is allowed that it does not allow. */
import { statSync } from "node:fs";
import type { FileGrants } from "../../../shared/sandbox.ts";
import { ConfigReader } from "../config.ts";
import type { AdapterContext } from "../types.ts";
import { workplace } from "../workplace.ts";

const MIB = 1024 ** 2;
const MAX_THREADS = 1024;
/** A quarter of DuckDB's own: it recurses on the stack of a thread of ours, which has half of a process's. */
const EXPRESSION_DEPTH = 250;
const NO_FOLDERS = [
  ["extension_directory", "none"],
  ["secret_directory", "none"],
] as const;

export interface Settings {
  /** What the name `""` opens: a file, or a database in memory. */
  readonly path: string | undefined;
  /** Files by the names under which guests open them. */
  readonly databases: ReadonlyMap<string, string>;
  readonly readOnly: boolean;
  /** Files and folders that SQL may read and write. */
  readonly allowed: readonly string[];
  /** Where what does not fit into memory is written; absent: nowhere. */
  readonly spillFolder: string | undefined;
  /** Settings of a database, in the order in which DuckDB takes them. */
  readonly options: readonly (readonly [name: string, value: string])[];
  /** SQL that ends the set-up of a database that has been opened; may be empty. */
  readonly startSql: string;
  /** Whether SQL must not change settings: then statements that do so on other ways are refused as well. */
  readonly isLocked: boolean;
  readonly queryTimeoutMs: number | undefined;
  /** Bytes of the texts of one column of one chunk. */
  readonly maxChunkBytes: number;
  /** UTF-16 units of all rows of one `runtime.query`. */
  readonly maxQueryUnits: number;
}

/** Throws CONFIG_INVALID with all that is wrong. */
export function readSettings(context: AdapterContext): Settings {
  const config = new ConfigReader(context);
  const named = config.stringTable("databases") ?? new Map<string, string>();
  for (const name of named.keys()) {
    if (name === "" || name === ":memory:") config.fault(`databases: "${name}" has a meaning of its own`);
  }
  const allowed = (config.strings("allowed-paths") ?? []).map((path) =>
    context.resolvePath("allowed-paths", path),
  );
  const isLocked = config.boolean("lock-configuration") ?? true;
  const threads = config.integer("threads", 1) ?? 1;
  if (threads > MAX_THREADS) config.fault(`threads = ${threads} is more than ${MAX_THREADS}`);
  // These two come last: they forbid to change the others.
  const hasAccess = config.boolean("external-access") ?? false;
  const locks: readonly (readonly [string, string])[] = [
    ["enable_external_access", String(hasAccess)],
    ["lock_configuration", String(isLocked)],
  ];
  const spillFolder = config.path("temp-directory");
  const settings: Settings = {
    path: config.path("path"),
    databases: new Map([...named].map(([name, path]) => [name, context.resolvePath("databases", path)])),
    readOnly: config.boolean("read-only") ?? false,
    isLocked,
    allowed,
    spillFolder,
    queryTimeoutMs: config.integer("query-timeout", 1),
    maxChunkBytes: config.bytes("max-chunk-bytes") ?? 64 * MIB,
    maxQueryUnits: config.bytes("max-query-bytes") ?? 64 * MIB,
    options: [
      ["threads", String(threads)],
      ["memory_limit", `${Math.ceil((config.bytes("memory-limit") ?? 1024 * MIB) / 1024)}KiB`],
      // Without one DuckDB does not spill to disk: what does not fit is an error.
      ["temp_directory", spillFolder ?? ""],
      ["autoinstall_known_extensions", "false"],
      ["autoload_known_extensions", "false"],
      ["allow_community_extensions", "false"],
      ["allow_persistent_secrets", "false"],
      ["max_expression_depth", String(config.integer("max-expression-depth", 16) ?? EXPRESSION_DEPTH)],
      // Without access they are not used; their defaults would show where the home directory is.
      ...(hasAccess ? [] : NO_FOLDERS),
      ...(allowed.length > 0 ? [] : locks),
    ],
    startSql: allowed.length > 0 ? startSql(allowed, locks) : "",
  };
  config.finish();
  return settings;
}

/** What the sandbox is to leave it. A database that is written to has its journal beside it. */
export function filesOf({ path, databases, readOnly, allowed, spillFolder }: Settings): FileGrants {
  const files = [...(path === undefined ? [] : [path]), ...databases.values()];
  const spill = spillFolder === undefined ? [] : [spillFolder];
  return {
    readable: readOnly ? files : [],
    writable: [...(readOnly ? [] : files), ...allowed, ...spill].map(workplace),
  };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** DuckDB takes allowed paths only once a database is open. */
function startSql(
  allowed: readonly string[],
  locks: readonly (readonly [name: string, value: string])[],
): string {
  const lists = [
    ["allowed_directories", listSql(allowed.filter(isFolder))],
    ["allowed_paths", listSql(allowed.filter((path) => !isFolder(path)))],
    ...locks,
  ];
  return lists.map(([name, value]) => `SET GLOBAL ${name} = ${value};`).join("\n");
}

function listSql(texts: readonly string[]): string {
  return `[${texts.map((text) => `'${text.replaceAll("'", "''")}'`).join(", ")}]`;
}
