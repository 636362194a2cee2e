import { componentEmbed, componentNew, parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { describe, expect, it } from "vitest";
import { checkCoreModules } from "../../../src/main/component/check-core.ts";
import { decodeComponent } from "../../../src/main/component/decode.ts";
import type { InstantiationPlan } from "../../../src/shared/component-plan.ts";
import { formatError, isHostbundleError } from "../../../src/shared/errors.ts";
import { CONSTRUCTS } from "../../shared/wit/constructs.ts";
import { exampleGuests } from "../../support/guests.ts";
import { createRandom, mutate } from "../../support/mutate.ts";

const PATH = "/guests/app.wasm";

/** Absent: it was accepted. */
function refusal(bytes: Uint8Array, plan: InstantiationPlan): string | undefined {
  try {
    checkCoreModules(bytes, plan, PATH);
    return undefined;
  } catch (error) {
    if (!isHostbundleError(error) || error.code !== "COMPONENT_INVALID") throw error;
    return formatError(error.toData());
  }
}

/** `decodeComponent` does not look into core modules. */
function planOf(bytes: Uint8Array): InstantiationPlan | undefined {
  const { linking } = decodeComponent(bytes, PATH);
  return linking.kind === "own" ? linking.plan : undefined;
}

function refusalOf(bytes: Uint8Array): string | undefined {
  const plan = planOf(bytes);
  return plan === undefined ? "it has no plan" : refusal(bytes, plan);
}

describe("components that toolchains made are accepted", () => {
  it.each(exampleGuests())("the example $name", ({ bytes }) => {
    expect(refusalOf(bytes)).toBeUndefined();
  });

  it.each(CONSTRUCTS)("$name", async ({ wit, world }) => {
    const module = await componentEmbed({
      witSource: `package t:p@1.0.0;\n${wit}`,
      dummy: true,
      ...(world === undefined ? {} : { world }),
    });
    expect(refusalOf(await componentNew(module, []))).toBeUndefined();
  });
});

/** A core module that imports a function of the component in another way than it exports it. */
const BROKEN = `(component
  (import "log" (func $log (param "text" string)))
  (core module $library (memory (export "memory") 1))
  (core instance $library (instantiate $library))
  (core func $log (canon lower (func $log) (memory (core memory $library "memory"))))
  (core module $main
    (import "host" "log" (func (param i32)))
    (import "host" "more" (func))
    (func (export "run") (param i32)))
  (core instance $main (instantiate $main (with "host" (instance (export "log" (func $log))))))
  (func (export "run") (param "n" u64) (canon lift (core func $main "run"))))`;

describe("a component that does not fit together", () => {
  it("is refused with everything that is wrong and where", async () => {
    const bytes = await parse(BROKEN);
    const at = (text: string): string => `0x${Buffer.from(bytes).indexOf(text, 0, "latin1").toString(16)}`;
    expect(refusalOf(bytes)).toBe(`error: cannot run app.wasm
  core instance 1: import "host" "log": expected (func (param i32)), found (func (param i32 i32)) (canon lower of import "log")
    in ${PATH} (offset ${at("\x04host\x03log")})
  core instance 1: import "host" "more": expected (func), "host" has no "more"
    in ${PATH} (offset ${at("\x04host\x04more")})
  canon lift of export "run": core instance 1: export "run": expected (func (param i64)), found (func (param i32))
    in ${PATH} (offset ${at("\x03run\x00\x02")})`);
  });

  it("is told twenty faults, not a million", async () => {
    const imports = Array.from({ length: 50 }, (_, index) => `(import "m" "f${index}" (func))`);
    const bytes = await parse(
      `(component (core module $m ${imports.join(" ")}) (core instance (instantiate $m)))`,
    );
    expect(refusalOf(bytes)?.match(/the instantiation passes no "m"/g)).toHaveLength(20);
  });

  it("shows names so that a terminal does not act on them", async () => {
    const bytes = await parse(
      `(component (core module $m (import "\\1b[2J" "\\u{202e}" (func))) (core instance (instantiate $m)))`,
    );
    expect(refusalOf(bytes)).toContain('import "\\u001b[2J" "\\u202e": the instantiation passes no');
  });

  it("has a core module that cannot be read", async () => {
    const bytes = Buffer.from(await parse(BROKEN));
    // What kind of thing `more` is.
    bytes[bytes.indexOf("more") + 4] = 9;
    expect(refusalOf(bytes)).toBe(`error: cannot run app.wasm
  core module 1: import[1]: unknown kind of import or export 0x09
    in ${PATH} (offset 0x${(bytes.indexOf("more") + 4).toString(16)})`);
  });
});

/** That many tables of a million elements. */
function tables(count: number): Promise<Uint8Array> {
  return parse(`(component
    (core module $m (table 1000000 funcref))
    ${"(core instance (instantiate $m))\n".repeat(count)})`);
}

describe("bounds", () => {
  it("a large module that is instantiated again and again is refused before it takes long", async () => {
    const imports = Array.from({ length: 3000 }, (_, index) => `(import "m" "f${index}" (func))`);
    const exports = Array.from({ length: 3000 }, (_, index) => `(export "f${index}" (func 0))`);
    const bytes = await parse(`(component
      (core module $a (func) ${exports.join(" ")}) (core module $b ${imports.join(" ")})
      (core instance $i (instantiate $a))
      ${`(core instance (instantiate $b (with "m" (instance $i))))`.repeat(700)})`);
    expect(refusalOf(bytes)).toContain("the core instances have more than 2000000 imports and items");
  });

  it("tables of many core instances", async () => {
    expect(refusalOf(await tables(11))).toContain("the tables have more than 10000000 elements at first");
    expect(refusalOf(await tables(10))).toBeUndefined();
  });

  it("functions of many parameters that are lowered again and again", async () => {
    const params = Array.from({ length: 5000 }, (_, index) => `(param "p${index}" string)`);
    const bytes = await parse(`(component
      (import "f" (func $f ${params.join(" ")}))
      (core module $m (memory (export "memory") 1)) (core instance $m (instantiate $m))
      ${`(core func (canon lower (func $f) (memory (core memory $m "memory"))))`.repeat(5000)})`);
    expect(refusalOf(bytes)).toBeUndefined();
  });
});

const ROUNDS = 3000;

describe("mutated components", () => {
  it.each(exampleGuests().filter(({ bytes }) => bytes.length < 10_000))(
    "of the example $name are refused or fit together",
    ({ bytes: original }) => {
      const random = createRandom(20_261_123);
      const outcomes = { accepted: 0, refused: 0 };
      for (let round = 0; round < ROUNDS; round++) {
        const bytes = mutate(original, random);
        try {
          outcomes[refusalOf(bytes) === undefined ? "accepted" : "refused"]++;
        } catch (error) {
          if (!isHostbundleError(error) || error.code !== "COMPONENT_INVALID")
            throw new Error(`round ${round}: ${Buffer.from(bytes).toString("hex")}`, { cause: error });
          outcomes.refused++;
        }
      }
      expect(outcomes.accepted).toBeGreaterThan(ROUNDS / 50);
      expect(outcomes.refused).toBeGreaterThan(ROUNDS / 20);
    },
  );

  it.each(exampleGuests().filter(({ bytes }) => bytes.length < 10_000))(
    "of the example $name whose core modules alone are changed",
    ({ bytes: original }) => {
      const plan = planOf(original);
      if (plan === undefined) throw new Error("it has no plan");
      const random = createRandom(7);
      const found = { accepted: 0, refused: 0 };
      for (let round = 0; round < ROUNDS; round++) {
        const bytes = Uint8Array.from(original);
        const { start, end } = plan.modules[random(plan.modules.length)] ?? { start: 0, end: 1 };
        // Types, imports and exports are in the front.
        bytes[start + 8 + random(Math.min(end - start - 8, 400))] = random(256);
        found[refusal(bytes, plan) === undefined ? "accepted" : "refused"]++;
      }
      expect(found.accepted).toBeGreaterThan(ROUNDS / 50);
      expect(found.refused).toBeGreaterThan(ROUNDS / 20);
    },
  );
});
