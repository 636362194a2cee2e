/** More lines than this help nobody, and a component may import a hundred thousand functions. */
const MAX_LINES = 20;

/** The first lines of a list, and how many more there are. */
export function shortList(lines: readonly string[]): readonly string[] {
  if (lines.length <= MAX_LINES) return lines;
  return [...lines.slice(0, MAX_LINES), `… and ${lines.length - MAX_LINES} more`];
}
