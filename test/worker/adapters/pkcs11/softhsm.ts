/** The adapter's own view of SoftHSM 2. */
import koffi from "koffi";
import { openCryptoki } from "../../../../src/worker/adapters/pkcs11/native/cryptoki.ts";
import { makeTokens, softhsm, useTokens } from "../../../support/softhsm.ts";
import { type CountedCryptoki, counted } from "./serve.ts";

/** SoftHSM with fresh tokens, every call counted. Not initialised yet. */
export function openSoftHsm(...labels: readonly string[]): CountedCryptoki {
  useTokens(makeTokens(...labels));
  return counted(openCryptoki(koffi.load(softhsm.path, { deep: true }), "hsm"));
}
