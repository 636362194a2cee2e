/** Random worlds for declarations, and values as the JavaScript side of the ABI gives them, as TypeScript. */
import * as fc from "fast-check";
import { childrenOf } from "../../../src/shared/wit/children.ts";
import { isDeclared } from "../../../src/shared/wit/print-type.ts";
import type {
  FuncRole,
  InterfaceType,
  ResourceType,
  ValueType,
  WitFunction,
  WorldType,
} from "../../../src/shared/wit/types.ts";
import { toJco } from "../../../src/worker/jco-values.ts";
import { arbitraryType, arbitraryValue, typeNamer } from "../../support/arbitrary.ts";

/** Labels that mean something to TypeScript or JavaScript. */
const LABELS = [
  "new",
  "this",
  "delete",
  "function",
  "get",
  "set",
  "static",
  "async",
  "type",
  "arguments",
  "to-string",
  "value-of",
  "name",
  "length",
  "call",
  "then",
  "readonly",
  "proto",
  "number",
  "any",
  "of",
  "dispose",
  "a1",
  "X-REQUEST",
];

export interface RandomWorld {
  readonly world: WorldType;
  /** Values of the parameter of the functions `f0`, `f1` …, as expressions. */
  readonly values: readonly string[];
}

export const RANDOM_WORLD: fc.Arbitrary<RandomWorld> = fc
  .tuple(
    fc
      .array(arbitraryType(3), { minLength: 1, maxLength: 4 })
      .chain((types) =>
        fc.tuple(fc.constant(types), fc.tuple(...types.map((type) => arbitraryValue(type, 3)))),
      ),
    fc.uniqueArray(fc.constantFrom(...LABELS), { minLength: 9, maxLength: 9 }),
    fc.constantFrom("api", "imports", "adapter", "result", "string", "uint8-array", "a-b"),
  )
  .map(([[types, values], labels, name]) => {
    const world = worldOf(types.map(typeNamer()), labels, name);
    return {
      world,
      // The labels are the same: names play no part.
      values: values.map((value, index) => expressionOf(toJco(value, types[index] ?? { kind: "bool" }))),
    };
  });

function worldOf(types: readonly ValueType[], labels: readonly string[], name: string): WorldType {
  const id = `acme:random/${name}@1.0.0`;
  const resource: ResourceType = { interface: id, name: labels[0] ?? "" };
  const owner = resource.name;
  const self: ValueType = { kind: "borrow", resource };
  const own: ValueType = { kind: "own", resource };
  const params = [self, ...types].map((type, index) => ({ name: labels[index + 2] ?? "", type }));
  const member = (role: FuncRole, result: ValueType | undefined, skip = 0): WitFunction => ({
    // The printed text does not depend on it.
    name: `[${role.kind}]`,
    role,
    type: { params: params.slice(skip), ...(result === undefined ? {} : { result }) },
  });
  const functions = [
    ...types.map((type, index): WitFunction => ({
      name: `f${index}`,
      role: { kind: "freestanding" },
      type: { params: [{ name: "x", type }], result: type },
    })),
    member({ kind: "constructor", resource: owner }, own, 1),
    member({ kind: "method", resource: owner, member: labels[1] ?? "" }, types[0]),
    member({ kind: "static", resource: owner, member: labels[2] ?? "" }, { kind: "option", element: own }),
  ];
  const api: InterfaceType = { functions, resources: [resource], types: declaredIn(types) };
  return {
    name: "acme:random/w@1.0.0",
    imports: [{ kind: "interface", name: id, interface: api }],
    exports: [],
  };
}

/** Types with names, children first. */
function declaredIn(types: readonly ValueType[]): InterfaceType["types"] {
  const found: { readonly name: string; readonly type: ValueType }[] = [];
  const visit = (type: ValueType): void => {
    for (const child of childrenOf(type)) visit(child);
    if (isDeclared(type)) found.push({ name: type.name ?? "", type });
  };
  for (const type of types) visit(type);
  return found;
}

/** An expression that makes the value. */
function expressionOf(value: unknown): string {
  switch (typeof value) {
    case "bigint":
      return `${value}n`;
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "object":
      break;
    default:
      return value === undefined ? "undefined" : JSON.stringify(value);
  }
  if (value === null) throw new TypeError("no value of jco's is null");
  if (ArrayBuffer.isView(value)) {
    // Of numbers: what they are plays no part.
    return `new ${value.constructor.name}(0)`;
  }
  if (Array.isArray(value)) return `[${value.map(expressionOf).join(", ")}]`;
  const fields = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${expressionOf(each)}`);
  return `{ ${fields.join(", ")} }`;
}
