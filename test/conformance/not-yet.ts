/**
 * What upstream's scripts ask for and our own linker does not do, with the reason. The lines are those of
 * WebAssembly/component-model at 6d28164 and bytecodealliance/wasmtime at e6b33de513.
 */
import type { NotYet } from "./verdict.ts";

const WASMTIME = /^tests\/misc_testsuite\/component-model\//;
const VALIDATION = /^test\/(?:validation|binary|linking)\//;
const ALL = /^tests?\//;

const MODULES = "core modules are not imported or exported by a component: the host deals in WIT";
const NESTED = "the host deals in WIT, where an interface has no interfaces in it";
const NAMED_TYPES =
  "types of functions, instances and components are not imported or exported by name: WIT has no such thing";
const ASYNC_BUILTIN = "built-ins of the async proposals trap whoever calls them";
const IDENTITY =
  "an import that repeats a resource is bound by its type; nobody asks the host again whether it is the same";
const REEXPORT = "the planner leaves to jco what passes an import on as an export, invalid or not";
const REALLOC =
  "strings are transcoded with one realloc of the exact size, where the specification grows and shrinks";
const MULTI_MEMORY = "this Node has no multiple memories";
const EXCEPTIONS = "this Node has no exception handling with exnref";
const GC = "this Node has no garbage-collected types";
const TYPE_ARGUMENTS =
  "validation: components given as arguments are not compared with the types that they are declared with";
const VISIBILITY = "validation: types need not have a name wherever a function that uses them is visible";
const NAMES =
  "validation: names of definitions and of arguments are not held against the grammar and each other";
const UNUSED = "validation: what is defined and never used is not looked at";

/** By what the script expects and what we do instead. */
const CLASSES: readonly NotYet[] = [
  { script: ALL, why: /a core module cannot be/, reason: MODULES },
  { script: ALL, why: /an interface cannot be part of an interface/, reason: NESTED },
  { script: ALL, why: /type cannot be named here/, reason: NAMED_TYPES },
  { script: ALL, why: /belongs to the async proposals/, reason: ASYNC_BUILTIN },
  { script: ALL, why: /it exports a function that it imports/, reason: REEXPORT },
  { script: WASMTIME, why: /linked, although/, message: /mismatched resource types/, reason: IDENTITY },
  {
    script: "tests/misc_testsuite/component-model/big-strings.wast",
    why: /expected the trap "unreachable", got .* exceeds 268435455/,
    reason: "the script asks for strings that the specification's MAX_STRING_BYTE_LENGTH no longer allows",
  },
  {
    script: WASMTIME,
    why: /an export name must be written inside a nested reference/,
    reason: "the assembler of the toolchain no longer takes this old syntax",
  },
  {
    script: VALIDATION,
    why: /memory count of|At most one memory/,
    lacks: "multi-memory",
    reason: MULTI_MEMORY,
  },
  { script: ALL, why: /Invalid opcode 0x1f|stringref/, lacks: "exception-handling", reason: EXCEPTIONS },
  { script: WASMTIME, why: /invalid value type 0x40/, lacks: "gc", reason: GC },
];

/** Invalid components that decoder, planner and engine accept, by what is wrong with them. */
const ACCEPTED: readonly (readonly [message: RegExp, reason: string])[] = [
  [
    /resource types are not the same|type mismatch|missing expected|expected .*(?:found|not be present|no type|a type|\d+ )|mismatch in/,
    TYPE_ARGUMENTS,
  ],
  [/not valid to be used|transitively refers|name in this context|within a concrete/, VISIBILITY],
  [
    /kebab case|conflicts with|not a valid name|is not valid with|already defined|duplicate|must be an interface|does not match expected resource/,
    NAMES,
  ],
  [
    /out of bounds|is not an? \w+ type|outer alias|only refer to|only instances|no export named|is not a tag|not valid at this time/,
    UNUSED,
  ],
];

/** By line. */
const SINGLE: readonly NotYet[] = [
  {
    script: "fixtures/linking/exceptions.wast",
    lines: [2, 28],
    lacks: "exception-handling",
    reason: EXCEPTIONS,
  },
  {
    script: "test/binary/binary.wast",
    lines: [892],
    reason: "core types of the GC proposal are not decoded",
  },
  {
    script: "test/binary/binary.wast",
    lines: [1166, 1175],
    reason: "validation: immediates of async built-ins are skipped, not checked",
  },
  { script: "test/validation/core-modules.wast", lines: [51], reason: UNUSED },
  {
    script: "test/validation/extern-names.wast",
    lines: [8],
    reason: "a function that is imported under the name of an interface is nothing that WIT could declare",
  },
  {
    script: "test/validation/max-value-size.wast",
    lines: [6],
    reason: "the decoder bounds types far below the specification's 2^28 bytes: they are untrusted",
  },
  { script: "test/values/concat.wast", lines: [463], reason: "map types are linked by jco" },
  {
    script: "test/values/post-return.wast",
    lines: [293],
    reason: "the instance is poisoned: its post-return called a built-in of the async proposals",
  },
  { script: "test/values/variants.wast", lines: [83], reason: "async lowers are linked by jco" },
  {
    script: "tests/misc_testsuite/component-model/implements-disabled.wast",
    lines: [3],
    reason: "the script switches a proposal off that we have on",
  },
  {
    script: "tests/misc_testsuite/component-model/adapter.wast",
    lines: [97],
    reason:
      "a component instance may call its own lifted functions (the specification's entering_set): wasmtime traps",
  },
  {
    script: "tests/misc_testsuite/component-model/strings.wast",
    lines: [73, 122, 173, 223, 307, 379],
    reason: REALLOC,
  },
];

export const NOT_YET: readonly NotYet[] = [
  ...CLASSES,
  ...ACCEPTED.map(([message, reason]) => ({ script: VALIDATION, why: /^accepted/, message, reason })),
  ...SINGLE,
];
