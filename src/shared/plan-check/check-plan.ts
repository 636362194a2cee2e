/**
 * Whether a plan and the core modules of its component fit each other: every import is provided, every export that
 * the plan uses is there, each with the kind and type it has to have. The engine checks what core instances pass to
 * each other again, but it gives a function of ours to whoever imports it, whatever the signature.
 */
import type { CoreArgument, CoreItem, InstantiationPlan, InstantiationStep } from "../component-plan.ts";
import { isMismatch, isSameSignature } from "../wasm/match.ts";
import { printExtern } from "../wasm/print.ts";
import type { CoreExtern, CoreModuleImport } from "../wasm/types.ts";
import { BinaryFault, quote } from "../wit/binary/trail.ts";
import { OptionsCheck } from "./check-options.ts";
import { CoreItems } from "./core-items.ts";
import { Faults, type PlanFault } from "./faults.ts";

/** Imports and items of all core instances together: what an instantiation does again for each of them. */
const MAX_CHECKS = 2_000_000;

/** Elements of all tables together, when they are made: the engine takes memory for them that no limit counts. */
const MAX_TABLE_ELEMENTS = 10_000_000;

/**
 * Gives what does not fit; nothing: the plan can be instantiated. `bytes` is the component.
 * @throws {BinaryFault} for a core module that cannot be read
 */
export function checkPlan(bytes: Uint8Array, plan: InstantiationPlan): readonly PlanFault[] {
  return new PlanCheck(bytes, plan).faults();
}

type Items = Extract<CoreArgument, { kind: "items" }>["items"];

class PlanCheck {
  readonly #plan: InstantiationPlan;
  readonly #items: CoreItems;
  readonly #faults = new Faults();
  /** Where each trampoline is first imported. */
  readonly #importedAt = new Map<number, number>();
  #checksLeft = MAX_CHECKS;
  #tableElements = 0;

  constructor(bytes: Uint8Array, plan: InstantiationPlan) {
    this.#plan = plan;
    this.#items = new CoreItems(bytes, plan);
  }

  faults(): readonly PlanFault[] {
    const { steps, trampolines, lifts, resources } = this.#plan;
    for (const [index, step] of steps.entries()) {
      if (this.#faults.isFull) return this.#faults.list();
      this.#step(index, step);
    }
    const options = new OptionsCheck(this.#items, this.#faults);
    for (const [index, trampoline] of trampolines.entries()) {
      if (trampoline.kind === "lower") options.lower(trampoline, this.#importedAt.get(index));
    }
    for (const [index, lift] of lifts.entries()) options.lift(index, lift);
    for (const resource of resources) {
      if (resource.kind === "defined" && resource.destructor !== undefined)
        options.destructor(resource.type.name, resource.destructor);
    }
    return this.#faults.list();
  }

  #step(index: number, step: InstantiationStep): void {
    const { imports, tableElements, start } = this.#items.moduleOf(index);
    this.#tableElements += tableElements;
    if (this.#tableElements > MAX_TABLE_ELEMENTS)
      throw new BinaryFault(`the tables have more than ${MAX_TABLE_ELEMENTS} elements at first`, [], start);
    const given = new Map<string, (name: string) => CoreItem | undefined>();
    for (const { name, arg } of step.args) given.set(name, this.#argument(index, name, arg));
    for (const each of imports) {
      this.#count(1, each.offset);
      const lookup = given.get(each.namespace);
      const what =
        lookup === undefined
          ? `the instantiation passes no ${quote(each.namespace)}`
          : this.#import(each, lookup(each.name));
      if (what === undefined) continue;
      const place = `core instance ${index}: import ${quote(each.namespace)} ${quote(each.name)}`;
      this.#faults.add(`${place}: ${what}`, each.offset);
    }
  }

  /** How the items of an argument are found. What it is made of has to be there, imported or not. */
  #argument(step: number, name: string, arg: CoreArgument): (name: string) => CoreItem | undefined {
    if (arg.kind === "items") {
      this.#count(arg.items.length, this.#items.moduleOf(step).start);
      this.#present(step, name, arg.items);
      const items = new Map(arg.items.map((each) => [each.name, each.item]));
      return (wanted) => items.get(wanted);
    }
    const { exports } = this.#items.moduleOf(arg.step);
    return (wanted) => {
      const extern = exports.get(wanted)?.extern;
      if (extern === undefined) return undefined;
      return { kind: "core-export", step: arg.step, sort: extern.kind, name: wanted };
    };
  }

  #present(step: number, argument: string, items: Items): void {
    for (const { name, item } of items) {
      if (item.kind === "trampoline") continue;
      const found = this.#items.export(item);
      if (found?.extern.kind === item.sort) continue;
      const what =
        found === undefined
          ? "there is no such export"
          : `expected a ${item.sort}, found ${printExtern(found.extern)}`;
      this.#faults.add(
        `core instance ${step}: argument ${quote(argument)}: ${quote(name)}: ${this.#items.name(item)}: ${what}`,
        found?.offset ?? this.#items.moduleOf(item.step).start,
      );
    }
  }

  /** What is wrong with what an import is given; absent: nothing. */
  #import(
    { namespace, name, extern, offset }: CoreModuleImport,
    item: CoreItem | undefined,
  ): string | undefined {
    const expected = (): string => `expected ${printExtern(extern)}`;
    if (item === undefined) return `${expected()}, ${quote(namespace)} has no ${quote(name)}`;
    const isOurs = item.kind === "trampoline";
    if (isOurs && !this.#importedAt.has(item.index)) this.#importedAt.set(item.index, offset);
    const given = this.#items.extern(item);
    // One that is not there was told with the argument.
    if (given === undefined) return undefined;
    const isWrong = isOurs ? isWrongForUs(extern, given) : isMismatch(extern, given);
    return isWrong ? `${expected()}, found ${printExtern(given)} (${this.#items.name(item)})` : undefined;
  }

  #count(checks: number, offset: number): void {
    this.#checksLeft -= checks;
    if (this.#checksLeft >= 0) return;
    throw new BinaryFault(`the core instances have more than ${MAX_CHECKS} imports and items`, [], offset);
  }
}

/** Nobody else checks what a function of ours is imported as, so that it has to be known. */
function isWrongForUs(wanted: CoreExtern, ours: CoreExtern): boolean {
  if (wanted.kind !== "func" || ours.kind !== "func") return true;
  if (ours.type === undefined) return false;
  return wanted.type === undefined || !isSameSignature(wanted.type, ours.type);
}
