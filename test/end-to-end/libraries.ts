/** Host bundles for the end-to-end tests: C sources, and folders written around them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compileLibrary } from "../support/native.ts";

export const RUNTIME_WIT = `package example:%interface@1.0.0;
interface runtime { greet: func(name: string) -> string; }
`;

const STRING = `
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
typedef struct { uint8_t *ptr; size_t len; } string_t;
`;

/** Gives "Hello, <name>!"; symbols with the prefix exports_ own their arguments. */
export function greetSource(prefix = ""): string {
  return `${STRING}
void ${prefix}example_interface_runtime_greet(string_t *name, string_t *ret) {
  ret->len = name->len + 8;
  ret->ptr = malloc(ret->len);
  memcpy(ret->ptr, "Hello, ", 7);
  memcpy(ret->ptr + 7, name->ptr, name->len);
  ret->ptr[ret->len - 1] = '!';
  ${prefix === "" ? "" : "free(name->ptr);"}
}
`;
}

/** Answers with bytes that are no UTF-8. */
export const BAD_UTF8_SOURCE = `${STRING}
void example_interface_runtime_greet(string_t *name, string_t *ret) {
  (void)name;
  ret->len = 2;
  ret->ptr = malloc(2);
  ret->ptr[0] = 'a';
  ret->ptr[1] = 0xff;
}
`;

/** Refuses to start. */
export const FAILING_INIT_SOURCE = `${greetSource()}
#include <stdbool.h>
bool hostbundle_init(const char *config, char **error) {
  (void)config;
  *error = strdup("no licence found");
  return false;
}
`;

export const COUNT_WIT = `package acme:count@1.0.0;
interface native { increment: func() -> u32; }
`;

/**
 * A counter in a global. A call returns when two threads have come into the library (each leaves a file in the
 * folder), so that both are known to run at once; 0 where the other stays away for ten seconds.
 */
export function meetingSource(meetingFolder: string): string {
  return `#define _GNU_SOURCE
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
static const char folder[] = ${JSON.stringify(meetingFolder)};
static atomic_uint_least32_t count = 0;
static int present(void) {
  int files = 0;
  DIR *dir = opendir(folder);
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) files += entry->d_name[0] != '.';
  closedir(dir);
  return files;
}
uint32_t acme_count_native_increment(void) {
  uint32_t mine = atomic_fetch_add(&count, 1) + 1;
  char path[4096];
  snprintf(path, sizeof path, "%s/%lx", folder, (unsigned long)pthread_self());
  fclose(fopen(path, "w"));
  for (int waited_ms = 0; waited_ms < 10000; waited_ms += 5) {
    if (present() >= 2) return mine;
    usleep(5000);
  }
  return 0;
}
`;
}

export const ASK_WIT = `package acme:ask@1.0.0;
interface native { answer: func() -> string; }
`;

/** Answers with the configuration it was given. */
export const CONFIG_SOURCE = `${STRING}
#include <stdbool.h>
static char *config = NULL;
bool hostbundle_init(const char *config_json, char **error) {
  (void)error;
  config = strdup(config_json);
  return true;
}
void acme_ask_native_answer(string_t *ret) {
  ret->len = strlen(config);
  ret->ptr = malloc(ret->len);
  memcpy(ret->ptr, config, ret->len);
}
void hostbundle_deinit(void) { free(config); config = NULL; }
`;

/**
 * Hands out memory that libc's free would crash on, sixteen bytes into a block, and answers how many blocks
 * of its own were released since it was loaded.
 */
export const OWN_ALLOCATOR_SOURCE = `${STRING}
#include <stdio.h>
static int released = 0;
void my_release(void *memory) { released++; free((char *)memory - 16); }
void acme_ask_native_answer(string_t *ret) {
  char *block = malloc(64);
  ret->ptr = (uint8_t *)block + 16;
  ret->len = (size_t)snprintf(block + 16, 48, "released %d", released);
}
`;

export interface BundleSource {
  readonly name: string;
  readonly wit: string;
  readonly c: string;
  /** Further lines of host.toml: keys of `[host]` first, tables after. */
  readonly toml?: string;
}

/** Writes and builds a host bundle in `folder`; gives its path. Needs a C compiler. */
export function writeBundle(folder: string, source: BundleSource): string {
  const bundle = join(folder, source.name);
  mkdirSync(bundle, { recursive: true });
  compileLibrary(bundle, source.name, source.c);
  writeFileSync(join(bundle, "host.wit"), source.wit);
  writeFileSync(
    join(bundle, "host.toml"),
    `[host]\nname = "${source.name}"\nlib = "lib${source.name}.so"\nwit = "host.wit"\n${source.toml ?? ""}\n`,
  );
  return bundle;
}
