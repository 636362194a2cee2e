/** What the guide shows of files is in them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const guide = readFileSync(join(root, "docs/authoring-guide.md"), "utf8");

/** A line with a path and the block below it; `…` on a line of its own stands for what is left out. */
const excerpts = [...guide.matchAll(/^`([^`\n]+)`\n```\w+\n(.*?)^```$/gms)].map(
  ([, path = "", text = ""]) => ({
    path,
    parts: text.split(/^…\n/m),
  }),
);

describe("the authoring guide", () => {
  it("shows more than a few files", () => expect(excerpts.length).toBeGreaterThan(9));

  it.each(excerpts)("$path", ({ path, parts }) => {
    const file = readFileSync(join(root, path), "utf8");
    let from = 0;
    for (const part of parts) {
      const at = file.indexOf(part, from);
      expect([part, at >= from]).toEqual([part, true]);
      from = at + part.length;
    }
  });

  it("says what there is of a config", () => {
    const settings = readFileSync(join(root, "src/worker/adapters/keyvalue/settings.ts"), "utf8");
    const keys = [...settings.matchAll(/config\.\w+\("([\w-]+)"\)/g)].map(([, key = ""]) => key);
    const table = /^```toml\n\[host\]\nname = "kv"\n(.*?)^```$/ms.exec(guide)?.[1] ?? "";
    expect(keys).toHaveLength(6);
    for (const key of keys) expect(table).toMatch(new RegExp(`^(?:# )?${key} = `, "m"));
  });
});
