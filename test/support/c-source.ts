/**
 * C libraries for tests, printed from WIT function types by `NATIVE-ABI.md`: prototypes, struct types, and
 * bodies that hand every argument back as a deep copy. Every allocation is counted, so a test can tell that
 * each was released exactly once.
 */
import type { SymbolConvention } from "../../src/shared/protocol.ts";
import type { FuncType, ValueType } from "../../src/shared/wit/types.ts";
import {
  childrenOf,
  cIdentifier,
  cTypeName,
  isScalar,
  membersOf,
  snakeCase,
  typedefOf,
  type CNamespace,
} from "./c-source-types.ts";

/**
 * What a function does after it is counted:
 * `echo` returns a deep copy of its one parameter, or a tuple of copies of its several ones;
 * `keep` copies its one parameter into a variable of that type, `give` returns (and forgets) it;
 * `raw` is C that fills `out_`, a zeroed variable of the result's type, and may read the parameters, or
 * the whole first one through the pointer `in0_`. (No WIT name becomes a C name that ends like these.)
 */
export type CBody =
  | { readonly kind: "echo" | "keep" | "give" }
  | { readonly kind: "raw"; readonly code: string };

export interface CFunction {
  /** The WIT name. */
  readonly name: string;
  readonly type: FuncType;
  readonly body: CBody;
  readonly convention?: SymbolConvention;
}

export interface CLibrarySource {
  readonly space: CNamespace;
  readonly functions: readonly CFunction[];
  /** More C at file scope, after the types and helpers. */
  readonly extra?: string;
  /** Leave the typedefs out: a header that is included first has them. */
  readonly typesElsewhere?: boolean;
}

export const TEST_SPACE: CNamespace = { world: "tests", interface: "test_echo_types" };

/** The functions every library of `cLibrary` exports beside its own; all but `counted_free` are `uint64_t f(void)`. */
export const COUNTERS = {
  calls: "count_calls",
  /** Allocations handed to the host so far. */
  allocated: "count_allocated",
  /** … and those it released. */
  released: "count_released",
  /** Releases of what was not live: a double free, or a pointer the library never allocated. */
  wild: "count_wild",
  /** Arguments that functions of the export convention released themselves. */
  argumentsFreed: "count_arguments_freed",
  free: "counted_free",
} as const;

export function symbolOf(space: CNamespace, one: Pick<CFunction, "name" | "convention">): string {
  const prefix = one.convention === "export" ? "exports_" : "";
  return `${prefix}${space.interface}_${snakeCase(one.name)}`;
}

const PREAMBLE = `
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The mark stands behind the two words that the C library's allocator overwrites in a freed block. */
struct block { uint64_t unused[2]; uint64_t size; uint64_t mark; };
#define LIVE 0x4c4956454c495645u
#define DEAD 0x4445414444454144u
static uint64_t calls, allocated, released, wild, arguments_freed;
uint64_t count_calls(void) { return calls; }
uint64_t count_allocated(void) { return allocated; }
uint64_t count_released(void) { return released; }
uint64_t count_wild(void) { return wild; }
uint64_t count_arguments_freed(void) { return arguments_freed; }

/* Where nothing is to be pointed to, the pointer may be anything: make it something that must not be touched. */
#define NOWHERE ((void *)(uintptr_t)0xdead0)

static void *counted_malloc(size_t size) {
  if (size == 0) return NOWHERE;
  struct block *block = malloc(sizeof(struct block) + size);
  if (!block) abort();
  block->size = size;
  block->mark = LIVE;
  allocated++;
  return block + 1;
}
void counted_free(void *ptr) {
  struct block *block = (struct block *)ptr - 1;
  if (ptr == NULL || ptr == NOWHERE || block->mark != LIVE) { wild++; return; }
  block->mark = DEAD;
  released++;
  free(block);
}
static inline void free_argument(void *ptr) { arguments_freed++; free(ptr); }
`;

/** The whole C source of a library. */
export function cLibrary(source: CLibrarySource): string {
  const types = collectTypes(source.functions, source.space);
  const helpers = [...types.values()].map((type) => helpersOf(type, source.space));
  return [
    PREAMBLE,
    ...(source.typesElsewhere === true ? [] : cTypedefs(source.functions, source.space)),
    ...helpers,
    ...(source.extra === undefined ? [] : [source.extra]),
    ...source.functions.map((one) => functionOf(one, source.space)),
    "",
  ].join("\n");
}

/** One typedef per distinct type that the functions mention, dependencies first. */
export function cTypedefs(functions: readonly CFunction[], space: CNamespace): readonly string[] {
  return [...collectTypes(functions, space).values()]
    .map((type) => typedefOf(type, space))
    .filter((text) => text !== "");
}

/** Distinct types by their C name, children before parents. */
export function collectTypes(
  functions: readonly CFunction[],
  space: CNamespace,
): ReadonlyMap<string, ValueType> {
  const found = new Map<string, ValueType>();
  const visit = (type: ValueType): void => {
    const name = cTypeName(type, space);
    if (found.has(name)) return;
    for (const child of childrenOf(type)) visit(child);
    found.set(name, type);
  };
  for (const { type } of functions) {
    for (const param of type.params) visit(param.type);
    if (type.result !== undefined) visit(type.result);
  }
  return found;
}

/** `copy_T` (deep, with counted allocations) and `drop_T` (frees what an owned argument points to). */
function helpersOf(type: ValueType, space: CNamespace): string {
  const name = cTypeName(type, space);
  const copy = (inner: ValueType, path: string): string =>
    `copy_${cTypeName(inner, space)}(&to->${path}, &from->${path});`;
  const drop = (inner: ValueType, path: string): string => `drop_${cTypeName(inner, space)}(&at->${path});`;
  const members = membersOf(type);
  const define = (copyBody: string, dropBody: string): string =>
    [
      `static ${name} kept_${name};`,
      `static inline void copy_${name}(${name} *to, const ${name} *from) { ${copyBody} }`,
      `static inline void drop_${name}(${name} *at) { (void)at; ${dropBody} }`,
    ].join("\n");
  switch (type.kind) {
    case "string":
      return define(
        "to->len = from->len; to->ptr = counted_malloc(from->len); if (from->len) memcpy(to->ptr, from->ptr, from->len);",
        "if (at->len) free_argument(at->ptr);",
      );
    case "list": {
      const element = cTypeName(type.element, space);
      return define(
        `to->len = from->len; to->ptr = counted_malloc(from->len * sizeof(${element}));
  for (size_t i = 0; i < from->len; i++) copy_${element}(&to->ptr[i], &from->ptr[i]);`,
        `for (size_t i = 0; i < at->len; i++) drop_${element}(&at->ptr[i]);
  if (at->len) free_argument(at->ptr);`,
      );
    }
    case "fixed-list": {
      const element = cTypeName(type.element, space);
      return define(
        `for (size_t i = 0; i < ${type.length}; i++) copy_${element}(&to->items[i], &from->items[i]);`,
        `for (size_t i = 0; i < ${type.length}; i++) drop_${element}(&at->items[i]);`,
      );
    }
    case "record":
    case "tuple":
      return define(
        members.map((one) => copy(one.type, one.path)).join(" "),
        members.map((one) => drop(one.type, one.path)).join(" "),
      );
    case "variant": {
      const cases = (action: typeof copy): string =>
        type.cases
          .flatMap((one, index) =>
            one.type === undefined
              ? []
              : [`case ${index}: ${action(one.type, `val.${cIdentifier(one.name)}`)} break;`],
          )
          .join(" ");
      return define(
        `to->tag = from->tag; switch (from->tag) { ${cases(copy)} default: break; }`,
        `switch (at->tag) { ${cases(drop)} default: break; }`,
      );
    }
    case "option":
      return define(
        `to->is_some = from->is_some; if (from->is_some) { ${copy(type.element, "val")} }`,
        `if (at->is_some) { ${drop(type.element, "val")} }`,
      );
    case "result": {
      const payload = (inner: ValueType | undefined, path: string, action: typeof copy): string =>
        inner === undefined ? "" : action(inner, path);
      const branches = (subject: string, action: typeof copy): string =>
        `if (${subject}->is_err) { ${payload(type.err, "val.err", action)} } else { ${payload(type.ok, "val.ok", action)} }`;
      return define(`to->is_err = from->is_err; ${branches("from", copy)}`, branches("at", drop));
    }
    case "enum":
    case "flags":
    case "own":
    case "borrow":
    case "bool":
    case "s8":
    case "u8":
    case "s16":
    case "u16":
    case "s32":
    case "u32":
    case "s64":
    case "u64":
    case "f32":
    case "f64":
    case "char":
      return define("*to = *from;", "");
  }
}

/** `bool f(T *maybe_x, U *ret, E *err)` … (NATIVE-ABI.md, "Parameters and results"). */
export function prototypeOf(one: CFunction, space: CNamespace): string {
  const params = one.type.params.map((param) => {
    const label = cIdentifier(param.name);
    if (param.type.kind === "option") return `${cTypeName(param.type.element, space)} *maybe_${label}`;
    return isScalar(param.type)
      ? `${cTypeName(param.type, space)} ${label}`
      : `${cTypeName(param.type, space)} *${label}`;
  });
  const { result } = one.type;
  const pointer = (type: ValueType, label: string): string => `${cTypeName(type, space)} *${label}`;
  let returned = "void";
  if (result?.kind === "option") {
    returned = "bool";
    params.push(pointer(result.element, "ret"));
  } else if (result?.kind === "result") {
    returned = "bool";
    if (result.ok !== undefined) params.push(pointer(result.ok, "ret"));
    if (result.err !== undefined) params.push(pointer(result.err, "err"));
  } else if (result !== undefined && isScalar(result)) {
    returned = cTypeName(result, space);
  } else if (result !== undefined) {
    params.push(pointer(result, "ret"));
  }
  return `${returned} ${symbolOf(space, one)}(${params.length === 0 ? "void" : params.join(", ")})`;
}

function functionOf(one: CFunction, space: CNamespace): string {
  const lines = ["calls++;"];
  const { params, result } = one.type;
  for (const [index, param] of params.entries()) {
    lines.push(readParam(param.type, cIdentifier(param.name), `in${index}_`, space));
  }
  if (result !== undefined) lines.push(`${cTypeName(result, space)} out_;`);
  lines.push(...bodyLines(one, space));
  if (one.convention === "export") {
    for (const [index, param] of params.entries()) {
      if (!isScalar(param.type)) lines.push(`drop_${cTypeName(param.type, space)}(in${index}_);`);
    }
  }
  lines.push(...returnLines(result));
  return `${prototypeOf(one, space)} {\n  ${lines.join("\n  ")}\n}`;
}

/** Makes `at` point to the whole value, whatever way it was passed. */
function readParam(type: ValueType, label: string, at: string, space: CNamespace): string {
  const name = cTypeName(type, space);
  if (type.kind === "option") {
    return `${name} whole_${at}; whole_${at}.is_some = maybe_${label} != NULL; if (maybe_${label}) whole_${at}.val = *maybe_${label}; ${name} *${at} = &whole_${at}; (void)${at};`;
  }
  return `${name} *${at} = ${isScalar(type) ? "&" : ""}${label}; (void)${at};`;
}

function bodyLines({ type, body }: CFunction, space: CNamespace): readonly string[] {
  const { params, result } = type;
  const only = params[0];
  switch (body.kind) {
    case "echo":
      if (result === undefined) return [];
      // What the library leaves unset must not matter: padding and absent payloads hold garbage.
      return [
        "memset(&out_, 0xaa, sizeof out_);",
        // A parameter that lends handles has another name than what comes back, and the same layout.
        ...(params.length === 1
          ? [`copy_${cTypeName(result, space)}(&out_, (const void *)in0_);`]
          : membersOf(result).map(
              ({ type: member, path }, index) =>
                `copy_${cTypeName(member, space)}(&out_.${path}, (const void *)in${index}_);`,
            )),
      ];
    case "keep":
      if (only === undefined) throw new TypeError("keep needs a parameter");
      return [`copy_${cTypeName(only.type, space)}(&kept_${cTypeName(only.type, space)}, in0_);`];
    case "give":
      if (result === undefined) throw new TypeError("give needs a result");
      return [`out_ = kept_${cTypeName(result, space)};`];
    case "raw":
      return [...(result === undefined ? [] : ["memset(&out_, 0, sizeof out_);"]), body.code];
  }
}

function returnLines(result: ValueType | undefined): readonly string[] {
  if (result === undefined) return [];
  if (result.kind === "option") return ["if (out_.is_some) *ret = out_.val;", "return out_.is_some;"];
  if (result.kind === "result") {
    return [
      ...(result.ok === undefined ? [] : ["if (!out_.is_err) *ret = out_.val.ok;"]),
      ...(result.err === undefined ? [] : ["if (out_.is_err) *err = out_.val.err;"]),
      "return !out_.is_err;",
    ];
  }
  return isScalar(result) ? ["return out_;"] : ["*ret = out_;"];
}
