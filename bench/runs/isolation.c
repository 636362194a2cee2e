/* The library of the isolation rows: one function that returns, one that crashes, one that never returns. */
#include <signal.h>
#include <stdint.h>

uint32_t bench_isolation_lib_add(uint32_t a, uint32_t b) { return a + b; }
void bench_isolation_lib_crash(void) { raise(SIGSEGV); }
void bench_isolation_lib_spin(void) {
  for (volatile uint32_t turn = 0;; turn++) {
  }
}
