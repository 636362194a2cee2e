/** Messages of traps: what scripts expect, in the words of wasmtime or the specification, and how we say it. */

/** The first row whose left side is in the expected message decides; any further message must be in ours as it is. */
const WORDS: readonly (readonly [expected: RegExp, ours: RegExp])[] = [
  [/used with the wrong type/, /is of resource .* is expected/],
  [/unreachable/, /unreachable/],
  [
    /cannot leave component instance/,
    /must not leave its component instance|inside its own realloc or post-return/,
  ],
  [/not aligned|unaligned/, /which is not \d-aligned|is not \d-aligned/],
  [/out.of.bounds|beyond end of memory/, /the memory's \d+|out of bounds|exceeds 268435455/],
  [/discriminant/, /is not one of \d+ cases/],
  [/invalid `char`/, /is not a Unicode scalar value/],
  [/utf-8/, /not well-formed UTF-8/],
  [/utf-16/, /not well-formed UTF-16/],
  [/owned resource while borrowed/, /is lent and cannot be given up/],
  [/borrow handles still remain|drop.*borrow/, /borrow/],
  [/uncaught exception/, /exception was not caught|threw an exception/],
  [/divide by zero/, /divide by zero/],
];

/** Whether a trap has the cause that the script names; no message stands for any cause. */
export function isExpectedTrap(expected: string, message: string): boolean {
  const row = WORDS.find(([words]) => words.test(expected));
  return row === undefined ? message.includes(expected) : row[1].test(message);
}
