/** The JSON text that `hostbundle_init` receives: TOML values as JSON, nothing lost and nothing invalid. */

/**
 * Writes a TOML value as JSON. Integers keep all their digits (JSON has no size limit), dates become their
 * TOML text, and `nan`, `inf`, `-inf` become strings as everywhere else in hostbundle's JSON.
 */
export function configJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(configJson).join(",")}]`;
  // A TOML date is a Date whose `toISOString` keeps what was written: local times stay local.
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return numberJson(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${configJson(member)}`).join(",")}}`;
}

function numberJson(value: number): string {
  if (Number.isFinite(value)) return JSON.stringify(value);
  if (Number.isNaN(value)) return '"nan"';
  return value > 0 ? '"inf"' : '"-inf"';
}
