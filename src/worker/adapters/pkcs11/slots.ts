/** The interface `slots`. */
import type { Slots, SlotsTokenInfo } from "./bindings.ts";
import { answer, done, refuse } from "./failure.ts";
import { withFrame } from "./native/frame.ts";
import { writtenUlongs } from "./native/output.ts";
import { readMechanismInfo, readModuleInfo, readSlotInfo, readTokenInfo } from "./native/structures.ts";
import type { Run } from "./run.ts";
import { mechanismTypes } from "./tables/mechanisms.ts";
import { isVisible } from "./visible.ts";

const LABEL_BYTES = 32;
const BLANK = 0x20;

export function slotsOf(run: Run): Slots {
  const { cryptoki } = run.module;

  const visible = (slot: bigint): bigint => (isVisible(run, slot) ? slot : refuse("slot-id-invalid"));

  const listSlots = (withToken: boolean): BigUint64Array =>
    withFrame((frame) =>
      writtenUlongs(frame, (at, count) => cryptoki.call("C_GetSlotList", withToken ? 1 : 0, at, count)),
    ).filter((slot) => isVisible(run, slot));

  const tokenInfo = (slot: bigint): SlotsTokenInfo =>
    withFrame((frame) => readTokenInfo(frame, cryptoki, slot));

  return {
    getModuleInfo: () => answer(() => withFrame((frame) => readModuleInfo(frame, cryptoki))),

    listSlots: (withToken) => answer(() => listSlots(withToken)),

    getSlotInfo: (slot) => answer(() => withFrame((frame) => readSlotInfo(frame, cryptoki, visible(slot)))),

    getTokenInfo: (slot) => answer(() => tokenInfo(visible(slot))),

    findToken: (label) =>
      answer(() => {
        for (const slot of listSlots(true)) {
          const token = answer(() => tokenInfo(slot));
          if (token.tag === "ok" && token.val.label === label) return slot;
        }
        return refuse("token-not-present");
      }),

    listMechanisms: (slot) =>
      answer(() => {
        const numbers = withFrame((frame) =>
          writtenUlongs(frame, (at, count) => cryptoki.call("C_GetMechanismList", visible(slot), at, count)),
        );
        return Array.from(numbers, (number) => mechanismTypes.variantOf(number));
      }),

    getMechanismInfo: (slot, mechanism) =>
      answer(() => {
        const number = mechanismTypes.numberOf(mechanism);
        return withFrame((frame) => readMechanismInfo(frame, cryptoki, visible(slot), number));
      }),

    initToken: (slot, soPin, label) =>
      done(() => {
        try {
          const { allowTokenInit, tokenLabels } = run.settings;
          if (!allowTokenInit) refuse("action-prohibited");
          visible(slot);
          const text = new TextEncoder().encode(label);
          if (text.length > LABEL_BYTES || tokenLabels?.has(label) === false) refuse("arguments-bad");
          const padded = new Uint8Array(LABEL_BYTES).fill(BLANK);
          padded.set(text);
          withFrame((frame) => {
            const labelAt = frame.copy(padded);
            run.withPins([soPin], (pin) =>
              cryptoki.call("C_InitToken", slot, pin.address, pin.bytes, labelAt),
            );
          });
        } finally {
          soPin.fill(0);
        }
      }),
  };
}
