/** `hostbundle types`: what the adapter of a bundle has to serve, as TypeScript. */
import { writeFileSync } from "node:fs";
import { HostbundleError } from "../../shared/errors.ts";
import { userBindings } from "../adapter/modules.ts";
import { findWitSource } from "../adapter/wit-source.ts";
import { isSystemError, reasonOf } from "../system-error.ts";
import { loadWit } from "../wit/load.ts";
import type { ParsedArgs } from "./args.ts";
import type { CliIo, Output } from "./output.ts";

export async function types(args: ParsedArgs, _io: CliIo, output: Output): Promise<number> {
  const source = findWitSource(args.positional ?? "");
  const { world, warnings } = await loadWit(source.path, {
    world: args.flags.get("--world")?.[0] ?? source.world,
  });
  for (const warning of warnings) output.warning(warning);
  const text = userBindings(world);
  const [file] = args.flags.get("--output") ?? [];
  if (file === undefined) output.line(text);
  else write(file, `${text}\n`);
  return 0;
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new HostbundleError("USAGE", `${file} cannot be written: ${reasonOf(error)}`, { cause: error });
  }
}
