/** What the generators of one entry share: its scope, its frame, its statements so far, and what they need. */
import { type FlatSignature, flattenLowered } from "../../shared/canonical-abi/flatten.ts";
import type { FuncType, HandleType } from "../../shared/wit/types.ts";
import { isHandle, type ScalarType } from "./c-signature.ts";
import type { StepPlace } from "./call.ts";
import { identifier, js, Scope, type Source } from "./codegen.ts";
import { FramePlan } from "./frame.ts";
import { type HandleUse, handleUse } from "./handles.ts";
import { normalForm, type Place } from "./scalars.ts";
import { Violation } from "./violation.ts";
import type { Views } from "./views.ts";

/** A block of the frame: where, and its address as an expression. */
export interface Block {
  readonly place: Place;
  readonly address: Source;
}

/** In bytes. */
interface Extent {
  readonly size: number;
  readonly align: number;
}

export class EntryBuilder {
  readonly type: FuncType;
  readonly flat: FlatSignature;
  readonly scope = new Scope();
  readonly plan = new FramePlan();
  readonly statements: Source[] = [];
  /** What a step number stands for in messages. */
  readonly places: StepPlace[] = [];
  readonly handleUse: HandleUse;
  /** The function touches the guest's memory. */
  usesMemory = false;
  /** The function builds structs in its frame. */
  usesFrame = false;
  /** Some value may be refused, even where neither is used. */
  mayFail = false;

  constructor(type: FuncType) {
    this.type = type;
    this.flat = flattenLowered(type);
    this.handleUse = handleUse(type);
  }

  /** A parameter that is one flat value, in normal form: a handle is its rep. */
  lifted(type: ScalarType, raw: Source): Source {
    if (!isHandle(type)) return normalForm(type, raw, this.scope);
    const verb = type.kind === "own" ? js`take` : js`borrow`;
    return js`handles.${verb}(${this.#resource(type)}, ${raw} >>> 0)`;
  }

  /** Emits the return of a result that is one flat value: a rep becomes a handle. */
  emitReturn(type: ScalarType, raw: Source): void {
    if (!isHandle(type)) return this.emit(js`return ${normalForm(type, raw, this.scope)};`);
    const number = this.#resource(type);
    this.emit(
      js`instance.repOnItsWay = ${raw};`,
      js`instance.resourceOnItsWay = resource${number};`,
      js`const handle = handles.give(${number}, ${raw});`,
      js`instance.resourceOnItsWay = undefined;`,
      js`return handle;`,
    );
  }

  emit(...statements: readonly Source[]): void {
    for (const statement of statements) this.statements.push(js`      ${statement}`);
  }

  /** Notes a place for messages and gives the statement that says execution got there. */
  step(where: string, isResult = false): Source {
    this.places.push({ where, isResult });
    return js`step = ${this.places.length - 1};`;
  }

  #resource({ resource }: HandleType): number {
    return this.handleUse.resources.indexOf(resource);
  }

  /** A block of the frame for a C struct. */
  reserve(extent: Extent, name: Source): Block {
    this.usesFrame = true;
    const offset = this.plan.reserve(extent.size, extent.align);
    const address = js`${name}_at`;
    this.plan.names.set(offset, address);
    return { place: { views: js`frame`, offset }, address };
  }

  /** Declares `name`: a pointer that the guest gave for a block of its memory, checked. */
  guestBlock(name: Source, pointer: Source, extent: Extent, where: string): void {
    this.usesMemory = true;
    const check = this.scope.use(checkBlock, identifier("checkBlock"));
    this.emit(
      this.step(where),
      js`const ${name} = ${check}(${pointer} >>> 0, ${extent.size}, ${extent.align}, guest);`,
    );
  }
}

/** An aligned block inside the guest's memory (the traps of `lift_flat_values` and `lower_flat_values`). */
function checkBlock(pointer: number, size: number, align: number, guest: Views): number {
  if ((pointer & (align - 1)) !== 0)
    throw new Violation(`the pointer 0x${pointer.toString(16)} is not ${align}-aligned`);
  if (pointer + size > guest.u8.length) {
    throw new Violation(`${size} bytes at 0x${pointer.toString(16)} exceed the memory's ${guest.u8.length}`);
  }
  return pointer;
}
