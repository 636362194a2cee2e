import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addEntry, CRASH_NOTE_BYTES, readNote } from "../../src/shared/crash-note.ts";

function note(): { readonly bytes: Uint8Array; readonly cells: Uint32Array } {
  const buffer = new ArrayBuffer(CRASH_NOTE_BYTES);
  return { bytes: new Uint8Array(buffer), cells: new Uint32Array(buffer) };
}

describe("the note of what native code runs", () => {
  test.each([
    { bundle: "kv", function: "acme:kv/store@1.0.0#get" },
    { bundle: "kv" },
    { bundle: "Größe", function: "∀" },
  ])("%j is read as it was written", (frame) => {
    const { bytes, cells } = note();
    addEntry(bytes, { bundle: "other", function: "f" });
    const at = addEntry(bytes, frame);
    addEntry(bytes, { bundle: "after" });
    expect(readNote(bytes)).toBeUndefined();
    cells[0] = at;
    expect(readNote(bytes)).toEqual(frame);
  });

  test("is full some time, and no entry is lost or cut by that", () => {
    const { bytes, cells } = note();
    const name = "f".repeat(500);
    const offsets = Array.from({ length: 1000 }, (_, index) =>
      addEntry(bytes, { bundle: String(index), function: name }),
    );
    const full = offsets.indexOf(0);
    expect(full).toBeGreaterThan(500);
    expect(new Set(offsets.slice(full))).toEqual(new Set([0]));
    cells[0] = offsets[full - 1] ?? 0;
    expect(readNote(bytes)).toEqual({ bundle: String(full - 1), function: name });
  });

  test("may hold anything: it is read without complaint", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 200 }), fc.nat(250), (tail, at) => {
        const { bytes, cells } = note();
        bytes.set(tail, 8);
        cells[0] = at;
        const frame = readNote(bytes);
        expect(frame === undefined || typeof frame.bundle === "string").toBe(true);
      }),
      { seed: 5, numRuns: 500 },
    );
    const { bytes } = note();
    expect(readNote(bytes.fill(0xff))).toBeUndefined();
  });
});
