/** Types that several tables of values share. */
import type { PrimitiveKind, ValueType } from "../../../src/shared/wit/types.ts";

export const p = (kind: PrimitiveKind): ValueType => ({ kind });
export const list = (element: ValueType): ValueType => ({ kind: "list", element });
export const option = (element: ValueType): ValueType => ({ kind: "option", element });
export const tuple = (...elements: ValueType[]): ValueType => ({ kind: "tuple", elements });

export const POINT: ValueType = {
  kind: "record",
  name: "point",
  fields: [
    { name: "x", type: p("s32") },
    { name: "y", type: p("s32") },
    { name: "label", type: option(p("string")) },
  ],
};

export const ALL_OPTIONAL: ValueType = {
  kind: "record",
  name: "all-optional",
  fields: [
    { name: "a", type: option(p("u8")) },
    { name: "b", type: option(p("u8")) },
  ],
};

/** Fields that look like keywords, and like what every JavaScript object inherits. */
export const TRICKY_FIELDS: ValueType = {
  kind: "record",
  name: "tricky",
  fields: [
    { name: "true", type: p("bool") },
    { name: "none", type: option(p("u8")) },
    { name: "ok", type: { kind: "result" } },
    { name: "nan", type: p("f32") },
    { name: "constructor", type: p("u8") },
    { name: "value-of", type: option(p("u8")) },
  ],
};

export const HAND: ValueType = { kind: "enum", name: "hand", labels: ["left", "right", "HTTP3"] };

export const KEYWORD_ENUM: ValueType = {
  kind: "enum",
  name: "keyword-enum",
  labels: ["true", "false", "some", "none", "ok", "err", "inf", "nan", "constructor"],
};

export const RESPONSE: ValueType = {
  kind: "variant",
  name: "response",
  cases: [
    { name: "empty" },
    { name: "body", type: list(p("u8")) },
    { name: "err", type: p("string") },
    { name: "constructor", type: option(p("u8")) },
  ],
};

export const PERMISSIONS: ValueType = {
  kind: "flags",
  name: "permissions",
  labels: ["read", "write", "exec"],
};

export const RESULT_OK: ValueType = { kind: "result", ok: p("u8") };
export const RESULT_ERR: ValueType = { kind: "result", err: p("u8") };
export const RESULT_BOTH: ValueType = { kind: "result", ok: p("u8"), err: p("string") };
export const RESULT_NONE: ValueType = { kind: "result" };

export const HANDLE: ValueType = { kind: "own", resource: { name: "file" } };
