/** Who serves a resource: versions, mapped symbols, several bundles, and what is refused before the guest runs. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createHost, type HostOptions, type RunOutcome } from "hostbundle";
import { describe, expect, it } from "vitest";
import { compiler } from "../../support/native.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { writeBundle } from "../libraries.ts";
import { censusSource, readCensus } from "./census.ts";
import { buildGuest } from "./guest.ts";

const ITEM = "resource item { constructor(v: u32); get: func() -> u32; }";
const STORE = `interface store { ${ITEM} take: func(i: item) -> u32; }`;
const SECOND = `interface second { use store.{item}; look: func(i: borrow<item>) -> u32; }`;

/** A library whose symbols begin like that. */
function library(prefix: string, second = "unused", plus = 0): string {
  return `
    int32_t ${prefix}_constructor_item(uint32_t v) { return rep_make(1, v + ${plus}); }
    uint32_t ${prefix}_method_item_get(int32_t self) { CALL; return rep_value(1, self); }
    void ${prefix}_item_drop_own(int32_t rep) { rep_drop(1, rep); }
    uint32_t ${prefix}_take(int32_t i) { CALL; return rep_consume(1, i); }
    uint32_t ${second}_look(int32_t i) { CALL; return rep_value(1, i); }`;
}

interface Served {
  readonly name: string;
  readonly wit: string;
  readonly c: string;
  readonly toml?: string;
  /** One entry of the manifest each: what the bundle serves under that name. Absent: one that serves all. */
  readonly entries?: Readonly<Record<string, readonly string[]>>;
}

interface Setting {
  readonly bundles: readonly Served[];
  readonly wit: string;
  readonly wat: string;
  readonly options?: HostOptions;
}

const folder = temporaryFolder();
let settings = 0;

/** Runs \`run()\` of a guest of those bundles; throws what linking throws. */
async function run({ bundles, wit, wat, options }: Setting): Promise<{
  readonly outcome: RunOutcome;
  /** What each bundle's library counted. */
  readonly censuses: readonly ReturnType<typeof readCensus>[];
}> {
  const place = join(folder, String(settings));
  settings += 1;
  const census = (name: string): string => join(place, `${name}.census`);
  mkdirSync(place);
  for (const served of bundles)
    writeBundle(place, { ...served, c: censusSource(census(served.name)) + served.c });
  const entries = bundles.flatMap(({ name, entries: several = { [name]: undefined } }) =>
    Object.entries(several).map(([entry, serves]) => {
      const line = serves === undefined ? "" : `serves = ${JSON.stringify(serves)}\n`;
      return `[[host]]\nname = "${entry}"\nbundle = "${name}"\n${line}`;
    }),
  );
  writeFileSync(join(place, "hosts.toml"), entries.join(""));
  writeFileSync(join(place, "guest.wasm"), await buildGuest({ wit, world: "guest", wat }));
  const cacheFolder = join(folder, "cache");
  await using host = await createHost({
    manifests: [join(place, "hosts.toml")],
    cacheFolder,
    concurrency: 1,
    linker: "own",
    // Libraries count in a file there.
    children: { grants: { writable: [place] } },
    ...options,
  });
  const component = await host.load(join(place, "guest.wasm"));
  const outcome = await host.run(component, { export: "run" });
  return { outcome, censuses: bundles.map(({ name }) => readCensus(census(name))) };
}

const BALANCED = { made: 2, consumed: 1, dropped: 1, violations: 0 };
const EXPORT = "export run: func() -> u32;";
const PACKAGE = "package acme:lib@1.0.0;";
const GUEST = `${PACKAGE} ${STORE} ${SECOND} world guest { import store; import second; ${EXPORT} }`;
const USE = `
  (func (export "run") (result i32) (local $kept i32)
    (local.set $kept (call $store.item.new (i32.const 30)))
    (i32.add
      (call $store.take (call $store.item.new (i32.const 5)))
      (i32.add (call $store.item.get (local.get $kept)) (call $second.look (local.get $kept)))))`;

const plain: Served = {
  name: "plain",
  wit: `${PACKAGE} ${STORE} ${SECOND}`,
  c: library("acme_lib_store", "acme_lib_second"),
};

describe.skipIf(!compiler.available)(`served ${compiler.reason}`, () => {
  it.each<[string, Served]>([
    ["under its own name", plain],
    [
      "in a later version",
      { ...plain, wit: `package acme:lib@1.3.0; ${STORE} ${SECOND} interface more { more: func(); }` },
    ],
    [
      "in an order and with names of its own",
      {
        ...plain,
        wit: `${PACKAGE} interface second { use store.{item as thing}; look: func(i: borrow<thing>) -> u32; }
          interface store { take: func(i: own<item>) -> u32;
            resource item { other: static func(); get: func() -> u32; constructor(v: u32); } }`,
      },
    ],
    [
      "by symbols of another library",
      {
        ...plain,
        c: library("my", "my"),
        toml: `[functions]
"acme:lib/store#[constructor]item" = "my_constructor_item"
"acme:lib/store#[method]item.get" = "my_method_item_get"
"acme:lib/store#[resource-drop]item" = "my_item_drop_own"
"acme:lib/store@1.0.0#take" = "my_take"
"acme:lib/second#look" = "my_look"`,
      },
    ],
  ])("%s", async (_name, served) => {
    const { outcome, censuses } = await run({ bundles: [served], wit: GUEST, wat: USE });
    expect(outcome).toMatchObject({ status: "ok", value: 65 });
    expect(censuses).toMatchObject([BALANCED]);
  });
});

const TWO = `package acme:two@1.0.0;
  world guest {
    import primary: interface { ${ITEM} take: func(i: item) -> u32; }
    import secondary: interface { ${ITEM} take: func(i: item) -> u32; }
    ${EXPORT}
  }`;
const EACH = `
  (func (export "run") (result i32)
    (drop (call $primary.item.get (call $primary.item.new (i32.const 1))))
    (drop (call $secondary.item.get (call $secondary.item.new (i32.const 1))))
    (i32.add
      (i32.mul (i32.const 10000) (call $primary.take (call $primary.item.new (i32.const 7))))
      (call $secondary.take (call $secondary.item.new (i32.const 8)))))`;
const crossed = (from: string, to: string): string => `
  (func (export "run") (result i32) (call $${to}.take (call $${from}.item.new (i32.const 7))))`;
const named = (name: string, entries: Served["entries"] = {}, plus = 0): Served => ({
  name,
  wit: `${PACKAGE} ${STORE}`,
  c: library("acme_lib_store", "unused", plus),
  entries,
});
const SEVERAL: readonly Served[] = [
  named("one", { one: ["primary"] }, 100),
  named("other", { other: ["secondary"] }, 200),
];
const TWICE: readonly Served[] = [named("shared", { first: ["primary"], second: ["secondary"] })];
const ONCE: readonly Served[] = [named("shared", { both: ["primary", "secondary"] })];

describe.skipIf(!compiler.available)(`two imports of one interface ${compiler.reason}`, () => {
  it("of two bundles", async () => {
    const { outcome, censuses } = await run({ bundles: SEVERAL, wit: TWO, wat: EACH });
    expect(outcome).toMatchObject({ status: "ok", value: 1_070_208 });
    expect(censuses).toMatchObject([BALANCED, BALANCED]);
  });

  it.each([
    ["one bundle under two names", TWICE],
    ["one bundle that serves both", ONCE],
  ])("of %s", async (_name, bundles) => {
    const { outcome, censuses } = await run({ bundles, wit: TWO, wat: EACH });
    expect(outcome).toMatchObject({ status: "ok", value: 70_008 });
    expect(censuses).toMatchObject([{ made: 4, consumed: 2, dropped: 2, violations: 0 }]);
  });

  it.each([
    ["two bundles", "primary", "secondary", SEVERAL],
    ["two bundles", "secondary", "primary", SEVERAL],
    ["one bundle under two names", "primary", "secondary", TWICE],
    ["one bundle that serves both", "secondary", "primary", ONCE],
  ])("a handle of %s: %s to %s", async (_name, from, to, bundles) => {
    const { outcome, censuses } = await run({ bundles, wit: TWO, wat: crossed(from, to) });
    expect(outcome).toMatchObject({
      status: "error",
      error: {
        code: "TRAP",
        message: expect.stringMatching(/handle index 1 is of resource .*, .* is expected/),
      },
    });
    expect(censuses.map(({ calls, violations }) => calls + violations)).toEqual(bundles.map(() => 0));
    expect(censuses.reduce((sum, { made }) => sum + made, 0)).toBe(1);
    expect(censuses.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(1);
  });
});

describe.skipIf(!compiler.available)(`refused ${compiler.reason}`, () => {
  it.each<[string, Setting, RegExp]>([
    [
      "the export side of the generator",
      {
        bundles: [{ ...plain, c: library("exports_acme_lib_store", "exports_acme_lib_second") }],
        wit: GUEST,
        wat: USE,
      },
      /acme_lib_store_constructor_item/,
    ],
    [
      "an end that is mapped to no symbol",
      {
        bundles: [{ ...plain, toml: `[functions]\n"acme:lib/store#[resource-drop]item" = "no_such_end"` }],
        wit: GUEST,
        wat: USE,
      },
      /no_such_end/,
    ],
    [
      "a function of one bundle that deals in the resource of another",
      {
        bundles: [
          { ...plain, entries: { one: ["acme:lib/store"] } },
          { ...plain, name: "other", entries: { other: ["acme:lib/second"] } },
        ],
        wit: GUEST,
        wat: USE,
      },
      /second.*look/,
    ],
    [
      "a component that jco links",
      { bundles: [plain], wit: GUEST, wat: USE, options: { linker: "jco" } },
      /resource/,
    ],
  ])("%s", async (_name, setting, message) => {
    const failure = await run(setting).then(
      ({ outcome }) => (outcome.status === "error" ? outcome.error : outcome),
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: "LINK_FAILED" });
    expect(JSON.stringify(failure) + String(failure)).toMatch(message);
  });

  it("an export that gives a handle cannot be called from outside", async () => {
    const wit = `${PACKAGE} ${STORE} world guest { import store; use store.{item}; export run: func() -> item; }`;
    const wat = `(func (export "run") (result i32) (call $store.item.new (i32.const 7)))`;
    await expect(run({ bundles: [plain], wit, wat })).rejects.toMatchObject({ code: "ARGUMENT_INVALID" });
  });
});
