/**
 * RSA keys that a guest brings. The standard leaves it to modules to refuse bad ones; some take an empty modulus, or a
 * private key without its public exponent, and crash when it is used (SoftHSM 2.6 does).
 */
import type { TypesAttribute } from "./bindings.ts";
import { refuse } from "./failure.ts";

const MIN_MODULUS_BYTES = 64;
const MAX_MODULUS_BYTES = 2048;

const NEEDED = ["modulus", "public-exponent", "private-exponent"] as const;

/** Refuses with `attribute-value-invalid`. */
export function checkNumbers(template: readonly TypesAttribute[]): void {
  for (const attribute of template) {
    switch (attribute.tag) {
      case "modulus":
        if (!isOdd(attribute.val) || !isWithin(attribute.val, MIN_MODULUS_BYTES))
          refuse("attribute-value-invalid");
        break;
      case "public-exponent":
        // 1 is no exponent.
        if (!isOdd(attribute.val) || isOne(attribute.val) || !isWithin(attribute.val, 1))
          refuse("attribute-value-invalid");
        break;
      case "private-exponent":
      case "prime1":
      case "prime2":
      case "exponent1":
      case "exponent2":
      case "coefficient":
        if (!isWithin(attribute.val, 1)) refuse("attribute-value-invalid");
        break;
      default:
    }
  }
}

/** Whether an object is data or a certificate; what does not say what it is counts as a key. */
export function isWithoutKey(template: readonly TypesAttribute[]): boolean {
  const classes = template.flatMap((each) => (each.tag === "class" ? [each.val.tag] : []));
  return classes.length === 1 && (classes[0] === "data" || classes[0] === "certificate");
}

/** Refuses with `template-incomplete` a private key of RSA that lacks a number; other templates are the module's. */
export function checkComplete(template: readonly TypesAttribute[]): void {
  const isPrivate = template.some((each) => each.tag === "class" && each.val.tag === "private-key");
  const isRsa = template.some((each) => each.tag === "key-type" && each.val.tag === "rsa");
  if (!isPrivate || !isRsa) return;
  const labels = new Set(template.map(({ tag }) => tag));
  if (NEEDED.some((label) => !labels.has(label))) refuse("template-incomplete");
}

function isOdd(number: Uint8Array): boolean {
  return ((number.at(-1) ?? 0) & 1) === 1;
}

function isOne(number: Uint8Array): boolean {
  return significantBytes(number) === 1 && number.at(-1) === 1;
}

function isWithin(number: Uint8Array, leastBytes: number): boolean {
  const bytes = significantBytes(number);
  return bytes >= leastBytes && bytes <= MAX_MODULUS_BYTES;
}

/** Big-endian, without leading zeros. */
function significantBytes(number: Uint8Array): number {
  const first = number.findIndex((byte) => byte !== 0);
  return first === -1 ? 0 : number.length - first;
}
