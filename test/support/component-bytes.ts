/** Component binaries byte by byte: for what no toolchain would write. */
type Bytes = readonly number[];

export const HEADER: Bytes = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

export function leb(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    out.push(rest === 0 ? low : low + 128);
  } while (rest > 0);
  return out;
}

/** An index where a value type is expected: signed, so that it differs from the opcodes. */
export function typeIndex(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  while (rest >= 64) {
    out.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return [...out, rest];
}

export function name(text: string): number[] {
  const bytes = [...new TextEncoder().encode(text)];
  return [...leb(bytes.length), ...bytes];
}

export function vector(items: readonly Bytes[]): number[] {
  return [...leb(items.length), ...items.flat()];
}

export function section(id: number, body: Bytes): number[] {
  return [id, ...leb(body.length), ...body];
}

/** A section of definitions. */
export function definitions(id: number, ...items: readonly Bytes[]): number[] {
  return section(id, vector(items));
}

export function component(...sections: readonly Bytes[]): Uint8Array {
  return Uint8Array.from([...HEADER, ...sections.flat()]);
}

export const SECTION = {
  custom: 0,
  coreModule: 1,
  coreInstance: 2,
  coreType: 3,
  component: 4,
  instance: 5,
  alias: 6,
  type: 7,
  canon: 8,
  start: 9,
  import: 10,
  export: 11,
  value: 12,
} as const;
