import { expect, test } from "vitest";
import { differingDefinitions } from "../../../src/main/link/difference.ts";
import type { ValueType } from "../../../src/shared/wit/types.ts";
import { signature, STRING, U32 } from "./worlds.ts";

function record(name: string, type: ValueType): ValueType {
  return { kind: "record", name, fields: [{ name: "x", type }] };
}

function listed(element: ValueType): ValueType {
  return { kind: "list", element: { kind: "option", element } };
}

const same = record("inner", U32);

test.each<[string, ValueType, ValueType, readonly [ValueType, ValueType] | undefined]>([
  ["the type itself", record("r", U32), record("r", STRING), [record("r", U32), record("r", STRING)]],
  ["inside unnamed ones", listed(same), listed(record("inner", STRING)), [same, record("inner", STRING)]],
  [
    "the innermost named one",
    record("outer", listed(same)),
    record("outer", listed(record("inner", STRING))),
    [same, record("inner", STRING)],
  ],
  ["nothing named", U32, STRING, undefined],
  ["no difference", same, same, undefined],
])("%s", (_title, left, right, expected) => {
  const found = differingDefinitions(signature("a", left), signature("a", right));
  expect(found === undefined ? undefined : [found.left, found.right]).toEqual(expected);
});

test("the result is looked at too", () => {
  const other = record("inner", STRING);
  expect(differingDefinitions(signature("a", U32, same), signature("a", U32, other))).toEqual({
    left: same,
    right: other,
  });
});
