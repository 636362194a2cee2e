/** Every construct of WIT at the 0.2 level: text, and the world as it is printed after decoding. */
export interface ConstructCase {
  readonly name: string;
  /** Without the package statement, which is `package t:p@1.0.0;`. */
  readonly wit: string;
  /** World to decode where the text has several. */
  readonly world?: string;
  readonly printed: string;
}

function inWorld(body: string): string {
  return `world w {\n${body
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n")}\n}\n`;
}

function func(signature: string): string {
  return inWorld(`import f: ${signature};`);
}

const PRIMITIVES = [
  "bool",
  "s8",
  "u8",
  "s16",
  "u16",
  "s32",
  "u32",
  "s64",
  "u64",
  "f32",
  "f64",
  "char",
  "string",
];

const SIGNATURES = [
  ...PRIMITIVES.map((kind) => `func(a: ${kind}) -> ${kind}`),
  "func()",
  "func(a: u8, b: string, c: bool)",
  "func(a: list<u8>) -> list<list<string>>",
  "func(a: list<u8, 4>) -> list<list<f32, 3>, 2>",
  "func(a: option<u8>) -> option<option<bool>>",
  "func(a: tuple<u8>) -> tuple<u8, string, tuple<char, bool>>",
  "func() -> result",
  "func() -> result<u8>",
  "func() -> result<_, string>",
  "func() -> result<list<u8>, option<string>>",
  "func(a: list<option<result<tuple<u8, list<string>>>>>)",
];

export const CONSTRUCTS: readonly ConstructCase[] = [
  ...SIGNATURES.map((signature) => ({ name: signature, wit: func(signature), printed: func(signature) })),
  {
    name: "record, variant, enum, flags and aliases of the world",
    wit: inWorld(
      [
        "record point { x: s32, y: s32 }",
        "variant shape { none, dot(point), path(list<point>) }",
        "enum colour { red, green }",
        "flags mode { read, write }",
        "type points = list<point>;",
        "type also = points;",
        "import f: func(a: shape, b: colour, c: mode) -> also;",
      ].join("\n"),
    ),
    printed: inWorld(
      [
        "record point { x: s32, y: s32 }",
        "variant shape { none, dot(point), path(list<point>) }",
        "enum colour { red, green }",
        "flags mode { read, write }",
        "type points = list<point>;",
        "type also = points;",
        "import f: func(a: shape, b: colour, c: mode) -> points;",
      ].join("\n"),
    ),
  },
  {
    name: "keywords, acronyms and property names as labels",
    wit: inWorld(
      [
        "record r { %record: u8, %constructor: u8, to-string: u8, parse-JSON: u8, a1-b2: u8 }",
        "enum %enum { %list, value-of }",
        "import %type: func(%use: r) -> %enum;",
      ].join("\n"),
    ),
    printed: inWorld(
      [
        "record r { %record: u8, %constructor: u8, to-string: u8, parse-JSON: u8, a1-b2: u8 }",
        "enum %enum { %list, value-of }",
        "import %type: func(%use: r) -> %enum;",
      ].join("\n"),
    ),
  },
  {
    name: "resource with everything",
    wit: `interface i {
  resource r {
    constructor(a: u8);
    get: func() -> u8;
    merge: func(other: borrow<r>) -> result<r>;
    make: static func(all: list<r>) -> r;
  }
  resource plain;
  type handle = own<r>;
  f: func(a: r, b: borrow<plain>, c: handle);
}
world w { import i; }
`,
    printed: `world w {
  import i;
}

interface i {
  type handle = own<r>;
  resource r {
    constructor(a: u8);
    get: func() -> u8;
    merge: func(other: borrow<r>) -> result<r>;
    make: static func(all: list<r>) -> r;
  }
  resource plain;
  f: func(a: r, b: borrow<plain>, c: r);
}
`,
  },
  {
    name: "constructor that can fail",
    wit: "interface i {\n  resource r { constructor(a: u8) -> result<r, string>; }\n}\nworld w { import i; }\n",
    printed: `world w {
  import i;
}

interface i {
  resource r {
    constructor(a: u8) -> result<r, string>;
  }
}
`,
  },
  {
    name: "resource of the world",
    wit: inWorld(
      "resource r { constructor(); m: func(); }\nimport f: func(a: r);\nexport g: func(a: borrow<r>);",
    ),
    printed: `world w {
  resource r {
    constructor();
    m: func();
  }
  import f: func(a: r);
  export g: func(a: borrow<r>);
}
`,
  },
  {
    name: "use, use as, and use of what is used",
    wit: `interface a { record e { c: u32 } resource r; }
interface b { use a.{e, r as res}; f: func(x: res) -> e; }
interface c { use b.{e as error}; g: func() -> result<_, error>; }
world w { import c; import b; use a.{e}; export h: func() -> e; }
`,
    printed: `world w {
  import a;
  import b;
  import c;
  record e { c: u32 }
  export h: func() -> e;
}

interface a {
  record e { c: u32 }
  resource r;
}

interface b {
  use a.{r};
  record e { c: u32 }
  f: func(x: r) -> e;
}

interface c {
  record error { c: u32 }
  g: func() -> result<_, error>;
}
`,
  },
  {
    name: "inline interfaces and plain names",
    wit: inWorld(
      "import store: interface {\n  get: func() -> u8;\n}\nexport %interface: interface {\n  enum e { a }\n  f: func() -> e;\n}",
    ),
    printed: inWorld(
      "import store: interface {\n  get: func() -> u8;\n}\nexport %interface: interface {\n  enum e { a }\n  f: func() -> e;\n}",
    ),
  },
  {
    name: "one interface imported under several names",
    wit: "interface i {\n  resource r;\n  get: func() -> r;\n}\nworld w { import primary: i; import secondary: i; }\n",
    printed:
      "world w {\n  import primary: i;\n  import secondary: i;\n}\n\ninterface i {\n  resource r;\n  get: func() -> r;\n}\n",
  },
  {
    name: "imported and exported",
    wit: "interface i {\n  resource r;\n  get: func() -> r;\n}\nworld w { import i; export i; }\n",
    printed:
      "world w {\n  import i;\n  export i;\n}\n\ninterface i {\n  resource r;\n  get: func() -> r;\n}\n",
  },
  {
    name: "several packages, versions and without a version",
    wit: `world w { import x:y/i@0.2.1; export n:v/j; }
package x:y@0.2.1 { interface i { use n:v/j.{t}; f: func() -> t; } }
package n:v { interface j { record t { a: u8 } g: func(); } }
`,
    printed: `world w {
  import n:v/j;
  import x:y/i@0.2.1;
  export n:v/j;
}

package n:v {
  interface j {
    record t { a: u8 }
    g: func();
  }
}

package x:y@0.2.1 {
  interface i {
    record t { a: u8 }
    f: func() -> t;
  }
}
`,
  },
  {
    name: "include, also with other names",
    wit: `world base { import a: func(); import b: func(); }
world w { include base with { a as c } export d: func(); }
`,
    world: "w",
    printed: inWorld("import c: func();\nimport b: func();\nexport d: func();"),
  },
  {
    name: "feature gates",
    wit: `interface i {
  @since(version = 1.0.0)
  stable: func();
  @unstable(feature = soon)
  unstable: func();
  @since(version = 1.0.0) @deprecated(version = 1.0.0)
  old: func();
}
world w { import i; @unstable(feature = soon) import f: func(); }
`,
    printed: "world w {\n  import i;\n}\n\ninterface i {\n  stable: func();\n  old: func();\n}\n",
  },
];
