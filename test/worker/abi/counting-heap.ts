/** C for libraries whose allocations are counted: `t_alloc`, `t_free` (name it as `free`), and `live()` and `freed()`. */
import type { NativeLibrary } from "../../../src/worker/native/types.ts";
import { func, Guest } from "./guest.ts";

export const COUNTING_HEAP = `
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
static int32_t t_live, t_freed, t_calls;
void *t_alloc(size_t bytes) { t_live++; return malloc(bytes); }
void t_free(void *block) { t_live--; t_freed++; free(block); }
int32_t live(void) { return t_live; }
int32_t freed(void) { int32_t n = t_freed; t_freed = 0; return n; }
int32_t calls(void) { return t_calls; }
typedef struct { uint8_t *ptr; size_t len; } string;
static inline string t_string(const void *bytes, size_t len) {
  string s = { len ? t_alloc(len) : NULL, len };
  if (len) memcpy(s.ptr, bytes, len);
  return s;
}
`;

/** Allocations of the library that nobody released. */
export function liveBlocks(library: NativeLibrary): unknown {
  return new Guest().bind(library, "live", func([], { kind: "s32" }))();
}

/** Allocations released since this was last asked. */
export function freedBlocks(library: NativeLibrary): unknown {
  return new Guest().bind(library, "freed", func([], { kind: "s32" }))();
}

/** How often the library was called, where its functions count. */
export function callCount(library: NativeLibrary): unknown {
  return new Guest().bind(library, "calls", func([], { kind: "s32" }))();
}
