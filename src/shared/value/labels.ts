import { nearest } from "../nearest.ts";

/** How many known labels a message lists. */
const MAX_LISTED_LABELS = 12;

/** What to say to someone who wrote a label that the type does not have: the near one, or all of them. */
export function labelHelp(word: string, known: Iterable<string>): string {
  const labels = Array.from(known);
  const near = nearest(word, labels);
  if (near !== undefined) return `did you mean ${near}?`;
  if (labels.length === 0) return "there are none";
  const more = labels.length > MAX_LISTED_LABELS ? ", …" : "";
  return `known: ${labels.slice(0, MAX_LISTED_LABELS).join(", ")}${more}`;
}
