import { readExternName, readSortIndex } from "./decode-names.ts";
import type { BinaryReader } from "./reader.ts";
import { hexByte } from "./reader.ts";
import type { InstanceExpression } from "./sections.ts";

/** `instance`, Binary.md "Instance Definitions". */
export function readInstance(reader: BinaryReader): InstanceExpression {
  const offset = reader.offset;
  const kind = reader.byte();
  if (kind === 0x00) {
    const component = reader.u32();
    const args = reader.vector("argument", () => ({ name: reader.name(), ...readSortIndex(reader) }));
    return { kind: "instantiate", component, args };
  }
  if (kind === 0x01) {
    const exports = reader.vector("export", () => ({
      name: readExternName(reader).name,
      ...readSortIndex(reader),
    }));
    return { kind: "exports", exports };
  }
  return reader.fail(`unknown instance expression ${hexByte(kind)}`, offset);
}
