/** Names of packages and interfaces as WIT text. */
import { parseExternName, type ExternNameParts } from "./id.ts";
import { escapeId } from "./keywords.ts";

/** `ns:pkg@1.0.0`, escaped. */
export function printPackageName(id: Extract<ExternNameParts, { kind: "interface" }>): string {
  const version = id.version === undefined ? "" : `@${id.version}`;
  return `${escapeId(id.namespace)}:${escapeId(id.package)}${version}`;
}

/** An interface as a path is written inside package `inside`: by its bare name at home, else by its full id. */
export function printInterfaceId(name: string, inside: string): string {
  const id = parseExternName(name);
  if (id.kind === "plain" || printPackageName(id) === inside) {
    return escapeId(id.kind === "plain" ? name : id.interface);
  }
  const version = id.version === undefined ? "" : `@${id.version}`;
  return `${escapeId(id.namespace)}:${escapeId(id.package)}/${escapeId(id.interface)}${version}`;
}
