import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../support/temporary.ts";
import { cli } from "./io.ts";

const folder = temporaryFolder();
const at = (...parts: string[]): string => join(folder, ...parts);

function bundle(name: string, host: string): string {
  mkdirSync(at(name, "wit"), { recursive: true });
  writeFileSync(at(name, "wit", "api.wit"), WIT);
  writeFileSync(at(name, "host.toml"), host);
  return at(name);
}

const WIT = `package acme:greet@1.0.0;
interface api { greet: func(name: string) -> result<string>; }
interface more { record point { x: u32 } at: func() -> point; }
world one { import api; }
world two { import more; }
`;

const GREET = `export interface Api {
  greet(name: string): Result<string, undefined>;
}`;

test("a bundle whose adapter and library do not exist yet", async () => {
  const host =
    '[host]\nname = "greet"\nlib = "lib/none.so"\nwit = "wit"\nworld = "one"\nadapter = "./adapter.js"\n';
  const { exitCode, stdout, stderr } = await cli(["types", bundle("greet", host)]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toContain(GREET);
  expect(stdout).toContain("from the world acme:greet/one@1.0.0");
  // It imports nothing: the result and the adapter's own types are in it.
  expect(stdout).not.toMatch(/^import/m);
  for (const name of ["type Result<Ok, Err>", "interface Adapter ", "interface AdapterContext "])
    expect(stdout).toContain(`export ${name}`);
  const again = await cli(["types", at("greet", "host.toml"), "--world", "two"]);
  expect(again.stdout).toContain("at(): MorePoint;");
  expect(again.stdout).not.toContain(GREET);
});

test("a bundle of a built-in adapter without WIT", async () => {
  mkdirSync(at("kv"));
  writeFileSync(at("kv", "host.toml"), '[host]\nname = "mine"\nadapter = "pkcs11"\n');
  const { exitCode, stdout } = await cli(["types", at("kv")]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("export interface Imports {");
});

test("WIT alone, into a file", async () => {
  writeFileSync(at("api.wit"), WIT);
  const out = at("bindings.d.ts");
  const { exitCode, stdout, stderr } = await cli(["types", at("api.wit"), "--world", "one", "--output", out]);
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  expect(readFileSync(out, "utf8")).toContain(GREET);
});

describe("faults", () => {
  test.each<[string, () => readonly string[], readonly string[]]>([
    ["nothing there", () => ["/nowhere/at-all"], ["/nowhere/at-all: no such file"]],
    ["no argument", () => [], ["missing argument: <bundle dir | WIT file or dir>"]],
    ["an unknown flag", () => ["--outptu", "x", "y"], ["did you mean --output?"]],
    ["a bundle without WIT", () => [bundle("bare", '[host]\nname = "bare"\n')], ["`wit` is missing"]],
    [
      "WIT that is not there",
      () => [bundle("lost", '[host]\nname = "lost"\nwit = "wot"\n')],
      ["wot does not exist", "host.toml:3"],
    ],
    ["no [host]", () => [bundle("empty", "")], ["there is no [host] table"]],
    ["TOML that is none", () => [bundle("broken", "[host")], ["not valid TOML"]],
    [
      "two worlds",
      () => [bundle("two", '[host]\nname = "two"\nwit = "wit"\n')],
      ["the WIT has 2 worlds", "--world"],
    ],
    [
      "a folder that is not there",
      () => [bundle("out", '[host]\nname = "out"\nwit = "wit"\nworld = "one"\n'), "--output", at("no", "x")],
      ["cannot be written: there is no such file or folder"],
    ],
  ])("%s", async (_title, args, texts) => {
    const { exitCode, stdout, stderr } = await cli(["types", ...args()]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    for (const text of texts) expect(stderr).toContain(text);
  });
});
