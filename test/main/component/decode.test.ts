import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  componentEmbed,
  componentNew,
  componentWit,
  parse,
} from "@bytecodealliance/jco-transpile/wasm-tools";
import { serialize } from "node:v8";
import { describe, expect, it } from "vitest";
import { decodeComponent } from "../../../src/main/component/decode.ts";
import { formatError, type HostbundleError, isHostbundleError } from "../../../src/shared/errors.ts";
import { printWorld } from "../../support/print-world.ts";
import { CONSTRUCTS } from "../../shared/wit/constructs.ts";
import { buildComponent } from "../../support/component.ts";
import { decodeWit, treeOf } from "../../support/worlds.ts";

function errorOf(bytes: Uint8Array): HostbundleError {
  try {
    decodeComponent(bytes, "/guests/app.wasm");
  } catch (error) {
    if (isHostbundleError(error)) return error;
    throw error;
  }
  throw new TypeError("it was accepted");
}

async function printWat(wat: string): Promise<string> {
  return printWorld(decodeComponent(await parse(wat), "app.wasm").world);
}

/** The lines of a world that name its imports and exports. */
function externLines(text: string): string[] {
  return text.match(/^ {2}(?:import|export) .*$/gm) ?? [];
}

describe("components that wit-component makes", () => {
  it.each(CONSTRUCTS)("$name: the component says what its WIT says", async ({ wit, world }) => {
    const text = `package t:p@1.0.0;\n${wit}`;
    const module = await componentEmbed({
      witSource: text,
      dummy: true,
      ...(world === undefined ? {} : { world }),
    });
    const decoded = decodeComponent(await componentNew(module, []), "app.wasm").world;
    expect(treeOf(decoded)).toEqual(treeOf(await decodeWit(text, world)));
    expect(decoded.name).toBe("root");
  });

  it("imports what the core module imports, no more", async () => {
    const component = await buildComponent({
      wit: "package t:p; interface i { record r { a: u8 } f: func(x: r); g: func(); } world w { import i; export h: func(); }",
      wat: `(module
        (import "t:p/i" "f" (func (param i32)))
        (func (export "h")))`,
    });
    expect(printWorld(decodeComponent(component, "app.wasm").world)).toBe(`package root:component;

world root {
  import t:p/i;
  export h: func();
}

package t:p {
  interface i {
    record r { a: u8 }
    f: func(x: r);
  }
}
`);
  });
});

describe("a command with jco's adapter for WASI preview 1", () => {
  const adapter = fileURLToPath(
    new URL("../lib/wasi_snapshot_preview1.command.wasm", import.meta.resolve("@bytecodealliance/jco")),
  );

  it("has the imports that jco finds, and types that the parser takes back", async () => {
    const module = await parse(`(module
      (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "path_open" (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "_start")))`);
    const bytes = await componentNew(module, [["wasi_snapshot_preview1", readFileSync(adapter)]]);
    const world = decodeComponent(bytes, "app.wasm").world;
    const printed = printWorld(world);
    expect(externLines(printed)).toEqual(externLines(await componentWit(bytes)));
    expect(printed).toContain("%flags: descriptor-flags) -> result<descriptor, error-code>;");
    expect(treeOf(await decodeWit(printed, "root"))).toEqual(treeOf(world));
  });
});

/** Hand-written components: what evaluation has to get right. */
const COMPOSED: readonly { readonly name: string; readonly wat: string; readonly printed: string }[] = [
  {
    name: "a nested component is given an imported resource and function",
    wat: `(component
      (import "log" (instance $log
        (type $e (enum "lo" "hi")) (export "level" (type $level (eq $e)))
        (export "sink" (type $sink (sub resource)))
        (export "[method]sink.write" (func (param "self" (borrow $sink)) (param "l" $level)))))
      (component $inner
        (import "r" (type $r (sub resource)))
        (import "get" (func $get (result (option (own $r)))))
        (export "out" (func $get)))
      (alias export $log "sink" (type $sink))
      (import "make" (func $make (result (option (own $sink)))))
      (instance $i (instantiate $inner (with "r" (type $sink)) (with "get" (func $make))))
      (alias export $i "out" (func $out))
      (export "again" (func $out))
      (instance $bundle (export "go" (func $out)))
      (export "both" (instance $bundle)))`,
    printed: `world root {
  import log: interface {
    enum level { lo, hi }
    resource sink {
      write: func(l: level);
    }
  }
  use log.{sink};
  import make: func() -> option<sink>;
  export again: func() -> option<sink>;
  export both: interface {
    use log.{sink};
    go: func() -> option<sink>;
  }
}`,
  },
  {
    name: "a resource that the component defines is named by the export that shows it",
    wat: `(component
      (core module $m (func (export "f") (result i32) i32.const 0) (func (export "g") (param i32)))
      (core instance $core (instantiate $m))
      (component $shim
        (import "import-type-t" (type $t (sub resource)))
        (import "import-ctor" (func $c (result (own $t))))
        (import "import-m" (func $m (param "self" (borrow $t))))
        (export $t2 "t" (type $t))
        (export "[constructor]t" (func $c) (func (result (own $t2))))
        (export "[method]t.m" (func $m) (func (param "self" (borrow $t2)))))
      (type $t (resource (rep i32)))
      (func $c (result (own $t)) (canon lift (core func $core "f")))
      (func $m (param "self" (borrow $t)) (canon lift (core func $core "g")))
      (instance $i (instantiate $shim
        (with "import-type-t" (type $t)) (with "import-ctor" (func $c)) (with "import-m" (func $m))))
      (export "things" (instance $i)))`,
    printed: `world root {
  export things: interface {
    resource t {
      constructor();
      m: func();
    }
  }
}`,
  },
  {
    name: "each instance of a component has resources of its own",
    wat: `(component
      (component $c (type $t (resource (rep i32))) (export "t" (type $t)))
      (instance $a (instantiate $c))
      (instance $b (instantiate $c))
      (export "a" (instance $a))
      (export "b" (instance $b)))`,
    printed: `world root {
  export a: interface {
    resource t;
  }
  export b: interface {
    resource t;
  }
}`,
  },
  {
    name: "one component's exports are another one's imports",
    wat: `(component
      (component $provider
        (core module $m (func (export "f") (param i32) (result i32) local.get 0))
        (core instance $core (instantiate $m))
        (type $digit (enum "zero" "one"))
        (export $d "digit" (type $digit))
        (func $f (param "x" $d) (result $d) (canon lift (core func $core "f")))
        (export "flip" (func $f)))
      (component $consumer
        (import "digits" (instance $digits
          (type $digit (enum "zero" "one"))
          (export "digit" (type $d (eq $digit)))
          (export "flip" (func (param "x" $d) (result $d)))))
        (alias export $digits "flip" (func $flip))
        (alias export $digits "digit" (type $d))
        (export $d2 "digit" (type $d))
        (export "twice" (func $flip) (func (param "x" $d2) (result $d2))))
      (instance $p (instantiate $provider))
      (instance $c (instantiate $consumer (with "digits" (instance $p))))
      (export "result" (instance $c)))`,
    printed: `world root {
  export %result: interface {
    enum digit { zero, one }
    twice: func(x: digit) -> digit;
  }
}`,
  },
  {
    name: "outer aliases of types and components",
    wat: `(component
      (type $pair (tuple u8 u8))
      (component $leaf (import "f" (func $f)) (export "g" (func $f)))
      (component $middle
        (alias outer 1 $leaf (component $again))
        (alias outer 1 $pair (type $p))
        (import "f" (func $f))
        (import "h" (func $h (param "p" $p)))
        (instance $i (instantiate $again (with "f" (func $f))))
        (alias export $i "g" (func $g))
        (export "k" (func $g))
        (export "l" (func $h)))
      (import "f" (func $f))
      (import "h" (func $h (param "p" $pair)))
      (instance $m (instantiate $middle (with "f" (func $f)) (with "h" (func $h))))
      (export "out" (instance $m)))`,
    printed: `world root {
  import f: func();
  import h: func(p: tuple<u8, u8>);
  export out: interface {
    k: func();
    l: func(p: tuple<u8, u8>);
  }
}`,
  },
  {
    name: "an export is ascribed a narrower type",
    wat: `(component
      (import "all" (instance $all (export "a" (func)) (export "b" (func)) (export "r" (type (sub resource)))))
      (export "some" (instance $all) (instance (export "b" (func)) (export "r" (type (sub resource))))))`,
    printed: `world root {
  import all: interface {
    resource r;
    a: func();
    b: func();
  }
  export some: interface {
    b: func();
  }
}`,
  },
];

describe("components written by hand", () => {
  it.each(COMPOSED)("$name", async ({ wat, printed }) => {
    expect(await printWat(wat)).toBe(`package root:component;\n\n${printed}\n`);
  });

  it.each(COMPOSED.slice(2, 5))("$name: jco's own reading is the same", async ({ wat }) => {
    const bytes = await parse(wat);
    const theirs = await decodeWit(await componentWit(bytes), "root");
    expect(treeOf(decodeComponent(bytes, "app.wasm").world)).toEqual(treeOf(theirs));
  });

  it("one resource is one object wherever it is used, two are two", async () => {
    const world = decodeComponent(await parse(COMPOSED[2]?.wat ?? ""), "app.wasm").world;
    const resources = world.exports.flatMap((item) =>
      item.kind === "interface" ? item.interface.resources : [],
    );
    expect(resources).toEqual([
      { interface: "a", name: "t" },
      { interface: "b", name: "t" },
    ]);
    const uses = decodeComponent(await parse(COMPOSED[0]?.wat ?? ""), "app.wasm").world;
    const sink = uses.imports.flatMap((item) =>
      item.kind === "interface" ? item.interface.resources : [],
    )[0];
    const make = uses.imports.find((item) => item.name === "make");
    const result = make?.kind === "function" ? make.function.type.result : undefined;
    expect(result?.kind === "option" && result.element.kind === "own" && result.element.resource).toBe(sink);
  });
});

describe("what is no component", () => {
  const cases: [name: string, bytes: Uint8Array, says: string][] = [
    ["nothing", new Uint8Array(), "an empty file"],
    ["the magic number only", new Uint8Array([0, 0x61, 0x73, 0x6d]), "cut off in its header"],
    ["half of a header", new Uint8Array([0, 0x61, 0x73, 0x6d, 13, 0, 1]), "cut off in its header"],
    ["a core module", Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0), "`jco new module.wasm"],
    ["text", new TextEncoder().encode("\n (component)"), "WebAssembly text"],
    ["a commented text", new TextEncoder().encode(";; hi\n(component)"), "WebAssembly text"],
    ["another version", Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0c, 0, 1, 0), "another version"],
    ["something else", new TextEncoder().encode("#!/bin/sh"), "no WebAssembly"],
    ["a cut header", Uint8Array.of(0, 0x61, 0x73), "no WebAssembly"],
  ];
  it.each(cases)("%s", (_, bytes, says) => {
    const error = errorOf(bytes);
    expect(error.code).toBe("COMPONENT_INVALID");
    expect(formatError(error.toData())).toContain(says);
    expect(formatError(error.toData())).toContain("/guests/app.wasm");
  });
});

const ASYNC_BUILTINS = [
  "task.cancel",
  "subtask.cancel",
  "subtask.cancel async",
  "backpressure.inc",
  "backpressure.dec",
  "task.return (result u8)",
  "task.return",
  "context.get i32 0",
  "context.set i32 1",
  "thread.yield",
  "subtask.drop",
  "stream.new $s",
  "stream.read $s (memory $mem) async",
  "stream.write $s (memory $mem)",
  "stream.cancel-read $s async",
  "stream.cancel-write $s",
  "stream.drop-readable $s",
  "stream.drop-writable $s",
  "future.new $f",
  "future.read $f (memory $mem)",
  "future.write $f (memory $mem)",
  "future.cancel-read $f",
  "future.cancel-write $f async",
  "future.drop-readable $f",
  "future.drop-writable $f",
  "error-context.new (memory $mem) (realloc $re)",
  "error-context.debug-message (memory $mem) (realloc $re)",
  "error-context.drop",
  "waitable-set.new",
  "waitable-set.wait (memory $mem)",
  "waitable-set.poll (memory $mem)",
  "waitable-set.drop",
  "waitable.join",
  "thread.index",
];

describe("what is refused, and where", () => {
  const cases: [name: string, wat: string, says: string][] = [
    [
      "async import",
      '(component (import "f" (func async (param "x" u8))))',
      'import[0] func "f": an async function',
    ],
    [
      "stream deep in a parameter",
      '(component (import "ok" (func)) (import "f" (func (param "a" u8) (param "b" (option (list (stream u8)))))))',
      'import[1] func "f": param 2 "b": element: element: stream is not supported',
    ],
    [
      "future in an exported interface",
      '(component (import "i" (instance $i (export "f" (func (result (future u8)))))) (export "o" (instance $i)))',
      'import[0] interface "i": func "f": result: future is not supported',
    ],
    [
      "error-context in a variant",
      '(component (type $v (variant (case "bad" error-context))) (import "v" (type $n (eq $v))) (import "f" (func (param "x" $n))))',
      'import[0] type "v": case "bad": error-context is not supported',
    ],
    [
      "a borrow in a result",
      `(component (import "i" (instance
        (export "r" (type $r (sub resource)))
        (export "f" (func (param "x" (borrow $r)) (result (option (borrow $r))))))))`,
      "the result of a function holds a borrow",
    ],
    [
      "a canonical option given twice",
      `(component
        (core module $m (memory (export "a") 1) (memory (export "b") 1) (func (export "f")))
        (core instance $i (instantiate $m))
        (func (canon lift (core func $i "f") (memory (core memory $i "a")) (memory (core memory $i "b")))))`,
      "canon[0]: option[1]: the canonical option memory is given twice",
    ],
    [
      "a canonical option given twice: encodings",
      `(component
        (core module $m (func (export "f")))
        (core instance $i (instantiate $m))
        (func (canon lift (core func $i "f") string-encoding=utf8 string-encoding=utf16)))`,
      "canon[0]: option[1]: the canonical option encoding is given twice",
    ],
    [
      "an export under another type than it has",
      `(component
        (core module $m (func (export "f") (result i32) (i32.const 1)))
        (core instance $i (instantiate $m))
        (func $f (result u32) (canon lift (core func $i "f")))
        (export "f" (func $f) (func (result s32))))`,
      'export "f": the function that is given has another type than declared',
    ],
    [
      "an instance whose type says something else of a function in it",
      `(component
        (core module $m (func (export "f") (result i32) (i32.const 1)))
        (core instance $i (instantiate $m))
        (func $f (result u32) (canon lift (core func $i "f")))
        (instance $a (export "f" (func $f)))
        (export "a" (instance $a) (instance (export "f" (func (result bool))))))`,
      'export "f": the function that is given has another type than declared',
    ],
    [
      "an argument of another type",
      `(component
        (core module $m (func (export "f") (result i32) (i32.const 1)))
        (core instance $i (instantiate $m))
        (func $f (result u32) (canon lift (core func $i "f")))
        (component $c (import "g" (func (result char))))
        (instance (instantiate $c (with "g" (func $f)))))`,
      'import "g": the function that is given has another type than declared',
    ],
    [
      "an argument with handles of another resource",
      `(component
        (import "a" (instance $a (export "r" (type (sub resource))) ))
        (import "b" (instance $b (export "r" (type $r (sub resource))) (export "f" (func (param "x" (own $r))))))
        (alias export $a "r" (type $ar))
        (alias export $b "f" (func $f))
        (component $c
          (import "r" (type $r (sub resource)))
          (import "f" (func (param "x" (own $r)))))
        (instance (instantiate $c (with "r" (type $ar)) (with "f" (func $f)))))`,
      'import "f": the function that is given has another type than declared',
    ],
    [
      "an argument that is another type",
      `(component
        (type $given (record (field "a" u8)))
        (component $c (type $wanted (record (field "a" u16))) (import "t" (type (eq $wanted))))
        (instance (instantiate $c (with "t" (type $given)))))`,
      'import "t": the type that is given is another than declared',
    ],
    [
      "an instance that lacks what is asked of it",
      `(component
        (component $c (import "i" (instance (export "f" (func)))))
        (instance $empty)
        (instance (instantiate $c (with "i" (instance $empty)))))`,
      "the instance that is described does not export it",
    ],
    [
      "a component as an import",
      '(component (import "c" (component)))',
      'import[0] component "c": a component cannot be imported',
    ],
    ["a module as an import", '(component (import "m" (core module)))', 'import[0] core module "m"'],
    [
      "an interface in an interface",
      '(component (import "a" (instance (export "b" (instance)))))',
      'import[0] interface "a": interface "b": an interface cannot be part of an interface',
    ],
    [
      "labels that are none",
      '(component (import "f" (func (param "__proto__" u8))))',
      '"__proto__" is not a label',
    ],
  ];
  it.each(cases)("%s", async (_, wat, says) => {
    const error = errorOf(await parse(wat));
    expect(error.code).toBe("COMPONENT_INVALID");
    expect(error.context.findings?.[0]?.message).toContain(says);
    expect(error.context.findings?.[0]?.where?.offset).toBeGreaterThan(0);
  });

  it("does not mind async built-ins: runtimes import them without calling them", async () => {
    const wat = `(component
      (type $s (stream u8)) (type $f (future u8))
      (core module $m (memory (export "mem") 1) (func (export "re") (param i32 i32 i32 i32) (result i32) i32.const 0))
      (core instance $i (instantiate $m))
      (alias core export $i "mem" (core memory $mem))
      (alias core export $i "re" (core func $re))
      ${ASYNC_BUILTINS.map((builtin) => `(core func (canon ${builtin}))`).join("\n")}
      (import "f" (func)))`;
    expect(await printWat(wat)).toContain("import f: func();");
  });

  it("does not mind an async type that no import or export needs", async () => {
    expect(
      await printWat('(component (type (stream u8)) (type (func async)) (import "f" (func)))'),
    ).toContain("import f: func();");
  });

  it("`constructor` is a label like any other", async () => {
    const printed = await printWat(
      '(component (import "constructor" (func (param "constructor" u8) (param "to-string" u8))))',
    );
    expect(printed).toContain("import %constructor: func(%constructor: u8, to-string: u8);");
  });
});

describe("what only jco could link", () => {
  const core = `(core module $m
      (func (export "f") (result i32) i32.const 0)
      (func (export "cb") (param i32 i32 i32) (result i32) i32.const 0))
    (core instance $i (instantiate $m))`;

  it.each([
    [
      "a call of an async function between its parts",
      `(component ${core}
        (func $f async (canon lift (core func $i "f") async (callback (core func $i "cb"))))
        (core func $g (canon lower (func $f))))`,
      "it calls an async function",
    ],
    [
      "a function lifted asynchronously",
      `(component ${core}
        (func $f (canon lift (core func $i "f") async (callback (core func $i "cb")))))`,
      "it lifts a function with the async option",
    ],
    [
      "an import that is an export",
      '(component (import "f" (func $f)) (export "g" (func $f)))',
      "it exports a function that it imports",
    ],
  ])("%s", async (_name, wat, reason) => {
    const { linking } = decodeComponent(await parse(wat), "app.wasm");
    expect(linking).toMatchObject({ kind: "jco", refusal: { reason } });
  });
});

/** A component whose core instance of 2,000 items is given to a module that many times. */
function given(times: number): Promise<Uint8Array> {
  const exports = Array.from({ length: 2000 }, (_, index) => `(export "e${index}" (func $f))`);
  const instances = Array.from(
    { length: times },
    () => '(core instance (instantiate $n (with "" (instance $all))))',
  );
  return parse(`(component
    (core module $m (func (export "f")))
    (core instance $i (instantiate $m))
    (alias core export $i "f" (core func $f))
    (core instance $all ${exports.join(" ")})
    (core module $n)
    ${instances.join("\n")})`);
}

describe("a plan is no larger than its component", () => {
  it("however often an instance is given to modules", async () => {
    const bytes = await given(500);
    const { linking } = decodeComponent(bytes, "app.wasm");
    expect(linking.kind === "own" && linking.plan.steps).toHaveLength(501);
    expect(serialize(linking).length).toBeLessThan(10 * bytes.length);
  });

  it("and not too often", async () => {
    await expect(given(1001).then((bytes) => decodeComponent(bytes, "app.wasm"))).rejects.toMatchObject({
      code: "COMPONENT_INVALID",
      context: { findings: [{ message: expect.stringContaining("more than 2000000 items") }] },
    });
  });
});
