/** Short ways to write WIT types in tables of tests. */
import type { PrimitiveKind, ValueType } from "../../src/shared/wit/types.ts";

export const t = (kind: PrimitiveKind): ValueType => ({ kind });

export const list = (element: ValueType): ValueType => ({ kind: "list", element });

export const fixed = (element: ValueType, length: number): ValueType => ({
  kind: "fixed-list",
  element,
  length,
});

export const option = (element: ValueType): ValueType => ({ kind: "option", element });

export const tuple = (...elements: ValueType[]): ValueType => ({ kind: "tuple", elements });

export const result = (ok?: ValueType, err?: ValueType): ValueType => ({
  kind: "result",
  ...(ok === undefined ? {} : { ok }),
  ...(err === undefined ? {} : { err }),
});

export const record = (fields: Readonly<Record<string, ValueType>>): ValueType => ({
  kind: "record",
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
});

/** `null` for a case without payload. */
export const variant = (cases: Readonly<Record<string, ValueType | null>>): ValueType => ({
  kind: "variant",
  cases: Object.entries(cases).map(([name, type]) => (type === null ? { name } : { name, type })),
});

export const labels = (stem: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${stem}${index}`);

export const enumOf = (count: number): ValueType => ({ kind: "enum", labels: labels("l", count) });

export const flagsOf = (count: number): ValueType => ({ kind: "flags", labels: labels("l", count) });
