import { expect, it } from "vitest";
import { Capture, LimitedSink } from "../../src/worker/wasi-capture.ts";

function capture(): Capture {
  return new Capture("its output", 64 * 1024 ** 2, (error) => {
    throw error;
  });
}

it("keeps what was written, in order and as it was then", () => {
  const kept = capture();
  let expected = "";
  const scratch = new Uint8Array(3000);
  for (let round = 0; round < 50; round += 1) {
    scratch.fill(97 + (round % 26));
    kept.write(scratch.subarray(0, round * 60));
    expected += String.fromCharCode(97 + (round % 26)).repeat(round * 60);
  }
  expect(kept.text()).toBe(expected);
});

it("writes of no and of one byte cost no memory of their own", () => {
  const kept = capture();
  const [none, one] = [new Uint8Array(), Uint8Array.of(46)];
  kept.write(one);
  const before = process.memoryUsage().arrayBuffers;
  for (let round = 0; round < 100_000; round += 1) kept.write(none);
  for (let round = 0; round < 500; round += 1) kept.write(one);
  expect(process.memoryUsage().arrayBuffers).toBeLessThan(before + 64 * 1024);
  expect(kept.text()).toHaveLength(501);
});

it("passes on what is within the limit, and no more", () => {
  const passed: number[] = [];
  const sink = new LimitedSink({ write: (bytes) => void passed.push(...bytes) }, "its output", 5, (error) => {
    throw error;
  });
  sink.write(Uint8Array.of(1, 2, 3));
  expect(() => sink.write(Uint8Array.of(4, 5, 6))).toThrow("the guest wrote more than 5 bytes to its output");
  expect(() => sink.write(Uint8Array.of(7))).toThrow("more than 5 bytes");
  expect(passed).toEqual([1, 2, 3, 4, 5]);
});
