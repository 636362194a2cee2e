/**
 * The symbols behind resources are those that `wit-bindgen c` declares, and handles have the layout of its structs. Needs
 * `wit-bindgen` on the PATH, or named by the variable `WIT_BINDGEN`; skipped where it is absent.
 */
import * as fc from "fast-check";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { linkComponent } from "../../src/main/link/link.ts";
import type { FuncType, ResourceType, ValueType } from "../../src/shared/wit/types.ts";
import * as ofCalls from "../end-to-end/resources/scenarios-of-calls.ts";
import * as ofTypes from "../end-to-end/resources/scenarios-of-types.ts";
import { bundle } from "../main/link/worlds.ts";
import { arbitraryType, echoType, typeNamer } from "../support/arbitrary.ts";
import { cLibrary, collectTypes, cTypedefs, type CFunction } from "../support/c-source.ts";
import { holdsHandles, ownedType } from "../support/handles.ts";
import { compiler } from "../support/native.ts";
import { temporaryFolder } from "../support/temporary.ts";
import {
  complaintAbout,
  generateHeader,
  hasFixedList,
  sameLayout,
  witBindgen,
  witInterface,
} from "../support/wit-bindgen.ts";
import { decodeWit } from "../support/worlds.ts";

const SEED = 20_261_123;

/** Names that C could stumble over, resources of the world, two versions of a package. */
const ODD = `package odd:names@1.2.3;
interface things {
  resource int { constructor(); new: func() -> int; drop-own: static func(a: borrow<int>); }
  resource a-b-C3 { %static: func(); %constructor: static func() -> a-b-C3; }
}
interface others { use things.{int as long}; keep: func(a: list<borrow<long>>) -> option<long>; resource int; }
world guest {
  import things;
  import others;
  import odd:names/things@2.0.0;
  use things.{int};
  resource top { constructor(a: borrow<int>); get: func() -> top; }
  import plain: interface { resource y { constructor(a: s32); get-a: func() -> result<y, s32>; } }
  import add: func(a: top) -> int;
}
package odd:names@2.0.0 { interface things { resource int { constructor(); } } }`;

const WORLDS = [
  ...[...Object.values(ofCalls), ...Object.values(ofTypes)].map(({ name, wit }) => [name, wit] as const),
  ["odd names", ODD] as const,
];

function symbols(text: string): readonly string[] {
  return [...text.matchAll(/\b(\w+)\(/g)].map(([, name = ""]) => name);
}

/** What a header declares for the imports of a world, without the generator's own helpers. */
function declaredIn(header: string): readonly string[] {
  const text = readFileSync(header, "utf8");
  const [imports = ""] = text.split("// Exported Functions");
  const functions =
    /\/\/ Imported Functions[^]*?(?=\/\/ (?:Helper|Exported) Functions|$)/.exec(imports)?.[0] ?? "";
  const drops = symbols(text).filter((name) => name.endsWith("_drop_own"));
  return [...new Set([...symbols(functions.replaceAll(/\/\/.*/g, "")), ...drops])].toSorted();
}

describe.skipIf(!witBindgen.available)(`symbols of resources ${witBindgen.reason}`, () => {
  it.each(WORLDS)("%s", async (name, wit) => {
    const folder = join(temporaryFolder(), name.replaceAll(" ", "-"));
    mkdirSync(folder);
    const declared = declaredIn(generateHeader(folder, wit, "guest"));
    const world = await decodeWit(wit, "guest");
    const provider = { ...bundle([], { symbols: declared }), world };
    const plan = linkComponent({ path: "guest.wasm", world, bundles: [provider] });
    const bound = plan.imports.flatMap((item) => {
      if (item.kind === "native-interface") return item.functions.map(({ symbol }) => symbol);
      return item.kind === "native-function" ? [item.function.symbol] : [];
    });
    const drops = plan.resources.map(({ dropSymbol }) => dropSymbol ?? "none");
    expect([...bound, ...drops].toSorted()).toEqual(declared);
  });
});

const RESOURCES: readonly ResourceType[] = [
  { interface: "test:echo/types", name: "alpha" },
  { interface: "test:echo/types", name: "beta-gamma" },
];
const SPACE = { world: "tests_in", interface: "test_echo_types" };

function drawFunctions(): readonly CFunction[] {
  const named = typeNamer();
  const drawn = fc
    .sample(arbitraryType(3, RESOURCES), { numRuns: 300, seed: SEED })
    .filter((type) => holdsHandles(type) && !hasFixedList(type));
  const leaves = RESOURCES.flatMap((resource): ValueType[] => [
    { kind: "own", resource },
    { kind: "borrow", resource },
  ]);
  return [...leaves, ...drawn].map((unnamed, index) => {
    const type = echoType([named(unnamed)]);
    const owned: FuncType = type.result === undefined ? type : { ...type, result: ownedType(type.result) };
    return { name: `f${index}`, type: owned, body: { kind: "echo" } };
  });
}

describe.skipIf(!witBindgen.available || !compiler.available)(
  `types that hold handles ${witBindgen.reason}${compiler.reason}`,
  () => {
    const functions = drawFunctions();
    const wit = `package test:echo;
      ${witInterface("types", functions, SPACE)}
      world tests-in { import types; }`;

    it("every prototype agrees with what we define", () => {
      const folder = temporaryFolder();
      const header = generateHeader(folder, wit, "tests-in");
      const path = join(folder, "functions.c");
      writeFileSync(path, cLibrary({ space: SPACE, functions, typesElsewhere: true }));
      expect(functions.length).toBeGreaterThan(60);
      expect(complaintAbout(path, ["-include", header])).toBe("");
    });

    it("every struct has the same layout", () => {
      const folder = temporaryFolder();
      const header = generateHeader(folder, wit, "tests-in");
      const own = { world: "own", interface: "own_types" };
      const path = join(folder, "layout.c");
      const types = [...collectTypes(functions, own).values()];
      const text = [
        "#include <stddef.h>",
        ...cTypedefs(functions, own),
        ...types.flatMap((type) => sameLayout(type, own, SPACE)),
      ].join("\n");
      writeFileSync(path, text);
      expect(complaintAbout(path, ["-include", header])).toBe("");
    });
  },
);
