/** The memory and tables that a run may use: maxima in its core modules, before they are compiled. */
import { ERROR_CODES, type ErrorData, HostbundleError } from "../shared/errors.ts";
import { printBytes } from "../shared/print-bytes.ts";
import type { RunLimits } from "../shared/limits.ts";
import { capModule, type Definitions, readDefinitions } from "../shared/wasm/cap-module.ts";
import { type Growable, shareLimit } from "../shared/wasm/share-limit.ts";
import type { CoreLimits } from "../shared/wasm/types.ts";

const PAGE_LOG2 = 16;
/** 4 GiB, and for 64-bit addresses what engines allow. */
const MAX_PAGES = 65_536;
const MAX_PAGES_64 = 262_144;
const MAX_TABLE_ELEMENTS = 10_000_000;

/** The limits that compiled modules depend on. */
export type ModuleLimits = Pick<RunLimits, "memoryBytes" | "tableElements">;

export interface LimitedModules {
  readonly modules: readonly Uint8Array<ArrayBuffer>[];
  /** A memory may grow less than its module says. */
  readonly isMemoryCapped: boolean;
  /** By module, what such memories may grow to, in bytes. */
  readonly memoryCaps: readonly (readonly number[])[];
}

/** A memory that may grow less than its module says. */
export interface CappedMemory {
  readonly bytes: number;
  readonly capBytes: number;
}

/**
 * The same modules with lower maxima.
 * @param counts How often an instantiation instantiates each of them.
 * @throws HostbundleError MEMORY_LIMIT where they begin with more than the limits
 */
export function limitModules(
  modules: readonly Uint8Array<ArrayBuffer>[],
  counts: readonly number[],
  { memoryBytes, tableElements }: ModuleLimits,
): LimitedModules {
  if (memoryBytes === undefined && tableElements === undefined)
    return { modules, isMemoryCapped: false, memoryCaps: [] };
  const defined = modules.map(readDefinitions);
  const memories = maxima(defined, "memories", counts, memoryBytes, bytesOf);
  const tables = maxima(defined, "tables", counts, tableElements, elementsOf);
  const memoryCaps = defined.map((module, index) =>
    module.memories.flatMap(({ pageSizeLog2 = PAGE_LOG2 }, place) => {
      const maximum = memories[index]?.[place];
      return maximum === undefined ? [] : [maximum * 2 ** pageSizeLog2];
    }),
  );
  return {
    memoryCaps,
    modules: modules.map((module, index) =>
      capModule(module, { memories: memories[index] ?? [], tables: tables[index] ?? [] }),
    ),
    isMemoryCapped: memoryCaps.some((caps) => caps.length > 0),
  };
}

/** Limits in the unit of the limit: bytes or elements. */
interface Measured {
  readonly min: number;
  readonly max: number;
  /** Of the unit that the module counts in. */
  readonly unit: number;
}

function bytesOf({ min, max, is64, pageSizeLog2 = PAGE_LOG2 }: CoreLimits): Measured {
  const unit = 2 ** pageSizeLog2;
  const most = ((is64 ? MAX_PAGES_64 : MAX_PAGES) * 2 ** PAGE_LOG2) / unit;
  return { min: min * unit, max: Math.min(max ?? most, most) * unit, unit };
}

function elementsOf({ min, max = MAX_TABLE_ELEMENTS }: CoreLimits): Measured {
  return { min, max: Math.max(min, Math.min(max, MAX_TABLE_ELEMENTS)), unit: 1 };
}

/** By module, what each definition may grow to; absent where the limit changes nothing. */
function maxima(
  defined: readonly Definitions[],
  kind: keyof Definitions,
  counts: readonly number[],
  limit: number | undefined,
  measure: (limits: CoreLimits) => Measured,
): readonly (readonly (number | undefined)[])[] {
  if (limit === undefined) return defined.map(() => []);
  const items = defined.flatMap((module, index) =>
    module[kind].map((limits) => ({ ...measure(limits), count: counts[index] ?? 0, declared: limits.max })),
  );
  const shares = shareLimit(items, limit);
  if (shares === undefined) throw tooMuch(kind, items, limit);
  let next = 0;
  return defined.map((module) =>
    module[kind].map(() => {
      const { unit, min, declared } = items[next] ?? { unit: 1, min: 0, declared: undefined };
      const maximum = Math.max(min / unit, Math.floor((shares[next] ?? 0) / unit));
      next += 1;
      return declared !== undefined && declared <= maximum ? undefined : maximum;
    }),
  );
}

function tooMuch(kind: keyof Definitions, items: readonly Growable[], limit: number): HostbundleError {
  const first = items.reduce((sum, { count, min }) => sum + count * min, 0);
  return kind === "memories"
    ? new HostbundleError(
        "MEMORY_LIMIT",
        `the component begins with ${printBytes(first)} of memory, the limit is ${printBytes(limit)}`,
        {
          limit: { name: "memoryBytes", max: limit, used: first },
          help: "allow it more: --max-memory (limits.memoryBytes)",
        },
      )
    : new HostbundleError(
        "MEMORY_LIMIT",
        `the component begins with tables of ${first} elements, the limit is ${limit}`,
        {
          limit: { name: "tableElements", max: limit, used: first },
          help: "allow it more: --max-table-elements (limits.tableElements)",
        },
      );
}

/**
 * What a trap had to do with the limit, as far as can be told: a guest need not say why it gives up. One with a memory that cannot grow any more
 * has most likely been refused; one that asked for more than was left may have been.
 */
export function explainTrap(
  error: ErrorData,
  memories: readonly CappedMemory[],
  limitBytes: number,
): ErrorData {
  const fullest = memories.toSorted((a, b) => b.bytes / b.capBytes - a.bytes / a.capBytes)[0];
  if (fullest === undefined || fullest.bytes * 2 < fullest.capBytes) return error;
  const { bytes, capBytes } = fullest;
  const isShared = limitBytes - capBytes >= 2 ** PAGE_LOG2;
  const share = isShared ? `, its share of ${printBytes(limitBytes)}` : "";
  const figures = `it has ${printBytes(bytes)} of at most ${printBytes(capBytes)}${share}`;
  const help = "allow it more: --max-memory (limits.memoryBytes)";
  if (bytes < capBytes) {
    const message = `the guest may have been refused memory: ${figures}`;
    return { ...error, findings: [...(error.findings ?? []), { message, help }] };
  }
  return {
    ...error,
    code: "MEMORY_LIMIT",
    fault: ERROR_CODES.MEMORY_LIMIT.fault,
    message: `the guest's memory is at its limit, ${figures}: ${error.message}`,
    limit: { name: "memoryBytes", max: limitBytes, ...(isShared ? {} : { used: bytes }) },
    help,
  };
}
