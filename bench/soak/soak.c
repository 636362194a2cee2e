/*
 * The native side of the soak test: strings and lists both ways, in both symbol conventions, with every
 * allocation counted.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct { uint8_t *ptr; size_t len; } string_t;
typedef struct { uint8_t *ptr; size_t len; } bytes_t;
typedef struct { string_t *ptr; size_t len; } strings_t;
typedef struct { string_t name; bytes_t data; strings_t tags; } item_t;

static uint64_t calls, allocated, released, argument_blocks;
uint64_t soak_calls(void) { return calls; }
uint64_t soak_allocated(void) { return allocated; }
uint64_t soak_released(void) { return released; }
uint64_t soak_argument_blocks(void) { return argument_blocks; }

void soak_free(void *ptr) {
  released++;
  free(ptr);
}

static void *copy_block(const void *from, size_t size) {
  if (size == 0) return NULL;
  void *to = malloc(size);
  if (!to) abort();
  memcpy(to, from, size);
  allocated++;
  return to;
}

static string_t copy_string(const string_t *from) {
  return (string_t){copy_block(from->ptr, from->len), from->len};
}

bool bench_soak_borrowing_exchange(item_t *item, uint32_t turn, item_t *ret, string_t *err) {
  calls++;
  if (turn % 8 == 0) {
    *err = copy_string(&item->name);
    return false;
  }
  ret->name = copy_string(&item->name);
  ret->data = (bytes_t){copy_block(item->data.ptr, item->data.len), item->data.len};
  ret->tags = (strings_t){copy_block(item->tags.ptr, item->tags.len * sizeof(string_t)), item->tags.len};
  for (size_t i = 0; i < item->tags.len; i++) ret->tags.ptr[i] = copy_string(&item->tags.ptr[i]);
  return true;
}

static void free_argument(void *ptr, size_t len) {
  if (len == 0) return;
  argument_blocks++;
  free(ptr);
}

/* The export side of wit-bindgen: the arguments are ours to free. */
bool exports_bench_soak_owning_exchange(item_t *item, uint32_t turn, item_t *ret, string_t *err) {
  bool is_ok = bench_soak_borrowing_exchange(item, turn, ret, err);
  for (size_t i = 0; i < item->tags.len; i++) free_argument(item->tags.ptr[i].ptr, item->tags.ptr[i].len);
  free_argument(item->tags.ptr, item->tags.len);
  free_argument(item->data.ptr, item->data.len);
  free_argument(item->name.ptr, item->name.len);
  return is_ok;
}
