/**
 * A census of a library's reps. Every C library of these tests keeps it in a file that it maps into memory, so that
 * the test reads it whatever became of the run, its thread or its process.
 */
import { closeSync, existsSync, openSync, readSync } from "node:fs";

/** What a library counted. */
export interface Census {
  /** Reps given out. */
  readonly made: number;
  /** Reps that the host ended, through `…_drop_own`. */
  readonly dropped: number;
  /** Reps that the library ended itself, after they were moved to it as arguments. */
  readonly consumed: number;
  /** Uses and ends of what was never made, had ended, or is of another resource. */
  readonly violations: number;
  /** Calls of functions that are marked with `CALL`. */
  readonly calls: number;
}

const FIELDS = 5;
const MAX_ENTRIES = 2 ** 17;

/** All zero where no library has been opened yet. */
export function readCensus(path: string): Census {
  const bytes = Buffer.alloc(FIELDS * 4);
  if (existsSync(path)) {
    const file = openSync(path, "r");
    readSync(file, bytes);
    closeSync(file);
  }
  const [made = 0, dropped = 0, consumed = 0, violations = 0, calls = 0] = Array.from(
    { length: FIELDS },
    (_, index) => bytes.readUInt32LE(index * 4),
  );
  return { made, dropped, consumed, violations, calls };
}

/** What happened between two readings. */
export function censusSince(before: Census, after: Census): Census {
  return {
    made: after.made - before.made,
    dropped: after.dropped - before.dropped,
    consumed: after.consumed - before.consumed,
    violations: after.violations - before.violations,
    calls: after.calls - before.calls,
  };
}

/** C that comes before a library's own functions. Resources are numbered from 1 by the library. */
export function censusSource(path: string): string {
  return `#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#define MAX_ENTRIES ${MAX_ENTRIES}
typedef struct { uint8_t *ptr; size_t len; } string_t;
typedef struct { uint32_t index, resource; bool alive; uint32_t value; double real; char text[96]; } rep_entry;
static struct {
  uint32_t made, dropped, consumed, violations, calls, next;
  rep_entry entries[MAX_ENTRIES];
} *census;
#define CALL (census->calls++)

__attribute__((constructor)) static void census_open(void) {
  int file = open(${JSON.stringify(path)}, O_RDWR | O_CREAT, 0600);
  if (file < 0 || ftruncate(file, sizeof *census) != 0) abort();
  census = mmap(NULL, sizeof *census, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (census == MAP_FAILED) abort();
  close(file);
}

/* Reps are no indices and no pointers: 0, negative numbers and all the rest, by a step that has an inverse. */
#define STEP 0x9e3779b1u
static int32_t rep_make(uint32_t resource, uint32_t value) {
  rep_entry *entry = NULL;
  uint32_t index = 0;
  for (int tries = 0; entry == NULL || entry->alive; tries++) {
    if (tries == MAX_ENTRIES) abort();
    index = census->next++;
    entry = &census->entries[index % MAX_ENTRIES];
  }
  census->made++;
  entry->index = index;
  entry->resource = resource;
  entry->alive = true;
  entry->value = value;
  return (int32_t)(index * STEP);
}
static rep_entry *rep_find(uint32_t resource, int32_t rep) {
  static rep_entry nothing;
  uint32_t inverse = 1;
  for (int i = 0; i < 5; i++) inverse *= 2 - STEP * inverse;
  uint32_t index = (uint32_t)rep * inverse;
  rep_entry *entry = &census->entries[index % MAX_ENTRIES];
  if (entry->index == index && entry->alive && entry->resource == resource) return entry;
  census->violations++;
  return &nothing;
}
static inline uint32_t rep_value(uint32_t resource, int32_t rep) { return rep_find(resource, rep)->value; }
/* Moved to the library, which is done with it. */
static inline uint32_t rep_consume(uint32_t resource, int32_t rep) {
  rep_entry *entry = rep_find(resource, rep);
  entry->alive = false;
  census->consumed++;
  return entry->value;
}
static inline void rep_drop(uint32_t resource, int32_t rep) {
  rep_find(resource, rep)->alive = false;
  census->dropped++;
}
static inline int32_t rep_make_text(uint32_t resource, const uint8_t *text, size_t len, const char *more) {
  int32_t rep = rep_make(resource, 0);
  rep_entry *entry = rep_find(resource, rep);
  snprintf(entry->text, sizeof entry->text, "%.*s%s", (int)len, (const char *)text, more);
  return rep;
}
static inline void give_text(string_t *ret, const char *text, const char *more) {
  ret->len = strlen(text) + strlen(more);
  ret->ptr = malloc(ret->len + 1);
  strcpy((char *)ret->ptr, text);
  strcat((char *)ret->ptr, more);
}
`;
}
