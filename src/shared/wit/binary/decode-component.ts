/** A component's sections (Binary.md, "Component Definitions"), nested components included. */
import { readAlias } from "./decode-aliases.ts";
import { readCanon } from "./decode-canon.ts";
import { readCoreInstance, readCoreType } from "./decode-core.ts";
import { readInstance } from "./decode-instances.ts";
import { readExternName, readSortIndex } from "./decode-names.ts";
import { readExternType, readType } from "./decode-types.ts";
import { LIMITS } from "./limits.ts";
import { BinaryReader, hexByte } from "./reader.ts";
import type { ComponentBinary, Definition } from "./sections.ts";
import { quote } from "./trail.ts";

const MAGIC = [0x00, 0x61, 0x73, 0x6d];
const COMPONENT_VERSION = [0x0d, 0x00, 0x01, 0x00];

/** What the first bytes say a file is. */
export function sniff(
  bytes: Uint8Array,
): "component" | "core-module" | "other-version" | "empty" | "truncated" | "text" | "unknown" {
  if (bytes.length === 0) return "empty";
  if (MAGIC.every((byte, index) => bytes[index] === byte)) {
    if (bytes.length < MAGIC.length + COMPONENT_VERSION.length) return "truncated";
    // The layer tells modules (0) from components (1); the version before it is that of the layer.
    if (COMPONENT_VERSION.every((byte, index) => bytes[4 + index] === byte)) return "component";
    return bytes[6] === 1 ? "other-version" : "core-module";
  }
  let first = 0;
  while (first < bytes.length && [0x20, 0x09, 0x0a, 0x0d].includes(bytes[first] ?? 0)) first++;
  return bytes[first] === 0x28 || bytes[first] === 0x3b ? "text" : "unknown";
}

/**
 * Decodes a component binary to plain data. Nothing is looked up: indices may be out of range.
 * @throws {BinaryFault} for malformed input and for constructs of the async and threads proposals
 */
export function decodeComponentBinary(bytes: Uint8Array): ComponentBinary {
  const reader = new BinaryReader(bytes);
  if (bytes.length > LIMITS.inputBytes)
    reader.fail(`${bytes.length} bytes are over the bound of ${LIMITS.inputBytes}`);
  return readComponent(reader, 0);
}

function readComponent(reader: BinaryReader, depth: number): ComponentBinary {
  if (depth >= LIMITS.depth) reader.fail(`components nest deeper than ${LIMITS.depth}`);
  const start = reader.offset;
  for (const byte of [...MAGIC, ...COMPONENT_VERSION]) reader.expect(byte, "the header of a component");
  const definitions: Definition[] = [];
  while (!reader.done) readSection(reader, definitions, depth);
  return { start, end: reader.end, definitions };
}

function readSection(outer: BinaryReader, definitions: Definition[], depth: number): void {
  const offset = outer.offset;
  const id = outer.byte();
  const reader = outer.slice(outer.u32());
  const collect = (what: string, item: (offset: number) => Definition): void => {
    for (const definition of reader.vector(what, () => item(reader.offset))) definitions.push(definition);
  };
  switch (id) {
    case 0:
      reader.name();
      return;
    case 1:
      outer.countItems(1);
      definitions.push({ kind: "core-module", start: reader.offset, end: reader.end, offset });
      return;
    case 2:
      collect("core instance", (offset) => ({
        kind: "core-instance",
        expression: readCoreInstance(reader),
        offset,
      }));
      break;
    case 3:
      collect("core type", (offset) => ({ kind: "core-type", type: readCoreType(reader), offset }));
      break;
    case 4:
      outer.countItems(1);
      outer.trail.within(`component at 0x${offset.toString(16)}`, () => {
        definitions.push({ kind: "component", component: readComponent(reader, depth + 1), offset });
      });
      break;
    case 5:
      collect("instance", (offset) => ({ kind: "instance", expression: readInstance(reader), offset }));
      break;
    case 6:
      collect("alias", (offset) => ({ kind: "alias", ...readAlias(reader), offset }));
      break;
    case 7:
      collect("type", (offset) => ({ kind: "type", type: readType(reader, 0), offset }));
      break;
    case 8:
      collect("canon", (offset) => ({ kind: "canon", canon: readCanon(reader), offset }));
      break;
    case 9:
      return outer.fail("a component start function is not supported", offset);
    case 10:
      collect("import", (offset) => {
        const name = readExternName(reader);
        return reader.trail.within(quote(name.name), () => ({
          kind: "import",
          name,
          type: readExternType(reader),
          offset,
        }));
      });
      break;
    case 11:
      collect("export", (offset) => readExport(reader, offset));
      break;
    case 12:
      return outer.fail("component values are not supported", offset);
    default:
      return outer.fail(`unknown section ${hexByte(id)}`, offset);
  }
  if (!reader.done) reader.fail("a section is longer than what it holds");
}

function readExport(reader: BinaryReader, offset: number): Definition {
  const name = readExternName(reader);
  return reader.trail.within(quote(name.name), () => {
    const item = readSortIndex(reader);
    const tag = reader.byte();
    if (tag > 1) reader.fail(`expected 0x00 or 0x01, found ${hexByte(tag)}`);
    if (tag === 0) return { kind: "export", name, item, offset };
    return { kind: "export", name, item, type: readExternType(reader), offset };
  });
}
