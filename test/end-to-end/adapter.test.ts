/** Bundles that bring their own adapter: JavaScript behind the imports of a component, by our own linker. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHost, type Component, type Host, type RunOutcome } from "hostbundle";
import { buildComponent } from "../support/component.ts";
import { hostbundle } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary.ts";

const WIT = `package acme:shop@1.2.0;
interface stock {
  record item { item-name: string, price: u64 }
  variant problem { unknown(string), closed }
  resource shelf {
    constructor(name: string);
    put: func(item: item) -> result<u32, problem>;
    join: static func(left: shelf, right: borrow<shelf>) -> shelf;
  }
  total: func(shelves: list<borrow<shelf>>) -> u64;
  wrong: func(what: u32) -> option<shelf>;
  census: func() -> string;
}
world shop { export stock; }
`;

/** What every shelf of this thread went through is kept in the module, so that a later run can ask. */
const ADAPTER = `
const seen = { made: 0, disposed: 0, served: 0, ended: 0 };
class Shelf {
  items = []; open = true;
  constructor(name) { seen.made += 1; this.name = name; }
  put(item) {
    if (item.itemName === "") return { tag: "err", val: { tag: "unknown", val: this.name } };
    this.items.push(item);
    return { tag: "ok", val: this.items.length };
  }
  static join(left, right) {
    const made = new Shelf(left.name + right.name);
    made.items = [...left.items, ...right.items];
    left[Symbol.dispose]();
    return made;
  }
  [Symbol.dispose]() {
    if (!this.open) throw new Error("a shelf was disposed of twice");
    this.open = false;
    seen.disposed += 1;
  }
}
export default {
  open({ bundle, config, resolvePath }) {
    if (config.fail) throw new TypeError("no such shop");
    return {
      serve() {
        seen.served += 1;
        const stock = {
          Shelf,
          total: (shelves) => shelves.flatMap((shelf) => shelf.items).reduce((sum, item) => sum + item.price, 0n),
          wrong(what) {
            if (what === 0) throw new RangeError("out of\\nstock");
            return what === 1 ? {} : undefined;
          },
          census: () => JSON.stringify({ ...seen, bundle, path: config.path && resolvePath("path", config.path) }),
        };
        if (config.lacking) delete stock.total, delete Shelf.prototype.put;
        return { imports: { "acme:shop/stock@1.2.0": stock }, end() { seen.ended += 1; } };
      },
    };
  },
};
`;

const ID = "acme:shop/stock@1.1.0";
const GUEST = {
  wit: `${WIT.replace("1.2.0", "1.1.0").replace("world shop { export stock; }", "")}
    world w { import stock; export run: func() -> u64; export leave: func(); export trap: func();
      export wrong: func(what: u32); export again: func(); export census: func() -> string; }`,
  wat: `(module
    (import "${ID}" "[constructor]shelf" (func $new (param i32 i32) (result i32)))
    (import "${ID}" "[method]shelf.put" (func $put (param i32 i32 i32 i64 i32)))
    (import "${ID}" "[static]shelf.join" (func $join (param i32 i32) (result i32)))
    (import "${ID}" "[resource-drop]shelf" (func $drop (param i32)))
    (import "${ID}" "total" (func $total (param i32 i32) (result i64)))
    (import "${ID}" "wrong" (func $wrong (param i32 i32)))
    (import "${ID}" "census" (func $census (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "leftright")
    (global $bump (mut i32) (i32.const 1024))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $bump (i32.and (i32.add (global.get $bump) (i32.const 7)) (i32.const -8)))
      (global.get $bump) (global.set $bump (i32.add (global.get $bump) (local.get 3))))
    (func $price (param $shelf i32) (param $price i64) (result i32)
      (call $put (local.get $shelf) (i32.const 0) (i32.const 4) (local.get $price) (i32.const 64))
      (i32.load8_u (i32.const 64)))
    ;; Two shelves with 40 and 2, joined; the second is still there.
    (func (export "run") (result i64) (local $left i32) (local $right i32)
      (local.set $left (call $new (i32.const 0) (i32.const 4)))
      (local.set $right (call $new (i32.const 4) (i32.const 5)))
      (if (call $price (local.get $left) (i64.const 40)) (then unreachable))
      (if (call $price (local.get $right) (i64.const 2)) (then unreachable))
      (call $put (local.get $right) (i32.const 0) (i32.const 0) (i64.const 1) (i32.const 64))
      ;; err(unknown("right"))
      (if (i32.eqz (i32.load8_u (i32.const 64))) (then unreachable))
      (if (i32.load8_u offset=4 (i32.const 64)) (then unreachable))
      (if (i32.ne (i32.load offset=12 (i32.const 64)) (i32.const 5)) (then unreachable))
      (i32.store (i32.const 96) (call $join (local.get $left) (local.get $right)))
      (i32.store (i32.const 100) (local.get $right))
      (call $total (i32.const 96) (i32.const 2)))
    (func (export "leave") (drop (call $new (i32.const 0) (i32.const 4))) (call $drop (call $new (i32.const 0) (i32.const 1))))
    (func (export "trap") (drop (call $new (i32.const 0) (i32.const 4))) unreachable)
    (func (export "again") (local $shelf i32)
      (local.set $shelf (call $new (i32.const 0) (i32.const 4)))
      (call $drop (local.get $shelf)) (call $drop (local.get $shelf)))
    (func (export "wrong") (param i32) (call $wrong (local.get 0) (i32.const 64)))
    (func (export "census") (result i32) (call $census (i32.const 64)) (i32.const 64))
  )`,
};

const folder = temporaryFolder();
const app = join(folder, "app.wasm");

function bundle(name: string, config = "", adapter = ADAPTER): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "adapter.js"), adapter);
  writeFileSync(join(path, "package.json"), `{"type":"module"}`);
  writeFileSync(join(path, "shop.wit"), WIT);
  const toml = `[host]\nname = "${name}"\nwit = "shop.wit"\nadapter = "./adapter.js"\n[host.config]\n${config}\n`;
  writeFileSync(join(path, "host.toml"), toml);
  return path;
}

beforeAll(async () => writeFileSync(app, await buildComponent(GUEST)));

describe("a component and an adapter", () => {
  let host: Host;
  let component: Component;

  beforeAll(async () => {
    host = await createHost({
      bundles: [bundle("shop", 'path = "data"')],
      allowAdapterCode: true,
      concurrency: 1,
      linker: "own",
    });
    component = await host.load(app);
  });
  afterAll(() => host.close());

  const call = (name: string, ...args: readonly number[]): Promise<RunOutcome> =>
    host.run(component, { export: name, args });

  async function census(): Promise<Readonly<Record<string, unknown>>> {
    const outcome = await call("census");
    if (outcome.status === "error" || typeof outcome.value !== "string") throw new Error("no census");
    const counted: Readonly<Record<string, unknown>> = JSON.parse(outcome.value);
    return counted;
  }

  test("the plan says who serves it", () => {
    expect(component.plan).toMatchObject({
      libraries: [],
      adapters: [{ bundle: "shop", adapter: { kind: "module", path: join(folder, "shop/adapter.js") } }],
      imports: [
        { kind: "adapter-interface", name: ID, provided: "acme:shop/stock@1.2.0", resources: ["shelf"] },
      ],
    });
  });

  test("records, variants, results, resources and lists of borrows cross", async () => {
    expect(await call("run")).toMatchObject({ status: "ok", value: 44n });
  });

  test("config reaches it, and its paths are the bundle's", async () => {
    expect(await census()).toMatchObject({ bundle: "shop", path: join(folder, "shop/data") });
  });

  test("every object is disposed of once, however a run ends", async () => {
    await call("leave");
    expect(await call("trap")).toMatchObject({ status: "error", error: { code: "TRAP" } });
    expect(await call("again")).toMatchObject({
      error: { code: "TRAP", message: expect.stringContaining("unknown handle index 1") },
    });
    const { made, disposed, served, ended } = await census();
    expect(made).toBeGreaterThanOrEqual(4);
    expect(disposed).toBe(made);
    // All but the one that asks.
    expect(ended).toBe(Number(served) - 1);
  });

  test.each([
    [0, 'the adapter of host bundle "shop" failed: RangeError: out of; stock'],
    [1, 'host bundle "shop" returned a bad value: acme:shop/stock@1.1.0#wrong: result::some: '],
  ])("what it does wrong is its bundle's fault: wrong(%i)", async (what, message) => {
    expect(await call("wrong", what)).toMatchObject({
      error: {
        code: "HOST_FAULT",
        fault: "bundle",
        bundle: "shop",
        message: expect.stringContaining(message),
      },
    });
    expect(await call("wrong", 2)).toMatchObject({ status: "ok" });
  });

  test("its calls are counted, and what was generated for them is shown", async () => {
    const { stats, trampolines } = await host.run(component, {
      export: "leave",
      stats: true,
      dumpTrampolines: true,
    });
    expect(trampolines).toContain("new target(");
    expect(stats).toContainEqual(expect.objectContaining({ function: `${ID}#[constructor]shelf`, calls: 2 }));
  });
});

async function outcomeWith(path: string): Promise<RunOutcome> {
  await using host = await createHost({
    bundles: [path],
    allowAdapterCode: true,
    concurrency: 1,
    linker: "own",
  });
  return await host.run(await host.load(app), { export: "run" });
}

describe("what is refused", () => {
  test.each([
    ["fails to open", bundle("fails", "fail = true"), "failed at opening it: TypeError: no such shop"],
    ["is no adapter", bundle("none", "", "export const open = 1;"), "no default export"],
    ["does not parse", bundle("syntax", "", "export default {"), "failed at opening it: SyntaxError"],
    ["throws at import", bundle("import", "", "throw new Error('no')"), "failed at opening it: Error: no"],
  ])("an adapter that %s", async (_name, path, message) => {
    expect(await outcomeWith(path)).toMatchObject({
      error: { code: "HOST_FAULT", message: expect.stringContaining(message) },
    });
  });

  test("an adapter that lacks functions: all are listed, and the guest does not run", async () => {
    expect(await outcomeWith(bundle("lacking", "lacking = true"))).toMatchObject({
      error: {
        code: "HOST_FAULT",
        message: expect.stringContaining("lacks 2 functions of acme:shop/stock@1.1.0"),
        findings: [{ message: "[method]shelf.put" }, { message: "total" }],
      },
    });
  });

  test("an adapter of a component that jco links", async () => {
    await using host = await createHost({ bundles: [bundle("jco")], allowAdapterCode: true, linker: "jco" });
    expect(await host.run(await host.load(app), { export: "run" })).toMatchObject({
      error: { code: "LINK_FAILED", message: expect.stringContaining('the adapter of host bundle "jco"') },
    });
  });

  test("an adapter that nobody allowed", async () => {
    const refused = await hostbundle(["run", "--host-bundle", "shop", "--invoke", "run()", "app.wasm"], {
      cwd: folder,
    });
    expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
    expect(refused.stderr).toContain("--allow-adapter-code");
    const allowed = await hostbundle(
      ["run", "--allow-adapter-code", "--host-bundle", "shop", "--invoke", "run()", "app.wasm"],
      { cwd: folder, env: { HOSTBUNDLE_LINKER: "own" } },
    );
    expect(allowed).toMatchObject({ exitCode: 0, stdout: "44\n", stderr: "" });
  });
});
