/** The config: what it may say, and the PIN file. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { readSettings, type Settings } from "../../../../src/worker/adapters/pkcs11/settings.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const folder = temporaryFolder();

function settingsOf(config: Readonly<Record<string, unknown>>): Settings {
  return readSettings({
    bundle: "hsm",
    config,
    library: undefined,
    resolvePath: (_key, path) => resolve(folder, path),
    openLibrary: () => {
      throw new RangeError("settings need no library");
    },
  });
}

function pinFile(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return name;
}

test("without a config everything may be seen and nothing be destroyed", () => {
  expect(settingsOf({})).toEqual({
    slots: undefined,
    tokenLabels: undefined,
    readPin: undefined,
    readOnly: false,
    allowTokenInit: false,
    allowPinChange: false,
    allowImport: false,
    allowDestroy: false,
  });
});

test("with everything", () => {
  const settings = settingsOf({
    slots: [0, 2 ** 40],
    "token-labels": ["a", "__proto__"],
    "pin-file": pinFile("pin.txt", "123456\n"),
    "read-only": true,
    "allow-token-init": true,
    "allow-pin-change": true,
    "allow-import": true,
    "allow-destroy": true,
  });
  expect(settings).toMatchObject({
    slots: new Set([0n, 2n ** 40n]),
    tokenLabels: new Set(["a", "__proto__"]),
    readOnly: true,
    allowTokenInit: true,
    allowPinChange: true,
    allowImport: true,
    allowDestroy: true,
  });
});

test("what is wrong is said at once", () => {
  const config = { slots: [-1], "token-labels": "a", "read-only": 1, "pin-file": 5, pin: "123456" };
  expect(() => settingsOf(config)).toThrow(
    expect.objectContaining({
      code: "CONFIG_INVALID",
      context: expect.objectContaining({
        findings: [
          { message: "slots = [-1] must be a list of integers, each at least 0" },
          { message: 'token-labels = "a" must be a list of texts' },
          { message: "pin-file = 5 must be a text" },
          { message: "read-only = 1 must be true or false" },
          expect.objectContaining({ message: 'unknown key "pin"' }),
        ],
      }),
    }),
  );
});

describe("a PIN file", () => {
  test.each([
    ["123456", "123456"],
    ["123456\n", "123456"],
    ["123456\r\nanother line", "123456"],
    [" with blanks ", " with blanks "],
    ["a".repeat(1024), "a".repeat(1024)],
    [Uint8Array.of(0xff, 0x00, 0x0a), "\u{fffd}\0"],
  ])("is its first line: %j", (content, pin) => {
    const { readPin } = settingsOf({ "pin-file": pinFile("line.txt", content) });
    expect(new TextDecoder().decode(readPin?.())).toBe(pin);
  });

  test("is read anew each time", () => {
    const { readPin } = settingsOf({ "pin-file": pinFile("changes.txt", "before") });
    readPin?.().fill(0);
    pinFile("changes.txt", "after");
    expect(new TextDecoder().decode(readPin?.())).toBe("after");
  });

  test.each([
    ["is empty", "", "1 to 1024 bytes"],
    ["has an empty first line", "\n123456", "1 to 1024 bytes"],
    ["has too long a line", "secret".repeat(200), "1 to 1024 bytes"],
  ])("that %s is refused", (_, content, why) => {
    const refused = (): Settings => settingsOf({ "pin-file": pinFile("bad.txt", content) });
    expect(refused).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        context: expect.objectContaining({
          findings: [{ message: expect.stringContaining(why), where: { file: join(folder, "bad.txt") } }],
        }),
      }),
    );
    expect(refused).not.toThrow("secret");
  });

  test("that is none is refused", () => {
    mkdirSync(join(folder, "a-folder"));
    for (const [name, why] of [
      ["a-folder", "no regular file"],
      ["nothing", "ENOENT"],
    ]) {
      const context = expect.objectContaining({
        findings: [expect.objectContaining({ message: expect.stringContaining(why ?? "") })],
      });
      expect(() => settingsOf({ "pin-file": name })).toThrow(
        expect.objectContaining({ code: "CONFIG_INVALID", context }),
      );
    }
  });
});
