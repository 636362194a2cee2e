/**
 * Mutated component binaries through decoding, planning and the check against the core modules: a plan or an error
 * with a place, never anything else. `HOSTBUNDLE_FUZZ_ROUNDS=1000000` (`npm run fuzz`) makes it a long run, which
 * also prints how many were accepted, the slowest case and the memory used.
 */
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { readFileSync } from "node:fs";
import { serialize } from "node:v8";
import { beforeAll, expect, test } from "vitest";
import { checkComponent } from "../../../src/main/component/plan.ts";
import { isHostbundleError } from "../../../src/shared/errors.ts";
import { createRandom, mutate } from "../../support/mutate.ts";

const ROUNDS = Number(process.env["HOSTBUNDLE_FUZZ_ROUNDS"] ?? 6000);
const SEED = 20_261_123;
/** A long run is reported on the way. */
const REPORT_ROUNDS = 100_000;

const NESTED = `(component
  (import "host" (instance $host
    (export "file" (type $file (sub resource)))
    (export "open" (func (param "name" string) (result (own $file))))
    (export "all" (func (param "files" (list (borrow $file))) (result (list string))))))
  (component $owner
    (import "log" (func $log (param "rep" u32)))
    (core func $log (canon lower (func $log)))
    (core module $d (import "" "log" (func $log (param i32))) (func (export "drop") (param i32) (call $log (local.get 0))))
    (core instance $d (instantiate $d (with "" (instance (export "log" (func $log))))))
    (type $r' (resource (rep i32) (dtor (core func $d "drop"))))
    (core func $new (canon resource.new $r'))
    (export $r "r" (type $r'))
    (core module $m
      (import "" "new" (func $new (param i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
      (func (export "post") (param i32))
      (func (export "make") (param i32 i32) (result i32) (call $new (local.get 0)))
      (func (export "text") (param i32) (result i32) (i32.const 8)))
    (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
    (func (export "make") (param "text" string) (result (own $r))
      (canon lift (core func $i "make") (memory (core memory $i "memory")) (realloc (core func $i "realloc")) string-encoding=utf16))
    (func (export "text") (param "r" (borrow $r)) (result string)
      (canon lift (core func $i "text") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))
        (post-return (core func $i "post")))))
  (core module $l (func (export "log") (param i32)))
  (core instance $l (instantiate $l))
  (func $log (param "rep" u32) (canon lift (core func $l "log")))
  (instance $a (instantiate $owner (with "log" (func $log))))
  (instance $b (instantiate $owner (with "log" (func $log))))
  (alias export $a "r" (type $r))
  (core func $drop (canon resource.drop $r))
  (core module $m (import "" "drop" (func $drop (param i32))) (func (export "run") (call $drop (i32.const 1))))
  (core instance $m (instantiate $m (with "" (instance (export "drop" (func $drop))))))
  (func (export "run") (canon lift (core func $m "run")))
  (export "a" (instance $a))
  (export "b" (instance $b)))`;

const originals = new Map<string, Uint8Array>();

beforeAll(async () => {
  originals.set("nested", await parse(NESTED));
  for (const name of ["divide", "greet", "keyvalue", "hello"]) {
    originals.set(name, readFileSync(new URL(`../../../examples/guests/${name}/app.wasm`, import.meta.url)));
  }
});

test("a mutated component gives a plan or an error with a place", { timeout: 60_000 + ROUNDS }, () => {
  const random = createRandom(SEED);
  const counts = { accepted: 0, refused: 0 };
  let slowestMs = 0;
  const [...names] = originals.keys();
  for (let round = 0; round < ROUNDS; round++) {
    const name = names[round % names.length] ?? "";
    const bytes = mutate(originals.get(name) ?? new Uint8Array(), random);
    const startMs = performance.now();
    try {
      const { linking } = checkComponent(bytes, "app.wasm");
      // What goes into the cache is bounded by what came in.
      expect(serialize(linking).length).toBeLessThan(100 * bytes.length + 10_000);
      counts.accepted++;
    } catch (error) {
      const isExpected = isHostbundleError(error) && error.code === "COMPONENT_INVALID";
      if (!isExpected)
        throw new Error(`round ${round}, ${name}: ${Buffer.from(bytes).toString("base64")}`, {
          cause: error,
        });
      counts.refused++;
    }
    slowestMs = Math.max(slowestMs, performance.now() - startMs);
    if ((round + 1) % REPORT_ROUNDS === 0) {
      const rssMib = Math.round(process.memoryUsage.rss() / 2 ** 20);
      console.log({ rounds: round + 1, ...counts, slowestMs: Math.round(slowestMs), rssMib });
    }
  }
  expect(counts.accepted).toBeGreaterThan(ROUNDS / 20);
  expect(counts.refused).toBeGreaterThan(ROUNDS / 5);
});
