/** The structures of pkcs11t.h that modules fill in: 64-bit `CK_ULONG`s, natural alignment. */
import { check } from "../failure.ts";
import type {
  SlotsMechanismInfo,
  SlotsModuleInfo,
  SlotsSlotInfo,
  SlotsTokenInfo,
  TypesVersion,
} from "../bindings.ts";
import { mechanismFlags, slotFlags, tokenFlags } from "../tables/flags.ts";
import type { Cryptoki } from "./cryptoki.ts";
import type { Frame } from "./frame.ts";
import type { SessionHandle } from "./session-handle.ts";

const UNAVAILABLE = 2n ** 64n - 1n;

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

class Fields {
  readonly #view: DataView<ArrayBuffer>;

  constructor(view: DataView<ArrayBuffer>) {
    this.#view = view;
  }

  ulong(at: number): bigint {
    return this.#view.getBigUint64(at, true);
  }

  /** `CK_UNAVAILABLE_INFORMATION` means that nobody knows. */
  known(at: number): bigint | undefined {
    const value = this.ulong(at);
    return value === UNAVAILABLE ? undefined : value;
  }

  /** Padded with blanks; some modules pad with NULs. */
  text(at: number, bytes: number): string {
    const field = new Uint8Array(this.#view.buffer, this.#view.byteOffset + at, bytes);
    return utf8.decode(field).replace(/[ \0]+$/u, "");
  }

  version(at: number): TypesVersion {
    return { major: this.#view.getUint8(at), minor: this.#view.getUint8(at + 1) };
  }
}

/** `CK_INFO` */
export function readModuleInfo(frame: Frame, cryptoki: Cryptoki): SlotsModuleInfo {
  const { address, view } = frame.room(88);
  check(cryptoki.call("C_GetInfo", address));
  const fields = new Fields(view);
  return {
    cryptokiVersion: fields.version(0),
    manufacturer: fields.text(2, 32),
    description: fields.text(48, 32),
    libraryVersion: fields.version(80),
  };
}

/** `CK_SLOT_INFO` */
export function readSlotInfo(frame: Frame, cryptoki: Cryptoki, slot: bigint): SlotsSlotInfo {
  const { address, view } = frame.room(112);
  check(cryptoki.call("C_GetSlotInfo", slot, address));
  const fields = new Fields(view);
  return {
    description: fields.text(0, 64),
    manufacturer: fields.text(64, 32),
    flags: slotFlags(fields.ulong(96)),
    hardwareVersion: fields.version(104),
    firmwareVersion: fields.version(106),
  };
}

/** `CK_TOKEN_INFO` */
export function readTokenInfo(frame: Frame, cryptoki: Cryptoki, slot: bigint): SlotsTokenInfo {
  const { address, view } = frame.room(208);
  check(cryptoki.call("C_GetTokenInfo", slot, address));
  const fields = new Fields(view);
  const flags = tokenFlags(fields.ulong(96));
  return {
    label: fields.text(0, 32),
    manufacturer: fields.text(32, 32),
    model: fields.text(64, 16),
    serialNumber: fields.text(80, 16),
    flags,
    maxSessions: fields.known(104),
    sessions: fields.known(112),
    maxRwSessions: fields.known(120),
    rwSessions: fields.known(128),
    maxPinBytes: fields.ulong(136),
    minPinBytes: fields.ulong(144),
    totalPublicBytes: fields.known(152),
    freePublicBytes: fields.known(160),
    totalPrivateBytes: fields.known(168),
    freePrivateBytes: fields.known(176),
    hardwareVersion: fields.version(184),
    firmwareVersion: fields.version(186),
    utcTime: flags.clockOnToken ? fields.text(188, 16) : "",
  };
}

/** `CK_MECHANISM_INFO` */
export function readMechanismInfo(
  frame: Frame,
  cryptoki: Cryptoki,
  slot: bigint,
  mechanism: bigint,
): SlotsMechanismInfo {
  const { address, view } = frame.room(24);
  check(cryptoki.call("C_GetMechanismInfo", slot, mechanism, address));
  const fields = new Fields(view);
  return {
    minKeySize: fields.ulong(0),
    maxKeySize: fields.ulong(8),
    flags: mechanismFlags(fields.ulong(16)),
  };
}

/** `CK_SESSION_INFO`, numbers as they are. */
export interface RawSessionInfo {
  readonly slot: bigint;
  readonly state: bigint;
  readonly flags: bigint;
  readonly deviceError: bigint;
}

export function readSessionInfo(frame: Frame, session: SessionHandle): RawSessionInfo {
  const { address, view } = frame.room(32);
  session.call("C_GetSessionInfo", address);
  const fields = new Fields(view);
  return {
    slot: fields.ulong(0),
    state: fields.ulong(8),
    flags: fields.ulong(16),
    deviceError: fields.ulong(24),
  };
}
