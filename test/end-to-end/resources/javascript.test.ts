/** A guest in JavaScript: resources of a library as classes, whose objects the guest drops, moves, or leaves to its engine. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Component } from "hostbundle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compiler } from "../../support/native.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { ENDINGS_C, ENDINGS_WIT } from "./endings-library.ts";
import { Stage } from "./harness.ts";

const jco = fileURLToPath(
  new URL("../../../node_modules/@bytecodealliance/jco/dist/jco.js", import.meta.url),
);

const APP = `
import { Item, take, echo, items, giveParcel, giveOutcome } from "test:endings/store";
export function normal() {
  const made = Array.from({ length: 10 }, (_, index) => new Item(index));
  take(made[0]);
  const back = echo(made[1]);
  made[2][Symbol.dispose]();
  const parcel = giveParcel(0);
  giveOutcome(0);
  return [back instanceof Item, items(5).length, parcel.name, parcel.rest.length, parcel.last instanceof Item].join();
}
export function throws() { items(4); new Item(1); throw new Error("enough"); }
export function again() { const item = new Item(1); take(item); take(item); }
export function disposed() { const item = new Item(1); item[Symbol.dispose](); take(item); }
export function flawed() { new Item(1); giveParcel(1); }
export function garbage() { for (let count = 0; count < 3000; count++) new Item(count); }
`;

const WORLD = `world guest {
  import store;
  export normal: func() -> string;
  ${["throws", "again", "disposed", "flawed", "garbage"].map((name) => `export ${name}: func();`).join(" ")}
}`;

/** JavaScript together with the QuickJS engine. */
function buildGuest(folder: string): Uint8Array {
  mkdirSync(join(folder, "wit"), { recursive: true });
  writeFileSync(join(folder, "app.js"), APP);
  writeFileSync(join(folder, "wit/world.wit"), ENDINGS_WIT + WORLD);
  const flags = ["--backend", "qjs", "--backend-qjs-disable-async", "--wit", "wit", "-o", "app.wasm"];
  execFileSync(process.execPath, [jco, "componentize", "app.js", ...flags], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  return readFileSync(join(folder, "app.wasm"));
}

describe.skipIf(!compiler.available)(`a guest in JavaScript ${compiler.reason}`, () => {
  const folder = temporaryFolder();
  let stage: Stage;
  let component: Component;
  beforeAll(async () => {
    stage = await Stage.open(join(folder, "stage"), { wit: ENDINGS_WIT, c: ENDINGS_C });
    component = await stage.load("javascript", buildGuest(join(folder, "guest")));
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  it("makes, moves, disposes and leaves", async () => {
    const { outcome, census } = await stage.run(component, { export: "normal" });
    expect(outcome).toMatchObject({ status: "ok", value: "true,5,a name,3,true" });
    expect(census).toEqual({ made: 21, consumed: 1, dropped: 20, violations: 0, calls: 5 });
  });

  it.each([
    ["throws", "TRAP", 5, 0],
    ["again", "TRAP", 1, 1],
    ["disposed", "TRAP", 1, 0],
    ["flawed", "HOST_FAULT", 6, 0],
  ])("%s", async (name, code, made, consumed) => {
    const { outcome, census } = await stage.run(component, { export: name });
    expect(outcome).toMatchObject({ status: "error", error: { code } });
    expect(census).toMatchObject({ made, consumed, dropped: made - consumed, violations: 0 });
  });

  it("leaves what its engine has not collected", async () => {
    const { outcome, census } = await stage.run(component, { export: "garbage" });
    expect(outcome).toMatchObject({ status: "ok" });
    expect(census).toEqual({ made: 3000, consumed: 0, dropped: 3000, violations: 0, calls: 0 });
  });
});
