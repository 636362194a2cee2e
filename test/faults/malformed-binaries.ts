/** Malformed WIT and malformed components, by hand. */
import { component, definitions, HEADER, leb, name, section, SECTION } from "../support/component-bytes.ts";

const P = "package a:b;\n";
/** An interface with this in it. */
const inside = (text: string): string => `${P}interface i {\n${text}\n}\nworld w { import i; }\n`;

/** `kv.wit` of a bundle: the text, and what must be said of it. */
export const WITS: readonly (readonly [title: string, text: string, says: RegExp])[] = [
  ["nothing", "", /kv\.wit/u],
  ["only a comment", "// package a:b;\n", /kv\.wit/u],
  ["only a package", P, /kv\.wit/u],
  ["no WIT at all", "\u007fELF\u0002\u0001\u0001", /kv\.wit/u],
  ["TOML", '[host]\nname = "kv"\n', /kv\.wit/u],
  ["an unclosed comment", `${P}/* interface i {}`, /kv\.wit/u],
  ["an unclosed interface", `${P}interface i {\n`, /kv\.wit:\d/u],
  ["an unclosed world", `${P}world w {\n`, /kv\.wit:\d/u],
  ["a brace too many", `${P}interface i {}\n}\n`, /kv\.wit:3/u],
  ["an unknown word", `${P}interfaces i {}\n`, /kv\.wit:2/u],
  ["no name", `${P}interface {}\n`, /kv\.wit:2/u],
  ["a package without a namespace", "package b;\ninterface i {}\n", /kv\.wit:1/u],
  ["a package with a bad version", "package a:b@1;\ninterface i {}\n", /kv\.wit:1/u],
  ["two packages", "package a:b;\npackage c:d;\ninterface i {}\n", /kv\.wit/u],
  ["capital letters", inside("fooBar: func();"), /kv\.wit:3/u],
  ["a label that begins with a digit", inside("1a: func();"), /kv\.wit:3/u],
  ["a label with two hyphens", inside("a--b: func();"), /kv\.wit/u],
  ["a function without type", inside("f;"), /kv\.wit:3/u],
  ["a function without semicolon", inside("f: func()"), /kv\.wit:\d/u],
  ["a function twice", inside("f: func();\nf: func();"), /kv\.wit/u],
  ["a type twice", inside("type t = u8;\ntype t = u8;"), /kv\.wit/u],
  ["a parameter twice", inside("f: func(a: u8, a: u8);"), /kv\.wit/u],
  ["a parameter without type", inside("f: func(a);"), /kv\.wit:3/u],
  ["an unknown type", inside("f: func(a: u128);"), /kv\.wit:3/u],
  ["a type of itself", inside("record r { r: r }"), /kv\.wit/u],
  ["types of each other", inside("type a = list<b>;\ntype b = list<a>;"), /kv\.wit/u],
  ["a list of nothing", inside("f: func(a: list<>);"), /kv\.wit:3/u],
  ["a tuple of nothing", inside("f: func(a: tuple<>);"), /kv\.wit/u],
  ["a result of three", inside("f: func() -> result<u8, u8, u8>;"), /kv\.wit:3/u],
  ["an empty record", inside("record r {}"), /kv\.wit/u],
  ["an empty enum", inside("enum e {}"), /kv\.wit/u],
  ["an empty variant", inside("variant v {}"), /kv\.wit/u],
  ["a field twice", inside("record r { a: u8, a: u8 }\nf: func(r: r);"), /kv\.wit/u],
  ["a case twice", inside("enum e { a, a }\nf: func(e: e);"), /kv\.wit/u],
  ["too many flags", inside(`flags f { ${flags(33)} }\nf2: func(f: f);`), /kv\.wit/u],
  ["use of no interface", inside("use no.{t};"), /kv\.wit:3/u],
  ["use of itself", inside("use i.{t};"), /kv\.wit/u],
  ["use of no type", `${P}interface j {}\ninterface i { use j.{t}; }\n`, /kv\.wit/u],
  ["use of another package", inside("use no:such/thing.{t};"), /kv\.wit/u],
  ["a world that imports nothing there", `${P}world w { import no; }\n`, /kv\.wit:2/u],
  ["a world that imports twice", `${P}world w { import f: func(); import f: func(); }\n`, /kv\.wit/u],
  ["a world that includes nothing there", `${P}world w { include no; }\n`, /kv\.wit:2/u],
  ["a world that includes itself", `${P}world w { include w; }\n`, /kv\.wit/u],
  ["several worlds", `${P}world v {}\nworld w {}\n`, /several worlds|kv\.wit/u],
  ["own of no resource", inside("record r { a: u8 }\nf: func(a: own<r>);"), /kv\.wit/u],
  ["a stream", inside("f: func(a: stream<u8>);"), /kv\.wit/u],
  ["a future", inside("f: func() -> future<u8>;"), /kv\.wit/u],
  ["an async function", inside("f: async func();"), /kv\.wit/u],
  ["an error-context", inside("f: func(a: error-context);"), /kv\.wit/u],
  ["a type nested very deep", inside(`type t = ${"list<".repeat(3000)}u8${">".repeat(3000)};`), /kv\.wit/u],
  ["a bidirectional override", inside("// \u202e\nf: func();"), /kv\.wit/u],
  ["a NUL", inside("f: func(\u0000);"), /kv\.wit/u],
];

function flags(count: number): string {
  return Array.from({ length: count }, (_, index) => `f${index}`).join(", ");
}

const NONE: readonly number[] = [];
const U32 = 0x79;

export interface MalformedComponent {
  readonly title: string;
  readonly bytes: Uint8Array | string;
  readonly says?: RegExp;
}

/** Component files: the bytes, and what must be said of them. */
export const COMPONENTS: readonly MalformedComponent[] = [
  { title: "nothing", bytes: "" },
  { title: "one byte", bytes: "\0" },
  { title: "text", bytes: "hello" },
  { title: "WAT", bytes: "(component)" },
  { title: "the magic only", bytes: "\0asm" },
  { title: "half a header", bytes: "\0asm\r\0" },
  { title: "another magic", bytes: Uint8Array.from([0x00, 0x61, 0x73, 0x6e, ...HEADER.slice(4)]) },
  { title: "a core module", bytes: Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0), says: /core module/u },
  { title: "a component of an older draft", bytes: Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0c, 0, 1, 0) },
  { title: "another layer", bytes: Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 2, 0) },
  { title: "an ELF file", bytes: "\u007fELF\u0002\u0001\u0001\0\0\0\0\0\0\0\0\0" },
  { title: "a gzip file", bytes: Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3) },
  { title: "a section without size", bytes: component([SECTION.type]) },
  { title: "a section of no known kind", bytes: component(section(99, NONE)) },
  { title: "a section that is cut off", bytes: component([SECTION.type, ...leb(100), 1]) },
  { title: "a section of 4 GiB", bytes: component([SECTION.type, 0xff, 0xff, 0xff, 0xff, 0x0f]) },
  {
    title: "a size with too many bytes",
    bytes: component([SECTION.type, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0]),
  },
  { title: "a section with bytes left over", bytes: component(section(SECTION.type, [0, 0])) },
  { title: "four thousand million types", bytes: component(section(SECTION.type, leb(2 ** 32 - 1))) },
  { title: "a type of no known kind", bytes: component(definitions(SECTION.type, [0x01])) },
  { title: "a record of nothing", bytes: component(definitions(SECTION.type, [0x72, 0])) },
  { title: "a list of a type not there", bytes: component(definitions(SECTION.type, [0x70, 5])) },
  { title: "a type of itself", bytes: component(definitions(SECTION.type, [0x70, 0])) },
  {
    title: "a record of too many fields",
    bytes: component(definitions(SECTION.type, [0x72, ...leb(2 ** 31)])),
  },
  {
    title: "a label that is not UTF-8",
    bytes: component(definitions(SECTION.type, [0x72, 1, 1, 0xff, U32])),
  },
  { title: "an enum of nothing", bytes: component(definitions(SECTION.type, [0x6d, 0])) },
  { title: "an import without type", bytes: component(definitions(SECTION.import, [0, ...name("a:b/c")])) },
  {
    title: "an import of a type not there",
    bytes: component(definitions(SECTION.import, [0, ...name("f"), 1, 7])),
  },
  {
    title: "an export of nothing there",
    bytes: component(definitions(SECTION.export, [0, ...name("f"), 1, 7, 0])),
  },
  {
    title: "an alias of nothing there",
    bytes: component(definitions(SECTION.alias, [1, 0, 9, ...name("x")])),
  },
  { title: "an instance of nothing there", bytes: component(definitions(SECTION.instance, [0, 9, 0])) },
  { title: "a canon of nothing there", bytes: component(definitions(SECTION.canon, [0, 0, 9, 0, 0])) },
  { title: "a core module that is none", bytes: component(section(SECTION.coreModule, [1, 2, 3, 4])) },
  { title: "a nested component that is none", bytes: component(section(SECTION.component, [1, 2, 3, 4])) },
  { title: "components in one another", bytes: nested(500) },
];

function nested(depth: number): Uint8Array {
  let bytes: Uint8Array = component();
  for (let level = 0; level < depth; level++) bytes = component(section(SECTION.component, [...bytes]));
  return bytes;
}
