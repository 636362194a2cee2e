/** The real `wit-bindgen c`, where it is installed: WIT of the functions that `c-source.ts` prints C for, and its headers. */
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ValueType } from "../../src/shared/wit/types.ts";
import { cTypeName, childrenOf, membersOf, snakeCase, type CNamespace } from "./c-source-types.ts";
import { collectTypes, type CFunction } from "./c-source.ts";

const GENERATOR = process.env["WIT_BINDGEN"] ?? "wit-bindgen";

/** Whether the generator is here, or why its tests are skipped. */
export const witBindgen: { readonly available: boolean; readonly reason: string } = (() => {
  const found = spawnSync(GENERATOR, ["--version"], { encoding: "utf8" });
  return found.status === 0
    ? { available: true, reason: "" }
    : { available: false, reason: "skipped: no wit-bindgen on this machine" };
})();

/** Prints the C header of a world; gives its path. */
export function generateHeader(folder: string, wit: string, world: string): string {
  const witPath = join(folder, `${world}.wit`);
  writeFileSync(witPath, wit);
  execFileSync(GENERATOR, ["c", witPath, "--world", world, "--out-dir", folder], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  return join(folder, `${snakeCase(world)}.h`);
}

/** Checks C without compiling it; the compiler's complaint, or nothing. */
export function complaintAbout(path: string, flags: readonly string[]): string {
  const { status, stderr } = spawnSync("cc", ["-std=gnu11", "-fsyntax-only", "-Werror", ...flags, path], {
    encoding: "utf8",
  });
  return status === 0 ? "" : stderr;
}

/** One package with an interface `types` of these functions, and two worlds: one imports it, one exports it. */
export function witOf(functions: readonly CFunction[], space: CNamespace, worlds: WorldNames): string {
  return `package test:echo;
${witInterface("types", functions, space)}
world ${worlds.importing} { import types; }
world ${worlds.exporting} { export types; }
`;
}

/** An interface of these functions. It declares their types, or takes them from elsewhere by `use`. */
export function witInterface(
  name: string,
  functions: readonly CFunction[],
  space: CNamespace,
  use?: string,
): string {
  const declared = new Set([...collectTypes(functions, space).values()].map(declaration));
  const types = use === undefined ? [...declared] : [use];
  const signatures = functions.map((one) => {
    const params = one.type.params.map((param) => `%${param.name}: ${expression(param.type)}`).join(", ");
    const result = one.type.result === undefined ? "" : ` -> ${expression(one.type.result)}`;
    return `%${one.name}: func(${params})${result};`;
  });
  return `interface ${name} {
  ${[...types.filter((text) => text !== ""), ...signatures].join("\n  ")}
}`;
}

export interface WorldNames {
  readonly importing: string;
  readonly exporting: string;
}

/** WIT for a type that needs a name; of a resource, both handles come to the same. */
function declaration(type: ValueType): string {
  if (type.kind === "own" || type.kind === "borrow") return `resource %${type.resource.name};`;
  if (type.kind === "record") {
    return `record %${type.name} ${braced(type.fields.map((field) => `%${field.name}: ${expression(field.type)}`))}`;
  }
  if (type.kind === "variant") {
    const cases = type.cases.map((one) =>
      one.type === undefined ? `%${one.name}` : `%${one.name}(${expression(one.type)})`,
    );
    return `variant %${type.name} ${braced(cases)}`;
  }
  if (type.kind === "enum" || type.kind === "flags") {
    return `${type.kind} %${type.name} ${braced(type.labels.map((label) => `%${label}`))}`;
  }
  return "";
}

function braced(items: readonly string[]): string {
  return `{ ${items.join(", ")} }`;
}

function expression(type: ValueType): string {
  if (type.kind === "list" || type.kind === "option") return `${type.kind}<${expression(type.element)}>`;
  if (type.kind === "tuple") return `tuple<${type.elements.map(expression).join(", ")}>`;
  if (type.kind === "result") {
    if (type.err !== undefined) {
      return `result<${type.ok === undefined ? "_" : expression(type.ok)}, ${expression(type.err)}>`;
    }
    return type.ok === undefined ? "result" : `result<${expression(type.ok)}>`;
  }
  if (type.kind === "own") return `%${type.resource.name}`;
  if (type.kind === "borrow") return `borrow<%${type.resource.name}>`;
  return "name" in type && type.name !== undefined ? `%${type.name}` : type.kind;
}

/** wit-bindgen's C generator has no fixed-length lists. */
export function hasFixedList(type: ValueType): boolean {
  return type.kind === "fixed-list" || childrenOf(type).some(hasFixedList);
}

/** C assertions that a type has one layout under both its names. */
export function sameLayout(type: ValueType, left: CNamespace, right: CNamespace): readonly string[] {
  const [a, b] = [cTypeName(type, left), cTypeName(type, right)];
  const same = (what: (name: string) => string): string =>
    `_Static_assert(${what(a)} == ${what(b)}, "${what(b)}");`;
  const paths = membersOf(type).map((member) => member.path);
  if (type.kind === "list" || type.kind === "string") paths.push("ptr", "len");
  if (type.kind === "variant") paths.push("tag");
  if (type.kind === "option") paths.push("is_some");
  if (type.kind === "result") paths.push("is_err");
  return [
    same((name) => `sizeof(${name})`),
    same((name) => `_Alignof(${name})`),
    ...paths.flatMap((path) => [
      same((name) => `offsetof(${name}, ${path})`),
      same((name) => `sizeof(((${name} *)0)->${path})`),
    ]),
    ...(type.kind === "list" ? [same((name) => `sizeof(*((${name} *)0)->ptr)`)] : []),
  ];
}
