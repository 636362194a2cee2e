/** WASI 0.2 as the worker serves it: which imports need no bundle. */
import { parseExternName } from "../../shared/wit/id.ts";

/** The interfaces by package: those that `src/worker/wasi.ts` builds. */
const SERVED: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    "cli",
    new Set([
      "environment",
      "exit",
      "stderr",
      "stdin",
      "stdout",
      "terminal-input",
      "terminal-output",
      "terminal-stderr",
      "terminal-stdin",
      "terminal-stdout",
    ]),
  ],
  ["clocks", new Set(["monotonic-clock", "wall-clock"])],
  ["filesystem", new Set(["preopens", "types"])],
  ["http", new Set(["types", "outgoing-handler"])],
  ["io", new Set(["error", "poll", "streams"])],
  ["random", new Set(["random", "insecure", "insecure-seed"])],
  [
    "sockets",
    new Set([
      "instance-network",
      "ip-name-lookup",
      "network",
      "tcp",
      "tcp-create-socket",
      "udp",
      "udp-create-socket",
    ]),
  ],
]);

/** Released versions of WASI 0.2: one semver line, so any patch level will do. */
const RELEASE = /^0\.2\.\d+$/;

/** Whether the worker serves this import itself. */
export function isServedWasi(name: string): boolean {
  const id = parseExternName(name);
  return (
    id.kind === "interface" &&
    id.namespace === "wasi" &&
    id.version !== undefined &&
    RELEASE.test(id.version) &&
    SERVED.get(id.package)?.has(id.interface) === true
  );
}

/** What to say of an interface of WASI that is not served, if it is one. */
export function unservedWasiHelp(name: string): string | undefined {
  const id = parseExternName(name);
  if (id.kind !== "interface" || id.namespace !== "wasi") return undefined;
  return `WASI 0.2 is built in (wasi:${[...SERVED.keys()].join(", wasi:")}); anything else of WASI needs a host bundle`;
}
