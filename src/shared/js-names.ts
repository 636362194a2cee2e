/** How WIT names are spelled in JavaScript: as jco spells them. */

/** `get-URL-of` → `getUrlOf`: WIT's words are of one case each, so only the hyphens matter. */
export function lowerCamel(kebab: string): string {
  return kebab
    .split("-")
    .map((word, index) =>
      index === 0 ? word.toLowerCase() : word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase(),
    )
    .join("");
}

/** `blob-store` → `BlobStore`: the class of a resource. */
export function upperCamel(kebab: string): string {
  const name = lowerCamel(kebab);
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}
