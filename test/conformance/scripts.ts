/** Finds the scripts of a checkout that are about synchronous components. */
import { existsSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";

export interface FoundScripts {
  /** Names as in the repository that they come from: `test/values/strings.wast`. */
  readonly scripts: readonly { readonly name: string; readonly file: string }[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** Folders of scripts in the repositories, and a folder that tells whether one is there. */
const LAYOUTS = [
  { root: "test", mark: "values" },
  { root: "tests/misc_testsuite/component-model", mark: "async" },
] as const;

const SKIPPED: readonly (readonly [name: RegExp, reason: string])[] = [
  [/\/async\//, "async: linked by jco"],
  [/\/gc\//, "the GC proposal's canonical ABI"],
  [/\/memory64\.wast$/, "64-bit memories"],
];

/**
 * @param directory a checkout of the component-model's repository or wasmtime's, or the folder of scripts in one
 * @throws {RangeError} where there are no scripts
 */
export function findScripts(directory: string): FoundScripts {
  for (const { root, mark } of LAYOUTS) {
    for (const base of [join(directory, root), directory]) {
      if (!existsSync(join(base, mark))) continue;
      return sortOut(
        listScripts(base).map((file) => ({
          name: `${root}/${relative(base, file).split(sep).join("/")}`,
          file,
        })),
      );
    }
  }
  throw new RangeError(
    `${directory} is no checkout of WebAssembly/component-model or bytecodealliance/wasmtime: ` +
      LAYOUTS.map(({ root, mark }) => `it has neither ${root}/${mark} nor ${mark}`).join("; "),
  );
}

/** All `.wast` files below a folder, sorted. */
export function listScripts(base: string): readonly string[] {
  return readdirSync(base, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".wast"))
    .toSorted()
    .map((name) => join(base, name));
}

function sortOut(all: FoundScripts["scripts"]): FoundScripts {
  const skipped: { name: string; reason: string }[] = [];
  const scripts = all.filter(({ name }) => {
    const rule = SKIPPED.find(([pattern]) => pattern.test(name));
    if (rule !== undefined) skipped.push({ name, reason: rule[1] });
    return rule === undefined;
  });
  return { scripts, skipped };
}
