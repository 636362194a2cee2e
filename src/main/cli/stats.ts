import type { ImportStats } from "../../shared/protocol.ts";
import { table } from "./table.ts";

const NS_PER_MS = 1e6;

/** The table of `--stats`. */
export function statsLines(stats: readonly ImportStats[]): readonly string[] {
  if (stats.length === 0) return ["no import was called"];
  const rows = stats.map(({ function: name, calls, bytesIn, bytesOut, timeNs }) => [
    name,
    String(calls),
    String(bytesIn),
    String(bytesOut),
    (timeNs / NS_PER_MS).toFixed(3),
    calls === 0 ? "-" : (timeNs / calls).toFixed(0),
  ]);
  const head = ["import", "calls", "bytes in", "bytes out", "total ms", "ns/call"];
  return table([head, ...rows], [1, 2, 3, 4, 5]);
}
