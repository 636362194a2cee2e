import { readSort } from "./decode-names.ts";
import type { BinaryReader } from "./reader.ts";
import { hexByte } from "./reader.ts";
import type { AliasTarget, Sort } from "./sections.ts";

/** `alias`, Binary.md "Alias Definitions". */
export function readAlias(reader: BinaryReader): { sort: Sort; target: AliasTarget } {
  const sort = readSort(reader);
  const offset = reader.offset;
  const kind = reader.byte();
  switch (kind) {
    case 0x00:
      return { sort, target: { kind: "export", instance: reader.u32(), name: reader.name() } };
    case 0x01:
      return { sort, target: { kind: "core-export", instance: reader.u32(), name: reader.name() } };
    case 0x02:
      return { sort, target: { kind: "outer", count: reader.u32(), index: reader.u32() } };
    default:
      return reader.fail(`unknown kind of alias ${hexByte(kind)}`, offset);
  }
}
