/** Reads the config of an adapter: every fault is collected, and reported at once. */
import { HostbundleError, type Finding } from "../../shared/errors.ts";
import { nearest } from "../../shared/nearest.ts";
import type { AdapterContext } from "./types.ts";

const SIZE = /^(\d{1,12})\s*(B|KiB|MiB|GiB|TiB)?$/u;
const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

export class ConfigReader {
  readonly #context: AdapterContext;
  readonly #known = new Set<string>();
  readonly #findings: Finding[] = [];

  constructor(context: AdapterContext) {
    this.#context = context;
  }

  string(key: string): string | undefined {
    const value = this.#take(key);
    if (value === undefined || typeof value === "string") return value;
    return this.#refuse(key, value, "a text");
  }

  boolean(key: string): boolean | undefined {
    const value = this.#take(key);
    if (value === undefined || typeof value === "boolean") return value;
    return this.#refuse(key, value, "true or false");
  }

  /** An integer of at least `least`. */
  integer(key: string, least = 0): number | undefined {
    const value = this.#take(key);
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
    return this.#refuse(key, value, `an integer, at least ${least}`);
  }

  /** A number of bytes: an integer, or a text such as "64MiB". */
  bytes(key: string): number | undefined {
    const value = this.#take(key);
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    const [, digits, unit = "B"] = (typeof value === "string" ? SIZE.exec(value) : null) ?? [];
    const bytes = Number(digits) * (UNITS[unit] ?? 1);
    return Number.isSafeInteger(bytes)
      ? bytes
      : this.#refuse(key, value, 'a size such as 1048576 or "64MiB"');
  }

  strings(key: string): readonly string[] | undefined {
    const value = this.#take(key);
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value;
    return this.#refuse(key, value, "a list of texts");
  }

  /** Integers of at least `least`. */
  integers(key: string, least = 0): readonly number[] | undefined {
    const value = this.#take(key);
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && each >= least))
      return value;
    return this.#refuse(key, value, `a list of integers, each at least ${least}`);
  }

  /** Texts by name. */
  stringTable(key: string): ReadonlyMap<string, string> | undefined {
    const value = this.#take(key);
    if (value === undefined) return undefined;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      const entries = Object.entries(value).filter(
        (entry): entry is [string, string] => typeof entry[1] === "string",
      );
      if (entries.length === Object.keys(value).length) return new Map(entries);
    }
    return this.#refuse(key, value, "a table of texts");
  }

  /** A path, relative to the file that sets it. */
  path(key: string): string | undefined {
    const text = this.string(key);
    return text === undefined ? undefined : this.#context.resolvePath(key, text);
  }

  /** Notes a fault that only the adapter can see. */
  fault(message: string, help?: string): void {
    this.#findings.push({ message, ...(help === undefined ? {} : { help }) });
  }

  /** Throws CONFIG_INVALID with every fault noted, and every key that nobody has asked for. */
  finish(): void {
    for (const key of Object.keys(this.#context.config)) {
      if (this.#known.has(key)) continue;
      const near = nearest(key, this.#known);
      this.fault(
        `unknown key "${key}"`,
        near === undefined ? `known are: ${[...this.#known].join(", ")}` : `did you mean "${near}"?`,
      );
    }
    if (this.#findings.length === 0) return;
    const { bundle } = this.#context;
    throw new HostbundleError("CONFIG_INVALID", `the config of host bundle "${bundle}" is not usable`, {
      bundle,
      findings: this.#findings,
      help: "it is [host.config] of host.toml, with the config of hosts.toml on top",
    });
  }

  #take(key: string): unknown {
    this.#known.add(key);
    const { config } = this.#context;
    return Object.hasOwn(config, key) ? config[key] : undefined;
  }

  #refuse(key: string, value: unknown, wanted: string): undefined {
    this.fault(`${key} = ${JSON.stringify(value)} must be ${wanted}`);
    return undefined;
  }
}
