import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { settle } from "../../src/worker/jco-promise.ts";

test.each([
  ["a value", () => 7],
  ["a promise that is kept", () => Promise.resolve(7)],
  ["a promise that is kept later", () => sleep(70, 7)],
])("%s is what the call gives", async (_name, call) => {
  await expect(settle(call)).resolves.toBe(7);
});

function fail(): never {
  throw new RangeError("no");
}

test("what the call throws is thrown, at once or later", async () => {
  await expect(settle(fail)).rejects.toThrow("no");
  await expect(settle(() => Promise.reject(new RangeError("later")))).rejects.toThrow("later");
});

test("a promise that nothing is left to keep is a trap", async () => {
  await expect(settle(() => new Promise(() => undefined))).rejects.toMatchObject({ code: "TRAP" });
});
