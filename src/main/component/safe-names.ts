/**
 * jco prints the names of core imports and exports between quotes as they are: a quote in one ends the string, and
 * what follows would run as JavaScript, with all that the process may do. Core names are arbitrary text, so such a
 * component is refused before anything of it is stored. No toolchain emits such names.
 */
import { HostbundleError } from "../../shared/errors.ts";
import { printable } from "../../shared/printable.ts";
import type { WorldType } from "../../shared/wit/types.ts";
import { compileModule } from "./compile-module.ts";

/** What ends a string or a comment, or looks like the code that `transpile` changes. */
const UNSAFE = /['"`\\\p{C}\u2028\u2029]|\*\/|new \w+\(/u;

const MAX_SHOWN_CHARACTERS = 60;

/** `coreModules`: every core module that was printed. Throws COMPONENT_INVALID. `path` is for messages. */
export function refuseUnsafeNames(coreModules: readonly Uint8Array[], world: WorldType, path: string): void {
  for (const name of [...coreNames(coreModules, path), ...worldNames(world)]) {
    if (!UNSAFE.test(name)) continue;
    const shown = name.length > MAX_SHOWN_CHARACTERS ? `${name.slice(0, MAX_SHOWN_CHARACTERS)}…` : name;
    throw refused(
      path,
      `the name "${printable(shown)}" of a core import or export cannot be written in JavaScript`,
    );
  }
}

function* coreNames(coreModules: readonly Uint8Array[], path: string): Iterable<string> {
  for (const bytes of coreModules) {
    const module = compileModule(bytes, path);
    for (const { module: from, name } of WebAssembly.Module.imports(module)) yield* [from, name];
    for (const { name } of WebAssembly.Module.exports(module)) yield name;
  }
}

function* worldNames({ imports, exports }: WorldType): Iterable<string> {
  for (const item of [...imports, ...exports]) {
    yield item.name;
    if (item.kind === "interface") for (const func of item.interface.functions) yield func.name;
  }
}

function refused(path: string, message: string): HostbundleError {
  return new HostbundleError("COMPONENT_INVALID", message, {
    findings: [{ message: "nothing of the component was run", where: { file: path } }],
  });
}
