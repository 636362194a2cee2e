/* The native side of the bench: as little work as each signature allows. All three columns call these. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct { uint8_t *ptr; size_t len; } string_t;
typedef struct { uint32_t *ptr; size_t len; } words_t;
typedef struct { string_t *ptr; size_t len; } strings_t;
typedef struct { uint32_t id; double weight; uint64_t stamp; bool valid; } sample_t;

/* How often any function was called: the bench checks that its loops really call. */
static uint64_t calls;
uint64_t bench_call_count(void) { return calls; }

static string_t copy_string(const string_t *text) {
  string_t copy = { malloc(text->len), text->len };
  memcpy(copy.ptr, text->ptr, text->len);
  return copy;
}

/* Resources: as many as there are slots, used again one after the other. */
static int32_t counters[1024];
static int32_t next_counter;
int32_t bench_resources_counters_constructor_counter(int32_t start) {
  calls++;
  int32_t rep = next_counter++ & 1023;
  counters[rep] = start;
  return rep;
}
int32_t bench_resources_counters_method_counter_add(int32_t self, int32_t amount) {
  calls++;
  return counters[self] += amount;
}
void bench_resources_counters_counter_drop_own(int32_t rep) { counters[rep] = 0; }

void bench_calls_host_nothing(void) { calls++; }
int32_t bench_calls_host_add_i32(int32_t a, int32_t b) { calls++; return a + b; }
double bench_calls_host_add_f64(double a, double b) { calls++; return a + b; }
uint64_t bench_calls_host_add_u64(uint64_t a, uint64_t b) { calls++; return a + b; }
void bench_calls_host_take_string(string_t *text) { (void)text; calls++; }
void bench_calls_host_echo_string(string_t *text, string_t *ret) { calls++; *ret = copy_string(text); }
void bench_calls_host_echo_sample(sample_t *value, sample_t *ret) { calls++; *ret = *value; }

/* First and last element: the list was really passed, and its length does not matter. */
uint32_t bench_calls_host_take_words(words_t *words) {
  calls++;
  return words->ptr[0] + words->ptr[words->len - 1];
}

uint32_t bench_calls_host_take_bytes(string_t *bytes) {
  calls++;
  return bytes->ptr[0] + bytes->ptr[bytes->len - 1];
}

void bench_calls_host_echo_strings(strings_t *items, strings_t *ret) {
  calls++;
  ret->len = items->len;
  ret->ptr = malloc(items->len * sizeof(string_t));
  for (size_t i = 0; i < items->len; i++) ret->ptr[i] = copy_string(&items->ptr[i]);
}
