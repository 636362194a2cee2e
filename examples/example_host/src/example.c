#include "example.h"

#include <stdlib.h>
#include <string.h>

/*
 * `name` is borrowed: it may point straight into the memory of the guest, so it is neither kept nor
 * freed nor written. What `ret` points to comes from malloc and belongs to the host afterwards.
 */
void example_interface_runtime_greet(example_runtime_string_t *name, example_runtime_string_t *ret) {
  static const char before[] = "Hello, ";
  static const char after[] = "!";
  const size_t before_len = sizeof before - 1;
  const size_t after_len = sizeof after - 1;

  ret->len = before_len + name->len + after_len;
  ret->ptr = malloc(ret->len);
  if (ret->ptr == NULL) abort();

  memcpy(ret->ptr, before, before_len);
  if (name->len > 0) memcpy(ret->ptr + before_len, name->ptr, name->len);
  memcpy(ret->ptr + before_len + name->len, after, after_len);
}
