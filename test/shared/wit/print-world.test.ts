import { describe, expect, it } from "vitest";
import { printWorld } from "../../../src/shared/wit/print.ts";
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
});
