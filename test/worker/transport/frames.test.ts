import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  BadFrame,
  encodeFrame,
  encodeReplyFrame,
  FrameReader,
  FrameSource,
} from "../../../src/worker/transport/frames.ts";

const VALUES: readonly unknown[] = [
  { kind: "ready" },
  1n,
  new Uint8Array([1, 2, 3]),
  "x".repeat(5000),
  null,
  [[]],
];
const REPLIES = Buffer.concat(VALUES.map(encodeReplyFrame));
const REQUESTS = Buffer.concat(VALUES.map(encodeFrame));

describe("a stream of frames", () => {
  test("gives its values however it is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 50 }), (sizes) => {
        const reader = new FrameReader();
        const values: unknown[] = [];
        for (let at = 0, turn = 0; at < REPLIES.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          values.push(...reader.push(REPLIES.subarray(at, at + size)));
          at += size;
        }
        expect(values).toEqual(VALUES);
      }),
      { seed: 3, numRuns: 100 },
    );
  });

  test("a blocking source gives them one by one, then nothing", () => {
    let at = 0;
    const source = new FrameSource((into, offset) => {
      const count = Math.min(into.length - offset, 100, REQUESTS.length - at);
      into.set(REQUESTS.subarray(at, at + count), offset);
      at += count;
      return count;
    });
    const values = VALUES.map(() => source.next()?.value);
    expect(values).toEqual(VALUES);
    expect(source.next()).toBeUndefined();
  });

  test.each([
    ["other bytes", Buffer.from("rubbish, rubbish")],
    ["a length beyond all bounds", Buffer.from("hbf1\xff\xff\xff\xff", "latin1")],
    ["no value", Buffer.from("hbf1\x04\0\0\0rubb", "latin1")],
    ["a value that ends too soon", Buffer.from("hbf1\x05\0\0\0\x07\xff\0\0\0", "latin1")],
    ["what V8 would deserialise", encodeFrame({ kind: "ready" })],
    ["rubbish after a frame", Buffer.concat([encodeReplyFrame(1), Buffer.from("rubbish,")])],
  ])("%s is refused", (_title, bytes) => {
    expect(() => new FrameReader().push(bytes)).toThrow(BadFrame);
  });

  test("a long frame that has only begun is not refused, and takes no more memory than what came", () => {
    const frame = encodeReplyFrame("x".repeat(100_000));
    const reader = new FrameReader();
    for (let at = 0; at < frame.length - 1; at += 1000)
      expect(reader.push(frame.subarray(at, Math.min(at + 1000, frame.length - 1)))).toEqual([]);
    expect(reader.push(frame.subarray(-1))).toEqual(["x".repeat(100_000)]);
  });
});
