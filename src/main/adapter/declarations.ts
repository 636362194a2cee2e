/** TypeScript declarations of what an adapter has to serve, from the world of its WIT. */
import { type Finding, HostbundleError } from "../../shared/errors.ts";
import { lowerCamel, upperCamel } from "../../shared/js-names.ts";
import type { FuncRole, FuncType, WitFunction, WorldType } from "../../shared/wit/types.ts";
import { memberKey, parameterNames } from "./names.ts";
import { findMergedNames } from "./merged-names.ts";
import { type Scope, type ScopeResource, scopesOf, type ScopeType } from "./scopes.ts";
import { definitionText, type KnownNames, membersText, typeText } from "./type-text.ts";

/**
 * The text of a module: a type for each of WIT, an interface for each interface, an interface and a class for each
 * resource, and `Imports` with all that an adapter serves. It stands below a head that brings the type `Result`.
 * @throws {HostbundleError} WIT_INVALID, with all that JavaScript cannot have in that form
 */
export function declarations(world: WorldType): string {
  const { scopes, names } = scopesOf(world);
  const findings = [
    ...scopes.filter(({ isForeign }) => !isForeign).flatMap(refusals),
    ...mergedImports(scopes),
  ];
  if (findings.length > 0)
    throw new HostbundleError("WIT_INVALID", "no adapter can serve this WIT", { findings });
  const parts = scopes.flatMap((scope) => scopeText(scope, names));
  return [...parts, importsText(scopes, names)].join("\n\n");
}

function refusals(scope: Scope): readonly Finding[] {
  const where = scope.name ?? "the world";
  return [
    ...scope.functions.flatMap(({ name, role, type }) => {
      if (role.kind === "constructor")
        return type.result?.kind === "result" ? [fallible(`${where}#${name}`)] : [];
      return isUnreachable(role.kind === "freestanding" ? name : role.member, role.kind)
        ? [
            {
              message: `${where}#${name}: a class of JavaScript cannot have a function of this name`,
              help: "rename it",
            },
          ]
        : [];
    }),
    ...findMergedNames(scope),
  ];
}

/** A plain name of an interface stays as it is in `Imports`: it may be what a function of the world becomes. */
function mergedImports(scopes: readonly Scope[]): readonly Finding[] {
  const interfaces = new Set(scopes.flatMap(({ name }) => name ?? []));
  const functions = scopes.flatMap(({ name, functions }) => (name === undefined ? functions : []));
  return functions
    .filter(({ role, name }) => role.kind === "freestanding" && interfaces.has(lowerCamel(name)))
    .map(({ name }) => ({
      message: `the world: the function ${name} and the interface ${lowerCamel(name)} are both ${lowerCamel(name)} in JavaScript`,
      help: "rename one of them",
    }));
}

function fallible(label: string): Finding {
  return {
    message: `${label} gives a result, and a class of JavaScript always makes an object`,
    help: "use a static function: `open: static func(…) -> result<…>`",
  };
}

/** `constructor` is the class itself wherever it is looked up, and a class has but one `prototype`. */
function isUnreachable(label: string, kind: FuncRole["kind"]): boolean {
  const name = lowerCamel(label);
  return name === "constructor" || (kind === "static" && name === "prototype");
}

function scopeText(scope: Scope, names: KnownNames): readonly string[] {
  const types = scope.types.map((item) => declaredType(item, names));
  const resources = scope.resources.flatMap((resource) =>
    scope.isForeign
      ? [
          `/** A resource of ${scope.name}, which adapters only pass on. */\nexport type ${resource.typeName} = object;`,
        ]
      : resourceTexts(resource, scope, names),
  );
  const isInterface = scope.name !== undefined && isServed(scope);
  return [
    ...types,
    ...resources,
    ...(isInterface ? [block(scope.typeName, scopeMembers(scope, names))] : []),
  ];
}

/** Whether there is something to serve. */
function isServed({ isForeign, functions, resources }: Scope): boolean {
  return !isForeign && functions.length + resources.length > 0;
}

function declaredType({ typeName, type, aliasOf }: ScopeType, names: KnownNames): string {
  if (aliasOf !== undefined) return `export type ${typeName} = ${aliasOf};`;
  if (type.kind === "record" || type.kind === "flags") return block(typeName, membersText(type, names));
  const text = definitionText(type, names);
  return `export type ${typeName} =${text.startsWith("\n") ? "" : " "}${text};`;
}

function resourceTexts(
  { name, typeName, className }: ScopeResource,
  scope: Scope,
  names: KnownNames,
): readonly string[] {
  const own = scope.functions.filter(({ role }) => "resource" in role && role.resource === name);
  const methods = own.filter(({ role }) => role.kind === "method").map((func) => methodText(func, names));
  const constructor = own.find(({ role }) => role.kind === "constructor");
  const statics = own.filter(({ role }) => role.kind === "static").map((func) => methodText(func, names));
  const objects =
    methods.length === 0
      ? // An interface of optional members alone would refuse a class that has none of them.
        `export type ${typeName} = object & Partial<Disposable>;`
      : block(`${typeName} extends Partial<Disposable>`, methods);
  const made =
    constructor === undefined
      ? `readonly prototype: ${typeName}`
      : `new (${parametersText(constructor.type.params, names)}): ${typeName}`;
  return [objects, block(className, [made, ...statics])];
}

/** The functions of an interface that belong to no resource, and its classes. */
function scopeMembers({ functions, resources }: Scope, names: KnownNames): readonly string[] {
  return [
    ...functions.filter(({ role }) => role.kind === "freestanding").map((func) => methodText(func, names)),
    ...resources.map(({ name, className }) => `readonly ${upperCamel(name)}: ${className}`),
  ];
}

function importsText(scopes: readonly Scope[], names: KnownNames): string {
  const members = scopes
    .filter(isServed)
    .flatMap((scope) =>
      scope.name === undefined
        ? scopeMembers(scope, names)
        : [`readonly ${JSON.stringify(scope.name)}: ${scope.typeName}`],
    );
  // An empty interface would take everything, numbers too.
  return members.length === 0 ? "export type Imports = object;" : block("Imports", members);
}

/** Written as methods: their parameters may be narrower, such as the adapter's own class for a handle. */
function methodText({ role, name, type }: WitFunction, names: KnownNames): string {
  const label = role.kind === "method" || role.kind === "static" ? role.member : name;
  const params = role.kind === "method" ? type.params.slice(1) : type.params;
  return `${memberKey(lowerCamel(label))}(${parametersText(params, names)}): ${type.result === undefined ? "void" : typeText(type.result, names)}`;
}

function parametersText(params: FuncType["params"], names: KnownNames): string {
  const labels = parameterNames(params.map(({ name }) => name));
  return params.map(({ type }, index) => `${labels[index]}: ${typeText(type, names)}`).join(", ");
}

function block(head: string, members: readonly string[]): string {
  return `export interface ${head} {\n${members.map((member) => `  ${member};\n`).join("")}}`;
}
