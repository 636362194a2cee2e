import type { Result } from "../types.ts";

export type TypesError =
  | { readonly tag: "cancel" }
  | { readonly tag: "host-memory" }
  | { readonly tag: "slot-id-invalid" }
  | { readonly tag: "general-error" }
  | { readonly tag: "function-failed" }
  | { readonly tag: "arguments-bad" }
  | { readonly tag: "no-event" }
  | { readonly tag: "need-to-create-threads" }
  | { readonly tag: "cant-lock" }
  | { readonly tag: "attribute-read-only" }
  | { readonly tag: "attribute-sensitive" }
  | { readonly tag: "attribute-type-invalid" }
  | { readonly tag: "attribute-value-invalid" }
  | { readonly tag: "action-prohibited" }
  | { readonly tag: "data-invalid" }
  | { readonly tag: "data-len-range" }
  | { readonly tag: "device-error" }
  | { readonly tag: "device-memory" }
  | { readonly tag: "device-removed" }
  | { readonly tag: "encrypted-data-invalid" }
  | { readonly tag: "encrypted-data-len-range" }
  | { readonly tag: "function-canceled" }
  | { readonly tag: "function-not-parallel" }
  | { readonly tag: "function-not-supported" }
  | { readonly tag: "key-handle-invalid" }
  | { readonly tag: "key-size-range" }
  | { readonly tag: "key-type-inconsistent" }
  | { readonly tag: "key-not-needed" }
  | { readonly tag: "key-changed" }
  | { readonly tag: "key-needed" }
  | { readonly tag: "key-indigestible" }
  | { readonly tag: "key-function-not-permitted" }
  | { readonly tag: "key-not-wrappable" }
  | { readonly tag: "key-unextractable" }
  | { readonly tag: "mechanism-invalid" }
  | { readonly tag: "mechanism-param-invalid" }
  | { readonly tag: "object-handle-invalid" }
  | { readonly tag: "operation-active" }
  | { readonly tag: "operation-not-initialized" }
  | { readonly tag: "pin-incorrect" }
  | { readonly tag: "pin-invalid" }
  | { readonly tag: "pin-len-range" }
  | { readonly tag: "pin-expired" }
  | { readonly tag: "pin-locked" }
  | { readonly tag: "session-closed" }
  | { readonly tag: "session-count" }
  | { readonly tag: "session-handle-invalid" }
  | { readonly tag: "session-parallel-not-supported" }
  | { readonly tag: "session-read-only" }
  | { readonly tag: "session-exists" }
  | { readonly tag: "session-read-only-exists" }
  | { readonly tag: "session-read-write-so-exists" }
  | { readonly tag: "signature-invalid" }
  | { readonly tag: "signature-len-range" }
  | { readonly tag: "template-incomplete" }
  | { readonly tag: "template-inconsistent" }
  | { readonly tag: "token-not-present" }
  | { readonly tag: "token-not-recognized" }
  | { readonly tag: "token-write-protected" }
  | { readonly tag: "unwrapping-key-handle-invalid" }
  | { readonly tag: "unwrapping-key-size-range" }
  | { readonly tag: "unwrapping-key-type-inconsistent" }
  | { readonly tag: "user-already-logged-in" }
  | { readonly tag: "user-not-logged-in" }
  | { readonly tag: "user-pin-not-initialized" }
  | { readonly tag: "user-type-invalid" }
  | { readonly tag: "user-another-already-logged-in" }
  | { readonly tag: "user-too-many-types" }
  | { readonly tag: "wrapped-key-invalid" }
  | { readonly tag: "wrapped-key-len-range" }
  | { readonly tag: "wrapping-key-handle-invalid" }
  | { readonly tag: "wrapping-key-size-range" }
  | { readonly tag: "wrapping-key-type-inconsistent" }
  | { readonly tag: "random-seed-not-supported" }
  | { readonly tag: "random-no-rng" }
  | { readonly tag: "domain-params-invalid" }
  | { readonly tag: "curve-not-supported" }
  | { readonly tag: "buffer-too-small" }
  | { readonly tag: "saved-state-invalid" }
  | { readonly tag: "information-sensitive" }
  | { readonly tag: "state-unsaveable" }
  | { readonly tag: "cryptoki-not-initialized" }
  | { readonly tag: "cryptoki-already-initialized" }
  | { readonly tag: "mutex-bad" }
  | { readonly tag: "mutex-not-locked" }
  | { readonly tag: "new-pin-mode" }
  | { readonly tag: "next-otp" }
  | { readonly tag: "exceeded-max-iterations" }
  | { readonly tag: "fips-self-test-failed" }
  | { readonly tag: "library-load-failed" }
  | { readonly tag: "pin-too-weak" }
  | { readonly tag: "public-key-invalid" }
  | { readonly tag: "function-rejected" }
  | { readonly tag: "vendor"; readonly val: bigint };
export type TypesObjectClass =
  | { readonly tag: "data" }
  | { readonly tag: "certificate" }
  | { readonly tag: "public-key" }
  | { readonly tag: "private-key" }
  | { readonly tag: "secret-key" }
  | { readonly tag: "hw-feature" }
  | { readonly tag: "domain-parameters" }
  | { readonly tag: "mechanism" }
  | { readonly tag: "otp-key" }
  | { readonly tag: "other"; readonly val: bigint };
export type TypesKeyType =
  | { readonly tag: "rsa" }
  | { readonly tag: "dsa" }
  | { readonly tag: "dh" }
  | { readonly tag: "ec" }
  | { readonly tag: "x942-dh" }
  | { readonly tag: "generic-secret" }
  | { readonly tag: "des" }
  | { readonly tag: "des2" }
  | { readonly tag: "des3" }
  | { readonly tag: "aes" }
  | { readonly tag: "camellia" }
  | { readonly tag: "aria" }
  | { readonly tag: "blowfish" }
  | { readonly tag: "twofish" }
  | { readonly tag: "seed" }
  | { readonly tag: "sha1-hmac" }
  | { readonly tag: "sha224-hmac" }
  | { readonly tag: "sha256-hmac" }
  | { readonly tag: "sha384-hmac" }
  | { readonly tag: "sha512-hmac" }
  | { readonly tag: "securid" }
  | { readonly tag: "hotp" }
  | { readonly tag: "gostr3410" }
  | { readonly tag: "gostr3411" }
  | { readonly tag: "gost28147" }
  | { readonly tag: "other"; readonly val: bigint };
export type TypesCertificateType =
  | { readonly tag: "x509" }
  | { readonly tag: "x509-attr-cert" }
  | { readonly tag: "wtls" }
  | { readonly tag: "other"; readonly val: bigint };
export type TypesMechanismType =
  | { readonly tag: "rsa-pkcs-key-pair-gen" }
  | { readonly tag: "rsa-x931-key-pair-gen" }
  | { readonly tag: "rsa-pkcs" }
  | { readonly tag: "rsa-x509" }
  | { readonly tag: "rsa-pkcs-oaep" }
  | { readonly tag: "rsa-pkcs-pss" }
  | { readonly tag: "sha1-rsa-pkcs" }
  | { readonly tag: "sha224-rsa-pkcs" }
  | { readonly tag: "sha256-rsa-pkcs" }
  | { readonly tag: "sha384-rsa-pkcs" }
  | { readonly tag: "sha512-rsa-pkcs" }
  | { readonly tag: "sha1-rsa-pkcs-pss" }
  | { readonly tag: "sha224-rsa-pkcs-pss" }
  | { readonly tag: "sha256-rsa-pkcs-pss" }
  | { readonly tag: "sha384-rsa-pkcs-pss" }
  | { readonly tag: "sha512-rsa-pkcs-pss" }
  | { readonly tag: "ec-key-pair-gen" }
  | { readonly tag: "ecdsa" }
  | { readonly tag: "ecdsa-sha1" }
  | { readonly tag: "ecdsa-sha224" }
  | { readonly tag: "ecdsa-sha256" }
  | { readonly tag: "ecdsa-sha384" }
  | { readonly tag: "ecdsa-sha512" }
  | { readonly tag: "ecdh1-derive" }
  | { readonly tag: "ecdh1-cofactor-derive" }
  | { readonly tag: "aes-key-gen" }
  | { readonly tag: "aes-ecb" }
  | { readonly tag: "aes-cbc" }
  | { readonly tag: "aes-cbc-pad" }
  | { readonly tag: "aes-ctr" }
  | { readonly tag: "aes-gcm" }
  | { readonly tag: "aes-cmac" }
  | { readonly tag: "aes-key-wrap" }
  | { readonly tag: "aes-key-wrap-pad" }
  | { readonly tag: "generic-secret-key-gen" }
  | { readonly tag: "sha1" }
  | { readonly tag: "sha224" }
  | { readonly tag: "sha256" }
  | { readonly tag: "sha384" }
  | { readonly tag: "sha512" }
  | { readonly tag: "sha1-hmac" }
  | { readonly tag: "sha224-hmac" }
  | { readonly tag: "sha256-hmac" }
  | { readonly tag: "sha384-hmac" }
  | { readonly tag: "sha512-hmac" }
  | { readonly tag: "other"; readonly val: bigint };
export type TypesAttributeType =
  | { readonly tag: "class" }
  | { readonly tag: "token" }
  | { readonly tag: "private" }
  | { readonly tag: "label" }
  | { readonly tag: "application" }
  | { readonly tag: "value" }
  | { readonly tag: "object-id" }
  | { readonly tag: "certificate-type" }
  | { readonly tag: "issuer" }
  | { readonly tag: "serial-number" }
  | { readonly tag: "ac-issuer" }
  | { readonly tag: "owner" }
  | { readonly tag: "attr-types" }
  | { readonly tag: "trusted" }
  | { readonly tag: "certificate-category" }
  | { readonly tag: "java-midp-security-domain" }
  | { readonly tag: "url" }
  | { readonly tag: "hash-of-subject-public-key" }
  | { readonly tag: "hash-of-issuer-public-key" }
  | { readonly tag: "name-hash-algorithm" }
  | { readonly tag: "check-value" }
  | { readonly tag: "key-type" }
  | { readonly tag: "subject" }
  | { readonly tag: "id" }
  | { readonly tag: "sensitive" }
  | { readonly tag: "encrypt" }
  | { readonly tag: "decrypt" }
  | { readonly tag: "wrap" }
  | { readonly tag: "unwrap" }
  | { readonly tag: "sign" }
  | { readonly tag: "sign-recover" }
  | { readonly tag: "verify" }
  | { readonly tag: "verify-recover" }
  | { readonly tag: "derive" }
  | { readonly tag: "start-date" }
  | { readonly tag: "end-date" }
  | { readonly tag: "modulus" }
  | { readonly tag: "modulus-bits" }
  | { readonly tag: "public-exponent" }
  | { readonly tag: "private-exponent" }
  | { readonly tag: "prime1" }
  | { readonly tag: "prime2" }
  | { readonly tag: "exponent1" }
  | { readonly tag: "exponent2" }
  | { readonly tag: "coefficient" }
  | { readonly tag: "public-key-info" }
  | { readonly tag: "prime" }
  | { readonly tag: "subprime" }
  | { readonly tag: "base" }
  | { readonly tag: "prime-bits" }
  | { readonly tag: "sub-prime-bits" }
  | { readonly tag: "value-bits" }
  | { readonly tag: "value-len" }
  | { readonly tag: "extractable" }
  | { readonly tag: "local" }
  | { readonly tag: "never-extractable" }
  | { readonly tag: "always-sensitive" }
  | { readonly tag: "key-gen-mechanism" }
  | { readonly tag: "modifiable" }
  | { readonly tag: "copyable" }
  | { readonly tag: "destroyable" }
  | { readonly tag: "ec-params" }
  | { readonly tag: "ec-point" }
  | { readonly tag: "always-authenticate" }
  | { readonly tag: "wrap-with-trusted" }
  | { readonly tag: "allowed-mechanisms" }
  | { readonly tag: "hw-feature-type" }
  | { readonly tag: "reset-on-init" }
  | { readonly tag: "has-reset" }
  | { readonly tag: "mechanism-type" }
  | { readonly tag: "other"; readonly val: bigint };
export type TypesAttribute =
  | { readonly tag: "class"; readonly val: TypesObjectClass }
  | { readonly tag: "token"; readonly val: boolean }
  | { readonly tag: "private"; readonly val: boolean }
  | { readonly tag: "label"; readonly val: string }
  | { readonly tag: "application"; readonly val: string }
  | { readonly tag: "value"; readonly val: Uint8Array }
  | { readonly tag: "object-id"; readonly val: Uint8Array }
  | { readonly tag: "certificate-type"; readonly val: TypesCertificateType }
  | { readonly tag: "issuer"; readonly val: Uint8Array }
  | { readonly tag: "serial-number"; readonly val: Uint8Array }
  | { readonly tag: "ac-issuer"; readonly val: Uint8Array }
  | { readonly tag: "owner"; readonly val: Uint8Array }
  | { readonly tag: "attr-types"; readonly val: Uint8Array }
  | { readonly tag: "trusted"; readonly val: boolean }
  | { readonly tag: "certificate-category"; readonly val: bigint }
  | { readonly tag: "java-midp-security-domain"; readonly val: bigint }
  | { readonly tag: "url"; readonly val: string }
  | { readonly tag: "hash-of-subject-public-key"; readonly val: Uint8Array }
  | { readonly tag: "hash-of-issuer-public-key"; readonly val: Uint8Array }
  | { readonly tag: "name-hash-algorithm"; readonly val: TypesMechanismType }
  | { readonly tag: "check-value"; readonly val: Uint8Array }
  | { readonly tag: "key-type"; readonly val: TypesKeyType }
  | { readonly tag: "subject"; readonly val: Uint8Array }
  | { readonly tag: "id"; readonly val: Uint8Array }
  | { readonly tag: "sensitive"; readonly val: boolean }
  | { readonly tag: "encrypt"; readonly val: boolean }
  | { readonly tag: "decrypt"; readonly val: boolean }
  | { readonly tag: "wrap"; readonly val: boolean }
  | { readonly tag: "unwrap"; readonly val: boolean }
  | { readonly tag: "sign"; readonly val: boolean }
  | { readonly tag: "sign-recover"; readonly val: boolean }
  | { readonly tag: "verify"; readonly val: boolean }
  | { readonly tag: "verify-recover"; readonly val: boolean }
  | { readonly tag: "derive"; readonly val: boolean }
  | { readonly tag: "start-date"; readonly val: TypesDate | undefined }
  | { readonly tag: "end-date"; readonly val: TypesDate | undefined }
  | { readonly tag: "modulus"; readonly val: Uint8Array }
  | { readonly tag: "modulus-bits"; readonly val: bigint }
  | { readonly tag: "public-exponent"; readonly val: Uint8Array }
  | { readonly tag: "private-exponent"; readonly val: Uint8Array }
  | { readonly tag: "prime1"; readonly val: Uint8Array }
  | { readonly tag: "prime2"; readonly val: Uint8Array }
  | { readonly tag: "exponent1"; readonly val: Uint8Array }
  | { readonly tag: "exponent2"; readonly val: Uint8Array }
  | { readonly tag: "coefficient"; readonly val: Uint8Array }
  | { readonly tag: "public-key-info"; readonly val: Uint8Array }
  | { readonly tag: "prime"; readonly val: Uint8Array }
  | { readonly tag: "subprime"; readonly val: Uint8Array }
  | { readonly tag: "base"; readonly val: Uint8Array }
  | { readonly tag: "prime-bits"; readonly val: bigint }
  | { readonly tag: "sub-prime-bits"; readonly val: bigint }
  | { readonly tag: "value-bits"; readonly val: bigint }
  | { readonly tag: "value-len"; readonly val: bigint }
  | { readonly tag: "extractable"; readonly val: boolean }
  | { readonly tag: "local"; readonly val: boolean }
  | { readonly tag: "never-extractable"; readonly val: boolean }
  | { readonly tag: "always-sensitive"; readonly val: boolean }
  | { readonly tag: "key-gen-mechanism"; readonly val: TypesMechanismType }
  | { readonly tag: "modifiable"; readonly val: boolean }
  | { readonly tag: "copyable"; readonly val: boolean }
  | { readonly tag: "destroyable"; readonly val: boolean }
  | { readonly tag: "ec-params"; readonly val: Uint8Array }
  | { readonly tag: "ec-point"; readonly val: Uint8Array }
  | { readonly tag: "always-authenticate"; readonly val: boolean }
  | { readonly tag: "wrap-with-trusted"; readonly val: boolean }
  | { readonly tag: "allowed-mechanisms"; readonly val: readonly TypesMechanismType[] }
  | { readonly tag: "hw-feature-type"; readonly val: bigint }
  | { readonly tag: "reset-on-init"; readonly val: boolean }
  | { readonly tag: "has-reset"; readonly val: boolean }
  | { readonly tag: "mechanism-type"; readonly val: TypesMechanismType }
  | { readonly tag: "other"; readonly val: readonly [bigint, Uint8Array] };
export type TypesMechanism =
  | { readonly tag: "rsa-pkcs-key-pair-gen" }
  | { readonly tag: "rsa-x931-key-pair-gen" }
  | { readonly tag: "rsa-pkcs" }
  | { readonly tag: "rsa-x509" }
  | { readonly tag: "rsa-pkcs-oaep"; readonly val: TypesOaepParams }
  | { readonly tag: "rsa-pkcs-pss"; readonly val: TypesPssParams }
  | { readonly tag: "sha1-rsa-pkcs" }
  | { readonly tag: "sha224-rsa-pkcs" }
  | { readonly tag: "sha256-rsa-pkcs" }
  | { readonly tag: "sha384-rsa-pkcs" }
  | { readonly tag: "sha512-rsa-pkcs" }
  | { readonly tag: "sha1-rsa-pkcs-pss"; readonly val: TypesPssParams }
  | { readonly tag: "sha224-rsa-pkcs-pss"; readonly val: TypesPssParams }
  | { readonly tag: "sha256-rsa-pkcs-pss"; readonly val: TypesPssParams }
  | { readonly tag: "sha384-rsa-pkcs-pss"; readonly val: TypesPssParams }
  | { readonly tag: "sha512-rsa-pkcs-pss"; readonly val: TypesPssParams }
  | { readonly tag: "ec-key-pair-gen" }
  | { readonly tag: "ecdsa" }
  | { readonly tag: "ecdsa-sha1" }
  | { readonly tag: "ecdsa-sha224" }
  | { readonly tag: "ecdsa-sha256" }
  | { readonly tag: "ecdsa-sha384" }
  | { readonly tag: "ecdsa-sha512" }
  | { readonly tag: "ecdh1-derive"; readonly val: TypesEcdhParams }
  | { readonly tag: "ecdh1-cofactor-derive"; readonly val: TypesEcdhParams }
  | { readonly tag: "aes-key-gen" }
  | { readonly tag: "aes-ecb" }
  | { readonly tag: "aes-cbc"; readonly val: Uint8Array }
  | { readonly tag: "aes-cbc-pad"; readonly val: Uint8Array }
  | { readonly tag: "aes-ctr"; readonly val: TypesCtrParams }
  | { readonly tag: "aes-gcm"; readonly val: TypesGcmParams }
  | { readonly tag: "aes-cmac" }
  | { readonly tag: "aes-key-wrap"; readonly val: Uint8Array | undefined }
  | { readonly tag: "aes-key-wrap-pad"; readonly val: Uint8Array | undefined }
  | { readonly tag: "generic-secret-key-gen" }
  | { readonly tag: "sha1" }
  | { readonly tag: "sha224" }
  | { readonly tag: "sha256" }
  | { readonly tag: "sha384" }
  | { readonly tag: "sha512" }
  | { readonly tag: "sha1-hmac" }
  | { readonly tag: "sha224-hmac" }
  | { readonly tag: "sha256-hmac" }
  | { readonly tag: "sha384-hmac" }
  | { readonly tag: "sha512-hmac" }
  | { readonly tag: "vendor"; readonly val: bigint };
export interface TypesVersion {
  readonly major: number;
  readonly minor: number;
}
export interface TypesDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}
export type TypesHash = "sha1" | "sha224" | "sha256" | "sha384" | "sha512";
export type TypesKdf = "none" | "sha1" | "sha224" | "sha256" | "sha384" | "sha512";
export interface TypesOaepParams {
  readonly hash: TypesHash;
  readonly mgf: TypesHash;
  readonly label: Uint8Array;
}
export interface TypesPssParams {
  readonly hash: TypesHash;
  readonly mgf: TypesHash;
  readonly saltBytes: number;
}
export interface TypesCtrParams {
  readonly counterBits: number;
  readonly block: Uint8Array;
}
export interface TypesGcmParams {
  readonly iv: Uint8Array;
  readonly additionalData: Uint8Array;
  readonly tagBits: number;
}
export interface TypesEcdhParams {
  readonly kdf: TypesKdf;
  readonly sharedData: Uint8Array;
  readonly publicPoint: Uint8Array;
}

export interface SlotsModuleInfo {
  readonly cryptokiVersion: TypesVersion;
  readonly manufacturer: string;
  readonly description: string;
  readonly libraryVersion: TypesVersion;
}
export interface SlotsSlotFlags {
  readonly tokenPresent: boolean;
  readonly removableDevice: boolean;
  readonly hwSlot: boolean;
}
export interface SlotsSlotInfo {
  readonly description: string;
  readonly manufacturer: string;
  readonly flags: SlotsSlotFlags;
  readonly hardwareVersion: TypesVersion;
  readonly firmwareVersion: TypesVersion;
}
export interface SlotsTokenFlags {
  readonly rng: boolean;
  readonly writeProtected: boolean;
  readonly loginRequired: boolean;
  readonly userPinInitialized: boolean;
  readonly restoreKeyNotNeeded: boolean;
  readonly clockOnToken: boolean;
  readonly protectedAuthenticationPath: boolean;
  readonly dualCryptoOperations: boolean;
  readonly tokenInitialized: boolean;
  readonly secondaryAuthentication: boolean;
  readonly userPinCountLow: boolean;
  readonly userPinFinalTry: boolean;
  readonly userPinLocked: boolean;
  readonly userPinToBeChanged: boolean;
  readonly soPinCountLow: boolean;
  readonly soPinFinalTry: boolean;
  readonly soPinLocked: boolean;
  readonly soPinToBeChanged: boolean;
  readonly errorState: boolean;
}
export interface SlotsTokenInfo {
  readonly label: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly serialNumber: string;
  readonly flags: SlotsTokenFlags;
  readonly maxSessions: bigint | undefined;
  readonly sessions: bigint | undefined;
  readonly maxRwSessions: bigint | undefined;
  readonly rwSessions: bigint | undefined;
  readonly maxPinBytes: bigint;
  readonly minPinBytes: bigint;
  readonly totalPublicBytes: bigint | undefined;
  readonly freePublicBytes: bigint | undefined;
  readonly totalPrivateBytes: bigint | undefined;
  readonly freePrivateBytes: bigint | undefined;
  readonly hardwareVersion: TypesVersion;
  readonly firmwareVersion: TypesVersion;
  readonly utcTime: string;
}
export interface SlotsMechanismFlags {
  readonly hw: boolean;
  readonly encrypt: boolean;
  readonly decrypt: boolean;
  readonly digest: boolean;
  readonly sign: boolean;
  readonly signRecover: boolean;
  readonly verify: boolean;
  readonly verifyRecover: boolean;
  readonly generate: boolean;
  readonly generateKeyPair: boolean;
  readonly wrap: boolean;
  readonly unwrap: boolean;
  readonly derive: boolean;
  readonly ecFP: boolean;
  readonly ecF2m: boolean;
  readonly ecParameters: boolean;
  readonly ecNamedCurve: boolean;
  readonly ecUncompress: boolean;
  readonly ecCompress: boolean;
}
export interface SlotsMechanismInfo {
  readonly minKeySize: bigint;
  readonly maxKeySize: bigint;
  readonly flags: SlotsMechanismFlags;
}
export interface Slots {
  getModuleInfo(): Result<SlotsModuleInfo, TypesError>;
  listSlots(withToken: boolean): Result<BigUint64Array, TypesError>;
  getSlotInfo(slot: bigint): Result<SlotsSlotInfo, TypesError>;
  getTokenInfo(slot: bigint): Result<SlotsTokenInfo, TypesError>;
  findToken(label: string): Result<bigint, TypesError>;
  listMechanisms(slot: bigint): Result<readonly TypesMechanismType[], TypesError>;
  getMechanismInfo(slot: bigint, mechanism: TypesMechanismType): Result<SlotsMechanismInfo, TypesError>;
  initToken(slot: bigint, soPin: Uint8Array, label: string): Result<undefined, TypesError>;
}

export interface ObjectsObject extends Partial<Disposable> {
  getAttribute(kind: TypesAttributeType): Result<TypesAttribute, TypesError>;
  getAttributes(
    kinds: readonly TypesAttributeType[],
  ): Result<readonly (TypesAttribute | undefined)[], TypesError>;
  setAttributes(template: readonly TypesAttribute[]): Result<undefined, TypesError>;
  copy(template: readonly TypesAttribute[]): Result<ObjectsObject, TypesError>;
  destroy(): Result<undefined, TypesError>;
  size(): Result<bigint, TypesError>;
  sign(mechanism: TypesMechanism, data: Uint8Array): Result<Uint8Array, TypesError>;
  verify(mechanism: TypesMechanism, data: Uint8Array, signature: Uint8Array): Result<undefined, TypesError>;
  encrypt(mechanism: TypesMechanism, data: Uint8Array): Result<Uint8Array, TypesError>;
  decrypt(mechanism: TypesMechanism, data: Uint8Array): Result<Uint8Array, TypesError>;
  wrap(mechanism: TypesMechanism, key: ObjectsObject): Result<Uint8Array, TypesError>;
  unwrap(
    mechanism: TypesMechanism,
    wrapped: Uint8Array,
    template: readonly TypesAttribute[],
  ): Result<ObjectsObject, TypesError>;
  derive(mechanism: TypesMechanism, template: readonly TypesAttribute[]): Result<ObjectsObject, TypesError>;
  startSign(mechanism: TypesMechanism): Result<ObjectsOperation, TypesError>;
  startVerify(mechanism: TypesMechanism): Result<ObjectsOperation, TypesError>;
  startEncrypt(mechanism: TypesMechanism): Result<ObjectsOperation, TypesError>;
  startDecrypt(mechanism: TypesMechanism): Result<ObjectsOperation, TypesError>;
}
export interface ObjectsOperation extends Partial<Disposable> {
  update(data: Uint8Array): Result<Uint8Array, TypesError>;
  finish(): Result<Uint8Array, TypesError>;
  complete(data: Uint8Array): Result<Uint8Array, TypesError>;
  check(signature: Uint8Array): Result<undefined, TypesError>;
  login(pin: Uint8Array | undefined): Result<undefined, TypesError>;
}
export interface ObjectsObjectClass {
  readonly prototype: ObjectsObject;
}
export interface ObjectsOperationClass {
  readonly prototype: ObjectsOperation;
}
export interface Objects {
  readonly Object: ObjectsObjectClass;
  readonly Operation: ObjectsOperationClass;
}

export type SessionsMode = "read-only" | "read-write";
export type SessionsUser = "security-officer" | "user";
export type SessionsState =
  | "read-only-public"
  | "read-only-user"
  | "read-write-public"
  | "read-write-user"
  | "read-write-security-officer";
export interface SessionsSessionInfo {
  readonly slot: bigint;
  readonly state: SessionsState;
  readonly mode: SessionsMode;
  readonly deviceError: bigint;
}
export interface SessionsKeyPair {
  readonly publicKey: ObjectsObject;
  readonly privateKey: ObjectsObject;
}
export interface SessionsSession extends Partial<Disposable> {
  getInfo(): Result<SessionsSessionInfo, TypesError>;
  login(user: SessionsUser, pin: Uint8Array | undefined): Result<undefined, TypesError>;
  logout(): Result<undefined, TypesError>;
  setPin(old: Uint8Array, new_: Uint8Array): Result<undefined, TypesError>;
  initPin(pin: Uint8Array): Result<undefined, TypesError>;
  findObjects(
    template: readonly TypesAttribute[],
    limit: number,
  ): Result<readonly ObjectsObject[], TypesError>;
  createObject(template: readonly TypesAttribute[]): Result<ObjectsObject, TypesError>;
  generateKey(
    mechanism: TypesMechanism,
    template: readonly TypesAttribute[],
  ): Result<ObjectsObject, TypesError>;
  generateKeyPair(
    mechanism: TypesMechanism,
    publicTemplate: readonly TypesAttribute[],
    privateTemplate: readonly TypesAttribute[],
  ): Result<SessionsKeyPair, TypesError>;
  digest(mechanism: TypesMechanism, data: Uint8Array): Result<Uint8Array, TypesError>;
  startDigest(mechanism: TypesMechanism): Result<ObjectsOperation, TypesError>;
  generateRandom(bytes: number): Result<Uint8Array, TypesError>;
  seedRandom(seed: Uint8Array): Result<undefined, TypesError>;
}
export interface SessionsSessionClass {
  readonly prototype: SessionsSession;
}
export interface Sessions {
  open(slot: bigint, mode: SessionsMode): Result<SessionsSession, TypesError>;
  readonly Session: SessionsSessionClass;
}

/** Interfaces of types alone. */
export type Types = object;

export interface Imports {
  readonly "pkcs11:host/types@0.1.0": Types;
  readonly "pkcs11:host/slots@0.1.0": Slots;
  readonly "pkcs11:host/objects@0.1.0": Objects;
  readonly "pkcs11:host/sessions@0.1.0": Sessions;
}
