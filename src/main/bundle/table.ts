import type { Finding, Location } from "../../shared/errors.ts";
import { nearest } from "../../shared/nearest.ts";
import type { KeyPath } from "./positions.ts";
import type { TomlDocument } from "./toml.ts";

/** More unknown keys than this in one table are counted, not listed: the file is of another kind. */
const MAX_UNKNOWN = 32;

/**
 * Reads one table of a TOML document key by key. What has the wrong type or is missing becomes a finding and
 * reads as absent, so that one pass reports every fault; `finish` reports the keys that nobody asked for.
 */
export class TableReader {
  readonly #document: TomlDocument;
  readonly #path: KeyPath;
  readonly #table: Readonly<Record<string, unknown>>;
  readonly #findings: Finding[];
  readonly #known = new Set<string>();

  constructor(
    document: TomlDocument,
    path: KeyPath,
    table: Readonly<Record<string, unknown>>,
    findings: Finding[],
  ) {
    this.#document = document;
    this.#path = path;
    this.#table = table;
    this.#findings = findings;
  }

  /** Where a key is written; the table itself where it is not. */
  where(...keys: readonly (string | number)[]): Location {
    return this.#document.locate([...this.#path, ...keys]);
  }

  fault(message: string, where: Location, help?: string): void {
    this.#findings.push({ message, where, ...(help === undefined ? {} : { help }) });
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#table, key);
  }

  string(key: string): string | undefined {
    const value = this.#take(key);
    if (value === undefined) return undefined;
    if (typeof value === "string" && value !== "") return value;
    return this.#wrongType(key, "a string that is not empty");
  }

  /** Reports a key that must be there and is not. */
  require(key: string, example: string): void {
    if (!this.has(key)) this.fault(`\`${key}\` is missing`, this.where(), `add ${key} = ${example}`);
  }

  boolean(key: string): boolean | undefined {
    const value = this.#take(key);
    if (value === undefined || typeof value === "boolean") return value;
    return this.#wrongType(key, "true or false");
  }

  strings(key: string): string[] | undefined {
    const value = this.#take(key);
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.every((each) => typeof each === "string" && each !== "")) return value;
    return this.#wrongType(key, "an array of strings");
  }

  /** A table of strings, with the place of each. */
  stringTable(key: string): Map<string, { readonly text: string; readonly where: Location }> | undefined {
    const table = this.table(key);
    if (table === undefined) return undefined;
    const entries = new Map<string, { readonly text: string; readonly where: Location }>();
    for (const [name, text] of Object.entries(table)) {
      const where = this.where(key, name);
      if (typeof text === "string" && text !== "") entries.set(name, { text, where });
      else this.fault(`"${name}" must be a string that is not empty`, where);
    }
    return entries;
  }

  table(key: string): Readonly<Record<string, unknown>> | undefined {
    const value = this.#take(key);
    if (value === undefined || isTable(value)) return value;
    return this.#wrongType(key, "a table");
  }

  /** A string, or a table of strings by platform. */
  stringOrTable(key: string): string | ReturnType<TableReader["stringTable"]> {
    const value = this.#take(key);
    if (typeof value === "string") return this.string(key);
    return value === undefined || isTable(value)
      ? this.stringTable(key)
      : this.#wrongType(key, "a string, or a table of strings by platform");
  }

  /** An array of tables, each with a reader of its own. */
  tables(key: string): TableReader[] {
    const value = this.#take(key);
    if (value === undefined) return [];
    if (!Array.isArray(value) || !value.every(isTable)) {
      this.#wrongType(key, `an array of tables, written [[${key}]]`);
      return [];
    }
    return value.map(
      (table, index) => new TableReader(this.#document, [...this.#path, key, index], table, this.#findings),
    );
  }

  subtable(key: string): TableReader | undefined {
    const table = this.table(key);
    return table === undefined
      ? undefined
      : new TableReader(this.#document, [...this.#path, key], table, this.#findings);
  }

  /** Reports the keys that were not asked for. */
  finish(): void {
    const unknown = Object.keys(this.#table).filter((key) => !this.#known.has(key));
    for (const key of unknown.slice(0, MAX_UNKNOWN)) {
      const near = nearest(key, this.#known);
      const help =
        near === undefined ? `known keys: ${[...this.#known].join(", ")}` : `did you mean \`${near}\`?`;
      this.fault(`unknown key \`${key}\``, this.where(key), help);
    }
    if (unknown.length > MAX_UNKNOWN)
      this.fault(`${unknown.length - MAX_UNKNOWN} more unknown keys`, this.where());
  }

  #take(key: string): unknown {
    this.#known.add(key);
    return this.has(key) ? this.#table[key] : undefined;
  }

  #wrongType(key: string, expected: string): undefined {
    this.fault(`\`${key}\` must be ${expected}`, this.where(key));
    return undefined;
  }
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
