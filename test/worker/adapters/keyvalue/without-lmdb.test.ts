import { expect, test, vi } from "vitest";
import { open } from "./open.ts";

vi.mock("node:module", async (original) => ({
  ...(await original<object>()),
  createRequire: () => () => {
    throw Object.assign(new Error("Cannot find module 'lmdb'\nRequire stack"), { code: "MODULE_NOT_FOUND" });
  },
}));

test("without the package a store in memory works, one in a file says what to install", () => {
  expect(() => open()).not.toThrow();
  expect(() => open({ path: "kv.lmdb" })).toThrow(
    expect.objectContaining({
      code: "HOST_FAULT",
      message: 'host bundle "kv" keeps its store in a file, and the package lmdb is not installed',
      context: expect.objectContaining({ help: expect.stringContaining("npm install lmdb") }),
    }),
  );
});
