/** What a guest can do wrong with handles, row by row. Each row is an export of one guest, and traps. */

export interface Misuse {
  readonly name: string;
  /** The body of a function with the locals `$a`, `$b` and `$c`; what it leaves on the stack is dropped. */
  readonly wat: string;
  /** Part of the message. */
  readonly message: RegExp;
  /** Calls of the library before the misuse. */
  readonly calls?: number;
  /** Reps that the library ended before the misuse. */
  readonly consumed?: number;
}

const ITEM = "(call $store.item.new (i32.const 7))";
const OTHER = "(call $store.other.new (i32.const 8))";
const FOREIGN = "(call $elsewhere.item.new (i32.const 9))";
/** An item in each of `$a`, `$b` and `$c`. */
const THREE = `(local.set $a ${ITEM}) (local.set $b ${ITEM}) (local.set $c ${ITEM})`;
const look = (handle: string): string => `(drop (call $store.look ${handle}))`;
const take = (handle: string): string => `(drop (call $store.take ${handle}))`;
const dropItem = (handle: string): string => `(call $store.item.drop ${handle})`;
const get = (handle: string): string => `(drop (call $store.item.get ${handle}))`;
const [A, B, C] = ["(local.get $a)", "(local.get $b)", "(local.get $c)"];
const int = (value: number): string => `(i32.const ${value})`;
/** Words in memory from 64 on, where the rows have their lists. */
const words = (...values: readonly string[]): string =>
  values.map((value, index) => `(i32.store (i32.const ${64 + 4 * index}) ${value})`).join(" ");
/** The list of those words as two arguments. */
const listOf = (count: number): string => `(i32.const 64) (i32.const ${count})`;

const unknown = (index: number): RegExp => new RegExp(`unknown handle index ${index}$`);
const mistaken = (found: string, wanted: string): RegExp =>
  new RegExp(`handle index \\d+ is of resource \\S*${found}, \\S*${wanted} is expected`);
const UNKNOWN = /unknown handle index \d+$/;
const LENT = /is lent and cannot be given up now/;
const LEAVES = /the guest called an import (?:while it must not leave|from inside its own realloc)/;

const neverMade: readonly Misuse[] = [
  { name: "handle 0 lent", wat: look(int(0)), message: unknown(0) },
  { name: "handle 0 given", wat: take(int(0)), message: unknown(0) },
  { name: "handle 0 as self", wat: get(int(0)), message: unknown(0) },
  { name: "handle 0 dropped", wat: dropItem(int(0)), message: unknown(0) },
  { name: "a handle that nobody made", wat: THREE + look(int(4)), message: unknown(4) },
  { name: "a handle far beyond the table", wat: THREE + look(int(2 ** 28)), message: unknown(2 ** 28) },
  { name: "the largest positive handle", wat: THREE + take(int(2 ** 31 - 1)), message: unknown(2 ** 31 - 1) },
  { name: "a negative handle", wat: THREE + look(int(-1)), message: unknown(2 ** 32 - 1) },
  { name: "a negative handle dropped", wat: THREE + dropItem(int(-3)), message: unknown(2 ** 32 - 3) },
  { name: "the most negative handle", wat: THREE + get(int(-(2 ** 31))), message: unknown(2 ** 31) },
  {
    name: "a handle with its highest bit set",
    wat: `${THREE}${look(`(i32.or ${A} (i32.const 0x80000000))`)}`,
    message: UNKNOWN,
  },
  // The first rep of the library is 0, the second this.
  { name: "a rep for a handle", wat: THREE + look("(i32.const 0x9e3779b1)"), message: unknown(0x9e3779b1) },
  {
    name: "an address of the guest's memory",
    wat: `${words(ITEM)}${look("(i32.const 64)")}`,
    message: unknown(64),
  },
];

const givenUp: readonly Misuse[] = [
  { name: "dropped, then lent", wat: THREE + dropItem(B) + look(B), message: unknown(2) },
  { name: "dropped, then given", wat: THREE + dropItem(B) + take(B), message: unknown(2) },
  { name: "dropped, then self", wat: THREE + dropItem(B) + get(B), message: unknown(2) },
  { name: "dropped twice", wat: THREE + dropItem(B) + dropItem(B), message: unknown(2) },
  { name: "given, then lent", wat: THREE + take(C) + look(C), message: unknown(3), calls: 1, consumed: 1 },
  { name: "given twice", wat: THREE + take(C) + take(C), message: unknown(3), calls: 1, consumed: 1 },
  {
    name: "given, then dropped",
    wat: THREE + take(C) + dropItem(C),
    message: unknown(3),
    calls: 1,
    consumed: 1,
  },
  { name: "given, then self", wat: THREE + take(C) + get(C), message: unknown(3), calls: 1, consumed: 1 },
  {
    name: "given to a static function, then lent",
    wat: `${THREE}(local.set $c (call $store.item.merge ${B} ${C}))${look(B)}`,
    // The result has taken the index that was given up last.
    message: unknown(2),
    calls: 1,
    consumed: 2,
  },
  {
    name: "a stale index that another resource has now",
    wat: `${THREE}${dropItem(B)}(local.set $c ${OTHER})${look(B)}`,
    message: mistaken("other", "item"),
  },
];

const mistakenType: readonly Misuse[] = [
  { name: "another resource lent", wat: look(OTHER), message: mistaken("other", "item") },
  { name: "another resource given", wat: take(OTHER), message: mistaken("other", "item") },
  { name: "another resource as self", wat: get(OTHER), message: mistaken("other", "item") },
  { name: "another resource dropped", wat: dropItem(OTHER), message: mistaken("other", "item") },
  {
    name: "the other way round",
    wat: `(drop (call $store.other.get ${ITEM}))`,
    message: mistaken("item", "other"),
  },
  { name: "a resource of that name elsewhere lent", wat: look(FOREIGN), message: mistaken("item", "item") },
  { name: "a resource of that name elsewhere given", wat: take(FOREIGN), message: mistaken("item", "item") },
  {
    name: "a resource of that name elsewhere dropped",
    wat: dropItem(FOREIGN),
    message: mistaken("item", "item"),
  },
  {
    name: "ours given elsewhere",
    wat: `(drop (call $elsewhere.take ${ITEM}))`,
    message: mistaken("item", "item"),
  },
  {
    name: "two resources exchanged",
    wat: `(drop (call $store.take-other ${OTHER} ${ITEM}))`,
    message: mistaken("other", "item"),
  },
  {
    name: "a stream of WASI lent",
    wat: look("(call $stdin.get-stdin)"),
    message: mistaken("input-stream", "item"),
  },
  {
    name: "a stream of WASI given",
    wat: take("(call $stdin.get-stdin)"),
    message: mistaken("input-stream", "item"),
  },
  {
    name: "a stream of WASI dropped as ours",
    wat: dropItem("(call $stdin.get-stdin)"),
    message: mistaken("input-stream", "item"),
  },
  {
    name: "ours read as a stream of WASI",
    wat: `(call $streams.input-stream.blocking-read ${ITEM} (i64.const 1) (i32.const 16))`,
    message: mistaken("item", "input-stream"),
  },
  {
    name: "ours dropped as a stream of WASI",
    wat: `(call $streams.input-stream.drop ${ITEM})`,
    message: mistaken("item", "input-stream"),
  },
];

const inOneCall: readonly Misuse[] = [
  {
    name: "given, and lent after that",
    wat: `${THREE}(drop (call $store.take-look ${B} ${B}))`,
    message: unknown(2),
  },
  {
    name: "lent, and given after that",
    wat: `${THREE}(drop (call $store.look-take ${B} ${B}))`,
    message: LENT,
  },
  {
    name: "given twice in one call",
    wat: `${THREE}(drop (call $store.take-two ${B} ${B}))`,
    message: unknown(2),
  },
  {
    name: "given twice to a static function",
    wat: `${THREE}(drop (call $store.item.merge ${B} ${B}))`,
    message: unknown(2),
  },
  {
    name: "a good self, a bad argument",
    wat: `${THREE}(drop (call $store.item.join ${B} (i32.const 9)))`,
    message: unknown(9),
  },
  { name: "twice in a record", wat: `${THREE}(drop (call $store.take-pair ${B} ${B}))`, message: unknown(2) },
  {
    name: "twice in a list",
    wat: `${THREE}${words(A, B, A)}(drop (call $store.take-list ${listOf(3)}))`,
    message: unknown(1),
  },
  {
    name: "an element that was changed in memory",
    wat: `${THREE}${words(A, B, C)}
      (i32.store (i32.const 72) (i32.add (i32.load (i32.const 72)) (i32.const 1)))
      (drop (call $store.take-list ${listOf(3)}))`,
    message: unknown(4),
  },
  {
    name: "a list that is longer than its handles",
    wat: `${THREE}${words(A, B)}(drop (call $store.take-list ${listOf(3)}))`,
    message: unknown(0),
  },
  {
    name: "a dropped element in a list of borrows",
    wat: `${THREE}${words(A, B, C)}${dropItem(C)}(drop (call $store.look-list ${listOf(3)}))`,
    message: unknown(3),
  },
  {
    name: "another resource in a list of borrows",
    wat: `${words(ITEM, OTHER)}(drop (call $store.look-list ${listOf(2)}))`,
    message: mistaken("other", "item"),
  },
  {
    name: "twice across the records of a list",
    wat: `${THREE}${words(A, B, C, A)}(drop (call $store.take-pairs ${listOf(2)}))`,
    message: unknown(1),
  },
  {
    name: "twice across the lists of a list",
    // Two lists of two, behind their pointers and lengths.
    wat: `${THREE}${words(int(80), int(2), int(88), int(2), A, B, C, B)}(drop (call $store.take-nested ${listOf(2)}))`,
    message: unknown(2),
  },
  {
    name: "some of handle 0",
    wat: `(drop (call $store.take-option (i32.const 1) (i32.const 0)))`,
    message: unknown(0),
  },
  {
    name: "some of a dropped handle",
    wat: `${THREE}${dropItem(A)}(drop (call $store.take-option (i32.const 1) ${A}))`,
    message: unknown(1),
  },
  {
    name: "ok with what belongs to err",
    wat: `(drop (call $store.take-result (i32.const 0) ${OTHER}))`,
    message: mistaken("other", "item"),
  },
  {
    name: "err with what belongs to ok",
    wat: `(drop (call $store.take-result (i32.const 1) ${ITEM}))`,
    message: mistaken("item", "other"),
  },
  {
    name: "another resource in a case",
    wat: `(drop (call $store.take-choice (i32.const 1) ${OTHER} (i32.const 0)))`,
    message: mistaken("other", "item"),
  },
  {
    name: "twice in the tuple of a case",
    wat: `${THREE}(drop (call $store.take-choice (i32.const 3) ${A} ${A}))`,
    message: unknown(1),
  },
  {
    name: "twice across the cases of a list",
    // Cases of twelve bytes: one(a), two(b, a).
    wat: `${THREE}${words(int(1), A, int(0), int(3), B, A)}(drop (call $store.take-choices ${listOf(2)}))`,
    message: unknown(1),
  },
  {
    name: "a case that there is not, behind a good one",
    wat: `${THREE}${words(int(1), A, int(0), int(4), B, C)}(drop (call $store.take-choices ${listOf(2)}))`,
    message: /discriminant|case/,
  },
  {
    name: "a good list behind a bad one",
    wat: `${THREE}${words(int(80), int(2), int(81), int(1), A, B)}(drop (call $store.take-nested ${listOf(2)}))`,
    message: /not 4-aligned/,
  },
  {
    name: "given and lent among arguments in memory",
    // A u64, fifteen words, the item at 68 of the block and the borrow at 72.
    wat: `${THREE}(i32.store (i32.const 132) ${C}) (i32.store (i32.const 136) ${C})
      (drop (call $store.take-spilled (i32.const 64)))`,
    message: unknown(3),
  },
  {
    name: "handle 0 among arguments in memory",
    wat: `${THREE}(i32.store (i32.const 132) ${C}) (drop (call $store.take-spilled (i32.const 64)))`,
    message: unknown(0),
  },
];

/** The guest's own realloc, called while a result of two texts is delivered, uses handles: it must not call out. */
const inRealloc: readonly Misuse[] = ["drop", "look", "new"].map((act, index) => ({
  name: `${act} in realloc`,
  wat: `${THREE}(global.set $act (i32.const ${index})) (global.set $realloc_fails (i32.const 3))
    (call $store.words ${A} (i32.const 16))`,
  message: LEAVES,
  calls: 1,
}));

export const IN_REALLOC = `
  (if (i32.eq (global.get $act) (i32.const 0)) (then (call $store.item.drop (i32.const 1))))
  (if (i32.eq (global.get $act) (i32.const 1)) (then (drop (call $store.look (i32.const 1)))))
  (if (i32.eq (global.get $act) (i32.const 2)) (then (drop ${ITEM})))`;

export const MISUSES: readonly Misuse[] = [
  ...neverMade,
  ...givenUp,
  ...mistakenType,
  ...inOneCall,
  ...inRealloc,
];

/** Every function with what it is for: 1 to 3 are items, 4 is an other. Leaves two items. */
export const HONEST = `
  ${THREE}
  (drop (call $store.take-look ${B} ${A})) (local.set $b ${ITEM})
  (drop (call $store.look-take ${A} ${B})) (local.set $b ${ITEM})
  (drop (call $store.take-two ${B} ${C})) (local.set $b ${ITEM}) (local.set $c ${ITEM})
  (drop (call $store.take-other ${C} ${OTHER})) (local.set $c ${ITEM})
  (drop (call $store.take-pair ${B} ${C})) (local.set $b ${ITEM}) (local.set $c ${ITEM})
  ${words(B, C)} (drop (call $store.take-list ${listOf(2)}))
  ${words(A, A)} (drop (call $store.look-list ${listOf(2)}))
  ${words(ITEM, ITEM, ITEM, ITEM)} (drop (call $store.take-pairs ${listOf(2)}))
  ${words(int(80), int(2), int(88), int(1), ITEM, ITEM, ITEM)} (drop (call $store.take-nested ${listOf(2)}))
  (drop (call $store.take-option (i32.const 1) ${ITEM})) (drop (call $store.take-option (i32.const 0) (i32.const 99)))
  (drop (call $store.take-result (i32.const 0) ${ITEM})) (drop (call $store.take-result (i32.const 1) ${OTHER}))
  (drop (call $store.take-choice (i32.const 0) (i32.const 99) (i32.const 99)))
  (drop (call $store.take-choice (i32.const 3) ${ITEM} ${ITEM}))
  ${words(int(1), ITEM, int(0), int(3), ITEM, ITEM)} (drop (call $store.take-choices ${listOf(2)}))
  (local.set $b ${ITEM})
  (i32.store (i32.const 132) ${B}) (i32.store (i32.const 136) ${A}) (drop (call $store.take-spilled (i32.const 64)))
  (call $store.words ${A} (i32.const 16))
  (drop (call $store.item.join ${A} ${A}))
  ${get(A)} (drop (call $store.other.get ${OTHER}))
  (drop (call $elsewhere.look ${FOREIGN})) (drop (call $elsewhere.take ${FOREIGN}))`;
