/** Why a component of a script does not get as far as running. */
export type RefusedBy =
  /** The assembler of this repository's toolchain does not take the text. */
  | "assembler"
  /** Decoder, check of core modules or engine: the component is not valid. */
  | "validation"
  /** It may be valid, but the decoder does not take such things: WIT has none of them. */
  | "model"
  /** It may be valid, but our own linker leaves it to jco. */
  | "planner"
  /** What it imports is not there, or is something else. */
  | "imports";

export class Refused extends Error {
  readonly by: RefusedBy;

  constructor(by: RefusedBy, message: string, cause?: unknown) {
    super(`refused by ${by}: ${message}`, cause === undefined ? undefined : { cause });
    this.name = "Refused";
    this.by = by;
  }
}
