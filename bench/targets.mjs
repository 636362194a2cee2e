/**
 * The limits that a release keeps on Node 24. Where jco is compared, it is with koffi: both then call the same C function.
 */

/**
 * One cell, or one cell over another. `of` and `over` name a row and a column.
 * @typedef {object} Target
 * @property {string} says
 * @property {readonly [row: string, column: string]} of
 * @property {readonly [row: string, column: string]} [over] absent: the limit is in nanoseconds
 * @property {number} limit
 * @property {boolean} [isAtLeast]
 */

/** @type {readonly Target[]} */
export const CALL_TARGETS = [
  {
    says: "lowered i32 add, against bare koffi",
    of: ["i32-add", "hostbundle"],
    over: ["i32-add", "bare"],
    limit: 1.15,
  },
  {
    says: "lowered 16 B string in and out, against the bare i32 add",
    of: ["string16-both", "hostbundle"],
    over: ["i32-add", "bare"],
    limit: 5,
  },
  {
    says: "lowered 100 strings in and out, jco with koffi against it",
    of: ["strings100-both", "jco-koffi"],
    over: ["strings100-both", "hostbundle"],
    limit: 30,
    isAtLeast: true,
  },
  {
    says: "1 MiB byte list in, against 16 B",
    of: ["bytes1m-in", "hostbundle"],
    over: ["bytes16-in", "hostbundle"],
    limit: 1.2,
  },
  {
    says: "method of a native resource, against the lowered i32 add",
    of: ["resource-method", "hostbundle"],
    over: ["i32-add", "hostbundle"],
    limit: 1.5,
  },
  { says: "lifted i32 add", of: ["lifted-i32", "hostbundle"], limit: 40 },
  { says: "lifted 16 B string in and out", of: ["lifted-string16", "hostbundle"], limit: 350 },
  { says: "WASI monotonic-clock now", of: ["wasi-clock", "hostbundle"], limit: 300 },
  { says: "WASI get-environment", of: ["wasi-environment", "hostbundle"], limit: 300 },
  { says: "WASI get-random-u64", of: ["wasi-random", "hostbundle"], limit: 300 },
];

/** @type {readonly Target[]} */
export const RUN_TARGETS = [
  { says: "fresh run of a small component", of: ["warm-add", "hostbundle"], limit: 60_000 },
  {
    says: "fresh run of a small component with a native import",
    of: ["warm-greet", "hostbundle"],
    limit: 60_000,
  },
  { says: "fresh run of hello world over WASI", of: ["warm-hello", "hostbundle"], limit: 150_000 },
  { says: "fresh run of the QuickJS guest", of: ["warm-quickjs", "hostbundle"], limit: 1_000_000 },
  {
    says: "a run in a child process, against one on a thread",
    of: ["isolation-process", "hostbundle"],
    over: ["isolation-thread", "hostbundle"],
    limit: 3,
  },
  {
    says: "a host call in a child process, against one on a thread",
    of: ["calls-process", "hostbundle"],
    over: ["calls-thread", "hostbundle"],
    limit: 1.1,
  },
  {
    says: "the run after a crash, a spare being up",
    of: ["process-failover", "hostbundle"],
    limit: 10_000_000,
  },
  {
    says: "the end of native code that spins, after its deadline",
    of: ["process-deadline", "hostbundle"],
    limit: 50_000_000,
  },
  {
    says: "hostbundle run of greet, against node -e 0",
    of: ["cli-greet", "hostbundle"],
    over: ["cli-node", "node"],
    limit: 2.2,
  },
];

/**
 * Which limits hold. Those whose cells were not measured are left out.
 * @param {readonly Target[]} targets
 * @param {readonly import("./results.mjs").RowResult[]} rows
 * @returns {import("./results.mjs").TargetResult[]}
 */
export function judge(targets, rows) {
  const find = (/** @type {Target["of"]} */ [id, column]) => rows.find((row) => row.id === id)?.cells[column];
  return targets.flatMap(({ says, of, over, limit, isAtLeast = false }) => {
    const cell = find(of);
    const base = over === undefined ? { median: 1, min: 1 } : find(over);
    if (cell === undefined || base === undefined) return [];
    const ofMedians = Number((cell.median / base.median).toPrecision(4));
    const ofMinima = Number((cell.min / base.min).toPrecision(4));
    const isMet = isAtLeast ? ofMedians >= limit : ofMedians <= limit;
    return [{ says, unit: over === undefined ? "ns" : "x", limit, isAtLeast, ofMedians, ofMinima, isMet }];
  });
}
