/** Malformed manifests of bundles and hosts, by hand: the text, and what must be said about it. */

export interface MalformedText {
  readonly title: string;
  readonly text: string;
  /** The line that the message names; absent: the file only. */
  readonly line?: number;
  readonly says: RegExp;
}

function table(
  cases: readonly (readonly [title: string, text: string, line: number, says: RegExp])[],
): readonly MalformedText[] {
  return cases.map(([title, text, line, says]) => ({ title, text, says, ...(line === 0 ? {} : { line }) }));
}

const LIB = 'lib = "lib/libkv.so"\n';
const NAME = 'name = "kv"\n';
const WIT = 'wit = "kv.wit"\n';
const HOST = `[host]\n${NAME}`;
const FULL = `${HOST}${LIB}${WIT}`;

/** `host.toml` of a folder with `lib/libkv.so` and `kv.wit`. */
export const HOST_TOMLS = table([
  ["nothing", "", 0, /no \[host\] table/u],
  ["a comment only", "# [host]\n", 0, /no \[host\] table/u],
  ["an unclosed header", "[host\n", 1, /not valid TOML/u],
  ["an unclosed string", '[host]\nname = "kv\n', 2, /not valid TOML/u],
  ["an unclosed multi-line string", '[host]\nname = """kv\n', 2, /not valid TOML/u],
  ["no value", "[host]\nname =\n", 2, /not valid TOML/u],
  ["no key", '[host]\n= "kv"\n', 2, /not valid TOML/u],
  ["a bare word as value", "[host]\nname = kv\n", 2, /not valid TOML/u],
  ["a key twice", `${HOST}${NAME}`, 3, /not valid TOML/u],
  ["a table twice", `${FULL}[host]\n`, 5, /not valid TOML/u],
  ["an unclosed array", "[host]\nname = [1,\n", 3, /not valid TOML/u],
  ["an unclosed inline table", "[host]\nlib = { a = 1\n", 3, /not valid TOML/u],
  ["a bad escape", '[host]\nname = "\\q"\n', 2, /not valid TOML/u],
  ["a surrogate as escape", '[host]\nname = "\\ud800"\n', 2, /not valid TOML/u],
  ["an impossible date", `${FULL}[host.config]\nd = 2024-13-45\n`, 6, /not valid TOML/u],
  ["a number with two points", `${FULL}[host.config]\nd = 1.2.3\n`, 6, /not valid TOML/u],
  ["a control character", '[host]\nname = "a\u0001"\n', 2, /not valid TOML/u],
  ["nested too deep", `${FULL}[host.config]\nd = ${"[".repeat(5000)}`, 6, /not valid TOML/u],
  ["JSON", '{ "host": { "name": "kv" } }', 1, /not valid TOML/u],
  ["YAML", "host:\n  name: kv\n", 1, /not valid TOML/u],
  ["host is text", 'host = "kv"\n', 1, /`host` must be a table/u],
  ["host is an array of tables", `[[host]]\n${NAME}`, 1, /`host` must be a table/u],
  ["another table", `${FULL}[hosts]\n`, 5, /unknown key `hosts`/u],
  ["name missing", `[host]\n${LIB}${WIT}`, 1, /`name` is missing/u],
  ["name a number", `[host]\nname = 1\n${LIB}${WIT}`, 2, /`name` must be a string/u],
  ["name empty", `[host]\nname = ""\n${LIB}${WIT}`, 2, /`name` must be a string that is not empty/u],
  ["name with a slash", `[host]\nname = "a/b"\n${LIB}${WIT}`, 2, /not a bundle name/u],
  ["name with a newline", `[host]\nname = "a\\nb"\n${LIB}${WIT}`, 2, /not a bundle name/u],
  ["name too long", `[host]\nname = "${"a".repeat(65)}"\n${LIB}${WIT}`, 2, /not a bundle name/u],
  ["lib missing", `${HOST}${WIT}`, 1, /`lib` is missing/u],
  ["lib a boolean", `${HOST}lib = true\n${WIT}`, 3, /`lib` must be a string, or a table/u],
  ["lib an array", `${HOST}lib = ["a"]\n${WIT}`, 3, /`lib` must be a string, or a table/u],
  ["lib empty", `${HOST}lib = ""\n${WIT}`, 3, /`lib` must be a string/u],
  ["lib a date", `${HOST}lib = 2024-01-01\n${WIT}`, 3, /`lib` must be a string, or a table/u],
  ["lib by no platform", `${HOST}lib = {}\n${WIT}`, 3, /no library for this platform/u],
  ["lib by another platform", `${HOST}lib.plan9-x64 = "x"\n${WIT}`, 3, /no library for this platform/u],
  ["lib by platform, a number", `${HOST}lib = { plan9-x64 = 1 }\n${WIT}`, 3, /must be a string/u],
  ["lib not there", `${HOST}lib = "lib/no.so"\n${WIT}`, 3, /no\.so does not exist/u],
  ["lib a folder", `${HOST}lib = "lib"\n${WIT}`, 3, /is not a file/u],
  ["lib the bundle", `${HOST}lib = "."\n${WIT}`, 3, /is not a file/u],
  ["lib in a file", `${HOST}lib = "kv.wit/lib.so"\n${WIT}`, 3, /does not exist/u],
  ["lib with NUL", `${HOST}lib = "a\\u0000b"\n${WIT}`, 3, /does not exist/u],
  ["lib with a long name", `${HOST}lib = "${"x".repeat(5000)}"\n${WIT}`, 3, /does not exist/u],
  ["lib outside", `${HOST}lib = "../outside.so"\n${WIT}`, 3, /lies outside the bundle/u],
  ["lib is text", `${HOST}lib = "kv.wit"\n${WIT}`, 3, /not a shared library/u],
  ["lib is empty", `${HOST}lib = "lib/empty.so"\n${WIT}`, 3, /the file is empty/u],
  ["lib is cut off", `${HOST}lib = "lib/cut.so"\n${WIT}`, 3, /cannot be used/u],
  ["lib is noise", `${HOST}lib = "lib/noise.so"\n${WIT}`, 3, /not a shared library/u],
  ["wit missing", `${HOST}${LIB}`, 1, /`wit` is missing/u],
  ["wit a number", `${HOST}${LIB}wit = 1\n`, 4, /`wit` must be a string/u],
  ["wit not there", `${HOST}${LIB}wit = "no.wit"\n`, 4, /the WIT .* does not exist/u],
  ["wit with NUL", `${HOST}${LIB}wit = "\\u0000"\n`, 4, /the WIT .* does not exist/u],
  ["world a number", `${FULL}world = 1\n`, 5, /`world` must be a string/u],
  ["free a table", `${FULL}free = {}\n`, 5, /`free` must be a string/u],
  ["threadsafe a text", `${FULL}threadsafe = "true"\n`, 5, /`threadsafe` must be true or false/u],
  ["an adapter", `${FULL}adapter = "duckdbx"\n`, 5, /there is no adapter "duckdbx"/u],
  ["sha256 a number", `${FULL}sha256 = 1\n`, 5, /`sha256` must be a string/u],
  ["sha256 too short", `${FULL}sha256 = "ab"\n`, 5, /64 hexadecimal digits/u],
  ["sha256 of another file", `${FULL}sha256 = "${"ab".repeat(32)}"\n`, 5, /not the one that was declared/u],
  ["config a list", `${FULL}config = []\n`, 5, /`config` must be a table/u],
  ["an unknown key", `${FULL}libs = "x"\n`, 5, /unknown key `libs`/u],
  ["an odd unknown key", `${FULL}"\\u0007 \\" " = 1\n`, 5, /unknown key/u],
  ["a prototype", `${FULL}__proto__ = 1\n`, 5, /unknown key `__proto__`/u],
  ["a constructor", `${FULL}constructor = { prototype = 1 }\n`, 5, /unknown key `constructor`/u],
  ["functions a list", `functions = []\n${FULL}`, 1, /`functions` must be a table/u],
  ["a symbol that is a number", `${FULL}[functions]\n"a:b/c#d" = 1\n`, 6, /must be a string/u],
  ["a symbol that is empty", `${FULL}[functions]\n"a:b/c#d" = ""\n`, 6, /must be a string/u],
]);

const ENTRY = '[[host]]\nname = "a"\n';

/** `hosts.toml` beside a sound bundle `bundle`. */
export const HOSTS_TOMLS = table([
  ["nothing", "", 0, /has no \[\[host\]\] entries/u],
  ["an empty array", "host = []\n", 0, /has no \[\[host\]\] entries/u],
  ["a single host", `[host]\nname = "a"\n`, 1, /must be an array of tables/u],
  ["hosts that are text", 'host = ["a"]\n', 1, /must be an array of tables/u],
  ["an unclosed header", "[[host]\n", 1, /not valid TOML/u],
  ["a header closed twice", '[[host]]]\nname = "a"\n', 1, /not valid TOML/u],
  ["both kinds of header", `[[host]]\nname = "a"\n[host]\n`, 3, /not valid TOML/u],
  ["[global] twice", `[global]\n[global]\n`, 2, /not valid TOML/u],
  ["global as text", `global = "x"\n${ENTRY}bundle = "bundle"\n`, 1, /`global` must be a table/u],
  [
    "search_paths as text",
    `[global]\nsearch_paths = "x"\n${ENTRY}bundle = "bundle"\n`,
    2,
    /array of strings/u,
  ],
  [
    "search_paths of numbers",
    `[global]\nsearch_paths = [1]\n${ENTRY}bundle = "bundle"\n`,
    2,
    /array of strings/u,
  ],
  [
    "too many search_paths",
    `[global]\nsearch_paths = [${'"a",'.repeat(101)}]\n${ENTRY}bundle = "no"\n`,
    2,
    /at most 100/u,
  ],
  ["an unknown global", `[global]\npaths = []\n${ENTRY}bundle = "bundle"\n`, 2, /unknown key `paths`/u],
  ["no name", '[[host]]\nbundle = "bundle"\n', 1, /`name` is missing/u],
  ["a name that is none", '[[host]]\nname = "-"\nbundle = "bundle"\n', 2, /not a bundle name/u],
  ["nothing but a name", ENTRY, 1, /`wit` is missing/u],
  ["wit without lib", `${ENTRY}wit = "bundle/kv.wit"\n`, 1, /`lib` is missing/u],
  ["lib without wit", `${ENTRY}lib = "bundle/lib/libkv.so"\n`, 1, /`wit` is missing/u],
  ["wit and bundle", `${ENTRY}bundle = "bundle"\nwit = "x"\n`, 4, /exclude each other/u],
  ["a bundle not there", `${ENTRY}bundle = "bundel"\n`, 3, /did you mean "bundle"\?/u],
  ["a bundle that is a file", `${ENTRY}bundle = "bundle/kv.wit"\n`, 3, /was not found/u],
  ["a bundle with NUL", `${ENTRY}bundle = "\\u0000"\n`, 3, /was not found/u],
  ["a bundle that is a number", `${ENTRY}bundle = 1\n`, 3, /`bundle` must be a string/u],
  ["an unknown key", `${ENTRY}bundle = "bundle"\nservs = []\n`, 4, /did you mean `serves`\?/u],
  ["serves as text", `${ENTRY}bundle = "bundle"\nserves = "x"\n`, 4, /`serves` must be an array/u],
  ["config as text", `${ENTRY}bundle = "bundle"\nconfig = "x"\n`, 4, /`config` must be a table/u],
  [
    "lib of the system not there",
    `${ENTRY}wit = "bundle/kv.wit"\nlib = "libno.so.0"\n`,
    4,
    /does not exist/u,
  ],
  ["lib a folder of the system", `${ENTRY}wit = "bundle/kv.wit"\nlib = "systemd"\n`, 4, /the library/u],
  ["lib not there", `${ENTRY}wit = "bundle/kv.wit"\nlib = "./no.so"\n`, 4, /does not exist/u],
  ["lib that is text", `${ENTRY}wit = "bundle/kv.wit"\nlib = "bundle/kv.wit"\n`, 4, /not a shared library/u],
  ["sha256 of another", `${ENTRY}bundle = "bundle"\nsha256 = "${"0".repeat(64)}"\n`, 4, /not the one/u],
  [
    "one name twice",
    `${ENTRY}bundle = "bundle"\n${ENTRY}bundle = "bundle"\n`,
    5,
    /two host bundles have the name "a"/u,
  ],
  ["too many entries", ENTRY.repeat(1001), 0, /1001 entries; at most 1000/u],
  ["a second entry that is none", `${ENTRY}bundle = "bundle"\n[[host]]\n`, 4, /`name` is missing/u],
]);
