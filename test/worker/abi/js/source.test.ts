import { expect, it } from "vitest";
import type { FuncType } from "../../../../src/shared/wit/types.ts";
import { compileExport } from "../../../../src/worker/abi/js/compile-export.ts";
import { compileGuestCall } from "../../../../src/worker/abi/js/compile-guest-call.ts";
import { compileJsImport } from "../../../../src/worker/abi/js/compile-import.ts";
import { func, resourceIndex, TestInstance } from "./instance.ts";

/** What no label may do: end a string or a comment, name a prototype, call a function. */
const HOSTILE = ['"]; throw 1; //', "`${x}`", "\u2028", "*/", "__proto__", "constructor", "a\nb"];

const type: FuncType = func([
  {
    kind: "list",
    element: { kind: "record", fields: HOSTILE.map((name) => ({ name, type: { kind: "u8" } })) },
  },
]);

it("the text shows what was generated, and no name in it becomes code", () => {
  for (const label of HOSTILE) {
    const spec = { label, type, style: "value", resourceIndex } as const;
    const texts = [
      compileExport(spec).source,
      compileJsImport({ ...spec, invocation: { kind: "function" } }).source,
      compileGuestCall(spec).source,
    ];
    for (const text of texts) {
      expect(text.split("\n")[0]).toMatch(/^\/\/ [\x20-\x7e]+$/);
      expect(text).toContain("function bind(");
    }
  }
});

it("fields keep their names, whatever they are", () => {
  const instance = new TestInstance();
  const seen: object[] = [];
  instance.put(HOSTILE.map((_, index) => index));
  instance.imported(type, (records: readonly object[]) => void seen.push(...records))(
    TestInstance.scratch,
    1,
  );
  expect(seen.map((each) => Object.entries(each))).toEqual([HOSTILE.map((name, index) => [name, index])]);
  expect(seen.map((each) => Object.getPrototypeOf(each))).toEqual([null]);
});
