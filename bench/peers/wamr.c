/*
 * The C library of the bench as native functions of iwasm (WAMR's command line): `iwasm --native-lib=`. WAMR has no
 * components, so these are raw imports of a core module. `*~` has WAMR check a pointer and its length in bytes.
 */
#include <time.h>

#include "../calls.c"

/* The part of WAMR's wasm_export.h that a native library needs. */
typedef void *exec_env_t;
typedef struct { const char *symbol; void *func_ptr; const char *signature; void *attachment; } NativeSymbol;

static void nothing(exec_env_t env) { (void)env; bench_calls_host_nothing(); }
static int32_t add_i32(exec_env_t env, int32_t a, int32_t b) { (void)env; return bench_calls_host_add_i32(a, b); }
static double add_f64(exec_env_t env, double a, double b) { (void)env; return bench_calls_host_add_f64(a, b); }
static int64_t add_u64(exec_env_t env, int64_t a, int64_t b) { (void)env; return (int64_t)bench_calls_host_add_u64((uint64_t)a, (uint64_t)b); }

static void take_string(exec_env_t env, uint8_t *ptr, uint32_t len) {
  (void)env;
  string_t text = { ptr, len };
  bench_calls_host_take_string(&text);
}

static int32_t take_bytes(exec_env_t env, uint8_t *ptr, uint32_t len) {
  (void)env;
  string_t bytes = { ptr, len };
  return (int32_t)bench_calls_host_take_bytes(&bytes);
}

static int64_t nanoseconds(exec_env_t env) {
  (void)env;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static NativeSymbol symbols[] = {
  { "nothing", nothing, "()", NULL },
  { "add-i32", add_i32, "(ii)i", NULL },
  { "add-f64", add_f64, "(FF)F", NULL },
  { "add-u64", add_u64, "(II)I", NULL },
  { "take-string", take_string, "(*~)", NULL },
  { "take-bytes", take_bytes, "(*~)i", NULL },
  { "nanoseconds", nanoseconds, "()I", NULL },
};

uint32_t get_native_lib(char **module_name, NativeSymbol **native_symbols) {
  *module_name = "bench";
  *native_symbols = symbols;
  return sizeof symbols / sizeof symbols[0];
}
