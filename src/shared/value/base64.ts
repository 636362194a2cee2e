/** Standard base64 (RFC 4648, section 4) without Node's `Buffer`: shared code has no built-ins of Node. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const INVALID = 0xff;

/** Character code to its six bits. */
const SIX_BITS: Readonly<Uint8Array> = (() => {
  const table = new Uint8Array(128).fill(INVALID);
  for (let index = 0; index < ALPHABET.length; index++) table[ALPHABET.charCodeAt(index)] = index;
  return table;
})();

/** The bytes; undefined where the text is not padded, canonical base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const digits = text.length - padding;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let bits = 0;
  let bitCount = 0;
  let length = 0;
  for (let index = 0; index < digits; index++) {
    const six = SIX_BITS[text.charCodeAt(index)] ?? INVALID;
    if (six === INVALID) return undefined;
    bits = ((bits << 6) | six) & 0xffff;
    bitCount += 6;
    if (bitCount >= 8) {
      bitCount -= 8;
      bytes[length++] = bits >> bitCount;
    }
  }
  // Bits left over must be zero, else two texts would stand for the same bytes.
  return (bits & ((1 << bitCount) - 1)) === 0 ? bytes : undefined;
}
