/** A fault found in a binary: what, where in its structure (outermost first) and at which byte. */
export class BinaryFault extends Error {
  readonly detail: string;
  readonly trail: readonly string[];
  readonly offset: number;
  readonly help: string | undefined;

  constructor(detail: string, trail: readonly string[], offset: number, help?: string) {
    super([...trail, detail].join(": "));
    this.name = "BinaryFault";
    this.detail = detail;
    this.trail = trail;
    this.offset = offset;
    this.help = help;
  }
}

/**
 * Where in the structure the decoder is. Segments are popped on return only: a fault keeps the trail it was
 * found at, and nothing is decoded after a fault.
 */
export class Trail {
  readonly #segments: string[] = [];

  /** Runs `body` one level further in. */
  within<T>(segment: string, body: () => T): T {
    this.#segments.push(segment);
    const result = body();
    this.#segments.pop();
    return result;
  }

  /** @throws {BinaryFault} always */
  fail(detail: string, offset: number, help?: string): never {
    throw new BinaryFault(detail, [...this.#segments], offset, help);
  }
}

/** Characters of a name that a message shows. */
const SHOWN = 100;

/** A name from a binary, as a message can show it: quoted, cut, and nothing in it but printable ASCII. */
export function quote(name: string): string {
  const shown = name.length > SHOWN ? `${name.slice(0, SHOWN)}…` : name;
  return JSON.stringify(shown).replaceAll(/[^\u0020-\u007e…]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
