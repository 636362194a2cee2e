/*
 * wasmtime through its C API, by the library inside its Python package. `wasmtime_peer.py` sets everything up; the loops and
 * the host functions are here, so that no figure contains Python. The package brings no headers: what is declared is
 * the part of wasmtime/component/*.h that is used, and `bench_val_size` lets the script notice another layout.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <time.h>

#include "../calls.c"

typedef struct { size_t size; char *data; } bytes_vec;
typedef struct val val;
typedef struct entry entry;
typedef struct { size_t size; val *data; } val_list;
typedef struct { size_t size; entry *data; } val_record;
struct val {
  uint8_t kind;
  union {
    bool boolean;
    int32_t s32;
    uint32_t u32;
    uint64_t u64;
    uint8_t u8;
    double f64;
    bytes_vec string;
    val_list list;
    val_record record;
    struct { bytes_vec label; val *val; } variant;
  } of;
};
struct entry { bytes_vec name; val val; };
enum { BOOL = 0, U8 = 2, S32 = 5, U32 = 6, U64 = 8, F64 = 10, STRING = 12, LIST = 13, RECORD = 14 };

typedef struct error error;
typedef struct context context;
/* Opaque, and at least as large as theirs. */
typedef struct { uint64_t words[8]; } func;
typedef struct { uint64_t words[8]; } instance;

extern void wasm_byte_vec_new(bytes_vec *out, size_t size, const char *data);
extern void wasmtime_component_vallist_new_uninit(val_list *out, size_t size);
extern void wasmtime_component_valrecord_new_uninit(val_record *out, size_t size);
extern void wasmtime_component_val_delete(val *value);
extern error *wasmtime_component_func_call(const func *, context *, const val *, size_t, val *, size_t);
extern error *wasmtime_component_linker_instantiate(const void *linker, context *, const void *component, instance *out);
extern bool wasmtime_component_instance_get_func(const instance *, context *, const void *export_index, func *out);
extern error *wasmtime_component_linker_instance_add_func(void *linker, const char *name, size_t length,
  error *(*callback)(void *, context *, const void *, val *, size_t, val *, size_t), void *data, void (*finalizer)(void *));
extern void *wasmtime_store_new(void *engine, void *data, void (*finalizer)(void *));
extern context *wasmtime_store_context(void *store);
extern void wasmtime_store_delete(void *store);
extern void wasmtime_error_message(const error *, bytes_vec *out);
extern void *wasi_config_new(void);
extern void wasi_config_set_stdout_custom(void *, ptrdiff_t (*)(void *, const unsigned char *, size_t), void *, void (*)(void *));
extern error *wasmtime_context_set_wasi(context *, void *wasi_config);

size_t bench_val_size(void) { return sizeof(val); }

static void must(error *failed) {
  if (!failed) return;
  bytes_vec message;
  wasmtime_error_message(failed, &message);
  fprintf(stderr, "wasmtime: %.*s\n", (int)message.size, message.data);
  exit(1);
}

static uint64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Lowered imports: dynamic values in, the C library's function, dynamic values out. */
#define HOST(name) static error *name(void *data, context *store, const void *type, val *args, size_t nargs, val *results, size_t nresults)
#define UNUSED (void)data, (void)store, (void)type, (void)args, (void)nargs, (void)results, (void)nresults

static string_t string_of(const val *value) {
  return (string_t){ (uint8_t *)value->of.string.data, value->of.string.size };
}

/* What the library allocated goes to wasmtime as a copy, and is released. */
static void put_string(val *into, string_t text) {
  into->kind = STRING;
  wasm_byte_vec_new(&into->of.string, text.len, (const char *)text.ptr);
  free(text.ptr);
}

HOST(host_nothing) { UNUSED; bench_calls_host_nothing(); return NULL; }
HOST(host_add_i32) { UNUSED; results->kind = S32; results->of.s32 = bench_calls_host_add_i32(args[0].of.s32, args[1].of.s32); return NULL; }
HOST(host_add_f64) { UNUSED; results->kind = F64; results->of.f64 = bench_calls_host_add_f64(args[0].of.f64, args[1].of.f64); return NULL; }
HOST(host_add_u64) { UNUSED; results->kind = U64; results->of.u64 = bench_calls_host_add_u64(args[0].of.u64, args[1].of.u64); return NULL; }

HOST(host_take_string) {
  UNUSED;
  string_t text = string_of(args);
  bench_calls_host_take_string(&text);
  return NULL;
}

HOST(host_echo_string) {
  UNUSED;
  string_t text = string_of(args), echoed;
  bench_calls_host_echo_string(&text, &echoed);
  put_string(results, echoed);
  return NULL;
}

static void put_field(entry *field, const char *name, uint8_t kind) {
  wasm_byte_vec_new(&field->name, strlen(name), name);
  field->val.kind = kind;
}

HOST(host_echo_sample) {
  UNUSED;
  entry *fields = args->of.record.data;
  sample_t sample = { fields[0].val.of.u32, fields[1].val.of.f64, fields[2].val.of.u64, fields[3].val.of.boolean }, echoed;
  bench_calls_host_echo_sample(&sample, &echoed);
  results->kind = RECORD;
  wasmtime_component_valrecord_new_uninit(&results->of.record, 4);
  fields = results->of.record.data;
  put_field(&fields[0], "id", U32);
  fields[0].val.of.u32 = echoed.id;
  put_field(&fields[1], "weight", F64);
  fields[1].val.of.f64 = echoed.weight;
  put_field(&fields[2], "stamp", U64);
  fields[2].val.of.u64 = echoed.stamp;
  put_field(&fields[3], "valid", BOOL);
  fields[3].val.of.boolean = echoed.valid;
  return NULL;
}

HOST(host_take_words) {
  UNUSED;
  size_t length = args->of.list.size;
  uint32_t *words = malloc(length * sizeof(uint32_t));
  for (size_t i = 0; i < length; i++) words[i] = args->of.list.data[i].of.u32;
  words_t list = { words, length };
  results->kind = U32;
  results->of.u32 = bench_calls_host_take_words(&list);
  free(words);
  return NULL;
}

HOST(host_take_bytes) {
  UNUSED;
  size_t length = args->of.list.size;
  uint8_t *bytes = malloc(length);
  for (size_t i = 0; i < length; i++) bytes[i] = args->of.list.data[i].of.u8;
  string_t list = { bytes, length };
  results->kind = U32;
  results->of.u32 = bench_calls_host_take_bytes(&list);
  free(bytes);
  return NULL;
}

HOST(host_echo_strings) {
  UNUSED;
  size_t length = args->of.list.size;
  string_t *items = malloc(length * sizeof(string_t));
  for (size_t i = 0; i < length; i++) items[i] = string_of(&args->of.list.data[i]);
  strings_t list = { items, length }, echoed;
  bench_calls_host_echo_strings(&list, &echoed);
  results->kind = LIST;
  wasmtime_component_vallist_new_uninit(&results->of.list, echoed.len);
  for (size_t i = 0; i < echoed.len; i++) put_string(&results->of.list.data[i], echoed.ptr[i]);
  free(echoed.ptr);
  free(items);
  return NULL;
}

/* For the fresh runs: any `string -> string` and `f64 -> f64` function of a library; `data` is its address. */
HOST(host_string_function) {
  UNUSED;
  string_t text = string_of(args), result;
  ((void (*)(string_t *, string_t *))data)(&text, &result);
  put_string(results, result);
  return NULL;
}

HOST(host_f64_function) { UNUSED; results->kind = F64; results->of.f64 = ((double (*)(double))data)(args->of.f64); return NULL; }
HOST(host_f64_pair_function) { UNUSED; results->kind = F64; results->of.f64 = ((double (*)(double, double))data)(args[0].of.f64, args[1].of.f64); return NULL; }

static const struct { const char *name; error *(*callback)(void *, context *, const void *, val *, size_t, val *, size_t); } HOSTS[] = {
  { "nothing", host_nothing }, { "add-i32", host_add_i32 }, { "add-f64", host_add_f64 }, { "add-u64", host_add_u64 },
  { "take-string", host_take_string }, { "echo-string", host_echo_string }, { "echo-sample", host_echo_sample },
  { "take-words", host_take_words }, { "take-bytes", host_take_bytes }, { "echo-strings", host_echo_strings },
};

void bench_add_calls(void *linker) {
  for (size_t i = 0; i < sizeof HOSTS / sizeof HOSTS[0]; i++)
    must(wasmtime_component_linker_instance_add_func(linker, HOSTS[i].name, strlen(HOSTS[i].name), HOSTS[i].callback, NULL, NULL));
}

/* `shape`: 's' string -> string, 'f' f64 -> f64, 'p' two f64 -> f64. `library` NULL: this process. */
void bench_add_function(void *linker, const char *name, const char *library, const char *symbol, char shape) {
  void *address = dlsym(library ? dlopen(library, RTLD_NOW) : RTLD_DEFAULT, symbol);
  if (!address) fprintf(stderr, "no function %s\n", symbol), exit(1);
  must(wasmtime_component_linker_instance_add_func(linker, name, strlen(name),
    shape == 's' ? host_string_function : shape == 'f' ? host_f64_function : host_f64_pair_function, address, NULL));
}

/* Arguments of one call. Wasmtime borrows them. */
static char text16[] = "the quick brown ";
static size_t put_args(char kind, entry fields[4], val args[2]) {
  switch (kind) {
    case 'i':
      args[0] = (val){ .kind = S32, .of.s32 = 2 };
      args[1] = (val){ .kind = S32, .of.s32 = 3 };
      return 2;
    case 'u':
      args[0] = (val){ .kind = U32, .of.u32 = 6 };
      return 1;
    case 's':
      args[0] = (val){ .kind = STRING, .of.string = { 16, text16 } };
      return 1;
    case 'r': {
      static char *names[] = { "id", "weight", "stamp", "valid" };
      for (int i = 0; i < 4; i++) fields[i].name = (bytes_vec){ strlen(names[i]), names[i] };
      fields[0].val = (val){ .kind = U32, .of.u32 = 7 };
      fields[1].val = (val){ .kind = F64, .of.f64 = 0.5 };
      fields[2].val = (val){ .kind = U64, .of.u64 = 1700000000000u };
      fields[3].val = (val){ .kind = BOOL, .of.boolean = true };
      args[0] = (val){ .kind = RECORD, .of.record = { 4, fields } };
      return 1;
    }
    default:
      return 0;
  }
}

/* Lifted exports: `kind` says which arguments; the result is released each time. */
uint64_t bench_lifted(const func *function, context *store, char kind, uint32_t count) {
  val args[2];
  entry fields[4];
  uint64_t start = nanoseconds();
  for (; count > 0; count--) {
    /* What was in it before is released by the call: it must be a value. */
    val result = { .kind = BOOL };
    size_t nargs = put_args(kind, fields, args);
    must(wasmtime_component_func_call(function, store, args, nargs, &result, 1));
    wasmtime_component_val_delete(&result);
  }
  return nanoseconds() - start;
}

static uint64_t written;
static ptrdiff_t capture(void *data, const unsigned char *bytes, size_t size) {
  (void)data, (void)bytes;
  written += size;
  return (ptrdiff_t)size;
}

/* Fresh runs: a store, an instance, one call, and all of it released. */
uint64_t bench_fresh(void *engine, const void *linker, const void *component, const void *export_index, char kind, bool wasi, uint32_t count) {
  uint64_t start = nanoseconds();
  for (; count > 0; count--) {
    void *store = wasmtime_store_new(engine, NULL, NULL);
    context *inside = wasmtime_store_context(store);
    if (wasi) {
      void *config = wasi_config_new();
      wasi_config_set_stdout_custom(config, capture, NULL, NULL);
      must(wasmtime_context_set_wasi(inside, config));
    }
    instance made;
    func function;
    val args[2], result = { .kind = BOOL };
    entry fields[4];
    must(wasmtime_component_linker_instantiate(linker, inside, component, &made));
    if (!wasmtime_component_instance_get_func(&made, inside, export_index, &function)) abort();
    size_t nargs = put_args(kind, fields, args);
    must(wasmtime_component_func_call(&function, inside, args, nargs, &result, 1));
    wasmtime_component_val_delete(&result);
    wasmtime_store_delete(store);
    /* A command that prints nothing has not run. */
    if (kind == '-' && written == 0) abort();
    written = 0;
  }
  return nanoseconds() - start;
}
