/**
 * Whether the core functions and options of `canon lift` and `canon lower` fit the component-level type
 * (CanonicalABI.md, "Canonical ABI Options" and the validation of `canon lift` and `canon lower`).
 */
import type { CoreItem, PlannedLift, PlannedOptions, Trampoline } from "../component-plan.ts";
import { isSameSignature } from "../wasm/match.ts";
import { printExtern } from "../wasm/print.ts";
import type { CoreExtern, CoreFuncType } from "../wasm/types.ts";
import type { CoreItems } from "./core-items.ts";
import { quote } from "../wit/binary/trail.ts";
import type { Faults } from "./faults.ts";
import { coreFuncType, flatFuncOf, type Needs } from "./flat-func.ts";

const REALLOC = coreFuncType(["i32", "i32", "i32", "i32"], ["i32"]);
const DESTRUCTOR = coreFuncType(["i32"], []);

export class OptionsCheck {
  readonly #items: CoreItems;
  readonly #faults: Faults;

  constructor(items: CoreItems, faults: Faults) {
    this.#items = items;
    this.#faults = faults;
  }

  /** `canon lift` */
  lift(index: number, { core, options, type }: PlannedLift): void {
    const place = this.#items.liftName(index);
    const { lifted, liftNeeds } = flatFuncOf(type);
    const offset = this.#func(place, core, lifted);
    this.#options(place, options, liftNeeds, offset);
    if (options.postReturn !== undefined)
      this.#func(`${place}: option post-return`, options.postReturn, coreFuncType(lifted.results, []));
  }

  /** `canon lower`; `offset` is that of an import that it is given for. */
  lower(
    { function: func, options }: Extract<Trampoline, { kind: "lower" }>,
    offset: number | undefined,
  ): void {
    const place = this.#items.lowerName(func);
    this.#options(place, options, this.#items.flat(func).lowerNeeds, offset);
    if (options.postReturn !== undefined)
      this.#faults.add(`${place}: the option post-return is for canon lift only`, offset);
  }

  /** `resource` may have no name: it is for those that an import or export shows. */
  destructor(resource: string, item: CoreItem): void {
    this.#func(
      `${resource === "" ? "a resource" : `resource ${quote(resource)}`}: destructor`,
      item,
      DESTRUCTOR,
    );
  }

  #options(place: string, options: PlannedOptions, needs: Needs, offset: number | undefined): void {
    const { memory, realloc } = options;
    if (memory !== undefined) this.#memory(`${place}: option memory`, memory);
    else if (needs.memory !== undefined)
      this.#faults.add(`${place}: the option memory is missing: ${needs.memory}`, offset);
    else if (realloc !== undefined)
      this.#faults.add(`${place}: the option realloc is there without memory`, offset);
    if (realloc !== undefined) this.#func(`${place}: option realloc`, realloc, REALLOC);
    else if (needs.realloc !== undefined)
      this.#faults.add(`${place}: the option realloc is missing: ${needs.realloc}`, offset);
  }

  #memory(place: string, item: CoreItem): void {
    const extern = this.#found(place, item);
    if (extern === undefined) return;
    const isPlain = extern.kind === "memory" && extern.type?.is64 === false && !extern.type.isShared;
    if (!isPlain) this.#mismatch(place, item, "a 32-bit memory that is not shared", extern);
  }

  /** Gives the offset of the export that is the function. */
  #func(place: string, item: CoreItem, expected: CoreFuncType): number | undefined {
    const extern = this.#found(place, item);
    if (extern === undefined) return undefined;
    const isOurs = item.kind === "trampoline" && extern.type === undefined;
    const isSame =
      extern.kind === "func" &&
      (isOurs || (extern.type !== undefined && isSameSignature(expected, extern.type)));
    if (!isSame) this.#mismatch(place, item, printExtern({ kind: "func", type: expected }), extern);
    return this.#offset(item);
  }

  #found(place: string, item: CoreItem): CoreExtern | undefined {
    const extern = this.#items.extern(item);
    if (extern === undefined)
      this.#faults.add(`${place}: ${this.#items.name(item)}: there is no such export`, this.#offset(item));
    return extern;
  }

  #mismatch(place: string, item: CoreItem, expected: string, found: CoreExtern): void {
    const message = `${place}: ${this.#items.name(item)}: expected ${expected}, found ${printExtern(found)}`;
    this.#faults.add(message, this.#offset(item));
  }

  /** Of an export, or of the module that lacks it. */
  #offset(item: CoreItem): number | undefined {
    if (item.kind === "trampoline") return undefined;
    return this.#items.export(item)?.offset ?? this.#items.moduleOf(item.step).start;
  }
}
