/**
 * The oracle: a slow, obvious reading of CanonicalABI.md from the guest's side, sharing no code with the
 * compiler under test.
 */
export { asLiftedCore, liftArguments } from "./callee.ts";
export { asGuestImport, callFromGuest, coreSignature } from "./guest.ts";
export { GuestMemory, OracleTrap } from "./memory.ts";
