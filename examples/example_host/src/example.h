/*
 * The C side of wit/example.wit. `wit-bindgen c` prints these same declarations for a guest that
 * imports the interface; the library defines what they declare.
 */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <stddef.h>
#include <stdint.h>

/* UTF-8, not NUL-terminated. */
typedef struct {
  uint8_t *ptr;
  size_t len;
} example_runtime_string_t;

/* greet: func(name: string) -> string */
void example_interface_runtime_greet(example_runtime_string_t *name, example_runtime_string_t *ret);

#endif
