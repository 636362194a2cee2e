import type { NotYet } from "./verdict.ts";

export const NOT_YET: readonly NotYet[] = [];
