/** What a lifted value takes in JavaScript, roughly: a few bytes of guest memory can stand for many here. */
import { payloadCases, structMembers } from "../../../shared/canonical-abi/layout.ts";
import type { ValueType } from "../../../shared/wit/types.ts";

const SLOT_BYTES = 8;
const OBJECT_BYTES = 24;

const memo = new WeakMap<ValueType, number>();

/** Bytes of one value in an array, without the lists and rows in it: those are charged where they are lifted. */
export function heapBytes(type: ValueType): number {
  const known = memo.get(type);
  if (known !== undefined) return known;
  const bytes = compute(type);
  memo.set(type, bytes);
  return bytes;
}

function compute(type: ValueType): number {
  const members = structMembers(type);
  if (members !== undefined)
    return members.reduce((sum, member) => sum + heapBytes(member), SLOT_BYTES + OBJECT_BYTES);
  const cases = payloadCases(type);
  if (cases !== undefined) {
    const payloads = cases.map((payload) => (payload === undefined ? 0 : heapBytes(payload)));
    // Not spread: a variant may have more cases than a call may have arguments.
    return payloads.reduce((most, bytes) => Math.max(most, bytes), 0) + SLOT_BYTES + OBJECT_BYTES;
  }
  switch (type.kind) {
    case "string":
    case "list":
    case "fixed-list":
    case "s64":
    case "u64":
      return SLOT_BYTES + OBJECT_BYTES;
    case "flags":
      return OBJECT_BYTES + type.labels.length * SLOT_BYTES;
    default:
      return SLOT_BYTES;
  }
}
