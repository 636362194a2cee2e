/** The commands and their flags: what the parser accepts and the help shows. */
import type { CommandSpec, FlagSpec } from "./args.ts";

const HELP: FlagSpec = { name: "--help", short: "-h", help: ["this help"] };
const VERSION: FlagSpec = { name: "--version", short: "-V", help: ["the version of hostbundle"] };
const JSON_OUTPUT: FlagSpec = { name: "--json", help: ["print one JSON object on stdout instead"] };

const BUNDLES: readonly FlagSpec[] = [
  { name: "--host-bundle", value: "DIR", repeats: true, help: ["a bundle directory; may repeat"] },
  { name: "--host-config", value: "FILE", repeats: true, help: ["a hosts.toml manifest; may repeat"] },
];

const ISOLATION: readonly FlagSpec[] = [
  {
    name: "--isolation",
    value: "thread|process",
    help: [
      "where it runs: in this process, or in a child, whose crash is an outcome",
      "(default: process where native libraries serve imports, else thread)",
    ],
  },
  {
    name: "--library-env",
    value: "NAME[=VALUE]",
    repeats: true,
    help: ["in a child process: set, or pass on, one variable for native libraries"],
  },
  {
    name: "--sandbox",
    value: "MODE",
    help: [
      "what keeps native libraries in a child from files, networks and programs:",
      "required: all of it, or no run; best-effort (default): what there is; off",
    ],
  },
  {
    name: "--library-dir",
    value: "PATH[:ro]",
    repeats: true,
    help: ["in the sandbox: a folder or file that libraries may use; ':ro': read-only"],
  },
  { name: "--library-network", help: ["in the sandbox: native libraries may open IP sockets"] },
];

const LIMITS: readonly FlagSpec[] = [
  {
    name: "--timeout",
    value: "500ms|10s|2m",
    help: ["wall clock for the run; native code too, in a process"],
  },
  {
    name: "--max-cpu",
    value: "10s",
    help: ["CPU time of the run, in whole seconds (process isolation, Linux)"],
  },
  {
    name: "--max-memory",
    value: "64MiB|1GiB",
    help: ["linear memory of the instance, all memories together (default: 1GiB)"],
  },
  {
    name: "--max-native-memory",
    value: "256MiB",
    help: ["what native code may allocate (process isolation, Linux)"],
  },
  {
    name: "--max-heap",
    value: "256MiB",
    help: ["JavaScript heap of the run's thread or child (default: Node's own limit)"],
  },
  {
    name: "--max-output",
    value: "1MiB",
    help: ["what the guest may write to stdout, and to stderr (with --json: 64MiB)"],
  },
  {
    name: "--max-calls",
    value: "N",
    help: ["calls that the guest may make to its host"],
  },
  {
    name: "--max-open-files",
    value: "N",
    help: ["files that native code may have open (process isolation, Linux)"],
  },
  {
    name: "--max-table-elements",
    value: "N",
    help: ["elements of the instance's tables, all together (default: 10000000)"],
  },
];

const inSection = (section: string, flags: readonly FlagSpec[]): readonly FlagSpec[] =>
  flags.map((flag) => ({ ...flag, section }));

export const RUN: CommandSpec = {
  name: "run",
  summary: "run a component",
  usage: ["run [options] <component.wasm> [arguments for the guest...]"],
  positional: "component.wasm",
  guestArguments: true,
  flags: [
    ...BUNDLES,
    {
      name: "--invoke",
      value: "CALL",
      help: [
        `a call in WAVE: 'greet("World")', 'add(1, 2)',`,
        "'example:calc/math@1.0.0#add(1, 2)' for an exported interface",
        "(default: the component's wasi:cli/run)",
      ],
    },
    {
      name: "--dir",
      value: "HOST[::GUEST]",
      repeats: true,
      help: ["preopen a directory; GUEST defaults to HOST; ':ro' at the end: read-only"],
    },
    { name: "--env", value: "NAME[=VALUE]", repeats: true, help: ["set, or pass on, one variable"] },
    {
      name: "--allow-adapter-code",
      help: [
        'run the JavaScript of bundles that say adapter = "./adapter.js":',
        "it has all the rights of this program",
      ],
    },
    ...inSection("Limits", LIMITS),
    ...inSection("Isolation", ISOLATION),
    JSON_OUTPUT,
    { name: "--stats", help: ["per import: calls, bytes, time (stderr, or in the JSON)"] },
    {
      name: "--dump-trampolines",
      help: ["print the source generated for every import (stderr, or in the JSON)"],
    },
    HELP,
    VERSION,
  ],
};

export const INSPECT: CommandSpec = {
  name: "inspect",
  summary: "show imports, exports, bundles, symbols, and who serves what",
  usage: ["inspect [options] <component.wasm | bundle dir | hosts.toml>"],
  positional: "component.wasm | bundle dir | hosts.toml",
  guestArguments: false,
  flags: [JSON_OUTPUT, HELP, VERSION],
};

export const CHECK: CommandSpec = {
  name: "check",
  summary: "link a component without running it; exit 0 or 2",
  usage: ["check [options] <component.wasm>"],
  positional: "component.wasm",
  guestArguments: false,
  flags: [...BUNDLES, JSON_OUTPUT, HELP, VERSION],
};

export const TYPES: CommandSpec = {
  name: "types",
  summary: "print what the adapter of a bundle has to serve, as TypeScript",
  usage: ["types [options] <bundle dir | WIT file or dir>"],
  positional: "bundle dir | WIT file or dir",
  guestArguments: false,
  flags: [
    { name: "--world", value: "NAME", help: ["the world, where the WIT has several"] },
    { name: "--output", value: "FILE", help: ["write a file instead"] },
    HELP,
    VERSION,
  ],
};

export const DOCTOR: CommandSpec = {
  name: "doctor",
  summary: "say what this machine supports; exit 0 or 1",
  usage: ["doctor [options]"],
  guestArguments: false,
  flags: [JSON_OUTPUT, HELP, VERSION],
};

/** The program without a command: only what works everywhere. */
export const ROOT: CommandSpec = {
  name: "",
  summary: "run WebAssembly components; native host bundles serve their imports",
  usage: ["<command> [options] ..."],
  guestArguments: false,
  flags: [HELP, VERSION],
};

export const COMMANDS: readonly CommandSpec[] = [RUN, INSPECT, CHECK, TYPES, DOCTOR];

/** Commands of a later version. */
export const COMMANDS_LATER: readonly string[] = ["batch"];
