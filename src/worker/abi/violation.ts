/**
 * A rule of the Canonical ABI or of the native ABI that a value breaks. It says what is wrong and, as it
 * travels outward, where; whose fault it is only the caller knows (guest before the call, library after it).
 */
export class Violation extends Error {
  /** Outermost segment first: `.name`, `[3]`, `::case`. */
  path = "";
  /** The guest's even after the call: its `realloc` gave garbage. */
  isGuestFault = false;

  constructor(message: string) {
    super(message);
    this.name = "Violation";
  }
}

/** The same error seen from one level further out; anything but a violation passes unchanged. */
export function within(error: unknown, segment: string): unknown {
  if (error instanceof Violation) error.path = segment + error.path;
  return error;
}
