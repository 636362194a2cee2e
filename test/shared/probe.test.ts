import { expect, test } from "vitest";
import { parseProbe } from "../../src/shared/probe.ts";

test.each([
  ["nothing", ""],
  ["half of one", '{"koffi":"3.3'],
  ["something else", '"probe"'],
  ["null", "null"],
  ["an object that says too little", '{"koffi":"3.3.4"}'],
  ["a sandbox without its parts", '{"hasMachineCode":true,"refusedLimits":{},"sandbox":{"files":"on"}}'],
])("%s is no probe", (_what, text) => {
  expect(parseProbe(text)).toBeUndefined();
});

test("a probe of a machine without koffi", () => {
  const probe = { koffiError: "no", hasMachineCode: false, refusedLimits: {} };
  expect(parseProbe(JSON.stringify(probe))).toEqual(probe);
});
