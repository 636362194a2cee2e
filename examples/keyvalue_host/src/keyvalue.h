/*
 * The C side of wit/store.wit, as `wit-bindgen c` declares it for a guest that imports the interface.
 */
#ifndef KEYVALUE_H
#define KEYVALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint8_t *ptr;
  size_t len;
} keyvalue_string_t;

typedef struct {
  keyvalue_string_t *ptr;
  size_t len;
} keyvalue_list_string_t;

#define KEYVALUE_STORE_STORE_ERROR_KEY_EXISTS 0
#define KEYVALUE_STORE_STORE_ERROR_NO_SUCH_KEY 1
#define KEYVALUE_STORE_STORE_ERROR_FULL 2

typedef struct {
  uint8_t tag;
  union {
    uint32_t full;
  } val;
} keyvalue_store_store_error_t;

/* A `result` is true for ok; an `option` is true for some. */
bool keyvalue_store_store_set(keyvalue_string_t *key, keyvalue_string_t *value,
                              keyvalue_store_store_error_t *err);
bool keyvalue_store_store_get(keyvalue_string_t *key, keyvalue_string_t *ret);
bool keyvalue_store_store_delete(keyvalue_string_t *key, keyvalue_store_store_error_t *err);
void keyvalue_store_store_list_keys(keyvalue_list_string_t *ret);
bool keyvalue_store_store_exists(keyvalue_string_t *key);
void keyvalue_store_store_clear(void);

/* Optional, the same for every host bundle. */
bool hostbundle_init(const char *config_json, char **error);
void hostbundle_deinit(void);

#endif
