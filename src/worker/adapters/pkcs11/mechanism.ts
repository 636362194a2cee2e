/** `CK_MECHANISM { mechanism, pParameter, ulParameterLen }` and the parameters that we know. */
import type { TypesHash, TypesKdf, TypesMechanism } from "./bindings.ts";
import { refuse } from "./failure.ts";
import type { Frame } from "./native/frame.ts";
import { CKM } from "./tables/mechanisms.ts";

/** Hash by `CKM_`, mask generation by `CKG_`. */
const HASHES: Readonly<Record<TypesHash, readonly [hash: number, mgf: number]>> = {
  sha1: [CKM.sha1, 1],
  sha224: [CKM.sha224, 5],
  sha256: [CKM.sha256, 2],
  sha384: [CKM.sha384, 3],
  sha512: [CKM.sha512, 4],
};

/** `CKD_` */
const KDFS: Readonly<Record<TypesKdf, number>> = {
  none: 1,
  sha1: 2,
  sha224: 5,
  sha256: 6,
  sha384: 7,
  sha512: 8,
};

const DATA_SPECIFIED = 1;
const VENDOR_DEFINED = 0x8000_0000n;
const MAX_ULONG = 2n ** 64n - 1n;
const AES_BLOCK_BYTES = 16;

/** Writes the structure; gives its address. Refuses parameters that a module could trip over. */
export function writeMechanism(frame: Frame, mechanism: TypesMechanism): number {
  const { address, view } = frame.room(24);
  const parameter = writeParameter(frame, mechanism);
  view.setBigUint64(0, numberOf(mechanism), true);
  view.setBigUint64(8, BigInt(parameter?.address ?? 0), true);
  view.setBigUint64(16, BigInt(parameter?.bytes ?? 0), true);
  return address;
}

function numberOf(mechanism: TypesMechanism): bigint {
  if (mechanism.tag !== "vendor") return BigInt(CKM[mechanism.tag]);
  const { val } = mechanism;
  return val >= VENDOR_DEFINED && val <= MAX_ULONG ? val : refuse("mechanism-invalid");
}

interface Parameter {
  readonly address: number;
  readonly bytes: number;
}

function writeParameter(frame: Frame, mechanism: TypesMechanism): Parameter | undefined {
  switch (mechanism.tag) {
    case "aes-cbc":
    case "aes-cbc-pad":
      return bytes(frame, mechanism.val, AES_BLOCK_BYTES);
    case "aes-key-wrap":
      return mechanism.val === undefined ? undefined : bytes(frame, mechanism.val, 8);
    case "aes-key-wrap-pad":
      return mechanism.val === undefined ? undefined : bytes(frame, mechanism.val, 4);
    case "aes-ctr": {
      const { counterBits, block } = mechanism.val;
      if (counterBits < 1 || counterBits > 128) refuse("mechanism-param-invalid");
      return struct(frame, [counterBits, ...halves(block)]);
    }
    case "aes-gcm": {
      // The header has `ulIvBits`, the text of the standard has not; the header is what modules are compiled with.
      const { iv, additionalData, tagBits } = mechanism.val;
      if (iv.length === 0 || tagBits > 128) refuse("mechanism-param-invalid");
      return struct(frame, [
        frame.copy(iv),
        iv.length,
        iv.length * 8,
        ...range(frame, additionalData),
        tagBits,
      ]);
    }
    case "rsa-pkcs-oaep": {
      const { hash, mgf, label } = mechanism.val;
      return struct(frame, [HASHES[hash][0], HASHES[mgf][1], DATA_SPECIFIED, ...range(frame, label)]);
    }
    case "rsa-pkcs-pss":
    case "sha1-rsa-pkcs-pss":
    case "sha224-rsa-pkcs-pss":
    case "sha256-rsa-pkcs-pss":
    case "sha384-rsa-pkcs-pss":
    case "sha512-rsa-pkcs-pss": {
      const { hash, mgf, saltBytes } = mechanism.val;
      return struct(frame, [HASHES[hash][0], HASHES[mgf][1], saltBytes]);
    }
    case "ecdh1-derive":
    case "ecdh1-cofactor-derive": {
      const { kdf, sharedData, publicPoint } = mechanism.val;
      const [sharedAt, sharedBytes] = range(frame, sharedData);
      const [pointAt, pointBytes] = range(frame, publicPoint);
      return struct(frame, [KDFS[kdf], sharedBytes, sharedAt, pointBytes, pointAt]);
    }
    default:
      return undefined;
  }
}

/** A structure that has only `CK_ULONG`s and pointers. */
function struct(frame: Frame, fields: readonly (number | bigint)[]): Parameter {
  const { address, view } = frame.room(fields.length * 8);
  for (const [index, field] of fields.entries()) view.setBigUint64(index * 8, BigInt(field), true);
  return { address, bytes: view.byteLength };
}

/** Address and length; no bytes are NULL, which is what modules expect. */
function range(frame: Frame, value: Uint8Array): readonly [address: number, bytes: number] {
  return value.length === 0 ? [0, 0] : [frame.copy(value), value.length];
}

function bytes(frame: Frame, value: Uint8Array, length: number): Parameter {
  if (value.length !== length) refuse("mechanism-param-invalid");
  return { address: frame.copy(value), bytes: length };
}

/** 16 bytes, as two words of a structure. */
function halves(block: Uint8Array): readonly [bigint, bigint] {
  if (block.length !== AES_BLOCK_BYTES) refuse("mechanism-param-invalid");
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  return [view.getBigUint64(0, true), view.getBigUint64(8, true)];
}
