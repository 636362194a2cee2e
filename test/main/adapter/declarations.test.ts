import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { bindingsOf } from "../../../src/main/adapter/generator.ts";
import { userBindings } from "../../../src/main/adapter/modules.ts";
import { loadWit } from "../../../src/main/wit/load.ts";
import { isHostbundleError } from "../../../src/shared/errors.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { decodeWit } from "../../support/worlds.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const ADAPTERS = here("../../../src/worker/adapters");

/** The declarations of a package `a:b` with that text. */
async function declare(wit: string): Promise<string> {
  return userBindings(await decodeWit(`package a:b; ${wit}`, "w"));
}

test("a rich world", async () => {
  const { world } = await loadWit(here("rich"));
  await expect(`${userBindings(world)}\n`).toMatchFileSnapshot("rich.golden");
});

test.each(readdirSync(ADAPTERS).filter((name) => !name.includes(".")))(
  "what is committed of %s is what its WIT gives",
  async (name) => {
    const committed = readFileSync(join(ADAPTERS, name, "bindings.ts"), "utf8");
    expect(await bindingsOf(join(ADAPTERS, name, "wit"))).toBe(committed);
  },
);

test("the build is told where a WIT is wrong", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "api.wit"), "package a:b;\ninterface i { f: func(a: nothing); }\n");
  await expect(bindingsOf(folder)).rejects.toThrow(/nothing[^]*api\.wit:2:26/);
});

test("interfaces of one name are told apart by package, namespace and version", async () => {
  const text = await declare(`
    world w { import x:one/api@1.0.0; import x:two/api@1.0.0; import x:two/api@2.0.0-rc.1; import y:two/api@1.0.0; import only; }
    interface only { f: func(); }
    package x:one@1.0.0 { interface api { f: func(); } }
    package x:two@1.0.0 { interface api { f: func(); } }
    package x:two@2.0.0-rc.1 { interface api { f: func(); } }
    package y:two@1.0.0 { interface api { f: func(); } }`);
  const names = [...text.matchAll(/readonly "(.*)": (\w+);/g)].map(([, id, name]) => [id, name]);
  expect(Object.fromEntries(names)).toEqual({
    "a:b/only": "Only",
    "x:one/api@1.0.0": "OneApi",
    "x:two/api@1.0.0": "XTwoApi_1_0_0",
    "x:two/api@2.0.0-rc.1": "XTwoApi_2_0_0_rc_1",
    "y:two/api@1.0.0": "YTwoApi",
  });
});

test("a world that has nothing to serve", async () => {
  const text = await declare("interface t { type a = u8; } world w { import t; }");
  expect(text).toContain("export type Imports = object;");
  expect(text).toContain("export type TA = number;");
});

describe("what JavaScript cannot have is refused, all of it at once", () => {
  test.each<[string, string, readonly string[]]>([
    [
      "constructors that fail",
      "interface i { resource r { constructor() -> result<r, string>; } } world w { import i; }",
      ["a:b/i#[constructor]r gives a result", "static func"],
    ],
    [
      "names that become one",
      `interface i {
        record r { a-1: u8, a1: u8 } flags f { b-2, b2 }
        c-3: func(); c3: func();
        resource q { d-4: func(); d4: func(); e-5: static func(); e5: static func(); }
      } world w { import i; }`,
      ["a-1 and a1 are both a1", "b-2 and b2", "c-3 and c3", "methods of q: d-4 and d4", "e-5 and e5"],
    ],
    [
      "an interface and a function of the world",
      "world w { import a1: interface { f: func(); } import a-1: func(); }",
      ["the function a-1 and the interface a1 are both a1", "rename one"],
    ],
    [
      "names that a class has itself",
      `interface i {
        %constructor: func();
        resource q { %constructor: func(); prototype: static func(); prototype2: func(); }
      } world w { import i; }`,
      ["a:b/i#constructor:", "a:b/i#[method]q.constructor:", "a:b/i#[static]q.prototype:"],
    ],
  ])("%s", async (_title, wit, messages) => {
    let thrown: unknown;
    try {
      await declare(wit);
    } catch (error) {
      thrown = error;
    }
    if (!isHostbundleError(thrown)) throw new Error("it was accepted", { cause: thrown });
    expect(thrown.message).toBe("no adapter can serve this WIT");
    const findings = thrown.context.findings ?? [];
    expect(findings).toHaveLength(messages.length === 2 ? 1 : messages.length);
    const text = findings.map(({ message, help }) => `${message} ${help}`).join("\n");
    for (const message of messages) expect(text).toContain(message);
  });

  test("but not in WASI, which no adapter serves", async () => {
    const wit = `world w { import wasi:io/streams@0.2.3; import f: func(); }
      package wasi:io@0.2.3 { interface streams { resource s { constructor() -> result<s>; } %constructor: func(); } }`;
    expect(await declare(wit)).toContain("export type StreamsS = object;");
  });
});
