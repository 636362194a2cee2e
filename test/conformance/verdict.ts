/** Results of scripts against the list of what is not yet so. */
import { hasEngineFeature, type EngineFeature } from "../support/wast/engine-features.ts";
import type { ScriptCase } from "../support/wast/run-script.ts";

/** Directives that fail, and why that is known. */
export interface NotYet {
  /** Of one script, or of a suite whose names begin so. */
  readonly script: string | RegExp;
  /** Lines of the directives; absent: any. */
  readonly lines?: readonly number[];
  /** What must occur in the failure. */
  readonly why?: RegExp;
  /** What must occur in the message that the script expects. */
  readonly message?: RegExp;
  /** Only where this Node lacks that. */
  readonly lacks?: EngineFeature;
  readonly reason: string;
}

export type Verdict =
  | { readonly kind: "passed" }
  | { readonly kind: "not-yet"; readonly reason: string }
  | { readonly kind: "unexpected"; readonly why: string };

export interface JudgedCase {
  readonly line: number;
  readonly what: string;
  readonly verdict: Verdict;
}

/** Gives verdicts and remembers which entries were needed for them. */
export class Judge {
  readonly #entries: readonly NotYet[];
  /** The entries about scripts that were run, with the lines that failed as they say. */
  readonly #used = new Map<NotYet, Set<number>>();

  constructor(entries: readonly NotYet[]) {
    this.#entries = entries.filter(({ lacks }) => lacks === undefined || !hasEngineFeature(lacks));
  }

  judge(script: string, cases: readonly ScriptCase[]): readonly JudgedCase[] {
    const entries = this.#entries.filter((entry) => isAbout(entry, script));
    for (const entry of entries) if (!this.#used.has(entry)) this.#used.set(entry, new Set());
    const reasons = new Map<number, string>();
    return cases.map(({ line, directive, result }) => {
      const verdict = this.#verdict(entries, { line, directive, result }, reasons);
      if (verdict.kind === "not-yet") reasons.set(line, verdict.reason);
      return { line, what: directive.kind, verdict };
    });
  }

  /** Listed cases that no longer fail, as messages; of scripts that were run only. */
  *leftOver(): Iterable<string> {
    for (const [entry, lines] of this.#used) {
      const name = String(entry.script);
      if (entry.lines === undefined) {
        if (lines.size === 0)
          yield `${name}: nothing fails any more for "${entry.reason}": remove it from the list`;
      } else {
        for (const line of entry.lines)
          if (!lines.has(line)) yield `${name}:${line} does not fail as listed: remove it from the list`;
      }
    }
  }

  #verdict(
    entries: readonly NotYet[],
    { line, directive, result }: ScriptCase,
    reasons: ReadonlyMap<number, string>,
  ): Verdict {
    if (result.status === "passed") return { kind: "passed" };
    if (result.status === "blocked") {
      const reason = reasons.get(result.by);
      if (reason !== undefined) return { kind: "not-yet", reason };
      return { kind: "unexpected", why: `the directive of line ${result.by} failed` };
    }
    const message = "message" in directive ? directive.message : "";
    const entry = entries.find(
      (each) =>
        (each.lines?.includes(line) ?? true) &&
        (each.why?.test(result.why) ?? true) &&
        (each.message?.test(message) ?? true),
    );
    if (entry === undefined) return { kind: "unexpected", why: result.why };
    this.#used.get(entry)?.add(line);
    return { kind: "not-yet", reason: entry.reason };
  }
}

function isAbout({ script }: NotYet, name: string): boolean {
  return typeof script === "string" ? script === name : script.test(name);
}
