/**
 * Generates the half of an entry from the C call on: zeroed blocks for the callee to write to, the call, and the two
 * passes over what it wrote (`gather`, `store`), or the one flat value.
 */
import { alignTo, layoutOf, payloadOffset, structMembers } from "../../shared/canonical-abi/layout.ts";
import type { ValueType } from "../../shared/wit/types.ts";
import { isScalar, type NativeResult, type ScalarType } from "./c-signature.ts";
import { commaList, identifier, js, type Source } from "./codegen.ts";
import type { Block, EntryBuilder } from "./entry-builder.ts";
import { compileGather, type Gather } from "./gather.ts";
import { ensureStack } from "./handles.ts";
import { compileNormalise } from "./normalise.ts";
import { integerCell, mayFail, normalForm, scalarCell } from "./scalars.ts";
import { compileStore } from "./store.ts";

/** Emits the C call and what follows. `ownsArguments`: copies made for the callee become the callee's. */
export function emitCallAndResult(
  entry: EntryBuilder,
  result: NativeResult,
  args: readonly Source[],
  ownsArguments: boolean,
): void {
  const { flat, type } = entry;
  if (flat.resultSpilled && type.result !== undefined) {
    const pointer = js`p${flat.params.length - 1}`;
    entry.guestBlock(js`out`, pointer, layoutOf(type.result, 4), "the result's pointer");
  }
  const blocks = emitBlocks(entry, result);
  if (result.kind !== "scalar" && entry.handleUse.gives) {
    const ensure = entry.scope.use(ensureStack, identifier("ensureStack"));
    entry.mayFail = true;
    entry.emit(js`${ensure}();`);
  }
  if (entry.handleUse.takes) entry.emit(js`handles.handOver();`);
  if (ownsArguments && (entry.usesMemory || entry.usesFrame)) entry.emit(js`call.handOver();`);
  const call = js`native(${commaList([...args, ...blocks.map((block) => block.address)])})`;
  switch (result.kind) {
    case "none":
      return entry.emit(js`${call};`);
    case "scalar":
      return emitScalar(entry, result.type, call);
    case "pointer":
      entry.emit(js`${call};`);
      return flat.resultSpilled
        ? emitStore(entry, result.type, blocks[0], 0)
        : emitFlat(entry, result.type, blocks[0]);
    case "option": {
      const payload = payloadOffset([undefined, result.element], 4);
      return emitBranches(entry, call, [
        { discriminant: 1, emit: () => emitStore(entry, result.element, blocks[0], payload) },
        { discriminant: 0, emit: () => undefined },
      ]);
    }
    case "result": {
      const { ok, err } = result;
      if (!flat.resultSpilled) return entry.emit(js`return ${call} !== 0 ? 0 : 1;`);
      const payload = payloadOffset([ok, err], 4);
      return emitBranches(entry, call, [
        { discriminant: 0, emit: () => emitStore(entry, ok, blocks[0], payload) },
        { discriminant: 1, emit: () => emitStore(entry, err, blocks.at(-1), payload) },
      ]);
    }
  }
}

/** The blocks that a result is written to, one for each payload. */
function emitBlocks(entry: EntryBuilder, result: NativeResult): Block[] {
  switch (result.kind) {
    case "none":
    case "scalar":
      return [];
    case "pointer":
      return [emitBlock(entry, result.type, "ret")];
    case "option":
      return [emitBlock(entry, result.element, "ret")];
    case "result":
      return [
        ...(result.ok === undefined ? [] : [emitBlock(entry, result.ok, "ret")]),
        ...(result.err === undefined ? [] : [emitBlock(entry, result.err, "err")]),
      ];
  }
}

/** Zeroed before the call: what a library forgets to write is empty, not the last call's. */
function emitBlock(entry: EntryBuilder, type: ValueType, name: string): Block {
  const size = alignTo(layoutOf(type, 8).size, 8);
  const block = entry.reserve({ size, align: 8 }, identifier(name));
  const first = block.place.offset / 4;
  const words = size / 4;
  if (words > 16) entry.emit(js`frame.i32.fill(0, ${first}, ${first + words});`);
  else entry.emit(...Array.from({ length: words }, (_, index) => js`frame.i32[${first + index}] = 0;`));
  return block;
}

function emitScalar(entry: EntryBuilder, type: ScalarType, call: Source): void {
  // The FFI gives a 64-bit integer as a number where it is small.
  if (type.kind === "s64" || type.kind === "u64") return entry.emit(js`return BigInt(${call});`);
  entry.emit(js`const r = ${call};`);
  if (mayFail(type)) {
    entry.mayFail = true;
    entry.emit(entry.step("result", true));
  }
  entry.emitReturn(type, js`r`);
}

/** A struct whose one scalar is the flat result. */
function emitFlat(entry: EntryBuilder, type: ValueType, block: Block | undefined): void {
  if (block === undefined) return;
  const gather = compileGather(type);
  const normalise = gather === undefined ? compileNormalise(type) : undefined;
  if (gather !== undefined) emitGather(entry, gather, block);
  if (normalise !== undefined) {
    const use = entry.scope.use(normalise, identifier("normalise"));
    entry.emit(entry.step("result", true), js`${use}(frame, ${block.place.offset});`);
  }
  const leaf = leafOf(type);
  if (leaf.kind === "discriminant") return entry.emit(js`return ${integerCell(block.place, leaf.size)};`);
  entry.emit(js`return ${normalForm(leaf.type, scalarCell(block.place, leaf.type), entry.scope)};`);
}

interface Branch {
  readonly discriminant: number;
  readonly emit: () => void;
}

/** An option or result in the guest's memory, by the callee's bool. */
function emitBranches(entry: EntryBuilder, call: Source, [yes, no]: readonly [Branch, Branch]): void {
  // Storing a payload may move the guest's memory, so its views are fetched after that.
  const out = { views: js`call.guest`, base: js`out`, offset: 0 };
  entry.emit(js`if (${call} !== 0) {`);
  yes.emit();
  entry.emit(js`${integerCell(out, 1)} = ${yes.discriminant};`, js`} else {`);
  no.emit();
  entry.emit(js`${integerCell(out, 1)} = ${no.discriminant};`, js`}`);
}

/** Both passes over a result in native memory: find and check, then store at `offset` of the guest's block, and settle. */
function emitStore(
  entry: EntryBuilder,
  type: ValueType | undefined,
  block: Block | undefined,
  offset: number,
): void {
  if (type === undefined || block === undefined) return;
  const gather = compileGather(type);
  if (gather === undefined) entry.emit(entry.step("result", true));
  else emitGather(entry, gather, block);
  const store = entry.scope.use(compileStore(type), identifier("store"));
  entry.emit(js`${store}(frame, ${block.place.offset}, out + ${offset}, call);`);
  if (gather !== undefined) entry.emit(js`call.settle(${store}, frame, ${block.place.offset});`);
}

function emitGather(entry: EntryBuilder, gather: Gather, block: Block): void {
  const use = entry.scope.use(gather, identifier("gather"));
  entry.emit(entry.step("result", true));
  entry.emit(js`${use}(frame, ${block.place.offset}, call);`, js`call.checkResult();`);
}

type Leaf =
  | { readonly kind: "scalar"; readonly type: ScalarType }
  | { readonly kind: "discriminant"; readonly size: 1 | 2 | 4 };

/** The one scalar that a type with a single flat value consists of. It lies at offset 0. */
function leafOf(type: ValueType): Leaf {
  if (isScalar(type)) return { kind: "scalar", type };
  const inner = type.kind === "fixed-list" ? type.element : structMembers(type)?.[0];
  if (inner !== undefined) return leafOf(inner);
  const { size } = layoutOf(type, 4);
  return { kind: "discriminant", size: size === 1 ? 1 : size === 2 ? 2 : 4 };
}
