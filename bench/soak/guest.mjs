/** The guest that calls in one instance: two calls a turn, each with strings and lists both ways. */
import { readFileSync } from "node:fs";
import { componentEmbed, componentNew, parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { allocator } from "../guests/parts.mjs";

export const SOAK_WIT_FILE = new URL("soak.wit", import.meta.url);

const HEAP_AT = 16_384;
const EXCHANGE = "(param i32 i32 i32 i32 i32 i32 i32 i32)";

/** A 24-byte name, 1 KiB of data and three tags, one of them empty: five blocks a call, one where it is refused. */
const call = (/** @type {string} */ name) => `
      (global.set $heap (i32.const ${HEAP_AT}))
      (call $${name} (i32.const 1024) (i32.const 24) (i32.const 4096) (i32.const 1024)
        (i32.const 2048) (i32.const 3) (local.get $turn) (i32.const 64))
      (call $check (local.get $turn))`;

const GUEST = `(module
  (import "bench:soak/borrowing" "exchange" (func $borrowing ${EXCHANGE}))
  (import "bench:soak/owning" "exchange" (func $owning ${EXCHANGE}))
  ${allocator(1, HEAP_AT)}
  (data (i32.const 1024) "na\\c3\\afve \\e2\\98\\83 na\\c3\\afve \\e2\\98\\83 ok")
  ;; tags: (1024, 24), (1024, 0), (1031, 3)
  (data (i32.const 2048) "\\00\\04\\00\\00\\18\\00\\00\\00\\00\\04\\00\\00\\00\\00\\00\\00\\07\\04\\00\\00\\03\\00\\00\\00")
  (func (export "run") (param $turn i32)
    (block $done (loop $again
      (br_if $done (i32.eqz (local.get $turn)))
      ${call("borrowing")}
      ${call("owning")}
      (local.set $turn (i32.sub (local.get $turn) (i32.const 1)))
      (br $again))))
  ;; The discriminant, and the length of the name or of the refusal.
  (func $check (param $turn i32)
    (if (i32.ne (i32.load8_u (i32.const 64)) (i32.eqz (i32.rem_u (local.get $turn) (i32.const 8)))) (then unreachable))
    (if (i32.ne (i32.load (i32.const 72)) (i32.const 24)) (then unreachable))))`;

export async function buildSoakGuest() {
  const witSource = readFileSync(SOAK_WIT_FILE, "utf8");
  return componentNew(await componentEmbed({ binary: await parse(GUEST), witSource, world: "soak" }), []);
}
