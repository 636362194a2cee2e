import type { BinaryReader } from "./reader.ts";
import { hexByte } from "./reader.ts";
import type { CoreSort, ExternName, Sort, SortIndex } from "./sections.ts";
import { quote } from "./trail.ts";

/** `label`, Explainer.md "Import and Export Definitions": words or acronyms joined by hyphens. */
const LABEL = /^(?:[a-z][0-9a-z]*|[A-Z][0-9A-Z]*)(?:-(?:[0-9a-z]+|[0-9A-Z]+))*$/;

export function isLabel(text: string): boolean {
  return LABEL.test(text);
}

/** A label of a record, variant, enum, flags or parameter list. */
export function readLabel(reader: BinaryReader): string {
  const offset = reader.offset;
  const label = reader.name();
  if (!isLabel(label)) reader.fail(`${quote(label)} is not a label`, offset);
  return label;
}

/** Labels differ also after lower-casing (Explainer.md, "Name Uniqueness"). */
export function checkUnique(reader: BinaryReader, labels: readonly string[], offset: number): void {
  const seen = new Set<string>();
  for (const label of labels) {
    const key = label.toLowerCase();
    if (seen.has(key)) reader.fail(`the label ${quote(label)} occurs twice`, offset);
    seen.add(key);
  }
}

/** `nameattributes`, Binary.md "Import and Export Definitions". */
export function readExternName(reader: BinaryReader): ExternName {
  const offset = reader.offset;
  const tag = reader.byte();
  if (tag > 2) reader.fail(`unknown kind of extern name ${hexByte(tag)}`, offset);
  const name = reader.name();
  if (name === "") reader.fail("an extern name is empty", offset);
  if (tag !== 2) return { name };
  let implemented: string | undefined;
  reader.vector("attribute", () => {
    const attributeOffset = reader.offset;
    const kind = reader.byte();
    if (kind > 2) reader.fail(`unknown attribute ${hexByte(kind)} of an extern name`, attributeOffset);
    const value = reader.name();
    if (kind === 0) implemented = value;
  });
  return implemented === undefined ? { name } : { name, implements: implemented };
}

const CORE_SORTS: Readonly<Record<number, CoreSort>> = {
  0x00: "func",
  0x01: "table",
  0x02: "memory",
  0x03: "global",
  0x04: "tag",
  0x10: "type",
  0x11: "module",
  0x12: "instance",
};

const SORTS: Readonly<Record<number, Sort>> = {
  0x01: "func",
  0x02: "value",
  0x03: "type",
  0x04: "component",
  0x05: "instance",
};

export function readCoreSort(reader: BinaryReader): `core-${CoreSort}` {
  const offset = reader.offset;
  const byte = reader.byte();
  const sort = CORE_SORTS[byte];
  if (sort === undefined) reader.fail(`unknown core sort ${hexByte(byte)}`, offset);
  return `core-${sort}`;
}

export function readSort(reader: BinaryReader): Sort {
  if (reader.peek() === 0x00) {
    reader.byte();
    return readCoreSort(reader);
  }
  const offset = reader.offset;
  const byte = reader.byte();
  const sort = SORTS[byte];
  if (sort === undefined) reader.fail(`unknown sort ${hexByte(byte)}`, offset);
  return sort;
}

export function readSortIndex(reader: BinaryReader): SortIndex {
  return { sort: readSort(reader), index: reader.u32() };
}
