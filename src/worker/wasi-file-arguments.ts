/** Arguments and results of the shim's descriptors, where WASI says something else. */
import type { Datetime, ShimDescriptor, ShimStat } from "./shim.ts";
import { chunkLength } from "./wasi-io.ts";

/** `read(length, offset)`: the shim's thread would allocate whatever the guest asks for. */
export function boundedRead(_self: ShimDescriptor, [length, offset]: readonly unknown[]): unknown[] {
  return [typeof length === "bigint" ? BigInt(chunkLength(length)) : length, offset];
}

/** Times before 1970 do not fit; `none` is what WASI has for times that are not known. */
export function checkedStat(raw: unknown): unknown {
  // What the shim's methods give.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const stat = raw as ShimStat;
  return {
    ...stat,
    dataAccessTimestamp: known(stat.dataAccessTimestamp),
    dataModificationTimestamp: known(stat.dataModificationTimestamp),
    statusChangeTimestamp: known(stat.statusChangeTimestamp),
  };
}

function known(time: Datetime | undefined): Datetime | undefined {
  return time !== undefined && time.seconds >= 0n && time.nanoseconds >= 0 ? time : undefined;
}

/** `setTimes(access, modification)`: the shim hands milliseconds to a function that takes seconds. */
export function fileTimes(self: ShimDescriptor, [access, modification]: readonly unknown[]): unknown[] {
  const stat = self.stat();
  return [
    shimTime(secondsOf(access, stat.dataAccessTimestamp)),
    shimTime(secondsOf(modification, stat.dataModificationTimestamp)),
  ];
}

/** `setTimesAt(flags, path, access, modification)`: the shim keeps the directory's times where it should the file's. */
export function pathTimes(self: ShimDescriptor, args: readonly unknown[]): unknown[] {
  const [pathFlags, path, access, modification] = args;
  const stat = self.statAt(pathFlags, path);
  return [
    pathFlags,
    path,
    shimTime(secondsOf(access, stat.dataAccessTimestamp) * 1000),
    shimTime(secondsOf(modification, stat.dataModificationTimestamp) * 1000),
  ];
}

/** Later than any file system's; the shim takes no number of milliseconds that is not exact. */
const MAX_SECONDS = 2n ** 42n;

/** Of a `new-timestamp`, in seconds; `now` is nonsense in the shim. */
function secondsOf(time: unknown, unchanged: Datetime | undefined): number {
  // As both linkers lift the variant.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { tag, val } = time as { readonly tag: string; readonly val?: Datetime };
  const datetime = tag === "timestamp" ? val : tag === "no-change" ? unchanged : undefined;
  if (datetime === undefined) return Date.now() / 1000;
  // An `error-code` of wasi:filesystem/types.
  // oxlint-disable-next-line typescript/only-throw-error
  if (datetime.seconds > MAX_SECONDS) throw "overflow";
  return Number(datetime.seconds) + datetime.nanoseconds / 1e9;
}

/** A time that the shim takes for that number of its units: thousandths of `seconds`, millions of `nanoseconds`. */
function shimTime(units: number): { readonly tag: "timestamp"; readonly val: Datetime } {
  const whole = Math.floor(units / 1000);
  return { tag: "timestamp", val: { seconds: BigInt(whole), nanoseconds: (units - whole * 1000) * 1e6 } };
}
