import { join } from "node:path";
import { expect, test } from "vitest";
import { isFinding, readToml } from "../../../src/main/bundle/toml.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { write } from "./files.ts";

function read(text: string): ReturnType<typeof readToml> {
  const folder = temporaryFolder();
  write(folder, { "host.toml": text });
  return readToml(join(folder, "host.toml"));
}

test.each<[string, string]>([
  ["a dotted key", `[host.config]\n${"a.".repeat(400_000)}a = 1\n`],
  ["a header", `[host.config.${"a.".repeat(20_000)}a]\n`],
  ["a header of an array", `[[host.config.${"a.".repeat(40)}a]]\n`],
])("%s nested without braces is bounded, too", (_title, text) => {
  expect(read(text)).toMatchObject({
    message: "not valid TOML: `host.config` holds more than 32 tables in one another",
    where: { file: expect.stringMatching(/host\.toml$/u) },
  });
});

test("tables as deep as is allowed are read", () => {
  expect(isFinding(read(`[host.config]\n${"a.".repeat(28)}a = { b = 1 }\n`))).toBe(false);
  expect(isFinding(read(`[host.config]\n${"a.".repeat(29)}a = { b = 1 }\n`))).toBe(false);
  expect(isFinding(read(`[host.config]\n${"a.".repeat(30)}a = { b = 1 }\n`))).toBe(true);
});
