/** A guest that runs out of stack anywhere inside of a call: no rep is lost on the way between the library and its table. */
import { join } from "node:path";
import type { Component } from "hostbundle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compiler } from "../../support/native.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { ENDINGS_C, ENDINGS_WIT } from "./endings-library.ts";
import { buildGuest } from "./guest.ts";
import { type Counted, Stage } from "./harness.ts";

const ITEM = "(call $store.item.new (i32.const 1))";
/** The handle made last of those that were there before. */
const LAST = "(global.get $last)";
const NEXT = "(global.set $last (i32.sub (global.get $last) (i32.const 1)))";

/** What is done again and again, ever deeper. */
const ACTS: Readonly<Record<string, string>> = {
  make: `(drop ${ITEM})`,
  "make and drop": `(call $store.item.drop ${ITEM})`,
  drop: `${NEXT} (call $store.item.drop ${LAST})`,
  give: `${NEXT} (call $store.take ${LAST})`,
  "give two and a text": `${NEXT} ${NEXT} (call $store.send ${LAST} (i32.const 64) (i32.const 0) (i32.add ${LAST} (i32.const 1)))`,
  "send around": `${NEXT} (drop (call $store.echo ${LAST}))`,
  "a list": "(call $store.items (i32.const 2) (i32.const 64))",
  "a record": "(call $store.give-parcel (i32.const 0) (i32.const 64))",
  cases: "(call $store.give-wrapped (i32.const 0) (i32.const 64))",
  "an option": "(call $store.give-option (i32.const 64))",
  "a result": "(call $store.give-outcome (i32.const 0) (i32.const 64))",
};
const PREPARED = 400;
/** Levels of the recursion before the end at which the acts begin. */
const NEAR = 100;
const WARM = 5000;
/** Places of the end that are tried, eight bytes apart. */
const SHIFTS = 16;
/** No stack is as deep as that. */
const BOTTOM = 2 ** 20;

/** `act` from a level on, or a single item on that level, to find out whether there is one. */
const recursion = (act: string, index: number): string => `
  (func $level${index}
    (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
    (if (i32.gt_u (global.get $depth) (global.get $from)) (then
      (if (global.get $measures) (then (drop ${ITEM}) unreachable))
      ${act}))
    (call $level${index}))
  ;; The same often enough for the engine to compile what is behind it.
  (func (export "warm${index}") (local $left i32)
    (local.set $left (i32.const ${WARM}))
    (loop $again
      ${act.includes(LAST) ? "" : act}
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))
  (func (export "act${index}") (param $from i32) (param $measures i32) (param $shift i32)
    (global.set $from (local.get $from))
    (global.set $measures (local.get $measures))
    (if (i32.eqz (local.get $measures)) (then
      (loop $again (br_if $again (i32.lt_u ${ITEM} (i32.const ${PREPARED}))))))
    (call_indirect (type $shift) (i32.const ${index}) (local.get $shift)))`;
/** A frame with that many words more, and the recursion behind it: the end comes at another place of a call. */
const shift = (words: number): string => {
  const params = "(local i64)".repeat(words);
  const each = (text: (word: number) => string): string =>
    Array.from({ length: words }, (_, word) => text(word)).join(" ");
  return `
  (func $shift${words} (type $shift) ${params}
    ${each((word) => `(local.set ${word + 1} (i64.load (i32.const ${64 + 8 * word})))`)}
    (call_indirect (type $level) (i32.add (local.get 0) (i32.const ${SHIFTS})))
    ${each((word) => `(i64.store (i32.const 64) (local.get ${word + 1}))`)})`;
};

const acts = Object.values(ACTS);
const WAT = `
  (global $depth (mut i32) (i32.const 0))
  (global $from (mut i32) (i32.const 0))
  (global $measures (mut i32) (i32.const 0))
  (global $last (mut i32) (i32.const ${PREPARED + 1}))
  (type $shift (func (param i32)))
  (type $level (func))
  (table funcref (elem
    ${Array.from({ length: SHIFTS }, (_, words) => `$shift${words}`).join(" ")}
    ${acts.map((_, index) => `$level${index}`).join(" ")}))
  ${Array.from({ length: SHIFTS }, (_, words) => shift(words)).join("")}
  ${acts.map(recursion).join("")}`;
const WIT = `${ENDINGS_WIT} world guest {
  import store;
  ${acts.map((_, index) => `export act${index}: func(start: u32, measures: bool, shift: u32); export warm${index}: func();`).join("\n  ")}
}`;

describe.skipIf(!compiler.available)(`out of stack ${compiler.reason}`, () => {
  let stage: Stage;
  let component: Component;
  beforeAll(async () => {
    stage = await Stage.open(join(temporaryFolder(), "stack"), { wit: ENDINGS_WIT, c: ENDINGS_C });
    component = await stage.load("guest", await buildGuest({ wit: WIT, world: "guest", wat: WAT }));
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  it.each([...Object.keys(ACTS).entries()])("%i: %s", async (index) => {
    const run = (start: number, measures: boolean, shift = 0): Promise<Counted> =>
      stage.run(component, { export: `act${index}`, args: [start, measures, shift] });
    let [depth, bottom] = [0, BOTTOM];
    while (bottom - depth > 8) {
      const middle = (depth + bottom) >> 1;
      const { census } = await run(middle, true);
      if (census.made === 0) bottom = middle;
      else depth = middle;
    }
    for (let round = 0; round < 2 * SHIFTS; round += 1) {
      // What is compiled needs less stack: the first half is cold.
      if (round === SHIFTS) await stage.run(component, { export: `warm${index}` });
      const { outcome, census } = await run(depth - NEAR, false, round % SHIFTS);
      expect(outcome).toMatchObject({
        status: "error",
        error: { code: "TRAP", message: expect.stringContaining("call stack exhausted") },
      });
      expect(census.violations).toBe(0);
      expect(census.dropped + census.consumed).toBe(census.made);
    }
  });
});
