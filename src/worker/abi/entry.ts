/**
 * Generates the core function of a lowered import: fixed arity, one straight line from the flat parameters to
 * the C call and back. Where values come from (the stack, or memory after spilling) is decided once, in `sourceOf`;
 * what each type does is in load, lift-flat, gather and store.
 */
import { type FlatSignature, flattenLowered, flattenType } from "../../shared/canonical-abi/flatten.ts";
import {
  fieldOffsets,
  layoutOf,
  payloadOffset,
  structLayout,
  structMembers,
} from "../../shared/canonical-abi/layout.ts";
import type { FuncType, ValueType } from "../../shared/wit/types.ts";
import { classify, foreignTypes, isScalar, type NativeParam, type NativeResult } from "./c-signature.ts";
import { commaList, identifier, js, Scope, type Source } from "./codegen.ts";
import { FramePlan, SLOT_BYTES } from "./frame.ts";
import { compileGather } from "./gather.ts";
import { compileLiftFlat } from "./lift-flat.ts";
import { compileLoad, compileLoadRange } from "./load.ts";
import { fieldNames } from "./names.ts";
import { compileNormalise } from "./normalise.ts";
import { below, integerCell, mayFail, normalForm, type Place, scalarCell, shifted } from "./scalars.ts";
import { shapeOf } from "./shape.ts";
import { compileStore } from "./store.ts";
import type { StepPlace } from "./call.ts";
import { Violation } from "./violation.ts";
import type { Views } from "./views.ts";

/** Where a value comes from: flat values from parameter `slot` on, or a place in the guest's memory. */
type Origin =
  | { readonly kind: "stack"; readonly slot: number }
  | { readonly kind: "memory"; readonly place: Place };

export interface Entry {
  /** An expression: a function of a `Call` and the C function that gives the core function. */
  readonly source: Source;
  readonly scope: Scope;
  readonly foreign: { readonly result: string; readonly params: readonly string[] };
  /** Uses the guest's memory, so `bind` needs one. */
  readonly usesMemory: boolean;
}

/** What is needed besides the type. */
export interface EntryContext {
  readonly name: string;
  /** C code owns its arguments: tell the call when it begins. */
  readonly ownsArguments: boolean;
  /** Makes the fixed native memory that structs of this function are built in. */
  openFrame(bytes: number): Views;
}

export function generateEntry(type: FuncType, context: EntryContext): Entry {
  return new EntryGenerator(type, context).generate();
}

class EntryGenerator {
  readonly #type: FuncType;
  readonly #context: EntryContext;
  readonly #flat: FlatSignature;
  readonly #scope = new Scope();
  readonly #plan = new FramePlan();
  readonly #statements: Source[] = [];
  /** What a step number stands for in messages. */
  readonly #places: StepPlace[] = [];
  #usesMemory = false;
  #usesFrame = false;
  #mayFail = false;

  constructor(type: FuncType, context: EntryContext) {
    this.#type = type;
    this.#context = context;
    this.#flat = flattenLowered(type);
  }

  generate(): Entry {
    const signature = classify(this.#type);
    const foreign = foreignTypes(signature);
    const args = this.#parameters(signature.params);
    const tail = this.#result(signature.result, args);
    this.#statements.push(...tail);
    return { source: this.#print(), scope: this.#scope, foreign, usesMemory: this.#usesMemory };
  }

  #print(): Source {
    const params = commaList(this.#flat.params.map((_, index) => js`p${index}`));
    const frame = this.#context.openFrame(this.#plan.size);
    const declarations: Source[] = [];
    if (this.#usesFrame)
      declarations.push(js`  const frame = ${this.#scope.use(frame, identifier("frame$"))};`);
    for (const [offset, name] of this.#plan.names)
      declarations.push(js`  const ${name} = ${frame.base + offset};`);
    const name = identifier("lowered", this.#context.name);
    const explain = this.#scope.use(this.#places, identifier("places"));
    const isGuarded = this.#usesMemory || this.#usesFrame;
    const body = this.#statements;
    const guarded = js`    ${this.#usesMemory ? js`let guest = ` : js``}call.enter();
    let step = 0;
    try {
${body}
    } catch (error) { throw call.explain(error, ${explain}, step); } finally { call.leave(); }`;
    const caught = js`    let step = 0;
    try {
${body}
    } catch (error) { throw call.explain(error, ${explain}, step); }`;
    const inner = isGuarded ? guarded : this.#mayFail ? caught : js`${body}`;
    return js`function bind(call, native) {
  const instance = call.instance;
${declarations}
  return function ${name}(${params}) {
    if (!instance.mayLeave) call.refuse();
${inner}
  };
}`;
  }

  /** Notes a place for messages and gives the statement that says execution got there. */
  #step(where: string, isResult = false): Source {
    this.#places.push({ where, isResult });
    return js`step = ${this.#places.length - 1};`;
  }

  #parameters(params: readonly NativeParam[]): Source[] {
    const types = this.#type.params.map((param) => param.type);
    const origins = this.#origins(types);
    return params.map((param, index) => {
      const origin = origins[index] ?? { kind: "stack", slot: 0 };
      const label = this.#type.params[index]?.name ?? "";
      return this.#argument(param, origin, label, js`a${index}`);
    });
  }

  /** Decides once where the parameters come from (`lift_flat_values`). */
  #origins(types: readonly ValueType[]): Origin[] {
    if (!this.#flat.paramsSpilled) {
      let slot = 0;
      return types.map((type) => {
        const origin: Origin = { kind: "stack", slot };
        slot += flattenType(type)?.length ?? 0;
        return origin;
      });
    }
    this.#checkBlock(js`params`, js`p0`, structLayout(types, 4), "parameters");
    const offsets = fieldOffsets(types, 4);
    return types.map((_, index) => ({
      kind: "memory",
      place: { views: js`guest`, base: js`params`, offset: offsets[index] ?? 0 },
    }));
  }

  /** A pointer that the guest gave for a block of its memory, checked. */
  #checkBlock(name: Source, pointer: Source, layout: { size: number; align: number }, place: string): void {
    this.#usesMemory = true;
    const check = this.#scope.use(checkBlock, identifier("checkBlock"));
    this.#statements.push(
      js`      ${this.#step(place)}
      const ${name} = ${check}(${pointer} >>> 0, ${layout.size}, ${layout.align}, guest);`,
    );
  }

  /** Emits what prepares one C argument and gives its expression. */
  #argument(param: NativeParam, origin: Origin, label: string, name: Source): Source {
    const step = this.#step(label);
    switch (param.kind) {
      case "scalar": {
        const raw = origin.kind === "stack" ? js`p${origin.slot}` : scalarCell(origin.place, param.type);
        const value = normalForm(param.type, raw, this.#scope);
        if (!mayFail(param.type)) return value;
        this.#mayFail = true;
        this.#statements.push(js`      ${step} const ${name} = ${value};`);
        return name;
      }
      case "pointer":
        this.#statements.push(js`      ${step}`);
        return this.#pointerTo(param.type, origin, label, name);
      case "maybe": {
        const some = origin.kind === "stack" ? js`p${origin.slot} >>> 0` : integerCell(origin.place, 1);
        const test = this.#scope.use(below, identifier("below"));
        this.#statements.push(js`      ${step} let ${name} = 0;\n      if (${test}(${some}, 2) === 1) {`);
        const inner = js`${name}_some`;
        const pointer = this.#pointerTo(param.element, payloadOrigin(origin, param.element), label, inner);
        this.#statements.push(js`      ${name} = ${pointer}; }`);
        return name;
      }
    }
  }

  /** Emits what brings a value into native memory and gives its address. Layouts that agree need no copy. */
  #pointerTo(type: ValueType, origin: Origin, label: string, name: Source): Source {
    if (origin.kind === "memory" && shapeOf(type).isPlain) {
      this.#statements.push(
        js`      const ${name} = guest.base + ${origin.place.base ?? js`0`} + ${origin.place.offset};`,
      );
      return name;
    }
    const target = this.#reserve(layoutOf(type, 8), name);
    this.#fill(type, origin, target.place, label);
    return target.address;
  }

  #fill(type: ValueType, origin: Origin, to: Place, label: string): void {
    if (origin.kind === "memory") {
      const load = this.#scope.use(compileLoad(type), identifier("load", label));
      this.#usesMemory = true;
      const { base, offset } = origin.place;
      this.#statements.push(
        js`      ${load}(guest, ${base ?? js`0`} + ${offset}, frame, ${to.offset}, call);`,
      );
      return;
    }
    const { slot } = origin;
    if (type.kind === "string" || type.kind === "list") {
      this.#usesMemory = true;
      const load = this.#scope.use(compileLoadRange(type), identifier("load", label));
      this.#statements.push(
        js`      ${load}(p${slot} >>> 0, p${slot + 1} >>> 0, frame, ${to.offset}, call);`,
      );
    } else if (isScalar(type)) {
      this.#statements.push(
        js`      ${scalarCell(to, type)} = ${normalForm(type, js`p${slot}`, this.#scope)};`,
      );
    } else if (type.kind === "record" || type.kind === "tuple") {
      this.#fillStruct(type, slot, to, label);
    } else {
      this.#fillFromSlots(type, slot, to, label);
    }
  }

  /** Inline: every member takes at least one of at most sixteen slots. */
  #fillStruct(type: ValueType, slot: number, to: Place, label: string): void {
    const members = structMembers(type) ?? [];
    const offsets = fieldOffsets(members, 8);
    const names = fieldNames(type);
    let next = slot;
    for (const [index, member] of members.entries()) {
      const path = label + (names[index] ?? "");
      this.#statements.push(js`      ${this.#step(path)}`);
      this.#fill(member, { kind: "stack", slot: next }, shifted(to, offsets[index] ?? 0), path);
      next += flattenType(member)?.length ?? 0;
    }
  }

  /** What a slot means depends on a discriminant: the slots go to memory as bits, and a closure reads them. */
  #fillFromSlots(type: ValueType, slot: number, to: Place, label: string): void {
    const count = flattenType(type)?.length ?? 0;
    this.#usesFrame = true;
    if (shapeOf(type).hasPointers) this.#usesMemory = true;
    for (let index = slot; index < slot + count; index += 1) {
      const place = { views: js`frame`, offset: index * SLOT_BYTES };
      const kind = ({ i32: "s32", i64: "s64", f32: "f32", f64: "f64" } as const)[
        this.#flat.params[index] ?? "i32"
      ];
      this.#statements.push(js`      ${scalarCell(place, { kind })} = p${index};`);
    }
    const lift = this.#scope.use(compileLiftFlat(type, slot), identifier("lift", label));
    this.#statements.push(js`      ${lift}(frame, frame, ${to.offset}, call);`);
  }

  #reserve(
    layout: { size: number; align: number },
    name: Source,
  ): { readonly place: Place; readonly address: Source } {
    this.#usesFrame = true;
    const offset = this.#plan.reserve(layout.size, layout.align);
    const address = js`${name}_at`;
    this.#plan.names.set(offset, address);
    return { place: { views: js`frame`, offset }, address };
  }

  #call(args: readonly Source[]): Source {
    if (this.#context.ownsArguments && (this.#usesMemory || this.#usesFrame))
      this.#statements.push(js`      call.handOver();`);
    return js`native(${commaList(args)})`;
  }

  /** Emits the C call and gives the statements after it. */
  #result(result: NativeResult, args: readonly Source[]): Source[] {
    const layout = this.#type.result === undefined ? { size: 0, align: 1 } : layoutOf(this.#type.result, 4);
    const last = js`p${this.#flat.params.length - 1}`;
    if (this.#flat.resultSpilled) this.#checkBlock(js`out`, last, layout, "the result's pointer");
    switch (result.kind) {
      case "none":
        return [js`      ${this.#call(args)};`];
      case "scalar": {
        const raw = js`${this.#call(args)}`;
        const isWide = result.type.kind === "s64" || result.type.kind === "u64";
        if (isWide) return [js`      return BigInt(${raw});`];
        this.#mayFail ||= mayFail(result.type);
        const step = mayFail(result.type) ? this.#resultStep() : js``;
        return [
          js`      const r = ${raw};\n      ${step} return ${normalForm(result.type, js`r`, this.#scope)};`,
        ];
      }
      case "pointer": {
        const target = this.#resultBlock(result.type, "ret");
        const call = this.#call([...args, target.address]);
        return [js`      ${call};`, ...this.#returned(result.type, target.place)];
      }
      case "option": {
        const target = this.#resultBlock(result.element, "ret");
        const call = this.#call([...args, target.address]);
        const out = { views: js`call.guest`, base: js`out`, offset: 0 };
        const payload = payloadOffset([undefined, result.element], 4);
        return [
          js`      if (${call} !== 0) {`,
          ...this.#storeResult(result.element, target.place, payload),
          js`      ${integerCell(out, 1)} = 1;\n      } else ${integerCell(out, 1)} = 0;`,
        ];
      }
      case "result":
        return this.#resultOfResult(result, args);
    }
  }

  #resultOfResult(result: Extract<NativeResult, { kind: "result" }>, args: readonly Source[]): Source[] {
    const { ok, err } = result;
    const okBlock = ok === undefined ? undefined : this.#resultBlock(ok, "ret");
    const errBlock = err === undefined ? undefined : this.#resultBlock(err, "err");
    const pointers = [okBlock, errBlock].filter((block) => block !== undefined).map((block) => block.address);
    const call = this.#call([...args, ...pointers]);
    if (!this.#flat.resultSpilled) return [js`      return ${call} !== 0 ? 0 : 1;`];
    const out = { views: js`call.guest`, base: js`out`, offset: 0 };
    const payload = payloadOffset([ok, err], 4);
    return [
      js`      if (${call} !== 0) {`,
      ...(ok === undefined || okBlock === undefined ? [] : this.#storeResult(ok, okBlock.place, payload)),
      js`      ${integerCell(out, 1)} = 0;\n      } else {`,
      ...(err === undefined || errBlock === undefined ? [] : this.#storeResult(err, errBlock.place, payload)),
      js`      ${integerCell(out, 1)} = 1;\n      }`,
    ];
  }

  /** A block for the callee to write to, zeroed: what a library forgets to write is empty, not the last call's. */
  #resultBlock(type: ValueType, name: string): { readonly place: Place; readonly address: Source } {
    const { size, align } = layoutOf(type, 8);
    const block = this.#reserve(
      { size: Math.ceil(size / 8) * 8, align: Math.max(align, 8) },
      identifier(name),
    );
    const first = block.place.offset / 4;
    const words = Math.ceil(size / 8) * 2;
    if (words > 16) this.#statements.push(js`      frame.i32.fill(0, ${first}, ${first + words});`);
    else {
      const cells = Array.from({ length: words }, (_, index) => js`frame.i32[${first + index}] = 0;`);
      this.#statements.push(js`      ${cells.length === 0 ? js`` : js`${cells}`}`);
    }
    return block;
  }

  #returned(type: ValueType, from: Place): Source[] {
    if (this.#flat.resultSpilled) return this.#storeResult(type, from, 0);
    const normalise = compileNormalise(type);
    const leaf = leafOf(type);
    const check =
      normalise === undefined
        ? js``
        : js`${this.#resultStep()} ${this.#scope.use(normalise, identifier("normalise"))}(frame, ${from.offset});`;
    const cell = leaf.kind === "discriminant" ? integerCell(from, leaf.size) : scalarCell(from, leaf.type);
    const value = leaf.kind === "discriminant" ? cell : normalForm(leaf.type, cell, this.#scope);
    return [js`      ${check}\n      return ${value};`];
  }

  /** Both passes over a result in native memory: find and check, then store at `offset` of the result's block. */
  #storeResult(type: ValueType, from: Place, offset: number): Source[] {
    const statements: Source[] = [js`      ${this.#resultStep()}`];
    const gather = compileGather(type);
    if (gather !== undefined) {
      const use = this.#scope.use(gather, identifier("gather"));
      statements.push(js`      ${use}(frame, ${from.offset}, call); call.checkResult();`);
    }
    const store = this.#scope.use(compileStore(type), identifier("store"));
    statements.push(js`      ${store}(frame, ${from.offset}, out + ${offset}, call);`);
    return statements;
  }

  #resultStep(): Source {
    return this.#step("result", true);
  }
}

function payloadOrigin(origin: Origin, element: ValueType): Origin {
  if (origin.kind === "stack") return { kind: "stack", slot: origin.slot + 1 };
  return { kind: "memory", place: shifted(origin.place, payloadOffset([undefined, element], 4)) };
}

type Leaf =
  | {
      readonly kind: "scalar";
      readonly type: Extract<ValueType, { kind: string }> & Parameters<typeof scalarCell>[1];
    }
  | { readonly kind: "discriminant"; readonly size: 1 | 2 | 4 };

/** The one scalar that a type with a single flat value consists of. It lies at offset 0. */
function leafOf(type: ValueType): Leaf {
  if (isScalar(type)) return { kind: "scalar", type };
  const inner = type.kind === "fixed-list" ? type.element : structMembers(type)?.[0];
  if (inner !== undefined) return leafOf(inner);
  const { size } = layoutOf(type, 4);
  return { kind: "discriminant", size: size === 1 ? 1 : size === 2 ? 2 : 4 };
}

/** An aligned block inside the guest's memory (the traps of `lift_flat_values` and `lower_flat_values`). */
export function checkBlock(pointer: number, size: number, align: number, guest: Views): number {
  if ((pointer & (align - 1)) !== 0)
    throw new Violation(`the pointer 0x${pointer.toString(16)} is not ${align}-aligned`);
  if (pointer + size > guest.u8.length) {
    throw new Violation(`${size} bytes at 0x${pointer.toString(16)} exceed the memory's ${guest.u8.length}`);
  }
  return pointer;
}
