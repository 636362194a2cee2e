import { cpSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deserialize } from "node:v8";
import { beforeAll, expect, test, vi } from "vitest";
import { loadImage } from "../../../src/main/component/image.ts";
import { decodeComponent } from "../../../src/main/component/decode.ts";
import { transpile } from "../../../src/main/component/transpile.ts";
import type { InstantiationPlan } from "../../../src/shared/component-plan.ts";
import { isHostbundleError } from "../../../src/shared/errors.ts";
import type { ComponentImage } from "../../../src/shared/protocol.ts";
import { buildComponent } from "../../support/component.ts";
import { temporaryFolder } from "../../support/temporary.ts";

vi.mock("../../../src/main/component/decode.ts", { spy: true });
vi.mock("../../../src/main/component/transpile.ts", { spy: true });

const WIT = `package t:e@1.0.0;
interface host { f: func(s: string) -> string; }
world w { import host; export g: func() -> string; }`;

const WAT = `(module
  (import "t:e/host@1.0.0" "f" (func (param i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
  (func (export "g") (result i32) (i32.const 0)))`;

const folder = temporaryFolder();
const path = join(folder, "app.wasm");

beforeAll(async () => {
  writeFileSync(path, await buildComponent({ wat: WAT, wit: WIT }));
});

async function reasonOf(promise: Promise<unknown>): Promise<{ code: string; text: string }> {
  try {
    await promise;
  } catch (error) {
    if (!isHostbundleError(error)) throw error;
    return {
      code: error.code,
      text: [error.message, ...(error.context.findings ?? []).map((f) => f.message)].join("; "),
    };
  }
  throw new Error("nothing was thrown");
}

const cacheFolder = join(folder, "cache");

test("an image of our own linker has the plan, the core modules and the world", async () => {
  const image = await loadImage(path, { cacheFolder });
  expect(image.path).toBe(path);
  expect(image.digest).toMatch(/^[0-9a-f]{64}$/);
  expect(image.world.imports.map((item) => item.name)).toEqual(["t:e/host@1.0.0"]);
  const { code } = image;
  if (code.kind !== "own") throw new Error(`linked by ${code.kind}`);
  expect(readdirSync(image.folder)).toEqual(expect.arrayContaining([code.plan, ...code.modules]));
  const plan: InstantiationPlan = deserialize(readFileSync(join(image.folder, code.plan)));
  expect(plan.modules).toHaveLength(code.modules.length);
  expect(plan.exports).toMatchObject([{ kind: "function", name: "g" }]);
  expect(transpile).not.toHaveBeenCalled();
});

/** The image that jco links, and the text of its module. */
async function jcoImage(): Promise<{ readonly image: ComponentImage; readonly text: string }> {
  const image = await loadImage(path, { cacheFolder, linker: "jco" });
  const { code } = image;
  if (code.kind !== "jco") throw new Error(`linked by ${code.kind}`);
  expect(readdirSync(image.folder)).toEqual(expect.arrayContaining([code.entry, ...code.modules]));
  return { image, text: readFileSync(join(image.folder, code.entry), "utf8") };
}

test("an image of jco's has the module, and both can be in one cache", async () => {
  const { image, text } = await jcoImage();
  expect(image.folder).not.toBe((await loadImage(path, { cacheFolder })).folder);
  // The version is part of the key: two versions of an interface are two imports.
  expect(text).toContain("imports['t:e/host@1.0.0']");
  expect(text).toContain("symbolCabiLower");
});

test("jco's module decodes strings as the Canonical ABI says", async () => {
  const { text } = await jcoImage();
  const decoders = text.match(/new TextDecoder\([^)]*\)/g) ?? [];
  expect(decoders.length).toBeGreaterThan(0);
  for (const decoder of decoders) expect(decoder).toContain("{ fatal: true, ignoreBOM: true }");
});

test.each([
  ["auto", decodeComponent],
  ["jco", transpile],
] as const)(
  "with linker %s, a copy elsewhere is the same image and is not prepared again",
  async (linker, step) => {
    const first = await loadImage(path, { cacheFolder, linker });
    const copy = join(folder, "copy.wasm");
    cpSync(path, copy);
    vi.mocked(step).mockClear();
    const second = await loadImage(copy, { cacheFolder, linker });
    expect(step).not.toHaveBeenCalled();
    expect(second).toEqual({ ...first, path: copy });
  },
);

test.each([
  ["auto", "meta.bin"],
  ["auto", "plan.bin"],
  ["auto", "core0.wasm"],
  ["jco", "component.mjs"],
  ["jco", "component.core.wasm"],
] as const)("with linker %s, a damaged %s is made again", async (linker, file) => {
  const damaged = join(folder, "damaged");
  const image = await loadImage(path, { cacheFolder: damaged, linker });
  const whole = readFileSync(join(image.folder, file));
  truncateSync(join(image.folder, file), whole.length >> 1);
  const again = await loadImage(path, { cacheFolder: damaged, linker });
  expect(again).toEqual(image);
  expect(readFileSync(join(again.folder, file)).length).toBe(whole.length);
});

test.each([
  ["missing.wasm", "there is no such file"],
  [".", "it is a directory"],
  ["app.wasm/x", "a part of the path is not a folder"],
])("%s cannot be read", async (name, reason) => {
  const { code, text } = await reasonOf(loadImage(join(folder, name), { cacheFolder: folder }));
  expect(code).toBe("COMPONENT_INVALID");
  expect(text).toContain(reason);
});

test("what jco refuses is refused with its reason, without a backtrace on the terminal", async () => {
  const exotic = join(folder, "exotic.wasm");
  writeFileSync(exotic, await buildComponent({ wat: WAT, wit: WIT, stringEncoding: "compact-utf16" }));
  const printed = vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  const first = await reasonOf(loadImage(exotic, { cacheFolder, linker: "jco" }));
  expect(first.code).toBe("COMPONENT_INVALID");
  expect(first.text).toMatch(/jco refuses the component: .*StringEncoding/);
  // The generator trapped: a fresh one does the next component.
  await loadImage(path, { cacheFolder: join(folder, "after"), linker: "jco" });
  // Our own linker takes it.
  expect((await loadImage(exotic, { cacheFolder })).code.kind).toBe("own");
  expect(printed).not.toHaveBeenCalled();
  printed.mockRestore();
});

test("a module that is no component is refused", async () => {
  const core = join(folder, "core.wasm");
  writeFileSync(core, Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  expect((await reasonOf(loadImage(core, { cacheFolder: folder }))).code).toBe("COMPONENT_INVALID");
});
