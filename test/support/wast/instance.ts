/** An instance that a script made: its exports by name, called with constants. */
import type { FuncType } from "../../../src/shared/wit/types.ts";
import type { Value } from "../../../src/shared/value/types.ts";
import type { LinkedInstance } from "../../../src/worker/linker/linked-instance.ts";
import type { Constant } from "./constants.ts";
import type { PreparedComponent } from "./prepare.ts";
import {
  resolveImports,
  type ProvidedFunction,
  type ProvidedInstance,
  type ProvidedResource,
  type Providers,
} from "./provider.ts";
import { valueOfConstant } from "./values.ts";

export class ScriptInstance {
  readonly #linked: LinkedInstance;
  readonly #world: PreparedComponent["world"];

  /** @throws {Refused} for imports that are not there; else whatever the start of the guest throws */
  constructor(prepared: PreparedComponent, providers: Providers) {
    this.#linked = prepared.linked.instantiate(resolveImports(prepared, providers));
    this.#world = prepared.world;
  }

  /** The type of an exported function. */
  typeOf(name: string): FuncType {
    for (const item of this.#world.exports)
      if (item.kind === "function" && item.name === name) return item.function.type;
    throw new TypeError(`the instance exports no function "${name}"`);
  }

  /** The function's result; a failure that the guest has swallowed is thrown all the same. */
  call(name: string, args: readonly Constant[]): Value | undefined {
    const { params } = this.typeOf(name);
    if (params.length !== args.length) throw new TypeError(`"${name}" takes ${params.length} arguments`);
    const values = params.map(({ type }, index) => {
      const constant = args[index];
      if (constant === undefined) throw new TypeError(`"${name}" takes ${params.length} arguments`);
      return valueOfConstant(constant, type);
    });
    const result = this.#exported(undefined, name)(...values);
    if (this.#linked.failure !== undefined) throw this.#linked.failure;
    return result;
  }

  /** What other components of the script may import once the instance is registered. */
  get provided(): ProvidedInstance {
    const members = new Map<string, ProvidedFunction | ProvidedResource>();
    for (const type of this.#world.resources ?? []) members.set(type.name, { kind: "resource", type });
    for (const item of this.#world.exports) {
      if (item.kind !== "function") continue;
      const { type } = item.function;
      members.set(item.name, { kind: "function", type, call: this.#exported(undefined, item.name) });
    }
    return { kind: "instance", members };
  }

  #exported(item: string | undefined, name: string): NonNullable<ReturnType<LinkedInstance["exported"]>> {
    const exported = this.#linked.exported(item, name);
    if (exported === undefined) throw new TypeError(`the linked instance has no function "${name}"`);
    return exported;
  }
}
