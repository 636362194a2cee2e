import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parseDirectories, parseVariables } from "../../../src/main/cli/grants.ts";
import { thrownBy } from "../../support/errors.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const folder = temporaryFolder();

describe("--dir", () => {
  test.each([
    [folder, { host: folder, guest: folder, readOnly: false }],
    [`${folder}:ro`, { host: folder, guest: folder, readOnly: true }],
    [`${folder}::/data`, { host: folder, guest: "/data", readOnly: false }],
    [`${folder}::/data:ro`, { host: folder, guest: "/data", readOnly: true }],
    [`${folder}::/`, { host: folder, guest: "/", readOnly: false }],
    [`${folder}::data/../x/`, { host: folder, guest: "/x", readOnly: false }],
    [".", { host: resolve("."), guest: "/", readOnly: false }],
    ["./src::code", { host: resolve("src"), guest: "/code", readOnly: false }],
  ])("%s", (text, grant) => {
    expect(parseDirectories([text])).toEqual([grant]);
  });

  test.each([["::/x"], [`${folder}::`], [":ro"], ["package.json"], [`${folder}/none`], ["package.json/x"]])(
    "%s is refused",
    (text) => {
      const error = thrownBy(() => parseDirectories([text]));
      expect(error.code).toBe("USAGE");
      expect(error.message).toContain(text);
    },
  );

  test("every fault is listed", () => {
    expect(thrownBy(() => parseDirectories(["/no/1", folder, "/no/2"])).findings).toHaveLength(2);
  });
});

describe("--env", () => {
  const env = { HOME: "/root", EMPTY: "" };

  test("sets, passes on, and lets the last one win", () => {
    expect(parseVariables("--env", ["A=1", "HOME", "B=x=y", "EMPTY", "C=", "A=2"], env)).toEqual([
      ["A", "2"],
      ["HOME", "/root"],
      ["B", "x=y"],
      ["EMPTY", ""],
      ["C", ""],
    ]);
  });

  test.each([["NOT_SET"], ["=x"], [""]])("%j is refused", (text) => {
    expect(thrownBy(() => parseVariables("--env", [text], env)).code).toBe("USAGE");
  });
});
