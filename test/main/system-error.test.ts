import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isShortage, isSystemError, reasonOf } from "../../src/main/system-error.ts";
import { temporaryFolder } from "../support/temporary.ts";

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as Node says it, open`), { code, syscall: "open" });
}

test.each([
  ["ENOENT", "there is no such file or folder", false],
  ["EACCES", "permission denied", false],
  ["EMFILE", "this process may open no more files (ulimit -n)", true],
  ["ENOSPC", "no space is left", true],
  ["EIO", "EIO: as Node says it, open", false],
])("%s", (code, reason, isShort) => {
  expect(reasonOf(systemError(code))).toBe(reason);
  expect(isShortage(systemError(code))).toBe(isShort);
});

test("what Node throws is a system error; others are not, whatever they are", () => {
  const path = join(temporaryFolder(), "missing");
  expect(() => readFileSync(path)).toThrow(expect.toSatisfy(isSystemError));
  for (const other of [new Error("no"), "ENOENT", undefined, { code: "EMFILE", syscall: "open" }]) {
    expect(isSystemError(other)).toBe(false);
    expect(isShortage(other)).toBe(false);
  }
});
