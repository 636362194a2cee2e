/** Slots and tokens, and which of them a guest sees. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Pkcs11Module } from "../../../../src/worker/adapters/pkcs11/native/module.ts";
import { softhsm } from "../../../support/softhsm.ts";
import { bad, beginRun, closeModule, type CountedCryptoki, good, moduleOf, type Run } from "./serve.ts";
import { openSoftHsm } from "./softhsm.ts";

describe.skipIf(!softhsm.available)(`slots ${softhsm.reason}`, () => {
  let cryptoki: CountedCryptoki;
  let module: Pkcs11Module;
  let run: Run;
  let first: bigint;
  let second: bigint;

  beforeAll(() => {
    cryptoki = openSoftHsm("first", "second");
    module = moduleOf(cryptoki);
    run = beginRun(module);
    first = good(run.slots.findToken("first"));
    second = good(run.slots.findToken("second"));
  });
  afterAll(() => closeModule(module, cryptoki));

  test("the module says what it is", () => {
    expect(good(run.slots.getModuleInfo())).toMatchObject({
      cryptokiVersion: { major: 2, minor: 40 },
      manufacturer: "SoftHSM",
      description: "Implementation of PKCS11",
    });
  });

  test("two tokens, and a slot for the next", () => {
    const all = good(run.slots.listSlots(true));
    expect(all).toContain(first);
    expect(all).toContain(second);
    expect(good(run.slots.getSlotInfo(first))).toMatchObject({
      manufacturer: "SoftHSM project",
      flags: { tokenPresent: true, removableDevice: false, hwSlot: false },
    });
    expect(good(run.slots.getTokenInfo(first))).toMatchObject({
      label: "first",
      model: "SoftHSM v2",
      flags: {
        rng: true,
        loginRequired: true,
        userPinInitialized: true,
        tokenInitialized: true,
        userPinLocked: false,
      },
      maxPinBytes: 255n,
      minPinBytes: 4n,
      totalPublicBytes: undefined,
    });
    expect(bad(run.slots.getTokenInfo(12_345n))).toBe("slot-id-invalid");
    expect(bad(run.slots.findToken("third"))).toBe("token-not-present");
  });

  test("mechanisms", () => {
    const mechanisms = good(run.slots.listMechanisms(first));
    expect(mechanisms).toContainEqual({ tag: "aes-gcm" });
    expect(mechanisms).toContainEqual({ tag: "other", val: 0x210n });
    const info = good(run.slots.getMechanismInfo(first, { tag: "rsa-pkcs-key-pair-gen" }));
    expect(info).toMatchObject({ flags: { generateKeyPair: true, sign: false } });
    expect(info.maxKeySize).toBeGreaterThan(2048n);
    expect(bad(run.slots.getMechanismInfo(first, { tag: "other", val: 0xffff_ffffn }))).toBe(
      "mechanism-invalid",
    );
  });

  test.each<readonly [how: string, settings: () => Parameters<typeof beginRun>[1]]>([
    ["label", () => ({ tokenLabels: new Set(["second"]) })],
    ["slot", () => ({ slots: new Set([second]) })],
    ["both", () => ({ slots: new Set([first, second]), tokenLabels: new Set(["second", "third"]) })],
  ])("a config hides tokens by %s", (_, settings) => {
    const limited = beginRun(module, settings());
    expect(good(limited.slots.listSlots(true))).toEqual(BigUint64Array.of(second));
    expect(good(limited.slots.listSlots(false))).toEqual(BigUint64Array.of(second));
    expect(bad(limited.slots.findToken("first"))).toBe("token-not-present");
    for (const result of [
      limited.slots.getSlotInfo(first),
      limited.slots.getTokenInfo(first),
      limited.slots.listMechanisms(first),
      limited.slots.getMechanismInfo(first, { tag: "sha256" }),
      limited.sessions.open(first, "read-only"),
    ])
      expect(bad(result)).toBe("slot-id-invalid");
    expect(good(limited.open(second).getInfo())).toMatchObject({ slot: second, mode: "read-write" });
    limited.end();
  });
});
