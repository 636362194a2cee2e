import { describe, expect, it } from "vitest";
import { printWorld } from "../../support/print-world.ts";
import { decodeWit, treeOf } from "../../support/worlds.ts";
import { CONSTRUCTS } from "./constructs.ts";

describe("WIT constructs, decoded and printed", () => {
  it.each(CONSTRUCTS)("$name", async ({ wit, world, printed }) => {
    const decoded = await decodeWit(`package t:p@1.0.0;\n${wit}`, world);
    expect(printWorld(decoded)).toBe(`package t:p@1.0.0;\n\n${printed}`);
    expect(decoded.name).toBe("t:p/w@1.0.0");
  });

  it.each(CONSTRUCTS)("$name: what is printed means the same", async ({ wit, world }) => {
    const decoded = await decodeWit(`package t:p@1.0.0;\n${wit}`, world);
    const again = await decodeWit(printWorld(decoded), "w");
    expect(treeOf(again)).toEqual(treeOf(decoded));
  });

  it("an import under another name has resources of its own, which are those of the interface", async () => {
    const wit =
      "package t:p@1.0.0; interface i { resource r; get: func() -> r; } world w { import a: i; import b: i; }";
    const { imports } = await decodeWit(wit);
    expect(imports.map((item) => item.kind === "interface" && [item.name, item.implements])).toEqual([
      ["a", "t:p/i@1.0.0"],
      ["b", "t:p/i@1.0.0"],
    ]);
    const resources = imports.flatMap((item) => (item.kind === "interface" ? item.interface.resources : []));
    expect(resources).toEqual(Array.from({ length: 2 }, () => ({ interface: "t:p/i@1.0.0", name: "r" })));
    expect(resources[0]).not.toBe(resources[1]);
  });
});
