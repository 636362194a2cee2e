/** Guests of the tests of resources: WAT whose imports are written out from the WIT of its world. */
import { flattenLowered } from "../../../src/shared/canonical-abi/flatten.ts";
import type { ResourceType, WitFunction, WorldItem } from "../../../src/shared/wit/types.ts";
import { buildComponent } from "../../support/component.ts";
import { decodeWit } from "../../support/worlds.ts";

/**
 * What all guests have. Memory: the result of an export at 0, free space from 16, data from 1024, notes from 4096,
 * allocations from 16384.
 */
const prelude = (inRealloc: string): string => `
  (memory (export "memory") 2)
  (global $next (mut i32) (i32.const 16384))
  (global $numbers (mut i32) (i32.const 0))
  (global $texts (mut i32) (i32.const 0))
  ;; What becomes of the next allocations: 0 all is well, 1 a trap, 2 an address outside of the memory, 3 \`inRealloc\`.
  (global $realloc_fails (mut i32) (i32.const 0))
  (func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (if (i32.eq (global.get $realloc_fails) (i32.const 1)) (then unreachable))
    (if (i32.eq (global.get $realloc_fails) (i32.const 2)) (then (return (i32.const 0x7ffffff0))))
    (if (i32.eq (global.get $realloc_fails) (i32.const 3)) (then ${inRealloc}))
    (local.set $at (i32.and (i32.add (global.get $next) (i32.sub (local.get 2) (i32.const 1)))
                            (i32.sub (i32.const 0) (local.get 2))))
    (global.set $next (i32.add (local.get $at) (local.get 3)))
    (local.get $at))
  (func $note.f64 (param f64)
    (f64.store (i32.add (i32.const 4096) (i32.shl (global.get $numbers) (i32.const 3))) (local.get 0))
    (global.set $numbers (i32.add (global.get $numbers) (i32.const 1))))
  (func $note (param i32) (call $note.f64 (f64.convert_i32_s (local.get 0))))
  (func $note.text (param $ptr i32) (param $len i32)
    (local $at i32)
    (local.set $at (i32.add (i32.const 8192) (i32.shl (global.get $texts) (i32.const 3))))
    (i32.store (local.get $at) (local.get $ptr))
    (i32.store offset=4 (local.get $at) (local.get $len))
    (global.set $texts (i32.add (global.get $texts) (i32.const 1))))
  ;; A string or a list that lies at an address, as (pointer, length).
  (func $note.text.at (param i32) (call $note.text (i32.load (local.get 0)) (i32.load offset=4 (local.get 0))))`;

/** Gives what the guest noted, as `tuple<list<f64>, list<string>>`. */
const NOTED = `
  (func $noted (result i32)
    (i32.store (i32.const 0) (i32.const 4096))
    (i32.store (i32.const 4) (global.get $numbers))
    (i32.store (i32.const 8) (i32.const 8192))
    (i32.store (i32.const 12) (global.get $texts))
    (i32.const 0))`;

export interface ResourceGuest {
  /** Ends in the world of the guest. */
  readonly wit: string;
  readonly world: string;
  /** Functions of the core module. */
  readonly wat: string;
  /** What an allocation does first where `$realloc_fails` is 3. */
  readonly inRealloc?: string;
}

/** `export run: func() -> …` of a guest whose `$main` notes what it sees. */
export const RUN = "export run: func() -> tuple<list<f64>, list<string>>;";
export const RUN_WAT = `(func (export "run") (result i32) (call $main) (call $noted))`;

/**
 * Imports are called `$interface.function`, `$interface.resource.new`, `$interface.resource.member` and
 * `$interface.resource.drop`; those of the world have no interface before them.
 */
export async function buildGuest({ wit, world, wat, inRealloc = "" }: ResourceGuest): Promise<Uint8Array> {
  const { imports, resources = [] } = await decodeWit(wit, world);
  const lines = imports.flatMap(importsOf);
  for (const resource of resources) lines.push(dropImport("$root", "", resource));
  return buildComponent({
    wit,
    world,
    wat: `(module\n${lines.join("\n")}${prelude(inRealloc)}${NOTED}${wat})`,
  });
}

function importsOf(item: WorldItem): readonly string[] {
  if (item.kind === "function") return [functionImport("$root", "", item.function)];
  const alias = `${item.name.replace(/^.*\//, "").replace(/@.*$/, "")}.`;
  const { functions, resources } = item.interface;
  return [
    ...functions.map((func) => functionImport(item.name, alias, func)),
    ...resources.map((resource) => dropImport(item.name, alias, resource)),
  ];
}

function functionImport(module: string, prefix: string, { name, role, type }: WitFunction): string {
  const flat = flattenLowered(type);
  const params = flat.params.length === 0 ? "" : ` (param ${flat.params.join(" ")})`;
  const result = flat.result === undefined ? "" : ` (result ${flat.result})`;
  let alias = name;
  if (role.kind === "constructor") alias = `${role.resource}.new`;
  else if (role.kind !== "freestanding") alias = `${role.resource}.${role.member}`;
  return `  (import "${module}" "${name}" (func $${prefix}${alias}${params}${result}))`;
}

function dropImport(module: string, prefix: string, { name }: ResourceType): string {
  return `  (import "${module}" "[resource-drop]${name}" (func $${prefix}${name}.drop (param i32)))`;
}
