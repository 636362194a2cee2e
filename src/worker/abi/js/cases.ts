/** How a case of a variant, option or result looks in each style: the rest of the rules are for indices and payloads. */
import { payloadCases, type PayloadCases } from "../../../shared/canonical-abi/layout.ts";
import type { OptionType, ResultType, VariantType } from "../../../shared/wit/types.ts";
import { objectOf } from "./checks.ts";
import { type Conversion, type Memo, memoised, type Style } from "./conversion.ts";
import { misfit } from "./misfit.ts";

export type CasesType = VariantType | OptionType | ResultType;

export interface Cases {
  readonly payloads: PayloadCases;
  /** The value of a case; the payload is `undefined` where the case has none. */
  wrap(index: number, payload: unknown): unknown;
  /** Which case a value is (`match_case`). */
  indexOf(value: unknown): number;
  /** The payload of a value of that case. */
  payloadOf(value: unknown, index: number): unknown;
}

/** Anything that has properties: jco's and our own form of a case. */
interface Tagged {
  readonly tag?: unknown;
  readonly val?: unknown;
}

const memo: Memo<Cases> = new WeakMap();

export function casesOf(type: CasesType, conversion: Conversion): Cases {
  return memoised(memo, type, conversion, (cases, { style }) => {
    const payloads = payloadCases(cases) ?? [];
    return { payloads, ...build(cases, payloads, style) };
  });
}

type Form = Omit<Cases, "payloads">;

function build(type: CasesType, payloads: PayloadCases, style: Style): Form {
  switch (type.kind) {
    case "option":
      return buildOption(type, style);
    case "result":
      return style === "value" ? keyed(["ok", "err"], payloads, "null") : tagged(["ok", "err"], style);
    case "variant": {
      const labels = type.cases.map((each) => each.name);
      return style === "value" ? keyed(labels, payloads, "label") : tagged(labels, style);
    }
  }
}

function buildOption(type: OptionType, style: Style): Form {
  if (style === "value") return type.element.kind === "option" ? wrappedOption : bareOption(null);
  return isBare(type) ? bareOption(undefined) : tagged(["none", "some"], style);
}

/** jco gives an option as the payload or `undefined`, unless the payload is itself an option that it gives so. */
function isBare(type: OptionType): boolean {
  return type.element.kind !== "option" || !isBare(type.element);
}

function bareOption(none: null | undefined): Form {
  return {
    wrap: (index, payload) => (index === 0 ? none : payload),
    indexOf: (value) => (value === undefined || value === null ? 0 : 1),
    payloadOf: (value) => value,
  };
}

const wrappedOption: Form = {
  wrap: (index, payload) => (index === 0 ? null : entry("some", payload)),
  indexOf: (value) => (value === null ? 0 : 1),
  payloadOf: (value) => property(value, "some"),
};

/** A case on its way from guest to guest. */
class WireCase {
  readonly tag: number;
  readonly val: unknown;

  constructor(tag: number, val: unknown) {
    this.tag = tag;
    this.val = val;
  }
}

const wireCases: Form = {
  wrap: (index, payload) => new WireCase(index, payload),
  indexOf: (value) => wireCase(value).tag,
  payloadOf: (value) => wireCase(value).val,
};

function wireCase(value: unknown): WireCase {
  return value instanceof WireCase ? value : misfit("a case", value);
}

/** `{ tag, val }` */
function tagged(labels: readonly string[], style: Style): Form {
  if (style === "wire") return wireCases;
  const positions = new Map<unknown, number>(labels.map((label, index) => [label, index]));
  return {
    wrap: (index, val) => ({ tag: labels[index], val }),
    indexOf(value) {
      const { tag }: Tagged = objectOf(value);
      return positions.get(tag) ?? misfit("the tag of one of its cases", tag);
    },
    payloadOf(value) {
      const { val }: Tagged = objectOf(value);
      return val;
    },
  };
}

/** `{ [label]: payload }`; a case without payload is its label, or has the payload `null`. */
function keyed(labels: readonly string[], payloads: PayloadCases, empty: "label" | "null"): Form {
  const positions = new Map<unknown, number>(labels.map((label, index) => [label, index]));
  return {
    wrap(index, payload) {
      const label = labels[index] ?? "";
      if (payloads[index] !== undefined) return entry(label, payload);
      return empty === "label" ? label : entry(label, null);
    },
    indexOf(value) {
      const isBare = empty === "label" && typeof value === "string";
      const label = isBare ? value : Object.keys(objectOf(value))[0];
      const index = positions.get(label);
      if (index === undefined || (empty === "label" && isBare === (payloads[index] !== undefined)))
        return misfit("one of its cases", label);
      return index;
    },
    payloadOf: (value, index) => property(value, labels[index] ?? ""),
  };
}

function entry(label: string, payload: unknown): unknown {
  const out: Record<string, unknown> = Object.create(null);
  out[label] = payload;
  return out;
}

function property(value: unknown, key: string): unknown {
  return Reflect.get(objectOf(value), key);
}
