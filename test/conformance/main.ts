/** `npm run conformance -- DIR`: all scripts of a checkout, against the list of what is not yet so. */
import { readFileSync } from "node:fs";
import { runScript } from "../support/wast/run-script.ts";
import { NOT_YET } from "./not-yet.ts";
import { findScripts } from "./scripts.ts";
import { Judge, type JudgedCase, type NotYet } from "./verdict.ts";

interface Counts {
  passed: number;
  "not-yet": number;
  unexpected: number;
}

/** Runs the scripts and prints a table; true where everything is as the list says. */
export async function main(directory: string, entries: readonly NotYet[] = NOT_YET): Promise<boolean> {
  const { scripts, skipped } = findScripts(directory);
  const judge = new Judge(entries);
  const total: Counts = { passed: 0, "not-yet": 0, unexpected: 0 };
  const reasons = new Map<string, number>();
  const faults: string[] = [];
  printRow("script", "passed", "not yet", "failed");
  for (const { name, file } of scripts) {
    const judged = judge.judge(name, await runScript(readFileSync(file, "utf8")));
    const counts: Counts = { passed: 0, "not-yet": 0, unexpected: 0 };
    for (const each of judged) {
      counts[each.verdict.kind] += 1;
      total[each.verdict.kind] += 1;
      if (each.verdict.kind === "not-yet")
        reasons.set(each.verdict.reason, (reasons.get(each.verdict.reason) ?? 0) + 1);
    }
    faults.push(...describeFaults(name, judged));
    printRow(name, counts.passed, counts["not-yet"], counts.unexpected);
  }
  faults.push(...judge.leftOver());
  printList(
    "not yet, by reason:",
    Array.from(reasons, ([reason, count]) => `${count} ${reason}`),
  );
  printList("skipped:", countReasons(skipped));
  printList("unexpected:", faults);
  console.log(
    `\n${scripts.length} scripts: ${total.passed} passed, ${total["not-yet"]} not yet, ` +
      `${faults.length} unexpected, ${skipped.length} scripts skipped`,
  );
  return faults.length === 0;
}

/** What differs from the list, a line each. */
export function* describeFaults(script: string, judged: readonly JudgedCase[]): Iterable<string> {
  for (const { line, what, verdict } of judged)
    if (verdict.kind === "unexpected") yield `${script}:${line} ${what}: ${verdict.why}`;
}

function countReasons(skipped: readonly { readonly reason: string }[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { reason } of skipped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return Array.from(counts, ([reason, count]) => `${count} ${reason}`);
}

function printRow(name: string, ...cells: readonly (string | number)[]): void {
  console.log(name.padEnd(84) + cells.map((cell) => String(cell).padStart(9)).join(""));
}

function printList(title: string, lines: readonly string[]): void {
  if (lines.length > 0) console.log(`\n${title}\n${lines.map((line) => `  ${line}`).join("\n")}`);
}
