/** Modules that lie, fail and vanish: every answer is a value, and what was opened is closed. */
import { describe, expect, test } from "vitest";
import type { ObjectsObject, SessionsSession } from "../../../../src/worker/adapters/pkcs11/bindings.ts";
import type { FunctionName } from "../../../../src/worker/adapters/pkcs11/native/cryptoki.ts";
import { Pkcs11Module, useModule } from "../../../../src/worker/adapters/pkcs11/native/module.ts";
import { CKR } from "../../../../src/worker/adapters/pkcs11/tables/errors.ts";
import { type FakeModule, fakeModule, type Handler } from "./fake-module.ts";
import { ulongAt, writeBytes, writeUlong } from "./memory.ts";
import { bad, beginRun, good, moduleOf, type Run, text } from "./serve.ts";

type Handlers = Readonly<Partial<Record<FunctionName, Handler>>>;

interface Stage {
  readonly fake: FakeModule;
  readonly run: Run;
  readonly session: SessionsSession;
  readonly object: ObjectsObject;
}

const SHA256 = { tag: "sha256" } as const;
const HMAC = { tag: "sha256-hmac" } as const;

/** A run with a session and an object. */
function stage(handlers: Handlers): Stage {
  const fake = fakeModule(handlers);
  const run = beginRun(moduleOf(fake), { allowImport: true });
  const session = run.open(1n);
  return { fake, run, session, object: good(session.createObject([])) };
}

function count({ calls }: FakeModule, name: FunctionName): number {
  return calls.filter((each) => each === name).length;
}

describe("lengths that a module claims", () => {
  const MIB = 1024 * 1024;

  test.each<readonly [what: string, digest: Handler, error: string, calls: number]>([
    [
      "always too small",
      (_session, _data, _length, _at, lengthAt = 0) => {
        writeUlong(lengthAt, ulongAt(lengthAt) + 1n);
        return CKR["buffer-too-small"];
      },
      "buffer-too-small",
      3,
    ],
    [
      "more than we give",
      (_session, _data, _length, _at, lengthAt = 0) => {
        writeUlong(lengthAt, BigInt(257 * MIB));
        return CKR["buffer-too-small"];
      },
      "host-memory",
      1,
    ],
    [
      "all of the address space",
      (_session, _data, _length, _at, lengthAt = 0) => {
        writeUlong(lengthAt, 2n ** 64n - 1n);
        return CKR["buffer-too-small"];
      },
      "host-memory",
      1,
    ],
    [
      "written, beyond the buffer",
      (_session, _data, _length, _at, lengthAt = 0) => {
        writeUlong(lengthAt, ulongAt(lengthAt) + 1n);
        return 0;
      },
      "general-error",
      1,
    ],
  ])("%s", (_, digest, error, calls) => {
    const { fake, session } = stage({ C_Digest: digest });
    expect(bad(session.digest(SHA256, text("x")))).toBe(error);
    expect(count(fake, "C_Digest")).toBe(calls);
  });

  test("a buffer that is too small at first is made larger, and the data is the same", () => {
    const wanted = new Uint8Array(100_000).fill(7);
    const { session } = stage({
      C_Digest: (_session, _data, _length, at = 0, lengthAt = 0) => {
        const room = ulongAt(lengthAt);
        writeUlong(lengthAt, BigInt(wanted.length));
        if (room < wanted.length) return CKR["buffer-too-small"];
        writeBytes(at, wanted);
        return 0;
      },
    });
    expect(good(session.digest(SHA256, text("x")))).toEqual(wanted);
  });

  test.each([
    ["a count that is too large", 65_537n, "host-memory"],
    ["a count beyond reason", 2n ** 63n, "host-memory"],
  ])("slots: %s", (_, said, error) => {
    const { run } = stage({
      C_GetSlotList: (_token, _at, countAt = 0) => {
        writeUlong(countAt, said);
        return 0;
      },
    });
    expect(bad(run.slots.listSlots(true))).toBe(error);
    expect(bad(run.slots.findToken("x"))).toBe(error);
  });

  test("slots: more the second time", () => {
    let asked = 0n;
    const { run } = stage({
      C_GetSlotList: (_token, _at, countAt = 0) => {
        asked += 1n;
        writeUlong(countAt, asked);
        return 0;
      },
    });
    expect(bad(run.slots.listSlots(true))).toBe("general-error");
  });

  test("slots: a reader that is plugged in meanwhile", () => {
    let slots = 1n;
    const { run } = stage({
      C_GetSlotList: (_token, at = 0, countAt = 0) => {
        const room = at === 0 ? slots : ulongAt(countAt);
        writeUlong(countAt, slots);
        if (at === 0) {
          slots = 2n;
          return 0;
        }
        if (room < slots) return CKR["buffer-too-small"];
        writeUlong(at, 5n);
        writeUlong(at + 8, 2n ** 63n);
        return 0;
      },
    });
    expect(good(run.slots.listSlots(false))).toEqual(BigUint64Array.of(5n, 2n ** 63n));
  });

  test("more objects than were asked for, and the search is over nevertheless", () => {
    const { fake, session } = stage({
      C_FindObjects: (_session, _at, _room, countAt = 0) => {
        writeUlong(countAt, 1000n);
        return 0;
      },
    });
    expect(bad(session.findObjects([], 2))).toBe("general-error");
    expect(fake.calls.at(-1)).toBe("C_FindObjectsFinal");
  });
});

/** A module that has one value for every attribute. */
function withValue(value: (query: number) => Uint8Array | undefined): Stage {
  let queries = 0;
  return stage({
    C_GetAttributeValue: (_session, _object, at = 0, attributes = 0) => {
      let rv = 0;
      for (let index = 0; index < attributes; index += 1) {
        const attribute = at + 24 * index;
        const [pointer, room] = [ulongAt(attribute + 8), ulongAt(attribute + 16)];
        const bytes = value(queries);
        queries += 1;
        writeUlong(attribute + 16, bytes === undefined ? 2n ** 64n - 1n : BigInt(bytes.length));
        if (bytes === undefined) rv = CKR["attribute-sensitive"];
        else if (pointer !== 0n && room < bytes.length) rv = CKR["buffer-too-small"];
        else if (pointer !== 0n) writeBytes(Number(pointer), bytes);
      }
      return rv;
    },
  });
}

describe("attributes", () => {
  test("a value that grows while it is read", () => {
    const { object } = withValue((query) => new Uint8Array(query < 2 ? query + 1 : 9));
    expect(good(object.getAttribute({ tag: "id" }))).toEqual({ tag: "id", val: new Uint8Array(9) });
  });

  test("a value that never stops growing", () => {
    const { object } = withValue((query) => new Uint8Array(query + 1));
    expect(bad(object.getAttribute({ tag: "id" }))).toBe("buffer-too-small");
  });

  test("a value that is gone when it is read", () => {
    const { object } = withValue((query) => (query === 0 ? text("x") : undefined));
    expect(good(object.getAttributes([{ tag: "id" }]))).toEqual([undefined]);
  });

  test("values of the wrong length are no values", () => {
    const { object } = withValue(() => Uint8Array.of(1, 2, 3));
    for (const tag of ["token", "modulus-bits", "class", "start-date", "allowed-mechanisms"] as const) {
      expect(bad(object.getAttribute({ tag }))).toBe("general-error");
      expect(good(object.getAttributes([{ tag }, { tag: "id" }]))).toEqual([
        undefined,
        { tag: "id", val: Uint8Array.of(1, 2, 3) },
      ]);
    }
  });

  test("text that is no UTF-8 is text nevertheless", () => {
    const { object } = withValue(() => Uint8Array.of(0x41, 0xff));
    expect(good(object.getAttribute({ tag: "label" }))).toEqual({ tag: "label", val: "A\u{fffd}" });
  });

  test("a length beyond reason", () => {
    const { object } = stage({
      C_GetAttributeValue: (_session, _object, at = 0) => {
        writeUlong(at + 16, 2n ** 40n);
        return 0;
      },
    });
    expect(bad(object.getAttribute({ tag: "id" }))).toBe("host-memory");
  });

  test("an object that does not say where it is counts as one of the token", () => {
    const { fake, object } = withValue(() => undefined);
    expect(bad(object.destroy())).toBe("attribute-sensitive");
    expect(count(fake, "C_DestroyObject")).toBe(0);
  });
});

describe("return values", () => {
  test.each<readonly [rv: number | bigint, error: object]>([
    [CKR["device-removed"], { tag: "device-removed" }],
    [CKR["session-handle-invalid"], { tag: "session-handle-invalid" }],
    [CKR["function-rejected"], { tag: "function-rejected" }],
    [0x201, { tag: "vendor", val: 0x201n }],
    [0x8000_0001, { tag: "vendor", val: 0x8000_0001n }],
    [2n ** 64n - 1n, { tag: "vendor", val: 2n ** 64n - 1n }],
  ])("%s is a value from every function", (rv, error) => {
    let isThere = true;
    const fails: Handler = () => (isThere ? 0 : rv);
    const all = [
      "C_GetInfo",
      "C_GetSlotList",
      "C_GetSlotInfo",
      "C_GetTokenInfo",
      "C_GetMechanismList",
      "C_GetMechanismInfo",
      "C_Login",
      "C_Logout",
      "C_CreateObject",
      "C_CopyObject",
      "C_DestroyObject",
      "C_GetObjectSize",
      "C_GetAttributeValue",
      "C_SetAttributeValue",
      "C_FindObjectsInit",
      "C_SignInit",
      "C_VerifyInit",
      "C_DigestInit",
      "C_GenerateKey",
      "C_GenerateKeyPair",
      "C_WrapKey",
      "C_UnwrapKey",
      "C_DeriveKey",
      "C_SeedRandom",
      "C_GenerateRandom",
      "C_CloseSession",
    ] as const satisfies readonly FunctionName[];
    const { fake, run, session, object } = stage(Object.fromEntries(all.map((name) => [name, fails])));
    isThere = false;
    const results = [
      run.slots.getModuleInfo(),
      run.slots.listSlots(true),
      run.slots.getSlotInfo(1n),
      run.slots.getTokenInfo(1n),
      run.slots.listMechanisms(1n),
      run.slots.getMechanismInfo(1n, SHA256),
      session.login("user", text("1234")),
      session.logout(),
      session.findObjects([], 1),
      session.createObject([]),
      session.generateKey({ tag: "aes-key-gen" }, []),
      session.generateKeyPair({ tag: "ec-key-pair-gen" }, [], []),
      session.digest(SHA256, text("x")),
      session.startDigest(SHA256),
      session.generateRandom(1),
      session.seedRandom(text("x")),
      object.getAttribute({ tag: "id" }),
      object.getAttributes([{ tag: "id" }]),
      object.setAttributes([]),
      object.copy([]),
      object.destroy(),
      object.size(),
      object.sign(HMAC, text("x")),
      object.verify(HMAC, text("x"), text("y")),
      object.startSign(HMAC),
      object.startVerify(HMAC),
      object.wrap(HMAC, object),
      object.unwrap(HMAC, text("x"), []),
      object.derive(HMAC, []),
      object.sign({ tag: "sha256-rsa-pkcs" }, text("x")),
    ];
    for (const result of results) expect(result).toEqual({ tag: "err", val: error });
    run.end();
    run.end();
    expect(count(fake, "C_CloseSession")).toBe(count(fake, "C_OpenSession"));
  });

  test("a session that cannot be told from a logged-in one, and not be logged out, is closed", () => {
    const fake = fakeModule({
      C_GetSessionInfo: () => CKR["general-error"],
      C_Logout: () => CKR["device-error"],
    });
    const run = beginRun(moduleOf(fake));
    expect(bad(run.sessions.open(1n, "read-only"))).toBe("device-error");
    expect(fake.calls.slice(-1)).toEqual(["C_CloseSession"]);
    run.end();
    expect(count(fake, "C_CloseSession")).toBe(1);
  });

  test("a token that says nobody is logged in needs no logout", () => {
    const fake = fakeModule({
      C_GetSessionInfo: () => CKR["general-error"],
      C_Logout: () => CKR["user-not-logged-in"],
    });
    expect(bad(beginRun(moduleOf(fake)).sessions.open(1n, "read-only"))).toBe("ok");
  });
});

describe("the beginning and the end of a module", () => {
  test("with the system's locks, without where it has none", () => {
    const flags: bigint[] = [];
    const fake = fakeModule({
      C_Initialize: (at = 0) => {
        flags.push(at === 0 ? 0n : ulongAt(at + 32));
        return at === 0 ? 0 : CKR["cant-lock"];
      },
    });
    new Pkcs11Module(fake, "hsm").close();
    expect(flags).toEqual([2n, 0n]);
    expect(fake.calls.at(-1)).toBe("C_Finalize");
  });

  test("who did not begin it does not end it", () => {
    const fake = fakeModule({ C_Initialize: () => CKR["cryptoki-already-initialized"] });
    new Pkcs11Module(fake, "hsm").close();
    expect(fake.calls).toEqual(["C_Initialize"]);
  });

  test("one that does not begin is its bundle's fault", () => {
    const fake = fakeModule({ C_Initialize: () => 0x30 });
    expect(() => useModule(fake, "hsm")).toThrow(
      expect.objectContaining({
        code: "HOST_FAULT",
        context: expect.objectContaining({
          bundle: "hsm",
          findings: [{ message: "C_Initialize gives device-error (0x30)" }],
        }),
      }),
    );
  });

  test("two bundles over one image begin and end it once", () => {
    const fake = fakeModule();
    const first = useModule(fake, "first");
    const second = useModule({ ...fake }, "second");
    expect(second.module).toBe(first.module);
    first.release();
    first.release();
    expect(fake.calls).toEqual(["C_Initialize"]);
    second.release();
    expect(fake.calls).toEqual(["C_Initialize", "C_Finalize"]);
    useModule(fake, "third").release();
    expect(fake.calls.length).toBe(4);
  });
});
