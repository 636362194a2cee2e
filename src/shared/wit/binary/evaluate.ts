/**
 * Evaluation of a component: definitions in, types of imports and exports out, and on the way the plan of its
 * instantiation (`record-plan.ts`). A component or type is evaluated again for each instantiation or use, which is
 * what makes its resources fresh each time.
 *
 * Arguments of instantiations, and what is exported under a type, are compared with what is declared: types and
 * functions must be the same, instances have at least what their type says. This is no full validator: what components
 * and modules as arguments would be made of is left to the toolchain. A function is always called by the type that it
 * was lifted or imported with.
 */
import type {
  ComponentEntity,
  DeclaringType,
  ExternEntity,
  FuncEntity,
  InstanceEntity,
  NamedEntity,
  TypeEntity,
} from "./entities.ts";
import { Scope, type Visible } from "./entities.ts";
import { CoreEvaluator } from "./evaluate-core.ts";
import { TypeEvaluator } from "./evaluate-types.ts";
import { LIMITS } from "./limits.ts";
import { Lookup } from "./lookup.ts";
import { Matcher } from "./match-types.ts";
import { PlanRecorder } from "./record-plan.ts";
import type { ComponentBinary, Definition, ExternType, NamedSortIndex, TypeShape } from "./sections.ts";
import { quote, Trail } from "./trail.ts";

export interface Evaluated {
  readonly imports: readonly NamedEntity[];
  readonly exports: readonly NamedEntity[];
}

/** Actual entities by import name; absent: every import is whatever its type says. */
type Arguments = ReadonlyMap<string, ExternEntity>;

/** What comparing two types costs, in steps. */
const COMPARISON_STEPS = 0.1;

/** What a scope costs beside its definitions, in steps. */
const BODY_STEPS = 5;

const NOTHING_VISIBLE: Visible = { type: 0, component: 0, "core-type": 0, "core-module": 0 };

export class Evaluator {
  readonly trail: Trail;
  readonly plan: PlanRecorder;
  readonly #lookup: Lookup;
  readonly #types: TypeEvaluator;
  readonly #core: CoreEvaluator;
  readonly #matcher: Matcher;
  #stepsLeft: number = LIMITS.evaluationSteps;
  #depth = 0;

  constructor(trail = new Trail()) {
    this.trail = trail;
    this.plan = new PlanRecorder(trail);
    this.#lookup = new Lookup(trail);
    this.#types = new TypeEvaluator(trail, this.#lookup);
    this.#matcher = new Matcher(trail, (offset) => this.#step(offset, COMPARISON_STEPS));
    this.#core = new CoreEvaluator(this.plan, this.#lookup, (offset, cost) => this.#step(offset, cost));
  }

  /**
   * The imports and exports of a component that nobody has instantiated yet.
   * @throws {BinaryFault} for indices, names and sorts that don't fit, and beyond the bounds
   */
  root(binary: ComponentBinary): Evaluated {
    const instance = this.plan.instance(undefined, binary.start);
    const scope = new Scope(undefined, NOTHING_VISIBLE, instance);
    return this.#body(binary.definitions, scope, undefined, binary.start);
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
    this.#step(offset, BODY_STEPS);
    const imports = new Map<string, NamedEntity>();
    const exports = new Map<string, NamedEntity>();
    for (const definition of definitions) {
      this.#step(definition.offset);
      switch (definition.kind) {
        case "import": {
          const { name, type } = definition;
          const entity = this.trail.within(`import ${quote(name.name)}`, () => {
            if (imports.has(name.name))
              this.trail.fail("there are two imports of this name", definition.offset);
            if (args !== undefined) return this.#argument(args, name.name, type, scope, definition.offset);
            const declared = this.#extern(type, scope, definition.offset);
            return scope.instance === undefined
              ? declared
              : this.plan.rootImport(name.name, declared, definition.offset);
          });
          imports.set(name.name, { ...name, entity, offset: definition.offset });
          scope.push(entity);
          break;
        }
        case "export":
        case "export-declaration": {
          const { name } = definition;
          const entity = this.trail.within(`export ${quote(name.name)}`, () => {
            if (exports.has(name.name))
              this.trail.fail("there are two exports of this name", definition.offset);
            if (definition.kind === "export-declaration") {
              const described = actual?.exports.get(name.name);
              if (actual !== undefined && described === undefined)
                this.trail.fail("the instance that is described does not export it", definition.offset);
              return this.#extern(definition.type, scope, definition.offset, described);
            }
            const item = this.#lookup.item(definition.item, scope, definition.offset);
            if (definition.type === undefined) return item;
            return this.#extern(definition.type, scope, definition.offset, item);
          });
          nameResource(entity, name.name);
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
    return { imports: [...imports.values()], exports: [...exports.values()] };
  }

  #define(
    definition: Exclude<Definition, { kind: "import" | "export" | "export-declaration" }>,
    scope: Scope,
  ): void {
    const { offset } = definition;
    switch (definition.kind) {
      case "core-module":
        scope.coreModules.push(this.plan.module(definition.start, definition.end));
        return;
      case "core-type":
        scope.coreTypes++;
        return;
      case "core-instance":
        this.#core.instance(definition.expression, scope, offset);
        return;
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
          return this.#lookup.outOfRange("component", expression.component, scope, offset);
        const place = `instance ${scope.instances.length}`;
        scope.instances.push(
          this.trail.within(place, () => this.#instantiate(component, named, scope, offset)),
        );
        return;
      }
      case "alias":
        return this.#lookup.alias(definition.sort, definition.target, scope, offset);
      case "type":
        scope.types.push(
          this.trail.within(`type ${scope.types.length}`, () => this.#type(definition.type, scope, offset)),
        );
        return;
      case "canon":
        return this.#core.canon(definition.canon, scope, offset);
    }
  }

  #instantiate(component: ComponentEntity, args: Arguments, from: Scope, offset: number): InstanceEntity {
    const instance = from.instance === undefined ? undefined : this.plan.instance(from.instance, offset);
    const scope = new Scope(component.scope, component.visible, instance);
    return instanceOf(this.#body(component.definitions, scope, args, offset).exports);
  }

  #named(items: readonly NamedSortIndex[], scope: Scope, offset: number): Map<string, ExternEntity> {
    const named = new Map<string, ExternEntity>();
    for (const item of items) {
      this.#step(offset);
      if (named.has(item.name)) this.trail.fail(`the name ${quote(item.name)} occurs twice`, offset);
      named.set(item.name, this.#lookup.item(item, scope, offset));
    }
    return named;
  }

  #argument(args: Arguments, name: string, type: ExternType, scope: Scope, offset: number): ExternEntity {
    const entity = args.get(name);
    if (entity === undefined) return this.trail.fail("the instantiation passes nothing for it", offset);
    if (entity.kind !== type.kind) {
      this.trail.fail(`the instantiation passes a ${entity.kind} for a ${type.kind}`, offset);
    }
    // Seen as declared only to find what does not fit: it goes on as what it is.
    this.#extern(type, scope, offset, entity);
    return entity;
  }

  /** What an extern type declares; `actual` is the thing it describes, where there is one already. */
  #extern(type: ExternType, scope: Scope, offset: number, actual?: ExternEntity): ExternEntity {
    switch (type.kind) {
      case "core-module":
        this.#lookup.check("core-type", type.index, scope, offset);
        return actual?.kind === "core-module" ? actual : { kind: "core-module" };
      case "value":
        return { kind: "value" };
      case "type": {
        if (type.bound.kind === "eq") {
          const bound = this.#lookup.type(type.bound.index, scope, offset);
          if (actual?.kind === "type") this.#matcher.type(bound, actual.type, offset);
          return { kind: "type", type: scope.namedTypes.has(type.bound.index) ? renamed(bound) : bound };
        }
        if (actual?.kind === "type") {
          if (actual.type.kind !== "resource") this.trail.fail("it must be a resource type", offset);
          return actual;
        }
        return { kind: "type", type: { kind: "resource", resource: { name: "" } } };
      }
      case "func":
      case "instance":
      case "component": {
        const entity = this.#lookup.type(type.index, scope, offset);
        if (entity.kind === "func-type" && type.kind === "func") {
          if (actual?.kind === "func") this.#matcher.func(entity.func, actual.func, offset);
          return { kind: "func", func: withValue(entity.func, actual) };
        }
        if (entity.kind === "unsupported" && type.kind === "func") return { kind: "func", func: entity };
        if (entity.kind === "instance" && type.kind === "instance") {
          const described = actual?.kind === "instance" ? actual.instance : undefined;
          return { kind: "instance", instance: this.#describe(entity, described, offset) };
        }
        if (entity.kind === "component" && type.kind === "component") {
          // What is there is what will be instantiated, whatever else its type would allow.
          if (actual?.kind === "component") return actual;
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

  #type(shape: TypeShape, scope: Scope, offset: number): TypeEntity {
    switch (shape.kind) {
      case "func":
        this.#step(offset, shape.params.length);
        return { kind: "func-type", func: this.#types.func(shape, scope, offset) };
      case "component":
      case "instance":
        return { kind: shape.kind, declarations: shape.declarations, scope, visible: scope.snapshot() };
      case "resource": {
        const resource = { name: "" };
        const { destructor } = shape;
        const item =
          destructor === undefined
            ? undefined
            : this.#lookup.coreItem("core-func", destructor, scope, offset);
        if (scope.instance !== undefined) this.plan.defineResource(resource, scope.instance, item);
        return { kind: "resource", resource };
      }
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

  #step(offset: number, cost = 1): void {
    this.#stepsLeft -= cost;
    if (this.#stepsLeft < 0) this.trail.fail("the component takes too many steps to evaluate", offset);
  }
}

/** For messages about resources that only components inside see; the world names those that it shows. */
function nameResource(entity: ExternEntity, name: string): void {
  if (entity.kind !== "type" || entity.type.kind !== "resource") return;
  const { resource } = entity.type;
  if (resource.name === "") resource.name = name;
}

function instanceOf(exports: readonly NamedEntity[]): InstanceEntity {
  return { kind: "instance", exports: new Map(exports.map(({ name, entity }) => [name, entity])) };
}

/** A function type's function; `actual` is the function that it describes, where there is one already. */
function withValue(func: FuncEntity, actual: ExternEntity | undefined): FuncEntity {
  if (func.kind === "unsupported" || actual?.kind !== "func" || actual.func.kind === "unsupported")
    return func;
  return actual.func.value === undefined ? func : { ...func, value: actual.func.value };
}

/** Another name for a named type. Only for options does it matter (`OptionType.isAlias`). */
function renamed(entity: TypeEntity): TypeEntity {
  if (entity.kind !== "value" || entity.type.kind !== "option") return entity;
  return { kind: "value", type: { kind: "option", element: entity.type.element, isAlias: true } };
}

/** What evaluating a type costs: a component's types are evaluated again with each of its instances. */
function partCount(shape: TypeShape): number {
  if (shape.kind === "record") return shape.fields.length;
  if (shape.kind === "variant") return shape.cases.length;
  return shape.kind === "tuple" ? shape.elements.length : 1;
}
