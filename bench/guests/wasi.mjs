/** The guest of the WASI rows: functions that do no I/O. */
import { allocator, loop } from "./parts.mjs";

const RETURN_AREA = 64;
const HEAP_AT = 1024;

export const WASI_WIT = `package bench:wasi;

world wasi {
  import wasi:clocks/monotonic-clock@0.2.0;
  import wasi:cli/environment@0.2.0;
  import wasi:random/random@0.2.0;

  export run-wasi-clock: func(count: u32);
  export run-wasi-environment: func(count: u32);
  export run-wasi-random: func(count: u32);
  /// The number of variables, and the length of the last one's value.
  export variables: func() -> tuple<u32, u32>;
}

package wasi:clocks@0.2.0 {
  interface monotonic-clock {
    type instant = u64;
    now: func() -> instant;
  }
}

package wasi:cli@0.2.0 {
  interface environment {
    get-environment: func() -> list<tuple<string, string>>;
  }
}

package wasi:random@0.2.0 {
  interface random {
    get-random-u64: func() -> u64;
  }
}
`;

const GET_ENVIRONMENT = `(global.set $heap (i32.const ${HEAP_AT}))
      (call $get-environment (i32.const ${RETURN_AREA}))`;

export const WASI = `(module
  (import "wasi:clocks/monotonic-clock@0.2.0" "now" (func $now (result i64)))
  (import "wasi:cli/environment@0.2.0" "get-environment" (func $get-environment (param i32)))
  (import "wasi:random/random@0.2.0" "get-random-u64" (func $get-random-u64 (result i64)))
  ${allocator(1, HEAP_AT)}
  ${loop("wasi-clock", "(drop (call $now))")}
  ${loop("wasi-environment", GET_ENVIRONMENT)}
  ${loop("wasi-random", "(drop (call $get-random-u64))")}
  (func (export "variables") (result i32)
    (local $list i32)
    (local $length i32)
    ${GET_ENVIRONMENT}
    (local.set $list (i32.load (i32.const ${RETURN_AREA})))
    (local.set $length (i32.load (i32.const ${RETURN_AREA + 4})))
    (i32.store (i32.const 0) (local.get $length))
    (i32.store (i32.const 4)
      (i32.load offset=12 (i32.add (local.get $list)
        (i32.mul (i32.sub (local.get $length) (i32.const 1)) (i32.const 16)))))
    (i32.const 0)))`;
