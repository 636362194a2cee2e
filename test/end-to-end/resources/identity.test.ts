/** Which resource of a bundle one of the component's stands for: the reps of one library and one resource go nowhere else. */
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createHost, type RunOutcome } from "hostbundle";
import { describe, expect, it } from "vitest";
import { compiler } from "../../support/native.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { writeBundle } from "../libraries.ts";
import { type Census, censusSource, readCensus } from "./census.ts";
import { buildGuest } from "./guest.ts";

interface Served {
  readonly name: string;
  readonly wit: string;
  readonly c: string;
  readonly serves?: readonly string[];
}

const folder = temporaryFolder();
let rounds = 0;

/** Runs `run()` of a component against bundles; throws what linking throws. */
async function run(
  served: readonly Served[],
  bytes: Uint8Array,
): Promise<{ readonly outcome: RunOutcome; readonly censuses: readonly Census[] }> {
  const place = join(folder, String(rounds));
  rounds += 1;
  mkdirSync(place);
  const census = (name: string): string => join(place, `${name}.census`);
  const entries = served.map(({ serves, ...bundle }) => {
    writeBundle(place, { ...bundle, c: censusSource(census(bundle.name)) + bundle.c });
    const line = serves === undefined ? "" : `serves = ${JSON.stringify(serves)}\n`;
    return `[[host]]\nname = "${bundle.name}"\nbundle = "${bundle.name}"\n${line}`;
  });
  writeFileSync(join(place, "hosts.toml"), entries.join(""));
  writeFileSync(join(place, "guest.wasm"), bytes);
  const manifests = [join(place, "hosts.toml")];
  await using host = await createHost({
    manifests,
    cacheFolder: join(folder, "cache"),
    concurrency: 1,
    linker: "own",
    // Libraries count in a file there.
    children: { grants: { writable: [place] } },
  });
  const component = await host.load(join(place, "guest.wasm"));
  const outcome = await host.run(component, { export: "run" });
  return { outcome, censuses: served.map(({ name }) => readCensus(census(name))) };
}

/** Two interfaces of one bundle that have a resource of one name. */
const TWINS: Served = {
  name: "twins",
  wit: `package acme:twins;
    interface store { resource item { constructor(v: u32); } }
    interface elsewhere { resource item { constructor(v: u32); } look: func(i: borrow<item>) -> u32; }`,
  c: `int32_t acme_twins_store_constructor_item(uint32_t v) { return rep_make(1, v); }
    void acme_twins_store_item_drop_own(int32_t rep) { rep_drop(1, rep); }
    int32_t acme_twins_elsewhere_constructor_item(uint32_t v) { return rep_make(2, v); }
    void acme_twins_elsewhere_item_drop_own(int32_t rep) { rep_drop(2, rep); }
    uint32_t acme_twins_elsewhere_look(int32_t i) { return rep_value(2, i); }`,
  serves: ["primary", "secondary"],
};

/** A component that says that both are one resource. */
const CONFUSED = `(component
  (import "primary" (instance $primary
    (export "item" (type $i (sub resource)))
    (export "[constructor]item" (func (param "v" u32) (result (own $i))))))
  (alias export $primary "item" (type $item))
  (import "secondary" (instance $secondary
    (alias outer 1 $item (type $outer))
    (export "item" (type $i (eq $outer)))
    (export "look" (func (param "i" (borrow $i)) (result u32)))))
  (core func $new (canon lower (func $primary "[constructor]item")))
  (core func $look (canon lower (func $secondary "look")))
  (core module $M
    (import "" "new" (func $new (param i32) (result i32)))
    (import "" "look" (func $look (param i32) (result i32)))
    (func (export "run") (result i32) (call $look (call $new (i32.const 7)))))
  (core instance $m (instantiate $M (with "" (instance (export "new" (func $new)) (export "look" (func $look))))))
  (func (export "run") (result u32) (canon lift (core func $m "run"))))`;

const TOP = "resource top { constructor(v: u32); }";
const USE = "import use-top: func(t: borrow<top>) -> u32;";
const MAKE_C = `int32_t w_constructor_top(uint32_t v) { return rep_make(1, v); }
  void w_top_drop_own(int32_t rep) { rep_drop(1, rep); }`;
const USE_C = "uint32_t w_use_top(int32_t t) { return rep_value(1, t); }";
const makesTop: Served = { name: "makes", wit: `package acme:makes; world w { ${TOP} }`, c: MAKE_C };
const usesTop: Served = {
  name: "uses",
  wit: `package acme:uses; world w { resource top; ${USE} }`,
  c: USE_C,
};
const bothOfTop: Served = {
  name: "both",
  wit: `package acme:both; world w { ${TOP} ${USE} }`,
  c: MAKE_C + USE_C,
};

const guestOf = (imports: string, wat: string): Promise<Uint8Array> =>
  buildGuest({
    wit: `package acme:guest; world guest { ${imports} export run: func() -> u32; }`,
    world: "guest",
    wat,
  });
const USING = `(func (export "run") (result i32) (call $use-top (call $top.new (i32.const 7))))`;

describe.skipIf(!compiler.available)(`a resource is refused ${compiler.reason}`, () => {
  it("that is another one of its name in the same bundle", async () => {
    await expect(run([TWINS], await parse(CONFUSED))).rejects.toMatchObject({ code: "LINK_FAILED" });
  });

  it("of the world, where another bundle takes it", async () => {
    const bytes = await guestOf(`${TOP} ${USE}`, USING);
    await expect(run([makesTop, usesTop], bytes)).rejects.toMatchObject({ code: "LINK_FAILED" });
  });

  it("whose end has the symbol of a function", async () => {
    const store = "interface store { resource item { constructor(v: u32); } item-drop-own: func(v: u32); }";
    const bundle: Served = {
      name: "collides",
      wit: `package acme:collides; ${store}`,
      c: `int32_t acme_collides_store_constructor_item(uint32_t v) { return rep_make(1, v); }
        void acme_collides_store_item_drop_own(int32_t rep) { rep_drop(1, rep); }`,
    };
    const bytes = await buildGuest({
      wit: `package acme:collides; ${store} world guest { import store; export run: func(); }`,
      world: "guest",
      wat: `(func (export "run") (call $store.item-drop-own (i32.const 7)))`,
    });
    await expect(run([bundle], bytes)).rejects.toMatchObject({ code: "LINK_FAILED" });
  });
});

describe.skipIf(!compiler.available)(`a resource of the world ${compiler.reason}`, () => {
  it("of one bundle", async () => {
    const { outcome, censuses } = await run([bothOfTop], await guestOf(`${TOP} ${USE}`, USING));
    expect(outcome).toMatchObject({ status: "ok", value: 7 });
    expect(censuses).toMatchObject([{ made: 1, dropped: 1, violations: 0 }]);
  });

  it("that has no functions of its own is ended all the same", async () => {
    const imports = "resource top; import make-top: func() -> top;";
    const bare: Served = {
      name: "bare",
      wit: `package acme:bare; world w { ${imports} }`,
      c: `int32_t w_make_top(void) { return rep_make(1, 1); } void w_top_drop_own(int32_t rep) { rep_drop(1, rep); }`,
    };
    const wat = `(func (export "run") (result i32)
      (drop (call $make-top)) (call $top.drop (call $make-top)) (i32.const 0))`;
    const { outcome, censuses } = await run([bare], await guestOf(imports, wat));
    expect(outcome).toMatchObject({ status: "ok" });
    expect(censuses).toMatchObject([{ made: 2, dropped: 2, violations: 0 }]);
  });
});
