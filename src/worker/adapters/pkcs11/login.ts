/** Logging in: whose PIN it is, and what the config allows. */
import { refuse } from "./failure.ts";
import type { SessionHandle } from "./native/session-handle.ts";

/** `CKU_` */
const USERS = { "security-officer": 0, user: 1, "context-specific": 2 } as const;

/**
 * `C_Login`. Without a PIN the one of `pin-file` is used, or none: the reader asks for it. What is in `given` is wiped,
 * whatever happens. Throws the return value where that is not `CKR_OK`.
 */
export function login(session: SessionHandle, user: keyof typeof USERS, given: Uint8Array | undefined): void {
  const { run } = session;
  const { allowTokenInit, readPin } = run.settings;
  try {
    const isOfficer = user === "security-officer";
    if (isOfficer && !allowTokenInit) refuse("action-prohibited");
    // The host has the PIN so that guests need not know it, nor guess.
    if (given !== undefined && readPin !== undefined && !isOfficer) refuse("action-prohibited");
    session.checkOpen();
    const pin = given ?? (isOfficer ? undefined : readPin?.());
    run.withPins(pin === undefined ? [] : [pin], (...pins) =>
      session.tryCall("C_Login", USERS[user], pins[0]?.address ?? 0, pins[0]?.bytes ?? 0),
    );
    if (user !== "context-specific") session.noteLogin(true);
  } finally {
    given?.fill(0);
  }
}

/** `C_SetPIN` and `C_InitPIN`: the arrays are wiped, whatever happens. Throws return values. */
export function setPins(
  session: SessionHandle,
  name: "C_SetPIN" | "C_InitPIN",
  pins: readonly Uint8Array[],
  isAllowed: boolean,
): void {
  try {
    if (!isAllowed) refuse("action-prohibited");
    session.checkOpen();
    session.run.withPins(pins, (...pins) =>
      session.tryCall(name, ...pins.flatMap(({ address, bytes }) => [address, bytes])),
    );
  } finally {
    for (const pin of pins) pin.fill(0);
  }
}
