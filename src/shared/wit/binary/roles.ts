/** Extern names and what they say (Explainer.md, "Import and Export Definitions"). */
import { parseExternName } from "../id.ts";
import type { FuncRole, FuncType, ResourceType } from "../types.ts";
import { isLabel } from "./decode-names.ts";

const VERSION = /^[0-9]+(?:[.+-][0-9A-Za-z.+-]*)?$/;

/** Whether an interface can be imported or exported under a name: `ns:pkg/iface@1.0.0`, or a label. */
export function isInterfaceName(name: string): boolean {
  const parts = parseExternName(name);
  if (parts.kind === "plain") return isLabel(name);
  const labels = [parts.namespace, parts.package, parts.interface];
  return labels.every(isLabel) && (parts.version === undefined || VERSION.test(parts.version));
}

/** What a function's name says it is (Explainer.md, "Import and Export Definitions"). Absent: no such name. */
export function parseRole(name: string): FuncRole | undefined {
  const annotated = /^\[(constructor|method|static)\]([^.]+)(?:\.([^.]+))?$/.exec(name);
  if (annotated === null) return isLabel(name) ? { kind: "freestanding" } : undefined;
  const [, kind, resource = "", member] = annotated;
  if (!isLabel(resource) || (member !== undefined && !isLabel(member))) return undefined;
  if (kind === "constructor") return member === undefined ? { kind, resource } : undefined;
  if ((kind === "method" || kind === "static") && member !== undefined) return { kind, resource, member };
  return undefined;
}

/** Why a function's type does not fit its role; absent: it fits. `resources` are those named so far beside it. */
export function roleMismatch(
  role: FuncRole,
  type: FuncType,
  resources: ReadonlyMap<string, ResourceType>,
): string | undefined {
  if (role.kind === "freestanding") return undefined;
  const resource = resources.get(role.resource);
  if (resource === undefined) return `there is no resource ${role.resource} before it`;
  if (role.kind === "static") return undefined;
  if (role.kind === "method") {
    const self = type.params[0]?.type;
    return self?.kind === "borrow" && self.resource === resource
      ? undefined
      : `the first parameter of a method is a borrow of its resource`;
  }
  const made = type.result?.kind === "result" ? type.result.ok : type.result;
  return made?.kind === "own" && made.resource === resource ? undefined : `a constructor gives its resource`;
}
