/** `--dir` and `--env`: what a guest is given of the outside world. */
import { posix, resolve } from "node:path";
import { HostbundleError, type Finding } from "../../shared/errors.ts";
import type { DirectoryGrant } from "../../shared/protocol.ts";
import { lookAt } from "../bundle/paths.ts";

/** Reads `HOST[::GUEST][:ro]`. Throws USAGE for all that are not directories at once. */
export function parseDirectories(values: readonly string[]): readonly DirectoryGrant[] {
  const problems: Finding[] = [];
  const grants = values.map((value) => {
    const readOnly = value.endsWith(":ro");
    const text = readOnly ? value.slice(0, -":ro".length) : value;
    const separator = text.indexOf("::");
    const host = separator < 0 ? text : text.slice(0, separator);
    const guest = separator < 0 ? host : text.slice(separator + 2);
    if (host === "" || guest === "")
      problems.push({ message: `--dir ${value}: expected HOST[::GUEST][:ro]` });
    else if (lookAt(host)?.isDirectory() !== true)
      problems.push({ message: `--dir ${value}: ${host} is not a directory` });
    // A relative name is one under the guest's root, where its C library looks for relative paths.
    return { host: resolve(host), guest: posix.resolve("/", guest), readOnly };
  });
  throwProblems(problems);
  return grants;
}

/** Reads `NAME=VALUE`, and `NAME` for a variable to pass on; `flag` is what they were given with. Of two with one name the last counts. */
export function parseVariables(
  flag: string,
  values: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): readonly (readonly [name: string, value: string])[] {
  const problems: Finding[] = [];
  const variables = new Map<string, string>();
  for (const text of values) {
    const equals = text.indexOf("=");
    const name = equals < 0 ? text : text.slice(0, equals);
    const value = equals < 0 ? env[name] : text.slice(equals + 1);
    if (name === "") problems.push({ message: `${flag} ${text}: expected NAME[=VALUE]` });
    else if (value === undefined) {
      problems.push({
        message: `${flag} ${name}: it is not set here`,
        help: `${flag} ${name}=VALUE sets it`,
      });
    } else variables.set(name, value);
  }
  throwProblems(problems);
  return [...variables];
}

function throwProblems(problems: readonly Finding[]): void {
  const [first] = problems;
  if (first === undefined) return;
  throw problems.length === 1
    ? new HostbundleError("USAGE", first.message, first.help === undefined ? {} : { help: first.help })
    : new HostbundleError("USAGE", "the command line has several faults", { findings: problems });
}
