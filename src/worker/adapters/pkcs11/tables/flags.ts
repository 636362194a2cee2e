/** Flags of slots, tokens and mechanisms (pkcs11t.h of v2.40, errata 1). */
import type { SlotsMechanismFlags, SlotsSlotFlags, SlotsTokenFlags } from "../bindings.ts";

function has(value: bigint, bit: bigint): boolean {
  return (value & bit) !== 0n;
}

export function slotFlags(value: bigint): SlotsSlotFlags {
  return {
    tokenPresent: has(value, 0x1n),
    removableDevice: has(value, 0x2n),
    hwSlot: has(value, 0x4n),
  };
}

export function tokenFlags(value: bigint): SlotsTokenFlags {
  return {
    rng: has(value, 0x1n),
    writeProtected: has(value, 0x2n),
    loginRequired: has(value, 0x4n),
    userPinInitialized: has(value, 0x8n),
    restoreKeyNotNeeded: has(value, 0x20n),
    clockOnToken: has(value, 0x40n),
    protectedAuthenticationPath: has(value, 0x100n),
    dualCryptoOperations: has(value, 0x200n),
    tokenInitialized: has(value, 0x400n),
    secondaryAuthentication: has(value, 0x800n),
    userPinCountLow: has(value, 0x1_0000n),
    userPinFinalTry: has(value, 0x2_0000n),
    userPinLocked: has(value, 0x4_0000n),
    userPinToBeChanged: has(value, 0x8_0000n),
    soPinCountLow: has(value, 0x10_0000n),
    soPinFinalTry: has(value, 0x20_0000n),
    soPinLocked: has(value, 0x40_0000n),
    soPinToBeChanged: has(value, 0x80_0000n),
    errorState: has(value, 0x100_0000n),
  };
}

export function mechanismFlags(value: bigint): SlotsMechanismFlags {
  return {
    hw: has(value, 0x1n),
    encrypt: has(value, 0x100n),
    decrypt: has(value, 0x200n),
    digest: has(value, 0x400n),
    sign: has(value, 0x800n),
    signRecover: has(value, 0x1000n),
    verify: has(value, 0x2000n),
    verifyRecover: has(value, 0x4000n),
    generate: has(value, 0x8000n),
    generateKeyPair: has(value, 0x1_0000n),
    wrap: has(value, 0x2_0000n),
    unwrap: has(value, 0x4_0000n),
    derive: has(value, 0x8_0000n),
    ecFP: has(value, 0x10_0000n),
    ecF2m: has(value, 0x20_0000n),
    ecParameters: has(value, 0x40_0000n),
    ecNamedCurve: has(value, 0x80_0000n),
    ecUncompress: has(value, 0x100_0000n),
    ecCompress: has(value, 0x200_0000n),
  };
}
