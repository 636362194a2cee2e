import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { onAbort } from "../../src/main/on-abort.ts";

/** Twenty that wait for one signal. */
function wait(signal: AbortSignal): { readonly told: number[]; readonly ends: readonly (() => void)[] } {
  const told: number[] = [];
  return { told, ends: Array.from({ length: 20 }, (_, index) => onAbort(signal, () => told.push(index))) };
}

test("one listener for many, who are told once and in order", () => {
  const controller = new AbortController();
  const { told, ends } = wait(controller.signal);
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
  for (const end of ends.slice(5)) end();
  controller.abort();
  expect(told).toEqual([0, 1, 2, 3, 4]);
});

test("nothing is left when all have ended, and who comes then is told", () => {
  const controller = new AbortController();
  const { told, ends } = wait(controller.signal);
  for (const end of [...ends, ...ends]) end();
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  const again = wait(controller.signal);
  // Those of before end nothing of those who came later.
  for (const end of ends) end();
  controller.abort();
  expect(told).toEqual([]);
  expect(again.told).toHaveLength(20);
});

test("who comes late is told at once, who has no signal never", () => {
  const told: string[] = [];
  onAbort(AbortSignal.abort(), () => told.push("late"))();
  onAbort(undefined, () => told.push("none"))();
  expect(told).toEqual(["late"]);
});

test("one who ends another while all are told", () => {
  const controller = new AbortController();
  const told: string[] = [];
  const ends: (() => void)[] = [];
  ends.push(onAbort(controller.signal, () => ends.forEach((end) => end())));
  ends.push(onAbort(controller.signal, () => told.push("second")));
  controller.abort();
  expect(told).toEqual(["second"]);
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
});
