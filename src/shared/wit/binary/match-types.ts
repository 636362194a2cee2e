/** Whether what is given is what was declared (Explainer.md, "Type Checking"; Subtyping.md: types of functions are equal). */
import { type Comparison, sameFunc, sameType } from "../equal.ts";
import type { FuncEntity, TypeEntity } from "./entities.ts";
import type { Trail } from "./trail.ts";

export class Matcher {
  readonly #trail: Trail;
  readonly #count: (offset: number) => void;

  /** `count` is told of each pair of types that is compared. */
  constructor(trail: Trail, count: (offset: number) => void) {
    this.#trail = trail;
    this.#count = count;
  }

  func(declared: FuncEntity, given: FuncEntity, offset: number): void {
    // What is not supported is refused where it is used.
    if (declared.kind === "unsupported" || given.kind === "unsupported") return;
    if (!sameFunc(declared.type, given.type, this.#comparison(offset)))
      this.#trail.fail("the function that is given has another type than declared", offset);
  }

  type(declared: TypeEntity, given: TypeEntity, offset: number): void {
    if (declared.kind === "unsupported" || given.kind === "unsupported") return;
    const isSame =
      declared.kind === "value" && given.kind === "value"
        ? sameType(declared.type, given.type, this.#comparison(offset))
        : declared.kind === "resource" && given.kind === "resource"
          ? declared.resource === given.resource
          : declared.kind === given.kind;
    if (!isSame) this.#trail.fail("the type that is given is another than declared", offset);
  }

  /** Inside one component a resource is itself, whatever it is called. */
  #comparison(offset: number): Comparison {
    return { sameResource: (left, right) => left === right, count: () => this.#count(offset) };
  }
}
