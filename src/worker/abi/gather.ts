/**
 * The first pass over a library's result: finds every allocation in it, so that each is released whatever
 * happens next, makes handles of the reps in it, brings nested lists to where JavaScript can read them, and checks
 * what must be right to find the rest (pointers, lengths, discriminants). A fault is noted and the walk goes on.
 */
import {
  discriminantSize,
  fieldOffsets,
  payloadCases,
  payloadOffset,
  structMembers,
} from "../../shared/canonical-abi/layout.ts";
import type { HandleType, ValueType } from "../../shared/wit/types.ts";
import type { Call } from "./call.ts";
import { identifier, js, Scope, type Source } from "./codegen.ts";
import { generate } from "./generated.ts";
import { caseNames, fieldNames } from "./names.ts";
import { readUnsigned } from "./normalise.ts";
import { shapeOf } from "./shape.ts";
import { MAX_BYTE_LENGTH } from "./strings.ts";
import { readWord64, type Views } from "./views.ts";

/** Gives true where the first fault of the call lies inside this value: the caller adds its path segment. */
export type Gather = (native: Views, at: number, call: Call) => boolean;

const memo = new WeakMap<ValueType, Gather>();

/** Of the C struct. */
const STRING_BYTES = 16;
/** An address whose high word is below this is a safe integer. */
const UNSAFE_HIGH = 2 ** 21;

/** The walk over a type's allocations and handles; absent where it has none. */
export function compileGather(type: ValueType): Gather | undefined {
  if (!shapeOf(type).isConverted) return undefined;
  const known = memo.get(type);
  if (known !== undefined) return known;
  const gather = build(type);
  memo.set(type, gather);
  return gather;
}

/**
 * After the walk, a list whose elements hold pointers has its C `ptr` replaced by where the copy of its elements
 * lies: the offset in the low word, the arena's chunk in the high word.
 */
export function gatheredChunk(
  native: Views,
  at: number,
  call: Call,
): { readonly views: Views; readonly at: number } {
  const views = call.arena.chunks[readUnsigned(native, at + 4, 4)];
  return { views: views ?? native, at: readUnsigned(native, at, 4) };
}

function build(type: ValueType): Gather {
  switch (type.kind) {
    case "string":
      return gatherString;
    case "own":
    case "borrow":
      return buildHandle(type);
    case "list":
      return buildRange(shapeOf(type.element).guest.size, type.element);
    case "record":
    case "tuple":
      return buildStruct(type);
    case "fixed-list":
      return buildRow(type.element, type.length);
    default:
      return buildVariant(type);
  }
}

/**
 * `lower_own`. At once, and where the rep was: whatever else is wrong with the result, somebody owns the rep, and the
 * handle ends with the instance at the latest.
 */
function buildHandle(type: HandleType): Gather {
  return (native, at, call) => {
    const word = at >>> 2;
    native.i32[word] = call.giveHandle(type, native.i32[word] ?? 0);
    return false;
  };
}

function buildRange(guestSize: number, element: ValueType | undefined): Gather {
  const row = element === undefined ? undefined : buildElements(element);
  const nativeSize = element === undefined ? 1 : shapeOf(element).native.size;
  return (native, at, call) => {
    const length = readWord64(native, at + 8);
    if (length === 0) return false;
    const address = readWord64(native, at);
    if (address === 0) return call.note(`a NULL pointer with length ${length}`);
    if (!Number.isSafeInteger(address)) return call.note(`0x${address.toString(16)} is not an address`);
    call.adopt(native, at);
    if (length * guestSize > MAX_BYTE_LENGTH)
      return call.note(
        `the length ${length} does not fit: a string or list has at most ${MAX_BYTE_LENGTH} bytes`,
      );
    if (row === undefined) return false;
    const copy = call.fetch(address, length * nativeSize);
    if (copy < 0) return call.note("the values of one call need more than 1 GiB of native memory");
    const { chunkIndex, views } = call.arena;
    native.i32[at >>> 2] = copy;
    native.i32[(at >>> 2) + 1] = chunkIndex;
    return row(views, copy, call, length);
  };
}

const gatherString = buildRange(1, undefined);

type GatherRow = (native: Views, at: number, call: Call, length: number) => boolean;

function buildElements(element: ValueType): GatherRow | undefined {
  const gather = compileGather(element);
  if (gather === undefined) return undefined;
  if (element.kind === "string") return gatherStrings;
  const { size } = shapeOf(element).native;
  return (native, at, call, length) => {
    let found = false;
    for (let index = 0; index < length; index += 1) {
      if (gather(native, at + index * size, call)) found = call.locate(`[${index}]`);
    }
    return found;
  };
}

/** What is plainly right is adopted on the spot; of anything else `gatherString` says what it is. */
function gatherStrings(native: Views, at: number, call: Call, length: number): boolean {
  const { i32 } = native;
  let found = false;
  for (let index = 0; index < length; index += 1) {
    const string = at + index * STRING_BYTES;
    const word = string >>> 2;
    const bytes = i32[word + 2] ?? 0;
    const high = i32[word + 1] ?? 0;
    const isPlain =
      i32[word + 3] === 0 &&
      bytes > 0 &&
      bytes <= MAX_BYTE_LENGTH &&
      high >= 0 &&
      high < UNSAFE_HIGH &&
      (high | (i32[word] ?? 0)) !== 0;
    if (isPlain) call.adopt(native, string);
    else if (gatherString(native, string, call)) found = call.locate(`[${index}]`);
  }
  return found;
}

function buildRow(element: ValueType, length: number): Gather {
  const row = buildElements(element);
  return row === undefined ? () => false : (native, at, call) => row(native, at, call, length);
}

function buildStruct(type: ValueType): Gather {
  const scope = new Scope();
  const members = structMembers(type) ?? [];
  const offsets = fieldOffsets(members, 8);
  const names = fieldNames(type);
  const statements: Source[] = [];
  for (const [index, member] of members.entries()) {
    const gather = compileGather(member);
    if (gather === undefined) continue;
    const use = scope.use(gather, identifier("gather", "name" in member ? member.name : member.kind));
    statements.push(
      js`  if (${use}(native, at + ${offsets[index] ?? 0}, call)) found = call.locate(${names[index] ?? ""});`,
    );
  }
  const source = js`function gather(native, at, call) {
  let found = false;
${statements}
  return found;
}`;
  return generate<Gather>(type, "gather", source, scope);
}

function buildVariant(type: ValueType): Gather {
  const cases = payloadCases(type) ?? [];
  const size = discriminantSize(cases.length);
  const offset = payloadOffset(cases, 8);
  const names = caseNames(type);
  const gathers = cases.map((payload) => (payload === undefined ? undefined : compileGather(payload)));
  return (native, at, call) => {
    const index = readUnsigned(native, at, size);
    if (index >= gathers.length)
      return call.note(`the discriminant ${index} is not one of ${gathers.length} cases`);
    const gather = gathers[index];
    return gather !== undefined && gather(native, at + offset, call) && call.locate(names(index));
  };
}
