import type { Failure, Success } from "./types.ts";

export function ok(): Success<undefined>;
export function ok<Ok>(val: Ok): Success<Ok>;
export function ok(val?: unknown): Success<unknown> {
  return { tag: "ok", val };
}

export function err<Err>(val: Err): Failure<Err> {
  return { tag: "err", val };
}
