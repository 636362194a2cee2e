import { describe, expect, test } from "vitest";
import { findExport } from "../../../src/main/link/export.ts";
import { formatError } from "../../../src/shared/errors.ts";
import { thrownBy } from "../../support/errors.ts";
import { component, func, iface, signature, STRING, worldFunction } from "./worlds.ts";

const world = component(
  [],
  [
    worldFunction("run", signature("name", STRING, STRING)),
    worldFunction("add"),
    iface("a:calc/math@1.0.0", ["add", "sub", "neg"]),
    iface("a:calc/math@2.0.0", ["sub"]),
    iface("plain", [
      "neg",
      "[constructor]r",
      func("take", signature("r", { kind: "own", resource: { name: "r" } })),
    ]),
  ],
);

describe("which export is meant", () => {
  test.each([
    [undefined, "run", undefined],
    [undefined, "add", undefined],
    ["a:calc/math@1.0.0", "add", "a:calc/math@1.0.0"],
    ["a:calc/math", "add", "a:calc/math@1.0.0"],
    ["a:calc/math@2.0.0", "sub", "a:calc/math@2.0.0"],
    ["plain", "neg", "plain"],
  ])("%s %s", (interfaceId, name, expected) => {
    const found = findExport(world, interfaceId, name);
    expect(found.function.name).toBe(name);
    expect(found.interface).toBe(expected);
  });

  test("an interface may be left out where the name is unique", () => {
    const only = component([], [iface("a:calc/math@1.0.0", ["add"])]);
    expect(findExport(only, undefined, "add").interface).toBe("a:calc/math@1.0.0");
  });

  test.each([
    [
      "a near name",
      undefined,
      "rum",
      ["does not export rum", "did you mean run?", "run: func(name: string) -> string"],
    ],
    ["a near label", "a:calc/maths@1.0.0", "add", ["does not export", "did you mean a:calc/math@1.0.0#add?"]],
    ["several", undefined, "neg", ["exported more than once", "a:calc/math@1.0.0#neg", "plain#neg"]],
    ["several versions", "a:calc/math", "sub", ["exported more than once", "a:calc/math@2.0.0#sub"]],
    ["a member of a resource", "plain", "[constructor]r", ["deals in resources"]],
    ["a handle", "plain", "take", ["deals in resources", "plain#take: func(r: r)"]],
    ["an import is no export", "x:y/z", "f", ["does not export x:y/z#f", "it exports:"]],
  ])("%s", (_title, interfaceId, name, texts) => {
    const error = thrownBy(() => findExport(world, interfaceId, name));
    expect(error.code).toBe("ARGUMENT_INVALID");
    const text = formatError(error);
    for (const part of texts) expect(text).toContain(part);
  });
});
