/**
 * NATIVE-ABI.md says: the library defines what `wit-bindgen c` declares. Here the real generator's headers are
 * compiled together with the C that the other tests are built on, and with the example bundles' sources. Needs
 * `wit-bindgen` (`cargo install wit-bindgen-cli`) on the PATH; skipped where it is absent.
 */
import * as fc from "fast-check";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { arbitraryType, echoType, typeNamer } from "../support/arbitrary.ts";
import { cLibrary, collectTypes, cTypedefs, type CFunction } from "../support/c-source.ts";
import {
  enumOf,
  flagsOf,
  labels,
  list,
  option,
  record,
  result,
  t,
  tuple,
  variant,
} from "../support/c-source-short.ts";
import type { CNamespace } from "../support/c-source-types.ts";
import { compiler } from "../support/native.ts";
import { temporaryFolder } from "../support/temporary.ts";
import {
  complaintAbout,
  generateHeader,
  hasFixedList,
  sameLayout,
  witBindgen,
  witOf,
} from "../support/wit-bindgen.ts";

const SEED = 20_261_123;
const WORLDS = { importing: "tests-in", exporting: "tests-out" };
const SIDES: readonly (readonly [world: string, space: CNamespace])[] = [
  [WORLDS.importing, { world: "tests_in", interface: "test_echo_types" }],
  [WORLDS.exporting, { world: "tests_out", interface: "exports_test_echo_types" }],
];

const named = typeNamer();
const TABLE = [
  result(),
  result(t("string")),
  result(undefined, t("char")),
  result(result(t("u8")), option(t("u64"))),
  option(option(t("string"))),
  option(result()),
  list(list(t("string"))),
  list(option(tuple(t("f32"), t("bool")))),
  enumOf(257),
  flagsOf(9),
  flagsOf(17),
  flagsOf(32),
  variant({ none: null, "a-b": t("u64") }),
  { kind: "variant", cases: labels("c", 257).map((name) => ({ name, type: t("s16") })) } as const,
  record({ class: t("u8"), ret: t("string"), err: t("f64"), int: option(t("s8")), stdin: list(t("u8")) }),
  ...(["s8", "u16", "s32", "f32", "f64", "char", "bool"] as const).map(t),
];

function drawFunctions(): readonly CFunction[] {
  const drawn = fc.sample(arbitraryType(3), { numRuns: 150, seed: SEED });
  const singles = [...TABLE, ...drawn].filter((type) => !hasFixedList(type)).map((type) => [type]);
  const pool = fc
    .sample(arbitraryType(1), { numRuns: 120, seed: SEED + 1 })
    .filter((type) => !hasFixedList(type));
  const several = Array.from({ length: 20 }, (_, index) =>
    pool.slice(index * 5, index * 5 + 2 + (index % 4)),
  );
  // Names that clash with what the generator calls its own parameters, and with keywords.
  const paramNames = ["ret", "err", "int", "x-y", "class"];
  return [...singles, ...several].map((params, index) => ({
    name: `f${index}`,
    type: echoType(params.map(named), paramNames),
    body: { kind: "echo" },
  }));
}

describe.skipIf(!witBindgen.available || !compiler.available)(
  `what wit-bindgen declares ${witBindgen.reason}${compiler.reason}`,
  () => {
    let folder = "";
    beforeAll(() => {
      folder = temporaryFolder();
    });
    const functions = drawFunctions();

    it.each(SIDES)("%s: every prototype agrees with what we define", (world, space) => {
      const header = generateHeader(folder, witOf(functions, space, WORLDS), world);
      const path = join(folder, `${world}-functions.c`);
      writeFileSync(path, cLibrary({ space, functions, typesElsewhere: true }));
      expect(complaintAbout(path, ["-include", header])).toBe("");
    });

    it.each(SIDES)("%s: every struct has the same layout", (world, space) => {
      const header = generateHeader(folder, witOf(functions, space, WORLDS), world);
      const own = { world: "own", interface: "own_types" };
      const path = join(folder, `${world}-layout.c`);
      const types = [...collectTypes(functions, space).values()];
      const text = [
        "#include <stddef.h>",
        ...cTypedefs(functions, own),
        ...types.flatMap((type) => sameLayout(type, own, space)),
      ].join("\n");
      writeFileSync(path, text);
      expect(complaintAbout(path, ["-include", header])).toBe("");
    });

    it("notices a prototype that differs", () => {
      const [world, space] = SIDES[0] ?? ["", { world: "", interface: "" }];
      const header = generateHeader(folder, witOf(functions, space, WORLDS), world);
      const path = join(folder, "different.c");
      writeFileSync(path, "void test_echo_types_f0(void) {}\n");
      expect(complaintAbout(path, ["-include", header])).toContain("conflicting types");
    });

    it.each([
      {
        bundle: "example_host",
        wit: "example.wit",
        source: "example",
        world: "example-runtime",
        guard: "EXAMPLE_H",
      },
      {
        bundle: "keyvalue_host",
        wit: "store.wit",
        source: "keyvalue",
        world: "keyvalue",
        guard: "KEYVALUE_H",
      },
    ])(
      "the source of $bundle defines what is declared for its WIT",
      ({ bundle, wit, source, world, guard }) => {
        const root = fileURLToPath(new URL(`../../examples/${bundle}`, import.meta.url));
        // `interface` is a keyword: we accept it in a package name, the official parser wants it escaped.
        const text = readFileSync(join(root, "wit", wit), "utf8").replace(
          "example:interface",
          "example:%interface",
        );
        const generated = join(folder, bundle);
        mkdirSync(generated);
        const header = generateHeader(generated, text, world);
        // With the guard of the bundle's own header defined, only the generated declarations are left.
        const flags = [`-D${guard}`, "-include", header];
        expect(complaintAbout(join(root, "src", `${source}.c`), flags)).toBe("");
      },
    );
  },
);
