import type { Finding } from "../../shared/errors.ts";
import { lowerCamel } from "../../shared/js-names.ts";
import type { Scope } from "./scopes.ts";

/**
 * Names of WIT that are one name in JavaScript: `a-1` and `a1` are both `a1`. Where they are members of one object,
 * one of them could not be reached.
 */
export function findMergedNames(scope: Scope): readonly Finding[] {
  const groups = new Map<string, string[]>();
  const add = (owner: string, names: readonly string[]): void => {
    groups.set(owner, [...(groups.get(owner) ?? []), ...names]);
  };
  for (const { type } of scope.types) {
    if (type.kind === "record")
      add(
        `record ${type.name}`,
        type.fields.map(({ name }) => name),
      );
    if (type.kind === "flags") add(`flags ${type.name}`, type.labels);
  }
  for (const { name, role } of scope.functions) {
    if (role.kind === "freestanding") add("its functions", [name]);
    else if (role.kind === "method") add(`methods of ${role.resource}`, [role.member]);
    else if (role.kind === "static") add(`static functions of ${role.resource}`, [role.member]);
  }
  add(
    "its resources",
    scope.resources.map(({ name }) => name),
  );
  return [...groups].flatMap(([owner, names]) => mergedIn(`${scope.name ?? "the world"}, ${owner}`, names));
}

function mergedIn(owner: string, names: readonly string[]): readonly Finding[] {
  const firsts = new Map<string, string>();
  return names.flatMap((name) => {
    const key = lowerCamel(name);
    const first = firsts.get(key);
    if (first === undefined) {
      firsts.set(key, name);
      return [];
    }
    return [
      { message: `${owner}: ${first} and ${name} are both ${key} in JavaScript`, help: "rename one of them" },
    ];
  });
}
