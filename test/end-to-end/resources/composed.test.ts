/** Handles of native resources between the instances of a composed component. */
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { join } from "node:path";
import type { Component } from "hostbundle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compiler } from "../../support/native.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { COMPOSED, composedText } from "./composed.ts";
import { Stage } from "./harness.ts";
import { ENDINGS_C, ENDINGS_WIT } from "./endings-library.ts";
import { MISUSE_C, MISUSE_WIT } from "./misuse-library.ts";
import { WRAPPED, wrappedText } from "./wrapped.ts";

describe.skipIf(!compiler.available)(`between instances ${compiler.reason}`, () => {
  let stage: Stage;
  let component: Component;
  beforeAll(async () => {
    stage = await Stage.open(join(temporaryFolder(), "composed"), { wit: MISUSE_WIT, c: MISUSE_C });
    component = await stage.load("composed", await parse(composedText()));
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  it.each([...COMPOSED.entries()].map(([index, row]) => [row.name, index, row] as const))(
    "%s",
    async (_name, index, { message, calls, consumed = 0 }) => {
      const { outcome, census } = await stage.run(component, { export: `case${index}` });
      const trap = {
        status: "error",
        error: { code: "TRAP", message: expect.stringMatching(message ?? "") },
      };
      expect(outcome).toMatchObject(message === undefined ? { status: "ok" } : trap);
      expect(census).toMatchObject({ calls, consumed, violations: 0 });
      expect(census.dropped + census.consumed).toBe(census.made);
    },
  );
});

describe.skipIf(!compiler.available)(`inside a resource of a guest ${compiler.reason}`, () => {
  let stage: Stage;
  let component: Component;
  beforeAll(async () => {
    stage = await Stage.open(join(temporaryFolder(), "wrapped"), { wit: ENDINGS_WIT, c: ENDINGS_C });
    component = await stage.load("wrapped", await parse(wrappedText()));
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  it.each([...WRAPPED.entries()].map(([index, row]) => [row.name, index, row] as const))(
    "%s",
    async (_name, index, { message, made, consumed = 0, calls = 0 }) => {
      const { outcome, census } = await stage.run(component, { export: `case${index}` });
      const trap = {
        status: "error",
        error: { code: "TRAP", message: expect.stringMatching(message ?? "") },
      };
      expect(outcome).toMatchObject(message === undefined ? { status: "ok" } : trap);
      expect(census).toEqual({ made, consumed, dropped: made - consumed, violations: 0, calls });
    },
  );
});
