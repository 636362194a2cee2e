/**
 * Type-level evaluation of a component: definitions in, types of imports and exports out. A component or type is
 * evaluated again for each instantiation or use, which is what makes its resources fresh each time.
 *
 * This is not a validator: subtyping between an instantiation's arguments and the imports they fill, and the
 * core side, are left to the toolchain that links the component.
 */
import type {
  ComponentEntity,
  DeclaringType,
  ExternEntity,
  InstanceEntity,
  NamedEntity,
  TypeEntity,
} from "./entities.ts";
import { Scope, type Visible } from "./entities.ts";
import { TypeEvaluator } from "./evaluate-types.ts";
import { LIMITS } from "./limits.ts";
import type {
  AliasTarget,
  Canon,
  ComponentBinary,
  Definition,
  ExternType,
  NamedSortIndex,
  Sort,
  SortIndex,
  TypeShape,
} from "./sections.ts";
import { Trail } from "./trail.ts";

export interface Evaluated {
  readonly imports: readonly NamedEntity[];
  readonly exports: readonly NamedEntity[];
}

/** Actual entities by import name; absent: every import is whatever its type says. */
type Arguments = ReadonlyMap<string, ExternEntity>;

const NOTHING_VISIBLE: Visible = { type: 0, component: 0, "core-type": 0, "core-module": 0 };

export class Evaluator {
  readonly trail: Trail;
  readonly #types: TypeEvaluator;
  #stepsLeft: number = LIMITS.evaluationSteps;
  #depth = 0;

  constructor(trail = new Trail()) {
    this.trail = trail;
    this.#types = new TypeEvaluator(trail);
  }

  /**
   * The imports and exports of a component that nobody has instantiated yet.
   * @throws {BinaryFault} for indices, names and sorts that don't fit, and beyond the bounds
   */
  root(binary: ComponentBinary): Evaluated {
    return this.#body(binary.definitions, new Scope(undefined, NOTHING_VISIBLE), undefined, binary.start);
  }

  /** The same for a component found as an export, such as the world inside a `component-type` section. */
  open(component: ComponentEntity): Evaluated {
    return this.#body(component.definitions, new Scope(component.scope, component.visible), undefined, 0);
  }

  #body(
    definitions: readonly Definition[],
    scope: Scope,
    args: Arguments | undefined,
    offset: number,
    /** For the exports of a type that describes an existing instance: that instance. */
    actual?: InstanceEntity,
  ): Evaluated {
    if (this.#depth >= LIMITS.depth)
      this.trail.fail(`instantiations nest deeper than ${LIMITS.depth}`, offset);
    this.#depth++;
    const imports: NamedEntity[] = [];
    const exports = new Map<string, NamedEntity>();
    for (const definition of definitions) {
      this.#step(definition.offset);
      switch (definition.kind) {
        case "import": {
          const { name, type } = definition;
          const entity = this.trail.within(`import "${name.name}"`, () =>
            args === undefined
              ? this.#extern(type, scope, definition.offset)
              : this.#argument(args, name.name, type, definition.offset),
          );
          imports.push({ ...name, entity, offset: definition.offset });
          scope.push(entity);
          break;
        }
        case "export":
        case "export-declaration": {
          const { name } = definition;
          const entity = this.trail.within(`export "${name.name}"`, () => {
            if (exports.has(name.name))
              this.trail.fail("there are two exports of this name", definition.offset);
            if (definition.kind === "export-declaration") {
              return this.#extern(definition.type, scope, definition.offset, actual?.exports.get(name.name));
            }
            const item = this.#item(definition.item, scope, definition.offset);
            if (definition.type === undefined) return item;
            return this.#extern(definition.type, scope, definition.offset, item);
          });
          exports.set(name.name, { ...name, entity, offset: definition.offset });
          scope.push(entity);
          break;
        }
        case "core-module":
        case "core-type":
        case "core-instance":
        case "component":
        case "instance":
        case "alias":
        case "type":
        case "canon":
          this.#define(definition, scope);
      }
    }
    this.#depth--;
    return { imports, exports: [...exports.values()] };
  }

  #define(
    definition: Exclude<Definition, { kind: "import" | "export" | "export-declaration" }>,
    scope: Scope,
  ): void {
    const { offset } = definition;
    switch (definition.kind) {
      case "core-module":
      case "core-type":
        scope.counts[definition.kind]++;
        return;
      case "core-instance": {
        const { expression } = definition;
        if (expression.kind === "instantiate") {
          this.#checkIndex("core-module", expression.module, scope, offset);
          for (const arg of expression.args) this.#checkIndex("core-instance", arg.instance, scope, offset);
        } else {
          for (const item of expression.exports) this.#checkIndex(item.sort, item.index, scope, offset);
        }
        scope.counts["core-instance"]++;
        return;
      }
      case "component": {
        const { definitions } = definition.component;
        scope.components.push({ kind: "component", definitions, scope, visible: scope.snapshot() });
        return;
      }
      case "instance": {
        const { expression } = definition;
        const named = this.#named(
          expression.kind === "instantiate" ? expression.args : expression.exports,
          scope,
          offset,
        );
        if (expression.kind === "exports") {
          scope.instances.push({ kind: "instance", exports: named });
          return;
        }
        const component = scope.components[expression.component];
        if (component === undefined)
          return this.#outOfRange("component", expression.component, scope, offset);
        const place = `instance ${scope.instances.length}`;
        scope.instances.push(this.trail.within(place, () => this.#instantiate(component, named, offset)));
        return;
      }
      case "alias":
        return this.#alias(definition.sort, definition.target, scope, offset);
      case "type":
        scope.types.push(
          this.trail.within(`type ${scope.types.length}`, () => this.#type(definition.type, scope, offset)),
        );
        return;
      case "canon":
        return this.#canon(definition.canon, scope, offset);
    }
  }

  #instantiate(component: ComponentEntity, args: Arguments, offset: number): InstanceEntity {
    const scope = new Scope(component.scope, component.visible);
    return instanceOf(this.#body(component.definitions, scope, args, offset).exports);
  }

  #named(items: readonly NamedSortIndex[], scope: Scope, offset: number): Map<string, ExternEntity> {
    const named = new Map<string, ExternEntity>();
    for (const item of items) {
      this.#step(offset);
      if (named.has(item.name)) this.trail.fail(`the name "${item.name}" occurs twice`, offset);
      named.set(item.name, this.#item(item, scope, offset));
    }
    return named;
  }

  #argument(args: Arguments, name: string, type: ExternType, offset: number): ExternEntity {
    const entity = args.get(name);
    if (entity === undefined) return this.trail.fail("the instantiation passes nothing for it", offset);
    if (entity.kind !== type.kind) {
      this.trail.fail(`the instantiation passes a ${entity.kind} for a ${type.kind}`, offset);
    }
    return entity;
  }

  /** What an extern type declares; `actual` is the thing it describes, where there is one already. */
  #extern(type: ExternType, scope: Scope, offset: number, actual?: ExternEntity): ExternEntity {
    switch (type.kind) {
      case "core-module":
        this.#checkIndex("core-type", type.index, scope, offset);
        return { kind: "core-module" };
      case "value":
        return { kind: "value" };
      case "type": {
        if (type.bound.kind === "eq")
          return { kind: "type", type: this.#types.lookup(type.bound.index, scope, offset) };
        if (actual?.kind === "type" && actual.type.kind === "resource") return actual;
        return { kind: "type", type: { kind: "resource", resource: { name: "" } } };
      }
      case "func":
      case "instance":
      case "component": {
        const entity = this.#types.lookup(type.index, scope, offset);
        if (entity.kind === "func-type" && type.kind === "func") return { kind: "func", func: entity.func };
        if (entity.kind === "unsupported" && type.kind === "func") return { kind: "func", func: entity };
        if (entity.kind === "instance" && type.kind === "instance") {
          const described = actual?.kind === "instance" ? actual.instance : undefined;
          return { kind: "instance", instance: this.#describe(entity, described, offset) };
        }
        if (entity.kind === "component" && type.kind === "component") {
          const { declarations: definitions, scope, visible } = entity;
          return { kind: "component", component: { kind: "component", definitions, scope, visible } };
        }
        return this.trail.fail(`type ${type.index} is not the type of a ${type.kind}`, offset);
      }
    }
  }

  #describe(type: DeclaringType, actual: InstanceEntity | undefined, offset: number): InstanceEntity {
    const scope = new Scope(type.scope, type.visible);
    return instanceOf(this.#body(type.declarations, scope, undefined, offset, actual).exports);
  }

  #item(item: SortIndex, scope: Scope, offset: number): ExternEntity {
    this.#checkIndex(item.sort, item.index, scope, offset);
    const { sort, index } = item;
    const func = sort === "func" ? scope.funcs[index] : undefined;
    if (func !== undefined) return { kind: "func", func };
    const type = sort === "type" ? scope.types[index] : undefined;
    if (type !== undefined) return { kind: "type", type };
    const instance = sort === "instance" ? scope.instances[index] : undefined;
    if (instance !== undefined) return { kind: "instance", instance };
    const component = sort === "component" ? scope.components[index] : undefined;
    if (component !== undefined) return { kind: "component", component };
    if (sort === "core-module" || sort === "value") return { kind: sort };
    return this.trail.fail(`a ${sort.replace("-", " ")} cannot be imported or exported`, offset);
  }

  #alias(sort: Sort, target: AliasTarget, scope: Scope, offset: number): void {
    switch (target.kind) {
      case "export": {
        const instance = scope.instances[target.instance];
        if (instance === undefined) return this.#outOfRange("instance", target.instance, scope, offset);
        const entity = instance.exports.get(target.name);
        if (entity === undefined || entity.kind !== sort) {
          return this.trail.fail(`instance ${target.instance} exports no ${sort} "${target.name}"`, offset);
        }
        return scope.push(entity);
      }
      case "core-export":
        this.#checkIndex("core-instance", target.instance, scope, offset);
        if (!isCountedCore(sort))
          return this.trail.fail(`a ${sort} cannot come from a core instance`, offset);
        scope.counts[sort]++;
        return;
      case "outer":
        return this.#outerAlias(sort, target.count, target.index, scope, offset);
    }
  }

  #outerAlias(sort: Sort, count: number, index: number, scope: Scope, offset: number): void {
    let from: Scope = scope;
    let visible = scope.snapshot();
    for (let level = 0; level < count; level++) {
      if (from.parent === undefined)
        return this.trail.fail(`an alias reaches ${count} scopes outward`, offset);
      visible = from.parentVisible;
      from = from.parent;
    }
    if (sort !== "type" && sort !== "component" && sort !== "core-type" && sort !== "core-module") {
      return this.trail.fail(`a ${sort} cannot be aliased from outside`, offset);
    }
    if (index >= visible[sort])
      return this.trail.fail(`outer ${sort} index ${index} is out of range`, offset);
    if (sort === "type") scope.types.push(this.#types.lookup(index, from, offset));
    else if (sort === "component") scope.push(this.#item({ sort, index }, from, offset));
    else scope.counts[sort]++;
  }

  #type(shape: TypeShape, scope: Scope, offset: number): TypeEntity {
    switch (shape.kind) {
      case "func":
        this.#step(offset, shape.params.length);
        return { kind: "func-type", func: this.#types.func(shape, scope, offset) };
      case "component":
      case "instance":
        return { kind: shape.kind, declarations: shape.declarations, scope, visible: scope.snapshot() };
      case "resource":
        return { kind: "resource", resource: { name: "" } };
      case "primitive":
      case "record":
      case "variant":
      case "list":
      case "fixed-list":
      case "option":
      case "tuple":
      case "flags":
      case "enum":
      case "result":
      case "own":
      case "borrow":
      case "unsupported":
        this.#step(offset, partCount(shape));
        return this.#types.value(shape, scope, offset);
    }
  }

  #canon(canon: Canon, scope: Scope, offset: number): void {
    switch (canon.kind) {
      case "lift": {
        this.#checkIndex("core-func", canon.coreFunc, scope, offset);
        const type = this.#types.lookup(canon.type, scope, offset);
        if (type.kind === "func-type") scope.funcs.push(type.func);
        else this.trail.fail(`canon lift: type ${canon.type} is not a function type`, offset);
        return;
      }
      case "lower":
        this.#checkIndex("func", canon.func, scope, offset);
        break;
      case "resource.new":
      case "resource.drop":
      case "resource.rep":
        if (this.#types.lookup(canon.type, scope, offset).kind !== "resource") {
          this.trail.fail(`canon ${canon.kind}: type ${canon.type} is not a resource`, offset);
        }
        break;
    }
    scope.counts["core-func"]++;
  }

  #checkIndex(sort: Sort, index: number, scope: Scope, offset: number): void {
    if (index >= sizeOf(scope, sort)) this.#outOfRange(sort, index, scope, offset);
  }

  #outOfRange(sort: Sort, index: number, scope: Scope, offset: number): never {
    const what = sort.replace("-", " ");
    this.trail.fail(`${what} index ${index} is out of range (there are ${sizeOf(scope, sort)})`, offset);
  }

  #step(offset: number, cost = 1): void {
    this.#stepsLeft -= cost;
    if (this.#stepsLeft < 0) this.trail.fail("the component takes too many steps to evaluate", offset);
  }
}

function instanceOf(exports: readonly NamedEntity[]): InstanceEntity {
  return { kind: "instance", exports: new Map(exports.map(({ name, entity }) => [name, entity])) };
}

function isCountedCore(
  sort: Sort,
): sort is "core-func" | "core-table" | "core-memory" | "core-global" | "core-tag" {
  return ["core-func", "core-table", "core-memory", "core-global", "core-tag"].includes(sort);
}

function sizeOf(scope: Scope, sort: Sort): number {
  if (sort === "func") return scope.funcs.length;
  if (sort === "type") return scope.types.length;
  if (sort === "instance") return scope.instances.length;
  return sort === "component" ? scope.components.length : scope.counts[sort];
}

/** What evaluating a type costs: a component's types are evaluated again with each of its instances. */
function partCount(shape: TypeShape): number {
  if (shape.kind === "record") return shape.fields.length;
  if (shape.kind === "variant") return shape.cases.length;
  return shape.kind === "tuple" ? shape.elements.length : 1;
}
