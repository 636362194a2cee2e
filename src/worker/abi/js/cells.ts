/** Generated code for values that are one core value (scalars, handles): how a raw one is lifted, and a value lowered. */
import type { ValueType } from "../../../shared/wit/types.ts";
import type { ScalarType } from "../c-signature.ts";
import { identifier, js, type Scope, type Source } from "../codegen.ts";
import { below, scalarValue } from "../scalars.ts";
import { flagsMask } from "../shape.ts";
import { boolOf, type Check, CHECKS, charCode, charOf, labelIndex } from "./checks.ts";
import type { Conversion } from "./conversion.ts";
import { compileFlags } from "./flags.ts";
import { liftBorrow, liftOwn, lowerBorrow, lowerOwn } from "./handles.ts";

/** What the emitters of one function share. */
export interface Emitter {
  readonly scope: Scope;
  readonly conversion: Conversion;
  /** The variable that holds the `Guest` whose values these are. */
  readonly guest: Source;
}

/** A core or memory value as a JavaScript value: `load` and `lift_flat` of one cell. */
export function liftCell(type: ScalarType, raw: Source, emitter: Emitter): Source {
  const { scope, conversion, guest } = emitter;
  const isWire = conversion.style === "wire";
  switch (type.kind) {
    case "bool":
      return js`(${raw} !== 0)`;
    case "u8":
      return js`(${raw} & 255)`;
    case "s8":
      return js`(${raw} << 24 >> 24)`;
    case "u16":
      return js`(${raw} & 65535)`;
    case "s16":
      return js`(${raw} << 16 >> 16)`;
    case "u32":
      return js`(${raw} >>> 0)`;
    case "u64":
      return isWire ? raw : js`BigInt.asUintN(64, ${raw})`;
    case "char":
      return js`${scope.use(isWire ? scalarValue : charOf, identifier("char"))}(${raw} >>> 0)`;
    case "enum": {
      const index = js`${scope.use(below, identifier("below"))}(${raw} >>> 0, ${type.labels.length})`;
      return isWire ? index : js`${scope.use(type.labels, identifier("labels"))}[${index}]`;
    }
    case "flags": {
      const bits = js`(${raw} & ${flagsMask(type.labels.length)})`;
      return isWire
        ? bits
        : js`${scope.use(compileFlags(type, conversion).lift, identifier("flags"))}(${bits})`;
    }
    case "own":
    case "borrow": {
      const lift = scope.use(type.kind === "own" ? liftOwn : liftBorrow, identifier("lift", type.kind));
      return js`${lift}(${guest}, ${raw} >>> 0, ${conversion.resourceIndex(type.resource)})`;
    }
    default:
      return raw;
  }
}

/** A JavaScript value as a core or memory value: `store` and `lower_flat` of one cell. */
export function lowerCell(type: ScalarType, value: Source, emitter: Emitter): Source {
  const { scope, conversion, guest } = emitter;
  if (type.kind === "own" || type.kind === "borrow") {
    const lower = scope.use(type.kind === "own" ? lowerOwn : lowerBorrow, identifier("lower", type.kind));
    return js`${lower}(${guest}, ${value}, ${conversion.resourceIndex(type.resource)})`;
  }
  if (conversion.style === "wire") return type.kind === "bool" ? js`(${value} ? 1 : 0)` : value;
  switch (type.kind) {
    case "bool":
      return js`${scope.use(boolOf, identifier("bool"))}(${value})`;
    case "char":
      return js`${scope.use(charCode, identifier("char"))}(${value})`;
    case "enum":
      return js`${scope.use(labelIndex(type.labels), identifier("indexOf"))}(${value})`;
    case "flags":
      return js`${scope.use(compileFlags(type, conversion).lower, identifier("bits"))}(${value})`;
    default: {
      const check: Check = CHECKS[type.kind];
      return js`${scope.use(check, identifier(type.kind))}(${value})`;
    }
  }
}

/** Whether lifting or lowering a cell of that type may throw: where it may, messages need to know the place. */
export function mayRefuse(type: ValueType): boolean {
  switch (type.kind) {
    case "char":
    case "enum":
    case "own":
    case "borrow":
      return true;
    default:
      return false;
  }
}
