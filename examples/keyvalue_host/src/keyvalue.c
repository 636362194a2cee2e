/*
 * A key-value store in memory. The state is global and unguarded: the host gives every worker thread
 * its own copy of the library unless host.toml says `threadsafe = true`, which this one does not.
 */
#include "keyvalue.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  keyvalue_string_t key;
  keyvalue_string_t value;
} entry_t;

static entry_t *entries = NULL;
static size_t entry_count = 0;
static size_t entry_capacity = 0;
static uint32_t max_keys = UINT32_MAX;

/* ---- memory ---- */

static void *allocate(size_t size) {
  void *memory = malloc(size);
  if (memory == NULL) abort();
  return memory;
}

/* A copy that lives as long as its owner wants. Arguments are borrowed and results are given away, so
 * everything that stays in the store and everything that leaves it is a copy. */
static keyvalue_string_t copy_string(const keyvalue_string_t *string) {
  keyvalue_string_t copy = {NULL, string->len};
  if (string->len > 0) {
    copy.ptr = allocate(string->len);
    memcpy(copy.ptr, string->ptr, string->len);
  }
  return copy;
}

/* ---- entries ---- */

static bool same_string(const keyvalue_string_t *a, const keyvalue_string_t *b) {
  return a->len == b->len && (a->len == 0 || memcmp(a->ptr, b->ptr, a->len) == 0);
}

static entry_t *find(const keyvalue_string_t *key) {
  for (size_t i = 0; i < entry_count; i++) {
    if (same_string(&entries[i].key, key)) return &entries[i];
  }
  return NULL;
}

static entry_t *append_entry(void) {
  if (entry_count == entry_capacity) {
    size_t capacity = entry_capacity == 0 ? 16 : entry_capacity * 2;
    entry_t *grown = realloc(entries, capacity * sizeof *entries);
    if (grown == NULL) abort();
    entries = grown;
    entry_capacity = capacity;
  }
  return &entries[entry_count++];
}

/* ---- keyvalue:store/store@0.1.0 ---- */

bool keyvalue_store_store_set(keyvalue_string_t *key, keyvalue_string_t *value,
                              keyvalue_store_store_error_t *err) {
  if (find(key) != NULL) {
    err->tag = KEYVALUE_STORE_STORE_ERROR_KEY_EXISTS;
    return false;
  }
  if (entry_count >= max_keys) {
    err->tag = KEYVALUE_STORE_STORE_ERROR_FULL;
    err->val.full = max_keys;
    return false;
  }
  entry_t *entry = append_entry();
  entry->key = copy_string(key);
  entry->value = copy_string(value);
  return true;
}

bool keyvalue_store_store_get(keyvalue_string_t *key, keyvalue_string_t *ret) {
  const entry_t *entry = find(key);
  if (entry == NULL) return false;
  *ret = copy_string(&entry->value);
  return true;
}

bool keyvalue_store_store_delete(keyvalue_string_t *key, keyvalue_store_store_error_t *err) {
  entry_t *entry = find(key);
  if (entry == NULL) {
    err->tag = KEYVALUE_STORE_STORE_ERROR_NO_SUCH_KEY;
    return false;
  }
  free(entry->key.ptr);
  free(entry->value.ptr);
  const size_t after = entry_count - (size_t)(entry - entries) - 1;
  memmove(entry, entry + 1, after * sizeof *entry);
  entry_count--;
  return true;
}

void keyvalue_store_store_list_keys(keyvalue_list_string_t *ret) {
  ret->len = entry_count;
  ret->ptr = entry_count == 0 ? NULL : allocate(entry_count * sizeof *ret->ptr);
  for (size_t i = 0; i < entry_count; i++) ret->ptr[i] = copy_string(&entries[i].key);
}

bool keyvalue_store_store_exists(keyvalue_string_t *key) { return find(key) != NULL; }

void keyvalue_store_store_clear(void) {
  for (size_t i = 0; i < entry_count; i++) {
    free(entries[i].key.ptr);
    free(entries[i].value.ptr);
  }
  entry_count = 0;
}

/* ---- lifecycle ---- */

static bool refuse(const char *reason, char **error) {
  *error = allocate(strlen(reason) + 1);
  strcpy(*error, reason);
  return false;
}

/*
 * Reads `max_keys` out of the configuration. A library with more to configure would use a JSON parser;
 * the host hands over one flat object that it printed itself, so looking for the name will do here.
 */
bool hostbundle_init(const char *config_json, char **error) {
  const char *found = strstr(config_json, "\"max_keys\":");
  if (found == NULL) return true;

  const char *digits = found + strlen("\"max_keys\":");
  char *end = NULL;
  const unsigned long limit = strtoul(digits, &end, 10);
  if (end == digits || *digits == '-' || (*end != ',' && *end != '}') || limit == 0 || limit > UINT32_MAX) {
    return refuse("max_keys must be a whole number from 1 to 4294967295", error);
  }
  max_keys = (uint32_t)limit;
  return true;
}

void hostbundle_deinit(void) {
  keyvalue_store_store_clear();
  free(entries);
  entries = NULL;
  entry_capacity = 0;
}
