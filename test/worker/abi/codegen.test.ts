import { describe, expect, it } from "vitest";
import { identifier, js, Scope } from "../../../src/worker/abi/codegen.ts";

describe("code generation", () => {
  it.each(['"', "'", "`${1}`", "\\", "\n", "\u2028", "*/", "__proto__", "</script>"])("quotes %j", (text) => {
    expect(new Scope().evaluate<string>(js`(() => ${text})()`, "quote")).toBe(text);
  });

  it("refuses numbers that are no integer literals", () => {
    expect(() => js`${Number.NaN}`).toThrow(RangeError);
    expect(() => js`${1.5}`).toThrow(RangeError);
  });

  it("makes identifiers of any name, and gives one value one name", () => {
    const scope = new Scope();
    const hint = identifier("load", 'x"; throw 1; //');
    expect(hint.text).toMatch(/^[A-Za-z0-9_]+$/u);
    const value = { answer: 42 };
    const name = scope.use(value, hint);
    expect(scope.use(value, identifier("other"))).toBe(name);
    expect(scope.evaluate<number>(js`${name}.answer`, 'title\n"; throw 1')).toBe(42);
  });

  it("names generated code in stack traces", () => {
    const fail = new Scope().evaluate<() => never>(js`function failing() { null.x; }`, "a:b/c@1.0.0#fail");
    let stack = "";
    try {
      fail();
    } catch (error) {
      stack = error instanceof Error ? (error.stack ?? "") : "";
    }
    expect(stack).toContain("hostbundle-a_b/c@1.0.0#fail");
  });
});
