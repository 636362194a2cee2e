import { findToken } from "pkcs11:host/slots@0.1.0";
import { open } from "pkcs11:host/sessions@0.1.0";
import { getStdout } from "wasi:cli/stdout@0.2.12";

/** The DER of prime256v1. */
const P256 = Uint8Array.of(0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07);

const ascii = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** "ok", or the name of a result's error. What is no error of a result is thrown on. */
function outcome(work) {
  try {
    work();
    return "ok";
  } catch (error) {
    return nameOf(error);
  }
}

/** A `result`'s error arrives as an exception with a payload. */
function nameOf(error) {
  const reason = error?.payload ?? error;
  if (typeof reason?.tag === "string") return reason.tag;
  throw error;
}

function login(token, pin) {
  const session = open(findToken(token), "read-write");
  session.login("user", typeof pin === "string" ? ascii(pin) : undefined);
  return session;
}

function tampered(message) {
  const copy = message.slice();
  copy[0] ^= 1;
  return copy;
}

function lines(session) {
  const message = ascii("the contract of today");
  const rsa = session.generateKeyPair(
    { tag: "rsa-pkcs-key-pair-gen" },
    [
      // A u64: this engine has them as numbers, others as bigints.
      { tag: "modulus-bits", val: 2048 },
      { tag: "public-exponent", val: Uint8Array.of(1, 0, 1) },
      { tag: "verify", val: true },
    ],
    [{ tag: "sign", val: true }],
  );
  const ec = session.generateKeyPair(
    { tag: "ec-key-pair-gen" },
    [
      { tag: "ec-params", val: P256 },
      { tag: "verify", val: true },
    ],
    [{ tag: "sign", val: true }],
  );
  const digest = session.digest({ tag: "sha256" }, message);
  return [
    ["RSA-2048", rsa, { tag: "sha256-rsa-pkcs" }, message],
    ["P-256", ec, { tag: "ecdsa" }, digest],
  ].flatMap(([name, { publicKey, privateKey }, mechanism, data]) => {
    const signature = privateKey.sign(mechanism, data);
    return [
      `${name}: a signature of ${signature.length} bytes`,
      `${name}: verified: ${outcome(() => publicKey.verify(mechanism, data, signature))}`,
      `${name}: another message: ${outcome(() => publicKey.verify(mechanism, tampered(data), signature))}`,
      `${name}: another signature: ${outcome(() => publicKey.verify(mechanism, data, tampered(signature)))}`,
      `${name}: the private key itself: ${outcome(() => privateKey.getAttribute({ tag: name === "P-256" ? "value" : "private-exponent" }))}`,
    ];
  });
}

export function report(token, pin) {
  try {
    return lines(login(token, pin));
  } catch (error) {
    throw nameOf(error);
  }
}

export function state(token) {
  try {
    return open(findToken(token), "read-only").getInfo().state;
  } catch (error) {
    throw nameOf(error);
  }
}

export function orphan(token, pin) {
  try {
    const session = login(token, pin);
    const key = session.generateKey({ tag: "aes-key-gen" }, [
      // A u64, as above.
      { tag: "value-len", val: 32 },
      { tag: "encrypt", val: true },
    ]);
    const before = outcome(() => key.encrypt({ tag: "aes-ecb" }, new Uint8Array(16)));
    session[Symbol.dispose]();
    return [before, outcome(() => key.encrypt({ tag: "aes-ecb" }, new Uint8Array(16)))];
  } catch (error) {
    throw nameOf(error);
  }
}

export function abandon(token, pin) {
  const session = login(token, pin);
  const operation = session.startDigest({ tag: "sha256" });
  operation.update(ascii("never finished"));
  throw new Error("left everything open");
}

export const run = {
  run() {
    getStdout().blockingWriteAndFlush(ascii(`${report("signer", undefined).join("\n")}\n`));
  },
};
