/** From an index, or an alias, to what it stands for in a scope. */
import type { CoreItem, CoreItemSort } from "../../component-plan.ts";
import type { CoreItemSpace, ExternEntity, Scope, TypeEntity } from "./entities.ts";
import type { AliasTarget, Sort, SortIndex } from "./sections.ts";
import { quote, type Trail } from "./trail.ts";

export class Lookup {
  readonly trail: Trail;

  constructor(trail: Trail) {
    this.trail = trail;
  }

  type(index: number, scope: Scope, offset: number): TypeEntity {
    return scope.types[index] ?? this.outOfRange("type", index, scope, offset);
  }

  check(sort: Sort, index: number, scope: Scope, offset: number): void {
    if (index >= sizeOf(scope, sort)) this.outOfRange(sort, index, scope, offset);
  }

  outOfRange(sort: Sort, index: number, scope: Scope, offset: number): never {
    const what = sort.replace("-", " ");
    this.trail.fail(`${what} index ${index} is out of range (there are ${sizeOf(scope, sort)})`, offset);
  }

  item(item: SortIndex, scope: Scope, offset: number): ExternEntity {
    this.check(item.sort, item.index, scope, offset);
    const { sort, index } = item;
    const func = sort === "func" ? scope.funcs[index] : undefined;
    if (func !== undefined) return { kind: "func", func };
    const type = sort === "type" ? scope.types[index] : undefined;
    if (type !== undefined) return { kind: "type", type };
    const instance = sort === "instance" ? scope.instances[index] : undefined;
    if (instance !== undefined) return { kind: "instance", instance };
    const component = sort === "component" ? scope.components[index] : undefined;
    if (component !== undefined) return { kind: "component", component };
    if (sort === "core-module") return coreModule(scope.coreModules[index]);
    if (sort === "value") return { kind: sort };
    return this.trail.fail(`a ${sort.replace("-", " ")} cannot be imported or exported`, offset);
  }

  alias(sort: Sort, target: AliasTarget, scope: Scope, offset: number): void {
    switch (target.kind) {
      case "export": {
        const instance = scope.instances[target.instance];
        if (instance === undefined) return this.outOfRange("instance", target.instance, scope, offset);
        const entity = instance.exports.get(target.name);
        if (entity === undefined || entity.kind !== sort) {
          return this.trail.fail(
            `instance ${target.instance} exports no ${sort} ${quote(target.name)}`,
            offset,
          );
        }
        return scope.push(entity);
      }
      case "core-export":
        if (!isCoreItem(sort)) return this.trail.fail(`a ${sort} cannot come from a core instance`, offset);
        scope.coreItems[sort].push(this.#coreExport(sort, target.instance, target.name, scope, offset));
        return;
      case "outer":
        return this.#outerAlias(sort, target.count, target.index, scope, offset);
    }
  }

  /** A definition of a core index space. */
  coreItem(sort: CoreItemSpace, index: number, scope: Scope, offset: number): CoreItem {
    return scope.coreItems[sort][index] ?? this.outOfRange(sort, index, scope, offset);
  }

  #coreExport(sort: CoreItemSpace, index: number, name: string, scope: Scope, offset: number): CoreItem {
    const instance = scope.coreInstances[index] ?? this.outOfRange("core-instance", index, scope, offset);
    if (instance.kind === "instance") {
      return { kind: "core-export", step: instance.step, sort: CORE_SORTS[sort], name };
    }
    const item = instance.items.get(name);
    const found = item?.kind === "trampoline" ? "func" : item?.sort;
    if (item === undefined || found !== CORE_SORTS[sort])
      this.trail.fail(`core instance ${index} exports no ${sort.replace("-", " ")} ${quote(name)}`, offset);
    return item;
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
    if (sort === "type") scope.push({ kind: "type", type: this.type(index, from, offset) });
    else if (sort === "core-type") scope.coreTypes++;
    else scope.push(this.item({ sort, index }, from, offset));
  }
}

const CORE_SORTS = {
  "core-func": "func",
  "core-table": "table",
  "core-memory": "memory",
  "core-global": "global",
  "core-tag": "tag",
} as const satisfies Record<CoreItemSpace, CoreItemSort>;

export function isCoreItem(sort: Sort): sort is CoreItemSpace {
  return Object.hasOwn(CORE_SORTS, sort);
}

function coreModule(module: number | undefined): ExternEntity {
  return module === undefined ? { kind: "core-module" } : { kind: "core-module", module };
}

function sizeOf(scope: Scope, sort: Sort): number {
  if (sort === "func") return scope.funcs.length;
  if (sort === "type") return scope.types.length;
  if (sort === "instance") return scope.instances.length;
  if (sort === "component") return scope.components.length;
  if (sort === "value") return scope.values;
  if (sort === "core-type") return scope.coreTypes;
  if (sort === "core-module") return scope.coreModules.length;
  return sort === "core-instance" ? scope.coreInstances.length : scope.coreItems[sort].length;
}
