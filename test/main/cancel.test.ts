/** `AbortSignal` on what happens before a run: opening a host, loading a component. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { cancellable } from "../../src/main/cancel.ts";
import { createHost } from "../../src/main/index.ts";
import { buildComponent } from "../support/component.ts";
import { temporaryFolder } from "../support/temporary.ts";

const CANCELLED = { code: "CANCELLED", fault: "user" };

describe("work that can be cancelled", () => {
  test("gives what it gives, or throws what it throws", async () => {
    const { signal } = new AbortController();
    expect(await cancellable(signal, "it", () => Promise.resolve(7))).toBe(7);
    await expect(cancellable(signal, "it", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await cancellable(undefined, "it", () => Promise.resolve(7))).toBe(7);
  });

  test("does not begin where it was cancelled before", async () => {
    let begun = false;
    const work = (): Promise<void> => {
      begun = true;
      return Promise.resolve();
    };
    await expect(cancellable(AbortSignal.abort(), "it", work)).rejects.toMatchObject(CANCELLED);
    expect(begun).toBe(false);
  });

  test("is not waited for, and goes on as far as its next step", async () => {
    const controller = new AbortController();
    const steps: string[] = [];
    const [started, finished] = [new AbortController(), new AbortController()];
    const cancelled = cancellable(controller.signal, "it", async (goOn) => {
      await once(started.signal, "abort");
      steps.push("first");
      try {
        goOn();
        steps.push("second");
      } finally {
        finished.abort();
      }
    });
    controller.abort();
    await expect(cancelled).rejects.toMatchObject({ ...CANCELLED, message: "it was cancelled" });
    expect(steps).toEqual([]);
    const over = once(finished.signal, "abort");
    started.abort();
    await over;
    expect(steps).toEqual(["first"]);
  });
});

describe("a host", () => {
  const folder = temporaryFolder();
  const app = join(folder, "app.wasm");
  const cacheFolder = join(folder, "cache");

  beforeAll(async () => {
    writeFileSync(
      app,
      await buildComponent({
        wit: "package t:a; world a { export seven: func() -> u32; }",
        wat: '(module (func (export "seven") (result i32) (i32.const 7)))',
      }),
    );
  });

  test("is not opened where that was cancelled, and knows nothing of the signal afterwards", async () => {
    await expect(createHost({ cacheFolder, signal: AbortSignal.abort() })).rejects.toMatchObject(CANCELLED);
    const controller = new AbortController();
    await using host = await createHost({ cacheFolder, signal: controller.signal });
    controller.abort();
    expect(await host.run(await host.load(app), { export: "seven" })).toMatchObject({ value: 7 });
  });

  test.each(["own", "jco"] as const)("stops loading a component, linked by %s", async (linker) => {
    await using host = await createHost({ cacheFolder: join(folder, linker), linker });
    const controller = new AbortController();
    const loading = host.load(app, { signal: controller.signal });
    controller.abort();
    await expect(loading).rejects.toMatchObject({ ...CANCELLED, message: `loading ${app} was cancelled` });
    // Nothing half done is left.
    expect(await host.run(await host.load(app), { export: "seven" })).toMatchObject({ value: 7 });
  });

  test("calls nothing where that was cancelled before", async () => {
    await using host = await createHost({ cacheFolder });
    const component = await host.load(app);
    const signal = AbortSignal.abort();
    expect(await host.run(component, { export: "seven", signal })).toMatchObject({ error: CANCELLED });
    await expect(host.open(component, { signal })).rejects.toMatchObject(CANCELLED);
  });
});
