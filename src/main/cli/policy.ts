/** `--isolation`, the limits and `--library-env`: where a run happens, and what it may use up. */
import { HostbundleError } from "../../shared/errors.ts";
import type { Isolation, RunLimits } from "../../shared/limits.ts";
import { checkHeapMib } from "../limits.ts";
import type { RunPoolOptions } from "../pool/pool.ts";
import type { ParsedArgs } from "./args.ts";
import { parseVariables } from "./grants.ts";
import { parseSandbox, parseSandboxGrants } from "./sandbox.ts";

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Reads `--isolation`. Throws USAGE for one that there is not. */
export function parseIsolation(args: ParsedArgs): Isolation | undefined {
  const text = args.flags.get("--isolation")?.[0];
  if (text === undefined || text === "thread" || text === "process") return text;
  throw new HostbundleError("USAGE", `--isolation ${text}: expected thread or process`);
}

/** Reads a time with its unit: `500ms`, `1.5s`, `2m`. Throws USAGE. */
export function parseDurationMs(flag: string, text: string): number {
  const [, digits = "", unit = ""] = /^([0-9]+(?:\.[0-9]+)?)([a-z]+)$/u.exec(text) ?? [];
  const unitMs = Object.hasOwn(UNITS_MS, unit) ? UNITS_MS[unit] : undefined;
  const timeMs = unitMs === undefined ? 0 : Number(digits) * unitMs;
  if (timeMs > 0) return timeMs;
  throw new HostbundleError("USAGE", `${flag} ${text}: expected a time such as 500ms, 10s or 2m`);
}

const UNITS_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** Reads a size with its unit: `64MiB`, `1GiB`. Throws USAGE. */
export function parseBytes(flag: string, text: string): number {
  const [, digits = "", unit = ""] = /^([0-9]+)([A-Za-z]+)$/u.exec(text) ?? [];
  const unitBytes = Object.hasOwn(UNITS_BYTES, unit) ? UNITS_BYTES[unit] : undefined;
  const bytes = unitBytes === undefined ? Number.NaN : Number(digits) * unitBytes;
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new HostbundleError("USAGE", `${flag} ${text}: expected a size such as 64MiB or 1GiB`);
}

/** Reads a whole number. Throws USAGE. */
function parseCount(flag: string, text: string): number {
  const count = /^[0-9]+$/u.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(count)) return count;
  throw new HostbundleError("USAGE", `${flag} ${text}: expected a whole number`);
}

/** What each flag says of a run's limits. */
const LIMIT_FLAGS: readonly (readonly [
  flag: string,
  name: keyof RunLimits,
  parse: (flag: string, text: string) => number,
])[] = [
  ["--timeout", "timeoutMs", parseDurationMs],
  ["--max-cpu", "cpuMs", parseDurationMs],
  ["--max-memory", "memoryBytes", parseBytes],
  ["--max-native-memory", "nativeBytes", parseBytes],
  ["--max-output", "outputBytes", parseBytes],
  ["--max-calls", "calls", parseCount],
  ["--max-open-files", "openFiles", parseCount],
  ["--max-table-elements", "tableElements", parseCount],
];

export function parseLimits({ flags }: ParsedArgs): RunLimits {
  const limits: Partial<Record<keyof RunLimits, number>> = {};
  for (const [flag, name, parse] of LIMIT_FLAGS) {
    const text = flags.get(flag)?.[0];
    if (text !== undefined) limits[name] = parse(flag, text);
  }
  return limits;
}

/** What the pool is told. */
export function poolPolicy(
  args: ParsedArgs,
  env: Readonly<Record<string, string | undefined>>,
): Pick<RunPoolOptions, "isolation" | "children" | "sandbox" | "heapLimitMib"> {
  const isolation = parseIsolation(args);
  const heap = args.flags.get("--max-heap")?.[0];
  const sandbox = parseSandbox(args);
  const grants = parseSandboxGrants(args);
  const variables = parseVariables("--library-env", args.flags.get("--library-env") ?? [], env);
  if (isolation === "thread" && variables.length > 0) {
    throw new HostbundleError(
      "USAGE",
      "--library-env: on a thread, a library has this program's own environment",
      {
        help: "leave out --isolation=thread, or set the variable for hostbundle",
      },
    );
  }
  const children = {
    ...(grants === undefined ? {} : { grants }),
    ...(variables.length === 0 ? {} : { env: Object.fromEntries(variables) }),
  };
  return {
    ...(isolation === undefined ? {} : { isolation }),
    ...(sandbox === undefined ? {} : { sandbox }),
    ...(heap === undefined ? {} : { heapLimitMib: checkHeapMib(parseBytes("--max-heap", heap)) }),
    ...(Object.keys(children).length === 0 ? {} : { children }),
  };
}
