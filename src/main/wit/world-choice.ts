import { type Finding, HostbundleError } from "../../shared/errors.ts";
import { escapeId } from "../../shared/wit/keywords.ts";
import { invalidAt, placeOf, type ScannedFile } from "./combine.ts";

/** The world to decode, and a line of WIT to add where the package has none. */
export interface WorldChoice {
  /** Plain name or full id, as the parser takes it. */
  readonly world: string;
  readonly synthesised?: string;
}

/**
 * The world that was asked for, else the only one. A package of interfaces alone gets a world that imports them
 * all. Feature gates are closed: what is `@unstable` is not there.
 * @throws {HostbundleError} WIT_INVALID
 */
export function chooseWorld(files: readonly ScannedFile[], wanted: string | undefined): WorldChoice {
  const items = files.flatMap((file) => file.scan.items.map((item) => ({ ...item, file })));
  const worlds = items.filter((item) => item.kind === "world");
  const stable = worlds.filter((item) => !item.unstable);
  const listed: Finding[] = stable.map((item) => ({
    message: `world ${item.name}`,
    where: { file: item.file.path, line: placeOf(item.file.text, item.start).line },
  }));
  if (wanted !== undefined) {
    // An id may name a world of a dependency: that is for the parser to find.
    const plain = wanted.replace(/^%/, "");
    if (wanted.includes("/") || stable.some((item) => item.name === plain)) return { world: plain };
    const message = worlds.some((item) => item.name === plain)
      ? `the world ${wanted} is marked @unstable, and feature gates are closed`
      : `the WIT has no world ${wanted}`;
    throw new HostbundleError("WIT_INVALID", message, {
      findings: listed,
      help: "set `world` to one of those listed",
    });
  }
  if (stable.length > 1) {
    const help = 'choose one with `world = "…"` in host.toml (`hostbundle types` takes --world)';
    throw new HostbundleError("WIT_INVALID", `the WIT has ${stable.length} worlds`, {
      findings: listed,
      help,
    });
  }
  const only = stable[0];
  if (only !== undefined) return { world: only.name };
  return synthesise(files, items);
}

function synthesise(
  files: readonly ScannedFile[],
  items: readonly { readonly kind: string; readonly name: string; readonly unstable: boolean }[],
): WorldChoice {
  const interfaces = items
    .filter((item) => item.kind === "interface" && !item.unstable)
    .map((item) => item.name);
  if (interfaces.length === 0) {
    const strange = files.find((file) => file.scan.unknown !== undefined);
    if (strange?.scan.unknown !== undefined) {
      const help = "at the top of a file stand `package`, `use`, `interface` and `world`";
      throw invalidAt(
        strange,
        strange.scan.unknown,
        `\`${strange.scan.unknown.text}\` begins no statement`,
        help,
      );
    }
    const path = files[0]?.path;
    throw new HostbundleError("WIT_INVALID", "the WIT has neither a world nor an interface", {
      findings: path === undefined ? [] : [{ message: "nothing to bind", where: { file: path } }],
      help: "declare what the library serves, such as `interface api { greet: func(name: string) -> string; }`",
    });
  }
  let world = "interfaces";
  while (items.some((item) => item.name === world)) world += "-all";
  const imports = [...new Set(interfaces)].map((name) => `import ${escapeId(name)};`).join(" ");
  return { world, synthesised: `world ${world} { ${imports} }` };
}
