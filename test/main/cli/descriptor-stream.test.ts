import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DescriptorStream } from "../../../src/main/cli/descriptor-stream.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const folder = temporaryFolder();

test("text arrives whole and in order, and a file is no terminal", () => {
  const path = join(folder, "out.txt");
  const descriptor = openSync(path, "w");
  const stream = new DescriptorStream(descriptor);
  const long = "wörld 🌍 ".repeat(20_000);
  for (const text of ["first\n", long, "", "last\n"]) stream.write(text);
  expect(stream.isTTY).toBe(false);
  closeSync(descriptor);
  expect(readFileSync(path, "utf8")).toBe(`first\n${long}last\n`);
});

test("what cannot be written is noted, and the rest dropped", () => {
  const descriptor = openSync(join(folder, "closed.txt"), "w");
  closeSync(descriptor);
  const stream = new DescriptorStream(descriptor);
  expect(stream.isTTY).toBe(false);
  expect(stream.failure).toBeUndefined();
  stream.write("text");
  stream.write("more");
  expect(stream.failure).toContain("EBADF");
});
