/** A key of the module, as operations are given it. */
import type { TypesMechanism } from "./bindings.ts";
import { answer, failWith, refuse } from "./failure.ts";
import { withFrame } from "./native/frame.ts";
import type { SessionHandle } from "./native/session-handle.ts";
import { keyTypeOf } from "./tables/mechanisms.ts";
import { readAttribute } from "./template.ts";

export class Key {
  readonly session: SessionHandle;
  readonly handle: bigint;
  /** Once it was asked for; it never changes. */
  #type: string | undefined;

  constructor(session: SessionHandle, handle: bigint) {
    this.session = session;
    this.handle = handle;
  }

  /**
   * Refuses a key of another type than the mechanism's before the module sees it: to check that is the module's duty,
   * but some crash instead (SoftHSM 2.6 did, with RSA without padding and an AES key).
   */
  checkFits(mechanism: TypesMechanism): void {
    this.session.checkOpen();
    const wanted = keyTypeOf(mechanism.tag);
    if (wanted === undefined) return;
    this.#type ??= this.#readType();
    // What a vendor calls its own the module knows better.
    if (this.#type !== wanted && this.#type !== "other") refuse("key-type-inconsistent");
  }

  #readType(): string {
    const attribute = answer(() =>
      withFrame((frame) =>
        readAttribute(frame, { tag: "key-type" }, (address, count) =>
          this.session.tryCall("C_GetAttributeValue", this.handle, address, count),
        ),
      ),
    );
    if (attribute.tag === "ok") return attribute.val.tag === "key-type" ? attribute.val.val.tag : "";
    switch (attribute.val.tag) {
      case "object-handle-invalid":
        return refuse("key-handle-invalid");
      case "attribute-type-invalid":
        // An object that is no key.
        return refuse("key-type-inconsistent");
      default:
        return failWith(attribute.val);
    }
  }
}
