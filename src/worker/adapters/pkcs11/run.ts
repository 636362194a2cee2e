/** What one run has open. */
import { check, isRv, refuse } from "./failure.ts";
import { MAX_PIN_BYTES, MAX_SESSIONS, MAX_WRONG_PINS } from "./limits.ts";
import type { Ulong } from "./native/cryptoki.ts";
import { withFrame } from "./native/frame.ts";
import type { Pkcs11Module } from "./native/module.ts";
import { SessionHandle } from "./native/session-handle.ts";
import type { Settings } from "./settings.ts";
import { isVisible } from "./visible.ts";

export class Run {
  readonly module: Pkcs11Module;
  readonly settings: Settings;
  readonly sessions = new Set<SessionHandle>();
  #wrongPins = 0;

  constructor(module: Pkcs11Module, settings: Settings) {
    this.module = module;
    this.settings = settings;
  }

  /** Throws a return value: also for what the config does not allow. */
  open(slot: bigint, isReadWrite: boolean): SessionHandle {
    if (!isVisible(this, slot)) refuse("slot-id-invalid");
    if (isReadWrite && this.settings.readOnly) refuse("session-read-only");
    if (this.sessions.size >= MAX_SESSIONS) refuse("session-count");
    return new SessionHandle(this, slot, isReadWrite);
  }

  /** Refuses keys from outside unless the config allows them: with bad ones modules are at their weakest. */
  checkImport(): void {
    if (!this.settings.allowImport) refuse("action-prohibited");
  }

  /**
   * Passes PINs to the module. The arrays, and what native memory had of them, are zeros afterwards, whatever
   * happens. Throws the return value where that is not `CKR_OK`.
   */
  withPins(
    pins: readonly Uint8Array[],
    use: (...pins: readonly { readonly address: number; readonly bytes: number }[]) => Ulong,
  ): void {
    try {
      if (this.#wrongPins >= MAX_WRONG_PINS) refuse("action-prohibited");
      if (pins.some((pin) => pin.length > MAX_PIN_BYTES)) refuse("pin-len-range");
      const rv = withFrame((frame) =>
        use(...pins.map((pin) => ({ address: frame.copy(pin), bytes: pin.length }))),
      );
      if (isRv(rv, "pin-incorrect")) this.#wrongPins += 1;
      check(rv);
    } finally {
      for (const pin of pins) pin.fill(0);
    }
  }

  /** Closes what the guest left open; ends its logins. */
  end(): void {
    for (const session of this.sessions) session.close();
  }
}
