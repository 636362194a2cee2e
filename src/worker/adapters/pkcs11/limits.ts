/** Bounds for what a guest asks for and what a module claims. */

/** What a module may say a value, a signature or a text has, in bytes. */
export const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** Slots, or mechanisms of a slot. */
export const MAX_LISTED = 65_536;

/** Attributes in one template. */
export const MAX_ATTRIBUTES = 1024;

/** Sessions of one run, those of operations among them. */
export const MAX_SESSIONS = 1024;

/** Bytes of `generate-random`. */
export const MAX_RANDOM_BYTES = 16 * 1024 * 1024;

export const MAX_PIN_BYTES = 1024;

/** How many wrong PINs a run may try, so that it cannot lock a token by guessing. */
export const MAX_WRONG_PINS = 3;

/** How often a length is asked for again where a value grows meanwhile. */
export const MAX_ATTEMPTS = 3;
