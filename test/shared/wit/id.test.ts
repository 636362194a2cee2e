import { describe, expect, it } from "vitest";
import { isCompatible, parseExternName, withoutVersion } from "../../../src/shared/wit/id.ts";

describe("parseExternName", () => {
  it("takes an interface id apart", () => {
    expect(parseExternName("wasi:io/poll@0.2.0-rc.1+b")).toEqual({
      kind: "interface",
      namespace: "wasi",
      package: "io",
      interface: "poll",
      version: "0.2.0-rc.1+b",
    });
    expect(parseExternName("a:b/c")).toEqual({
      kind: "interface",
      namespace: "a",
      package: "b",
      interface: "c",
    });
  });

  it.each(["greet", "", "a:b", "a/b", "a:b/c@", "[method]r.m", "a:b:c/d", "a:b/c/d"])(
    "%s is a plain name",
    (name) => {
      expect(parseExternName(name)).toEqual({ kind: "plain", name });
    },
  );

  it("leaves out the version", () => {
    expect(withoutVersion("a:b/c@1.0.0")).toBe("a:b/c");
    expect(withoutVersion("store")).toBe("store");
  });
});

describe("isCompatible", () => {
  const cases: [wanted: string | undefined, provided: string | undefined, compatible: boolean][] = [
    ["1.0.0", "1.0.0", true],
    ["1.0.0", "1.0.1", true],
    ["1.0.0", "1.9.0", true],
    ["1.2.0", "1.1.9", false],
    ["1.2.3", "1.2.2", false],
    ["1.9.0", "1.10.0", true],
    ["1.0.0", "2.0.0", false],
    ["2.0.0", "1.0.0", false],
    ["0.2.0", "0.2.8", true],
    ["0.2.8", "0.2.0", false],
    ["0.2.0", "0.3.0", false],
    ["0.0.1", "0.0.1", true],
    ["0.0.1", "0.0.2", false],
    ["0.0.0", "0.0.1", false],
    ["0.1.0", "1.1.0", false],
    ["1.0.0-rc.1", "1.0.0-rc.1", true],
    ["1.0.0-rc.1", "1.0.0-rc.2", false],
    ["1.0.0-rc.1", "1.0.0", false],
    ["1.0.0", "1.0.1-rc.1", false],
    ["1.0.0+a", "1.0.0+b", true],
    ["1", "1.4.2", true],
    ["0.2", "0.2.3", true],
    ["99999999999999999999.0.0", "99999999999999999999.0.1", true],
    ["99999999999999999998.0.0", "99999999999999999999.0.0", false],
    [undefined, undefined, true],
    [undefined, "1.0.0", false],
    ["1.0.0", undefined, false],
    ["latest", "1.0.0", false],
    ["latest", "latest", true],
  ];
  it.each(cases)("wanted %s, provided %s: %s", (wanted, provided, compatible) => {
    expect(isCompatible(wanted, provided)).toBe(compatible);
  });
});
