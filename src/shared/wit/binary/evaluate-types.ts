/**
 * Value and function types from their definitions: index references become object references, so that a type
 * used twice is one object. Depth and expanded size of every type are known before anybody walks it.
 */
import { childrenOf } from "../children.ts";
import type { FuncType, PrimitiveKind, ValueType } from "../types.ts";
import type { FuncEntity, Scope, TypeEntity, Unsupported } from "./entities.ts";
import { LIMITS } from "./limits.ts";
import type { Lookup } from "./lookup.ts";
import type { TypeShape, ValueTypeRef } from "./sections.ts";
import type { Trail } from "./trail.ts";

type ValueShape = Exclude<TypeShape, { kind: "func" | "component" | "instance" | "resource" }>;
type FuncShape = Extract<TypeShape, { kind: "func" }>;

interface Size {
  /** Nodes with all sharing undone; a fixed-length list counts its element `length` times. */
  readonly nodes: number;
  readonly depth: number;
}

/** The Canonical ABI keeps flags in one 32-bit integer. */
const MAX_FLAGS = 32;

/** The construct that an async function type is. */
export const ASYNC_FUNCTION = "an async function";

const LEAF: Size = { nodes: 1, depth: 1 };

/** What one type is made of, while it is being put together. */
class Parts {
  nodes = 1;
  depth = 0;
  unsupported: Unsupported | undefined;
}

export class TypeEvaluator {
  readonly #trail: Trail;
  readonly #lookup: Lookup;
  readonly #primitives = new Map<PrimitiveKind, ValueType>();
  readonly #sizes = new Map<ValueType, Size>();
  readonly #borrows = new Map<ValueType, boolean>();

  constructor(trail: Trail, lookup: Lookup) {
    this.#trail = trail;
    this.#lookup = lookup;
  }

  /** A value type's entity: the type, or the unsupported construct inside it. */
  value(shape: ValueShape, scope: Scope, offset: number): TypeEntity {
    if (shape.kind === "primitive") {
      if (shape.primitive === "error-context") return unsupported("error-context", offset);
      return { kind: "value", type: this.#primitive(shape.primitive) };
    }
    if (shape.kind === "unsupported") return unsupported(shape.construct, offset);
    const fault = faultOf(shape);
    if (fault !== undefined) this.#trail.fail(fault, offset);
    const parts = new Parts();
    const type = this.#build(shape, parts, scope, offset);
    if (parts.unsupported !== undefined) return parts.unsupported;
    const size = { nodes: parts.nodes, depth: parts.depth + 1 };
    if (size.depth > LIMITS.depth) this.#trail.fail(`a type nests deeper than ${LIMITS.depth}`, offset);
    this.#checkNodes(size.nodes, offset);
    this.#sizes.set(type, size);
    return { kind: "value", type };
  }

  func(shape: FuncShape, scope: Scope, offset: number): FuncEntity {
    if (shape.async) return unsupported(ASYNC_FUNCTION, offset);
    const parts = new Parts();
    const params = shape.params.map((param, index) => ({
      name: param.name,
      type: this.#part(param.type, parts, `param ${index + 1} "${param.name}"`, scope, offset),
    }));
    const result =
      shape.result === undefined ? undefined : this.#part(shape.result, parts, "result", scope, offset);
    if (parts.unsupported !== undefined) return parts.unsupported;
    this.#checkNodes(parts.nodes, offset);
    if (result !== undefined && this.#holdsBorrow(result))
      this.#trail.fail("the result of a function holds a borrow: it could outlive what it borrows", offset);
    const type: FuncType = result === undefined ? { params } : { params, result };
    return { kind: "func", type };
  }

  /** Explainer.md, "Type Definitions": a borrow is for the length of a call. */
  #holdsBorrow(type: ValueType): boolean {
    const known = this.#borrows.get(type);
    if (known !== undefined) return known;
    const holds = type.kind === "borrow" || childrenOf(type).some((child) => this.#holdsBorrow(child));
    this.#borrows.set(type, holds);
    return holds;
  }

  #build(shape: ValueShape, parts: Parts, scope: Scope, offset: number): ValueType {
    const part = (ref: ValueTypeRef, place: string): ValueType =>
      this.#part(ref, parts, place, scope, offset);
    switch (shape.kind) {
      case "primitive":
      case "unsupported":
        throw new TypeError(`${shape.kind} types have no parts`);
      case "record":
        return {
          kind: "record",
          fields: shape.fields.map(({ name, type }) => ({ name, type: part(type, `field "${name}"`) })),
        };
      case "variant":
        return {
          kind: "variant",
          cases: shape.cases.map(({ name, type }) =>
            type === undefined ? { name } : { name, type: part(type, `case "${name}"`) },
          ),
        };
      case "list":
      case "option":
        return { kind: shape.kind, element: part(shape.element, "element") };
      case "fixed-list": {
        const element = part(shape.element, "element");
        parts.nodes = 1 + (parts.nodes - 1) * shape.length;
        return { kind: "fixed-list", element, length: shape.length };
      }
      case "tuple":
        return {
          kind: "tuple",
          elements: shape.elements.map((ref, index) => part(ref, `element ${index + 1}`)),
        };
      case "enum":
      case "flags":
        parts.nodes += shape.labels.length;
        return { kind: shape.kind, labels: shape.labels };
      case "result": {
        const ok = shape.ok === undefined ? {} : { ok: part(shape.ok, "ok") };
        const err = shape.err === undefined ? {} : { err: part(shape.err, "err") };
        return { kind: "result", ...ok, ...err };
      }
      case "own":
      case "borrow": {
        const entity = this.#lookup.type(shape.resource, scope, offset);
        if (entity.kind !== "resource") {
          return this.#trail.fail(
            `type ${shape.resource} is not a resource, but is used in a handle`,
            offset,
          );
        }
        return { kind: shape.kind, resource: entity.resource };
      }
    }
  }

  /** One type inside another: adds its size, and notes the first unsupported construct. */
  #part(ref: ValueTypeRef, parts: Parts, place: string, scope: Scope, offset: number): ValueType {
    const entity = this.#resolve(ref, scope, offset);
    if (entity.kind === "unsupported") {
      parts.unsupported ??= { ...entity, place: [place, ...entity.place] };
      // Stands in for a type that is dropped as soon as its parts were looked at.
      return this.#primitive("bool");
    }
    if (entity.kind !== "value") {
      return this.#trail.fail(`${place}: type ${ref} is not a value type`, offset);
    }
    const size = this.#sizes.get(entity.type) ?? LEAF;
    parts.nodes += size.nodes;
    parts.depth = Math.max(parts.depth, size.depth);
    return entity.type;
  }

  #resolve(ref: ValueTypeRef, scope: Scope, offset: number): TypeEntity {
    if (typeof ref === "number") return this.#lookup.type(ref, scope, offset);
    if (ref === "error-context") return unsupported("error-context", offset);
    return { kind: "value", type: this.#primitive(ref) };
  }

  /** One object per primitive, so that types stay comparable by identity. */
  #primitive(kind: PrimitiveKind): ValueType {
    const known = this.#primitives.get(kind);
    if (known !== undefined) return known;
    const type: ValueType = { kind };
    this.#primitives.set(kind, type);
    return type;
  }

  #checkNodes(nodes: number, offset: number): void {
    if (nodes <= LIMITS.expandedNodes) return;
    this.#trail.fail(`a type has more than ${LIMITS.expandedNodes} parts when written out`, offset);
  }
}

function unsupported(construct: string, offset: number): Unsupported {
  return { kind: "unsupported", construct, place: [], offset };
}

/** What is wrong with a type apart from its parts (Binary.md, the conditions beside `defvaltype`). */
function faultOf(shape: ValueShape): string | undefined {
  if (shape.kind === "record" && shape.fields.length === 0) return "a record without fields";
  if (shape.kind === "variant" && shape.cases.length === 0) return "a variant without cases";
  if (shape.kind === "tuple" && shape.elements.length === 0) return "a tuple without elements";
  if (shape.kind === "fixed-list" && shape.length === 0) return "a fixed-length list of length 0";
  if (shape.kind === "enum" && shape.labels.length === 0) return "an enum without labels";
  if (shape.kind !== "flags") return undefined;
  if (shape.labels.length === 0) return "flags without labels";
  return shape.labels.length > MAX_FLAGS
    ? `${shape.labels.length} flags; at most ${MAX_FLAGS} are possible`
    : undefined;
}
