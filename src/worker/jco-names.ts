/** How jco spells WIT names in JavaScript. */

/** `get-URL-of` → `getUrlOf`: WIT's words are of one case each, so only the hyphens matter. */
export function lowerCamel(kebab: string): string {
  return kebab
    .split("-")
    .map((word, index) =>
      index === 0 ? word.toLowerCase() : word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase(),
    )
    .join("");
}
