/** A library that fails in every way it is told to, and the guest that tells it. */
import type { GuestSource } from "../../support/component.ts";

/** What `fail` is told, by its place in this list. */
export const WAYS = [
  "segv",
  "abort",
  "exit-0",
  "exit-3",
  "_exit",
  "double-free",
  "heap-corruption",
  "stack-overflow",
  "spin",
  "sleep",
  "deadlock",
  "pthread-exit",
  "background-crash",
  "fork",
  "fork-and-stay",
  "close-all",
  "close-channel",
  "rubbish",
  "false-frame",
  "false-length",
  "kill-self",
  "stop-self",
  "chdir",
  "block-signals",
  "ignore-signals",
  "handle-segv",
  "is-as-begun",
  "unwind",
  "rubbish-note",
  "last-words",
  "environment",
  "none",
] as const;

export type Way = (typeof WAYS)[number];

export const FAULTS_WIT = `package t:faults@1.0.0;
interface lib { fail: func(way: u32) -> u32; add: func(a: u32, b: u32) -> u32; }
`;

/** A second library for the same guest, in C++: what it throws passes through C and koffi, and is caught by nobody. */
export const THROWING_SOURCE = `
#include <cstdint>
#include <stdexcept>
extern "C" uint32_t t_faults_lib_add(uint32_t a, uint32_t b) { return a + b; }
extern "C" uint32_t t_faults_lib_fail(uint32_t way) {
  if (way == 1) throw static_cast<int>(way);
  throw std::runtime_error("thrown through C");
}
`;

/** Every case returns 1 if it returns. Descriptors as in `CHILD_DESCRIPTORS`. */
export const FAULTS_SOURCE = `
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unwind.h>
#include <unistd.h>
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static void *crash(void *unused) { (void)unused; *(volatile int *)16 = 1; return NULL; }
static void on_segv(int signal) { (void)signal; _exit(9); }
static void rest(_Unwind_Reason_Code code, struct _Unwind_Exception *thrown) { (void)code; (void)thrown; }
static int recurse(volatile char *from) { volatile char block[4096]; block[0] = from[0]; return recurse(block) + block[0]; }
uint32_t t_faults_lib_add(uint32_t a, uint32_t b) { return a + b; }
uint32_t t_faults_lib_fail(uint32_t way) {
  volatile int zero = 0;
  switch (way) {
    case ${WAYS.indexOf("segv")}: *(volatile int *)16 = 1; break;
    case ${WAYS.indexOf("abort")}: abort();
    case ${WAYS.indexOf("exit-0")}: exit(0);
    case ${WAYS.indexOf("exit-3")}: exit(3);
    case ${WAYS.indexOf("_exit")}: _exit(7);
    case ${WAYS.indexOf("double-free")}: { char *volatile p = malloc(3000); free(p); free(p); break; }
    case ${WAYS.indexOf("heap-corruption")}: {
      char *volatile p = malloc(3000); char *volatile q = malloc(3000); char *volatile r = malloc(3000);
      memset(p - 16, 0xff, 3064); free(q); free(p); free(r); break;
    }
    case ${WAYS.indexOf("stack-overflow")}: { volatile char c = 0; return recurse(&c); }
    case ${WAYS.indexOf("spin")}: while (!zero) {} break;
    case ${WAYS.indexOf("sleep")}: sleep(1000); break;
    case ${WAYS.indexOf("deadlock")}: pthread_mutex_lock(&mutex); pthread_mutex_lock(&mutex); break;
    case ${WAYS.indexOf("pthread-exit")}: pthread_exit(NULL);
    case ${WAYS.indexOf("background-crash")}: { pthread_t t; pthread_create(&t, NULL, crash, NULL); sleep(1000); break; }
    case ${WAYS.indexOf("fork")}: fork(); break;
    case ${WAYS.indexOf("fork-and-stay")}: if (fork() == 0) for (;;) pause(); break;
    case ${WAYS.indexOf("close-all")}: for (int fd = 0; fd < 1024; fd++) close(fd); break;
    case ${WAYS.indexOf("close-channel")}: close(3); break;
    case ${WAYS.indexOf("rubbish")}:
      for (int fd = 0; fd < 64; fd++) if (write(fd, "rubbish, rubbish, rubbish", 25) < 0) continue; break;
    case ${WAYS.indexOf("false-frame")}: if (write(3, "hbf1\\5\\0\\0\\0\\377\\17\\"\\1", 12) < 0) break; break;
    case ${WAYS.indexOf("false-length")}: if (write(3, "hbf1\\377\\377\\377\\377", 8) < 0) break; break;
    case ${WAYS.indexOf("kill-self")}: kill(getpid(), SIGKILL); sleep(1000); break;
    case ${WAYS.indexOf("stop-self")}: raise(SIGSTOP); break;
    case ${WAYS.indexOf("chdir")}: if (chdir("/") != 0) abort(); break;
    case ${WAYS.indexOf("block-signals")}: { sigset_t all; sigfillset(&all); pthread_sigmask(SIG_BLOCK, &all, NULL); break; }
    case ${WAYS.indexOf("ignore-signals")}: for (int s = 1; s < 32; s++) signal(s, SIG_IGN); break;
    case ${WAYS.indexOf("handle-segv")}: signal(SIGSEGV, on_segv); break;
    case ${WAYS.indexOf("is-as-begun")}: {
      char folder[4096]; sigset_t blocked; struct sigaction crash, pipe;
      if (getcwd(folder, sizeof folder) == NULL || strcmp(folder, "/") == 0) return 2;
      pthread_sigmask(SIG_BLOCK, NULL, &blocked);
      if (sigismember(&blocked, SIGUSR2)) return 3;
      sigaction(SIGSEGV, NULL, &crash); sigaction(SIGTERM, NULL, &pipe);
      if (crash.sa_handler == on_segv || crash.sa_handler == SIG_IGN || pipe.sa_handler == SIG_IGN) return 4;
      break;
    }
    case ${WAYS.indexOf("unwind")}: {
      static struct _Unwind_Exception thrown; thrown.exception_class = 1; thrown.exception_cleanup = rest;
      _Unwind_RaiseException(&thrown); abort();
    }
    case ${WAYS.indexOf("rubbish-note")}: {
      uint32_t *note = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 5, 0);
      if (note == MAP_FAILED) exit(99);
      memset(note, 0x7f, 4096); note[0] = 8; abort();
    }
    case ${WAYS.indexOf("environment")}:
      return getenv("HOSTBUNDLE_TEST_SECRET") == NULL && getenv("HOSTBUNDLE_TEST_GRANTED") != NULL ? 1 : 0;
    case ${WAYS.indexOf("last-words")}: fprintf(stderr, "the first word\\nthe last word\\n"); abort();
  }
  return 1;
}
`;

export const faultsGuest: GuestSource = {
  wit: `package acme:faults;
    world faults {
      import t:faults/lib@1.0.0;
      export fail: func(way: u32) -> u32;
      export add: func(a: u32, b: u32) -> u32;
      export trap: func();
      export spin: func();
      export recurse: func() -> u32;
      export outside: func() -> u32;
    }
    package t:faults@1.0.0 { interface lib { fail: func(way: u32) -> u32; add: func(a: u32, b: u32) -> u32; } }`,
  wat: `(module
    (import "t:faults/lib@1.0.0" "fail" (func $fail (param i32) (result i32)))
    (import "t:faults/lib@1.0.0" "add" (func $add (param i32 i32) (result i32)))
    (func (export "fail") (param i32) (result i32) (call $fail (local.get 0)))
    (func (export "add") (param i32 i32) (result i32) (call $add (local.get 0) (local.get 1)))
    (memory 1)
    (func (export "outside") (result i32) (i32.load (i32.const -4)))
    (func (export "trap") unreachable)
    (func (export "spin") (loop (br 0)))
    (func $recurse (export "recurse") (result i32) (i32.add (i32.const 1) (call $recurse))))`,
};
