/** How a run can end while reps are alive, row by row. Each row is an export of one guest without parameters and result. */
import type { ErrorCode } from "hostbundle";

export interface Ending {
  readonly name: string;
  /** The body of the export, with the local `$a`. */
  readonly wat: string;
  /** Absent: the run is ok. */
  readonly code?: ErrorCode;
  readonly made: number;
  readonly consumed?: number;
  readonly calls?: number;
}

const ITEM = "(call $store.item.new (i32.const 1))";
const THREE = `(drop ${ITEM}) (drop ${ITEM}) (drop ${ITEM})`;
const FAILING_REALLOC = "(global.set $realloc_fails (i32.const 1))";
const LYING_REALLOC = "(global.set $realloc_fails (i32.const 2))";
/** The one after so many good ones fails. */
const failingAfter = (good: number): string =>
  `(global.set $left (i32.const ${good})) (global.set $realloc_fails (i32.const 3))`;
const parcel = (flaw: number): string => `(call $store.give-parcel (i32.const ${flaw}) (i32.const 64))`;

export const IN_REALLOC = `
  (if (i32.eqz (global.get $left)) (then unreachable))
  (global.set $left (i32.sub (global.get $left) (i32.const 1)))`;

const ofTheGuest: readonly Ending[] = [
  { name: "returns and leaves all", wat: THREE, made: 3 },
  {
    name: "drops what it made",
    wat: `${THREE} (call $store.item.drop ${ITEM}) (call $store.item.drop (i32.const 2))`,
    made: 4,
  },
  {
    name: "gives what it made",
    wat: `${THREE} (call $store.take (i32.const 3)) (call $store.take (i32.const 1))`,
    made: 3,
    consumed: 2,
    calls: 2,
  },
  {
    name: "sends one around and leaves it",
    wat: "(drop (call $store.echo (call $store.echo (call $store.item.new (i32.const 1)))))",
    made: 1,
    calls: 2,
  },
  {
    name: "makes many and drops the first of each two",
    wat: `(loop $again
      (call $store.item.drop ${ITEM}) (drop ${ITEM})
      (br_if $again (i32.lt_u (local.tee $a (i32.add (local.get $a) (i32.const 1))) (i32.const 100))))`,
    made: 200,
  },
  {
    name: "has a list of them",
    wat: "(call $store.items (i32.const 50) (i32.const 64))",
    made: 50,
    calls: 1,
  },
  { name: "has a record of them", wat: parcel(0), made: 5, calls: 1 },
  {
    name: "has cases of them",
    wat: "(call $store.give-wrapped (i32.const 0) (i32.const 64))",
    made: 6,
    calls: 1,
  },
  {
    name: "has an ok and a some",
    wat: "(call $store.give-outcome (i32.const 0) (i32.const 64)) (call $store.give-option (i32.const 64)) (call $store.give-letter (i32.const 0) (i32.const 64))",
    made: 3,
    calls: 3,
  },
  { name: "unreachable", wat: `${THREE} unreachable`, code: "TRAP", made: 3 },
  { name: "reads out of bounds", wat: `${THREE} (drop (i32.load (i32.const -4)))`, code: "TRAP", made: 3 },
  { name: "runs out of stack", wat: `${THREE} (call $deeper)`, code: "TRAP", made: 3 },
  { name: "throws", wat: `${THREE} (throw $thrown)`, code: "TRAP", made: 3 },
  { name: "exits with 0", wat: `${THREE} (call $exit.exit-with-code (i32.const 0))`, made: 3 },
  {
    name: "exits with 7",
    wat: `${THREE} (call $exit.exit-with-code (i32.const 7))`,
    code: "GUEST_EXIT",
    made: 3,
  },
  { name: "says more than it may", wat: `${THREE} (call $chatter)`, code: "OUTPUT_LIMIT", made: 3 },
  {
    name: "uses a handle that is none",
    wat: `${THREE} (call $store.item.drop (i32.const 9))`,
    code: "TRAP",
    made: 3,
  },
];

/** Owned handles that were lifted for a call that was not made. */
const ofArguments: readonly Ending[] = [
  {
    name: "a text behind an owned handle is no UTF-8",
    wat: `(call $store.send ${ITEM} (i32.const 1024) (i32.const 2) ${ITEM})`,
    code: "TRAP",
    made: 2,
  },
  {
    name: "a text behind an owned handle lies out of bounds",
    wat: `(call $store.send ${ITEM} (i32.const -16) (i32.const 8) ${ITEM})`,
    code: "TRAP",
    made: 2,
  },
  {
    name: "a handle behind an owned one is none",
    wat: `(call $store.send ${ITEM} (i32.const 64) (i32.const 0) (i32.const 99))`,
    code: "TRAP",
    made: 1,
  },
  {
    name: "the result's pointer is misaligned",
    wat: `${ITEM} drop (call $store.items (i32.const 3) (i32.const 66))`,
    code: "TRAP",
    made: 1,
  },
];

/** Fresh reps in a result that cannot be delivered because of the guest. */
const ofRealloc: readonly Ending[] = [
  {
    name: "realloc traps under a list",
    wat: `${FAILING_REALLOC} (call $store.items (i32.const 4) (i32.const 64))`,
    code: "TRAP",
    made: 4,
    calls: 1,
  },
  {
    name: "realloc lies under a list",
    wat: `${LYING_REALLOC} (call $store.items (i32.const 4) (i32.const 64))`,
    code: "TRAP",
    made: 4,
    calls: 1,
  },
  {
    name: "realloc traps under a record",
    wat: `${FAILING_REALLOC} ${parcel(0)}`,
    code: "TRAP",
    made: 5,
    calls: 1,
  },
  {
    name: "realloc lies under a record",
    wat: `${LYING_REALLOC} ${parcel(0)}`,
    code: "TRAP",
    made: 5,
    calls: 1,
  },
  {
    name: "the second realloc traps",
    wat: `${failingAfter(1)} ${parcel(0)}`,
    code: "TRAP",
    made: 5,
    calls: 1,
  },
  {
    name: "the last realloc of several traps",
    wat: `${failingAfter(2)} (call $store.give-wrapped (i32.const 0) (i32.const 64))`,
    code: "TRAP",
    made: 6,
    calls: 1,
  },
  {
    name: "realloc drops what lies there already",
    wat: `(global.set $left (i32.const -1)) ${parcel(0)} (call $store.item.drop (i32.load (i32.const 64)))
      (call $store.item.drop (i32.load (i32.const 64)))`,
    code: "TRAP",
    made: 5,
    calls: 1,
  },
];

/** Fresh reps beside what is wrong: the fault is the library's. */
const ofTheLibrary: readonly Ending[] = [
  { name: "a name that is no UTF-8", wat: parcel(1), code: "HOST_FAULT", made: 5, calls: 1 },
  { name: "a letter that is no char", wat: parcel(2), code: "HOST_FAULT", made: 5, calls: 1 },
  { name: "both", wat: `${THREE} ${parcel(3)}`, code: "HOST_FAULT", made: 8, calls: 1 },
  {
    name: "an enum out of range",
    wat: "(call $store.give-mood (i32.const 1) (i32.const 64))",
    code: "HOST_FAULT",
    made: 1,
    calls: 1,
  },
  {
    name: "a case out of range among good ones",
    wat: "(call $store.give-wrapped (i32.const 1) (i32.const 64))",
    code: "HOST_FAULT",
    made: 6,
    calls: 1,
  },
  {
    name: "an error that is no UTF-8",
    wat: "(call $store.give-outcome (i32.const 1) (i32.const 64))",
    code: "HOST_FAULT",
    made: 1,
    calls: 1,
  },
  {
    name: "a list that is too long",
    wat: "(call $store.give-huge (i32.const 64))",
    code: "HOST_FAULT",
    made: 1,
    calls: 1,
  },
  {
    name: "a char out of range before a rep",
    wat: "(call $store.give-letter (i32.const 1) (i32.const 64))",
    code: "HOST_FAULT",
    made: 1,
    calls: 1,
  },
];

export const ENDINGS: readonly Ending[] = [...ofTheGuest, ...ofArguments, ...ofRealloc, ...ofTheLibrary];

/** What the rows call. */
export const ENDINGS_WAT = `
  (global $left (mut i32) (i32.const 0))
  (tag $thrown)
  (data (i32.const 1024) "\\c0\\80")
  (func $deeper (call $deeper) (call $deeper))
  (func $chatter (local $out i32)
    (local.set $out (call $stdout.get-stdout))
    (loop $again
      (call $streams.output-stream.blocking-write-and-flush (local.get $out) (i32.const 8192) (i32.const 4096) (i32.const 64))
      (br $again)))`;
