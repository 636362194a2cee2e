/**
 * What wit-bindgen's runtime tests of resources do (`tests/runtime/resource*`), seen from the importing side: a guest of
 * our own, and a library that serves it. Both share one WIT text; its world `guest` is the guest's.
 */
export interface Scenario {
  readonly name: string;
  readonly wit: string;
  /** Comes after the census. */
  readonly c: string;
  readonly wat: string;
  /** What the guest notes. */
  readonly numbers: readonly number[];
  readonly texts: readonly string[];
  /** Reps made, and how many of them the library ended itself; the host drops the others. */
  readonly made: number;
  readonly consumed: number;
}
