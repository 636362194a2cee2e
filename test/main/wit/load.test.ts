import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadWit } from "../../../src/main/wit/load.ts";
import { formatError, type HostbundleError, isHostbundleError } from "../../../src/shared/errors.ts";
import { printWorld } from "../../support/print-world.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const folder = temporaryFolder();
let count = 0;

/** Writes files below a fresh folder and gives its path. */
function write(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = join(folder, `case-${count++}`);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}

function writeOne(text: string): string {
  return join(write({ "api.wit": text }), "api.wit");
}

async function errorOf(
  path: string,
  options: { world?: string; cacheFolder?: string } = {},
): Promise<HostbundleError> {
  try {
    await loadWit(path, options);
  } catch (error) {
    if (isHostbundleError(error)) return error;
    throw error;
  }
  throw new TypeError("it was accepted");
}

/** The error as a person reads it, with the test's own folder left out. */
async function report(path: string, options: { world?: string } = {}): Promise<string> {
  const error = await errorOf(path, options);
  expect(error.code).toBe("WIT_INVALID");
  return formatError(error.toData()).replaceAll(path, "PATH").replaceAll(dirname(path), "FOLDER");
}

const filesBelow = (path: string): string[] =>
  readdirSync(path, { recursive: true, encoding: "utf8" })
    .map((name) => join(path, name))
    .filter((name) => statSync(name).isFile());

describe("one file", () => {
  it("gives its only world", async () => {
    const { world, warnings } = await loadWit(
      writeOne("package a:b@1.0.0;\nworld w { import f: func(); }\n"),
    );
    expect(world.name).toBe("a:b/w@1.0.0");
    expect(world.imports.map((item) => item.name)).toEqual(["f"]);
    expect(warnings).toEqual([]);
  });

  it("with interfaces alone gives a world that imports them all", async () => {
    const text = `package a:b@1.0.0;
interface %list { f: func(); }
@since(version = 1.0.0) interface two { g: func(); }
@unstable(feature = soon) interface three { h: func(); }
// interface four {}
/* interface five {} /* nested */ interface six {} */
`;
    const { world } = await loadWit(writeOne(text));
    expect(world.imports.map((item) => item.name)).toEqual(["a:b/list@1.0.0", "a:b/two@1.0.0"]);
    expect(world.exports).toEqual([]);
  });

  it("with several worlds needs a choice", async () => {
    const path = writeOne(
      "package a:b@1.0.0;\nworld one { import f: func(); }\nworld two { import g: func(); }\n",
    );
    expect((await loadWit(path, { world: "two" })).world.name).toBe("a:b/two@1.0.0");
    expect((await loadWit(path, { world: "a:b/one@1.0.0" })).world.name).toBe("a:b/one@1.0.0");
    expect((await loadWit(path, { world: "a:b/one" })).world.name).toBe("a:b/one@1.0.0");
    expect(await report(path)).toBe(`error: the WIT has 2 worlds
  world one
    in PATH:2
  world two
    in PATH:3
  help: choose one with \`world = "…"\` in host.toml (\`hostbundle types\` takes --world)`);
    expect(await report(path, { world: "three" })).toContain("the WIT has no world three\n  world one\n");
    expect(await report(path, { world: "a:b/three" })).toContain("three");
  });

  it("what is unstable is not there", async () => {
    const path = writeOne(
      "package a:b;\n@unstable(feature = soon)\nworld one {}\nworld two { import f: func(); }\n",
    );
    expect((await loadWit(path)).world.name).toBe("a:b/two");
    expect(await report(path, { world: "one" })).toContain("one is marked @unstable");
  });

  it("may hold the packages it needs", async () => {
    const path = writeOne(
      "package a:b;\nworld w { import c:d/i; }\npackage c:d { interface i { f: func(); } }\n",
    );
    expect(printWorld((await loadWit(path)).world)).toContain(
      "package c:d {\n  interface i {\n    f: func();",
    );
  });
});

describe("keywords in package names", () => {
  it("are accepted with a warning that shows the spelling", async () => {
    const path = writeOne(
      `// The owner's own example.
package example:interface@1.0.0;

interface runtime { greet: func(name: string) -> string; }
world example-runtime { import example:interface/runtime@1.0.0; export f: func(%interface: u8); }
`.replace("example:interface/runtime@1.0.0", "runtime"),
    );
    const { world, warnings } = await loadWit(path);
    expect(world.name).toBe("example:interface/example-runtime@1.0.0");
    expect(world.imports.map((item) => item.name)).toEqual(["example:interface/runtime@1.0.0"]);
    expect(warnings).toEqual([
      {
        message: "`interface` is a keyword of WIT; in a package name it is spelled `%interface`",
        where: { file: path, line: 2, column: 17 },
        lines: ["2 | package example:interface@1.0.0;", "  |                 ^^^^^^^^^"],
        help: "write `%interface`; other tools refuse the text as it is",
      },
    ]);
  });

  it("also in paths and in deps/, and places after the repair are still right", async () => {
    const path = write({
      "main.wit": "package a:b;\nworld w { import type:record/use-it; import f: func(a: nowhere); }\n",
      "deps/c/c.wit": "package type:record;\ninterface use-it { f: func(); }\n",
    });
    const text = await report(path);
    expect(text).toContain("name `nowhere` does not exist");
    expect(text).toContain("in PATH/main.wit:2:56");
    const good = write({
      "main.wit": "package a:b;\nworld w { import type:record/use-it; }\n",
      "deps/c/c.wit": "package type:record;\ninterface use-it { f: func(); }\n",
    });
    const { world, warnings } = await loadWit(good);
    expect(world.imports.map((item) => item.name)).toEqual(["type:record/use-it"]);
    expect(warnings.map(({ where }) => [where?.file.slice(good.length), where?.line, where?.column])).toEqual(
      [
        ["/main.wit", 2, 18],
        ["/main.wit", 2, 23],
        ["/deps/c/c.wit", 1, 9],
        ["/deps/c/c.wit", 1, 14],
      ],
    );
  });
});

describe("a folder", () => {
  it("is one package of several files, with its dependencies", async () => {
    const path = write({
      "a.wit": "package a:b@1.0.0;\nuse x:y/base@0.2.0;\ninterface one { use base.{t}; f: func() -> t; }\n",
      "b.wit": "use x:y/base@0.2.0;\nworld w { import one; import base; import z:z/last; }\n",
      "notes.md": "not WIT",
      "deps/x-y/types.wit": "package x:y@0.2.0;\ninterface base { use z:z/last.{u}; type t = u; }\n",
      "deps/x-y/more.wit": "interface unused {}\n",
      "deps/z.wit": "package z:z;\n/// Documented.\ninterface last { type u = u8; }\n",
      "deps/README.md": "not WIT",
      "deps/empty/notes.txt": "not WIT",
    });
    const { world } = await loadWit(path);
    expect(world.imports.map((item) => item.name)).toEqual(["z:z/last", "x:y/base@0.2.0", "a:b/one@1.0.0"]);
  });

  it("finds packages in dependencies that hold several", async () => {
    const path = write({
      "w.wit": "package a:b;\nworld w { import c:d/i; }\n",
      "deps/all.wit":
        "package c:d;\ninterface i { use e:f/j.{t}; f: func() -> t; }\n  package e:f { interface j { record t { a: u8 } } }\n",
    });
    expect(printWorld((await loadWit(path)).world)).toContain("record t { a: u8 }");
  });

  it("says the file and line of a fault in a dependency", async () => {
    const path = write({
      "w.wit": "package a:b;\nworld w { import c:d/i; }\n",
      "deps/c/one.wit": "package c:d;\n\n",
      "deps/c/two.wit": "\ninterface i {\n  f: func() -> ;\n}\n",
    });
    expect(await report(path)).toBe(`error: ${path.slice(folder.length + 1)} is not valid WIT
  expected a type, found ';'
    3 |   f: func() -> ;
      |                ^
    in PATH/deps/c/two.wit:3:16`);
  });

  it.each([
    ["no WIT", { "notes.md": "" }, "the folder has no .wit file"],
    [
      "two packages",
      { "a.wit": "package a:b;", "b.wit": "\npackage c:d;" },
      "package c:d in a folder of package a:b",
    ],
    ["no package", { "a.wit": "interface i {}" }, "no `package` statement"],
    [
      "one name for two interfaces",
      { "a.wit": "package a:b; use c:d/i;", "b.wit": "use e:f/i;" },
      "uses another interface under the name i",
    ],
    [
      "a binary dependency",
      { "a.wit": "package a:b; world w {}", "deps/c.wasm": "" },
      "wasm-tools component wit",
    ],
    [
      "a missing dependency",
      { "a.wit": "package a:b; world w { import c:d/i; }" },
      "put the WIT of that package into deps/",
    ],
    [
      "the same package twice",
      { "a.wit": "package a:b; world w {}", "deps/a.wit": "package c:d;", "deps/b.wit": "package c:d;" },
      "two different locations",
    ],
  ])("%s", async (_, files, says) => {
    expect(await report(write(files))).toContain(says);
  });
});

describe("what cannot be read", () => {
  it("a file that is missing, a loop, a binary, not UTF-8, too large", async () => {
    expect(await report(join(folder, "missing.wit"))).toContain(
      "there is no such file or folder\n    in PATH",
    );
    const loop = join(folder, "loop.wit");
    symlinkSync(loop, loop);
    expect(await report(loop)).toContain("its symbolic links form a loop");
    const inside = write({ "a.wit": "package a:b; world w {}" });
    symlinkSync(join(inside, "b.wit"), join(inside, "b.wit"));
    expect(await report(inside)).toContain("in PATH/b.wit");
    expect(await report(join(write({ "p.wasm": "" }), "p.wasm"))).toContain("a WIT package in binary form");
    expect(await report(join(write({ "p.wit": Uint8Array.of(0x70, 0xff) }), "p.wit"))).toContain("not UTF-8");
    expect(await report(writeOne(" ".repeat(3 * 1024 * 1024)))).toContain("over the bound of 2097152 bytes");
  });

  it("a folder that links to itself in deps/", async () => {
    const path = write({
      "a.wit": "package a:b; world w { import f: func(); }",
      "deps/x/c.wit": "package c:d;",
    });
    symlinkSync(path, join(path, "deps", "again"));
    expect(await report(path)).toContain("`a:b` is defined in two different locations");
  });

  const cases: [name: string, text: string, says: string][] = [
    ["nothing", "", "no `package` statement"],
    ["a package alone", "package a:b;", "neither a world nor an interface"],
    [
      "a syntax error",
      "package a:b;\ninterface i {\n  f: func(a u8);\n}\n",
      "3 |   f: func(a u8);\n      |             ^^\n    in PATH:3:13",
    ],
    ["a stray character", "package a:b;\nworld w { import f: func(a: §); }", "in PATH:2:29"],
    [
      "an open brace",
      "package a:b;\ninterface i {\n",
      "this `{` has no partner\n    2 | interface i {\n      |             ^",
    ],
    ["a brace too many", "package a:b;\ninterface i { } }\n", "this `}` has no partner"],
    ["an open string", 'package a:b;\nworld w { import f: "func\n }', "in PATH:2:21"],
    [
      "an unknown type",
      "package a:b;\nworld w {\n  import f: func(a: nope);\n}",
      "name `nope` does not exist\n    3 |   import f: func(a: nope);",
    ],
    ["a type in a circle", "package a:b;\ninterface i {\n  record abc { x: abc }\n}", "in PATH:3:10"],
    [
      "a keyword as a name",
      "package a:b;\ninterface i { list: func(); }",
      "write a keyword that serves as a name with a %",
    ],
    [
      "types too deep",
      `package a:b;\ninterface i { f: func(a: ${"list<".repeat(500)}u8${">".repeat(500)}); }`,
      "nest too deep",
    ],
    [
      "deep for the decoder",
      `package a:b;\ninterface i { f: func(a: ${"list<".repeat(150)}u8${">".repeat(150)}); }`,
      "PATH",
    ],
    [
      "async",
      "package a:b; world w { import f: async func(); }",
      'import[0] func "f": an async function is not supported',
    ],
    [
      "a stream",
      "package a:b; interface i { f: func() -> option<stream<u8>>; }",
      'import[0] interface "a:b/i": func "f": result: element: stream is not supported',
    ],
    [
      "a future",
      "package a:b; world w { record r { x: future } import f: func(a: r); }",
      'type "r": field "x": future is not supported',
    ],
    [
      "an error-context",
      "package a:b; world w { import f: func(a: error-context); }",
      "error-context is not supported",
    ],
    [
      "too many flags",
      `package a:b; interface i { flags f { ${Array.from({ length: 33 }, (_, index) => `l${index}`).join(", ")} } }`,
      'import "a:b/i": 33 flags; at most 32 are possible',
    ],
    [
      "a record without fields",
      "package a:b; interface i { record r {} }",
      'import "a:b/i": a record without fields',
    ],
    ["what begins no statement", "package a:b;\ndefault world w {}", "PATH:2:1"],
    ["a bad version", "// Hi.\npackage a:b@1.0; interface i {}", "in PATH:2:1"],
    ["a map", "package a:b; world w { import f: func(a: map<string, u8>); }", "use list<tuple<key, value>>"],
  ];
  it.each(cases)("%s", async (_, text, says) => {
    expect(await report(writeOne(text))).toContain(says);
  });

  it("control characters of the text do not reach the terminal", async () => {
    const text = await report(writeOne("package a:b;\nworld w { import f: \u001b[31mfunc(a: nope\u009b); }"));
    expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  });
});

describe("the cache", () => {
  const text =
    "package a:b@1.0.0;\ninterface i { resource r; record e { a: u8 } f: func(x: e, y: r) -> e; g: func() -> r; }\n";

  it("gives the same world, sharing included", async () => {
    const path = writeOne(text);
    const cacheFolder = join(folder, "cache-same");
    const cold = await loadWit(path, { cacheFolder });
    const stored = filesBelow(cacheFolder);
    expect(stored).toHaveLength(1);
    const warm = await loadWit(path, { cacheFolder });
    expect(warm).toEqual(cold);
    expect(filesBelow(cacheFolder)).toEqual(stored);
    const item = warm.world.imports[0];
    const [f, g] = item?.kind === "interface" ? item.interface.functions : [];
    expect(f?.type.params[0]?.type).toBe(f?.type.result);
    const [own, made] = [f?.type.params[1]?.type, g?.type.result];
    expect(own?.kind === "own" && made?.kind === "own" && own.resource === made.resource).toBe(true);
  });

  it("is not asked for another text or world", async () => {
    const cacheFolder = join(folder, "cache-other");
    await loadWit(writeOne(text), { cacheFolder });
    const other = await loadWit(writeOne(text.replace("a: u8", "a: u16")), { cacheFolder });
    expect(printWorld(other.world)).toContain("a: u16");
    expect(filesBelow(cacheFolder)).toHaveLength(2);
  });

  it.each([
    ["cut", (bytes: Uint8Array) => bytes.subarray(0, 40)],
    ["changed", (bytes: Uint8Array) => bytes.map((byte, index) => (index === 60 ? byte ^ 1 : byte))],
    ["empty", () => new Uint8Array()],
  ])("an entry that was %s counts as none and is written again", async (what, damage) => {
    const path = writeOne(text);
    const cacheFolder = join(folder, `cache-${what}`);
    const cold = await loadWit(path, { cacheFolder });
    const file = filesBelow(cacheFolder)[0] ?? "";
    const good = readFileSync(file);
    writeFileSync(file, damage(good));
    expect(await loadWit(path, { cacheFolder })).toEqual(cold);
    expect(readFileSync(file)).toEqual(good);
  });

  it("does not keep what was refused", async () => {
    const cacheFolder = join(folder, "cache-refused");
    await errorOf(writeOne("package a:b; world w { import f: async func(); }"), { cacheFolder });
    expect(existsSync(cacheFolder)).toBe(false);
  });
});
