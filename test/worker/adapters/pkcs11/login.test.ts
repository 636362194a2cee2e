/** Logins: PINs and their traces, what the config allows, and that no run has another's. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SessionsSession } from "../../../../src/worker/adapters/pkcs11/bindings.ts";
import type { Cryptoki } from "../../../../src/worker/adapters/pkcs11/native/cryptoki.ts";
import { withFrame } from "../../../../src/worker/adapters/pkcs11/native/frame.ts";
import type { Pkcs11Module } from "../../../../src/worker/adapters/pkcs11/native/module.ts";
import { writtenUlong } from "../../../../src/worker/adapters/pkcs11/native/output.ts";
import { OFFICER_PIN, softhsm, USER_PIN } from "../../../support/softhsm.ts";
import { aesKey } from "./keys.ts";
import { bytesAt } from "./memory.ts";
import { bad, beginRun, closeModule, type CountedCryptoki, good, moduleOf, type Run, text } from "./serve.ts";
import { openSoftHsm } from "./softhsm.ts";

const CKU_USER = 1;
const RW_SERIAL = 6;

/** What a module was given as PIN, and where that lay. */
interface SeenPin {
  readonly address: number;
  readonly text: string;
}

/** The same module, which notes the PINs that it is given. */
function watched(cryptoki: CountedCryptoki, seen: SeenPin[]): CountedCryptoki {
  const pins: Readonly<Record<string, readonly number[]>> = {
    C_Login: [2],
    C_SetPIN: [1, 3],
    C_InitPIN: [1],
    C_InitToken: [1],
  };
  return {
    ...cryptoki,
    call(name, ...args) {
      for (const at of pins[name] ?? []) {
        const address = Number(args[at]);
        seen.push({ address, text: new TextDecoder().decode(bytesAt(address, Number(args[at + 1]))) });
      }
      return cryptoki.call(name, ...args);
    },
  };
}

describe.skipIf(!softhsm.available)(`logins ${softhsm.reason}`, () => {
  let cryptoki: CountedCryptoki;
  let module: Pkcs11Module;
  let run: Run;
  let slot: bigint;
  let session: SessionsSession;
  const seen: SeenPin[] = [];

  beforeAll(() => {
    cryptoki = openSoftHsm("logins", "second");
    module = moduleOf(watched(cryptoki, seen));
    slot = good(beginRun(module).slots.findToken("logins"));
  });
  beforeEach(() => {
    seen.length = 0;
    run = beginRun(module);
    session = run.open(slot);
  });
  afterEach(() => run.end());
  afterAll(() => closeModule(module, cryptoki));

  function restart(settings: Parameters<typeof beginRun>[1]): void {
    run.end();
    run = beginRun(module, settings);
    session = run.open(slot);
  }

  test("a PIN is right or wrong, and wiped either way", () => {
    const wrong = text("111111");
    expect(bad(session.login("user", wrong))).toBe("pin-incorrect");
    expect(stateOf(session)).toBe("read-write-public");
    const right = text(USER_PIN);
    good(session.login("user", right));
    expect(stateOf(session)).toBe("read-write-user");
    expect([...wrong, ...right].every((byte) => byte === 0)).toBe(true);
    expect(seen.map((each) => each.text)).toEqual(["111111", USER_PIN]);
    for (const { address } of seen) expect(bytesAt(address, 16).every((byte) => byte === 0)).toBe(true);
  });

  test("a PIN that never reaches the module is wiped too", () => {
    const pins = [text("over-long".padEnd(1025)), text(USER_PIN), text(OFFICER_PIN), text("a"), text("b")];
    const [long = text(""), late = text(""), officer = text(""), ...other] = pins;
    expect(bad(session.login("user", long))).toBe("pin-len-range");
    expect(bad(session.login("security-officer", officer))).toBe("action-prohibited");
    const [before = text(""), after = text("")] = other;
    expect(bad(session.setPin(before, after))).toBe("action-prohibited");
    run.end();
    expect(bad(session.login("user", late))).toBe("session-handle-invalid");
    const initial = text("initial");
    expect(bad(session.initPin(initial))).toBe("action-prohibited");
    const blank = text("blank");
    expect(bad(run.slots.initToken(slot, blank, "x"))).toBe("action-prohibited");
    for (const pin of [...pins, initial, blank]) expect(pin.every((byte) => byte === 0)).toBe(true);
    expect(seen).toEqual([]);
  });

  test("a run guesses three times, not more", () => {
    for (let attempt = 0; attempt < 3; attempt += 1)
      expect(bad(session.login("user", text(`guess ${attempt}`)))).toBe("pin-incorrect");
    expect(bad(session.login("user", text(USER_PIN)))).toBe("action-prohibited");
    expect(seen.length).toBe(3);
    restart({});
    good(session.login("user", text(USER_PIN)));
  });

  test("in twice, out twice", () => {
    good(session.login("user", text(USER_PIN)));
    expect(bad(session.login("user", text(USER_PIN)))).toBe("user-already-logged-in");
    good(session.logout());
    expect(stateOf(session)).toBe("read-write-public");
    good(session.login("user", text(USER_PIN)));
  });

  test("the keys of a login end with it", () => {
    good(session.login("user", text(USER_PIN)));
    const key = aesKey(session);
    good(session.logout());
    expect(bad(key.encrypt({ tag: "aes-ecb" }, new Uint8Array(16)))).toBe("key-handle-invalid");
  });

  test("all sessions of a run share a login, and it ends with the run", () => {
    good(session.login("user", text(USER_PIN)));
    expect(stateOf(run.open(slot, "read-only"))).toBe("read-only-user");
    restart({});
    expect(stateOf(session)).toBe("read-write-public");
  });

  test("a login ends with the last session, however the module sees it", () => {
    good(session.login("user", text(USER_PIN)));
    const before = cryptoki.counts.get("C_Logout") ?? 0;
    const second = run.open(slot);
    session[Symbol.dispose]?.();
    expect(stateOf(second)).toBe("read-write-user");
    second[Symbol.dispose]?.();
    expect(cryptoki.counts.get("C_Logout")).toBe(before + 1);
    expect(stateOf(run.open(slot))).toBe("read-write-public");
  });

  test("a login that somebody else left is ended", () => {
    run.end();
    const foreign = loggedInSession(cryptoki, slot);
    run = beginRun(module);
    expect(stateOf(run.open(slot))).toBe("read-write-public");
    expect(Number(cryptoki.call("C_CloseSession", foreign))).toBe(0);
  });

  test("one run at a time has a token", () => {
    const other = beginRun(module);
    expect(bad(other.sessions.open(slot, "read-only"))).toBe("session-count");
    const second = good(other.slots.findToken("second"));
    good(other.open(second).login("user", text(USER_PIN)));
    run.end();
    expect(stateOf(other.open(slot))).toBe("read-write-public");
    other.end();
  });

  test("a key wraps only keys of its own token", () => {
    good(session.login("user", text(USER_PIN)));
    const elsewhere = run.open(good(run.slots.findToken("second")));
    good(elsewhere.login("user", text(USER_PIN)));
    const wrapped = aesKey(elsewhere, { tag: "extractable", val: true });
    const wrapping = aesKey(session);
    expect(bad(wrapping.wrap({ tag: "aes-key-wrap", val: undefined }, wrapped))).toBe("key-handle-invalid");
  });

  test("the host's PIN: read for each login, wiped, and the only one that is taken", () => {
    const read: Uint8Array[] = [];
    restart({
      readPin: () => {
        const pin = text(USER_PIN);
        read.push(pin);
        return pin;
      },
    });
    const own = text(USER_PIN);
    expect(bad(session.login("user", own))).toBe("action-prohibited");
    good(session.login("user", undefined));
    good(session.logout());
    good(session.login("user", undefined));
    expect(read.length).toBe(2);
    for (const pin of [own, ...read]) expect(pin.every((byte) => byte === 0)).toBe(true);
  });

  test("without a PIN anywhere the module is asked to ask for one", () => {
    expect(bad(session.login("user", undefined))).toBe("arguments-bad");
    expect(seen).toEqual([{ address: 0, text: "" }]);
  });

  test("the user's PIN changes where the config lets it", () => {
    restart({ allowPinChange: true });
    good(session.login("user", text(USER_PIN)));
    expect(bad(session.setPin(text("not it"), text("999999")))).toBe("pin-incorrect");
    good(session.setPin(text(USER_PIN), text("975310")));
    restart({ allowPinChange: true });
    expect(bad(session.login("user", text(USER_PIN)))).toBe("pin-incorrect");
    good(session.login("user", text("975310")));
    good(session.setPin(text("975310"), text(USER_PIN)));
    for (const { address } of seen) expect(bytesAt(address, 16).every((byte) => byte === 0)).toBe(true);
  });

  test("a security officer sets the user's PIN, and makes tokens anew, where the config lets it", () => {
    run.end();
    run = beginRun(module, { allowTokenInit: true, tokenLabels: new Set(["second", "third"]) });
    const second = good(run.slots.findToken("second"));
    session = run.open(second);
    good(session.login("security-officer", text(OFFICER_PIN)));
    expect(stateOf(session)).toBe("read-write-security-officer");
    good(session.initPin(text("424242")));
    expect(bad(run.slots.initToken(second, text(OFFICER_PIN), "third"))).toBe("session-exists");
    session[Symbol.dispose]?.();
    expect(bad(run.slots.initToken(second, text(OFFICER_PIN), "a label of ours"))).toBe("arguments-bad");
    expect(bad(run.slots.initToken(second, text(OFFICER_PIN), "x".repeat(33)))).toBe("arguments-bad");
    expect(bad(run.slots.initToken(second, text("not it"), "third"))).toBe("pin-incorrect");
    expect(bad(run.slots.initToken(slot, text(OFFICER_PIN), "third"))).toBe("slot-id-invalid");
    good(run.slots.initToken(second, text(OFFICER_PIN), "third"));
    expect(good(run.slots.getTokenInfo(second))).toMatchObject({
      label: "third",
      flags: { tokenInitialized: true, userPinInitialized: false },
    });
    expect(bad(run.open(second).login("user", text("424242")))).toBe("user-pin-not-initialized");
  });

  test("read-only sessions, and nothing else, where the config says so", () => {
    restart({ readOnly: false });
    run.end();
    run = beginRun(module, { readOnly: true });
    expect(bad(run.sessions.open(slot, "read-write"))).toBe("session-read-only");
    const reading = run.open(slot, "read-only");
    good(reading.login("user", text(USER_PIN)));
    expect(
      bad(
        reading.createObject([
          { tag: "class", val: { tag: "data" } },
          { tag: "token", val: true },
        ]),
      ),
    ).toBe("session-read-only");
    good(reading.createObject([{ tag: "class", val: { tag: "data" } }]));
  });

  test("the sessions of a run are bounded", () => {
    for (let opened = 1; opened < 1024; opened += 1) run.open(slot);
    expect(bad(run.sessions.open(slot, "read-write"))).toBe("session-count");
    expect(bad(session.startDigest({ tag: "sha256" }))).toBe("session-count");
  });
});

/** Opens a session past the adapter. */
function loggedInSession(cryptoki: Cryptoki, slot: bigint): bigint {
  return withFrame((frame) => {
    const session = writtenUlong(frame, (at) => cryptoki.call("C_OpenSession", slot, RW_SERIAL, 0, 0, at));
    const rv = cryptoki.call("C_Login", session, CKU_USER, frame.copy(text(USER_PIN)), USER_PIN.length);
    if (Number(rv) !== 0) throw new RangeError(`C_Login gives ${rv}`);
    return session;
  });
}

function stateOf(of: SessionsSession): string {
  return good(of.getInfo()).state;
}
