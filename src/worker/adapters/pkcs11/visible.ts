/** Which slots a guest may see. */
import { withFrame } from "./native/frame.ts";
import { answer } from "./failure.ts";
import { readTokenInfo } from "./native/structures.ts";
import type { Run } from "./run.ts";

/** Whether the config lets guests see this slot, with the token that is in it now. */
export function isVisible(run: Run, slot: bigint): boolean {
  const { slots, tokenLabels } = run.settings;
  if (slots !== undefined && !slots.has(slot)) return false;
  if (tokenLabels === undefined) return true;
  const token = answer(() => withFrame((frame) => readTokenInfo(frame, run.module.cryptoki, slot)));
  return token.tag === "ok" && tokenLabels.has(token.val.label);
}
