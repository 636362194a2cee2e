/** More lines than this help nobody, and a component may import a hundred thousand functions. */
const MAX_LINES = 20;

/** The first items of a list, printed, and how many more there are. */
export function shortList<T>(items: readonly T[], print: (item: T) => string): readonly string[] {
  const lines = items.slice(0, MAX_LINES).map(print);
  const rest = items.length - lines.length;
  return rest > 0 ? [...lines, `… and ${rest} more`] : lines;
}
