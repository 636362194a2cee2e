/** From bytes to a `WorldType`: of a component, and of the type section that the WIT parser leaves in a module. */
import type { WorldType } from "../types.ts";
import { buildWorld } from "./build-world.ts";
import { decodeComponentBinary } from "./decode-component.ts";
import { Evaluator } from "./evaluate.ts";
import { BinaryReader } from "./reader.ts";
import type { Linking } from "./record-plan.ts";

export interface DecodedComponent {
  /** Imports and exports; the world is called `root`. */
  readonly world: WorldType;
  readonly linking: Linking;
}

/**
 * The imports and exports of a component binary, and the plan of its instantiation.
 * @throws {BinaryFault}
 */
export function decodeComponent(bytes: Uint8Array): DecodedComponent {
  const evaluator = new Evaluator();
  const evaluated = evaluator.root(decodeComponentBinary(bytes));
  // Names the resources, which the plan shares.
  const world = buildWorld("root", evaluated, evaluator.trail);
  return { world, linking: evaluator.plan.finish(evaluated.exports) };
}

/**
 * The world in a `component-type` section: a component that exports, under the world's short name, a component
 * type with one export, the world itself as a component type under its full id.
 * @throws {BinaryFault}
 */
export function decodeEncodedWorld(section: Uint8Array): WorldType {
  const evaluator = new Evaluator();
  const { trail } = evaluator;
  const { exports } = evaluator.root(decodeComponentBinary(section));
  const entry = exports.length === 1 ? exports[0]?.entity : undefined;
  if (entry?.kind !== "type" || entry.type.kind !== "component") {
    return trail.fail("the type section does not hold one world", 0);
  }
  const { declarations: definitions, scope, visible } = entry.type;
  const inner = evaluator.open({ kind: "component", definitions, scope, visible }).exports;
  const world = inner.length === 1 ? inner[0] : undefined;
  if (world?.entity.kind !== "component") return trail.fail("the type section does not hold one world", 0);
  return buildWorld(world.name, evaluator.open(world.entity.component), trail);
}

const CUSTOM_SECTION = 0;

/**
 * The custom section of a core module whose name starts with `prefix`; absent where there is none.
 * @throws {BinaryFault} where the sections of the module don't add up
 */
export function findCustomSection(module: Uint8Array, prefix: string): Uint8Array | undefined {
  const reader = new BinaryReader(module);
  for (const byte of [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00])
    reader.expect(byte, "the header of a core module");
  while (!reader.done) {
    const id = reader.byte();
    const section = reader.slice(reader.u32());
    if (id !== CUSTOM_SECTION) continue;
    if (section.name().startsWith(prefix)) return module.subarray(section.offset, section.end);
  }
  return undefined;
}
