/** A library that does what it should not, and the guests that have it do so. */
import type { GuestSource } from "../../support/component.ts";

/** What `attempt` is told, by its place in this list. */
export const ATTEMPTS = [
  "read-passwords",
  "read-passwords-in-thread",
  "list-root",
  "read-bundle",
  "write-bundle",
  "read-named",
  "write-named",
  "socket",
  "exec",
  "spawn",
  "signal-parent",
  "trace-parent",
  "change-mode",
  "read-parents-environment",
  "count-inherited",
  "terminal-mode",
] as const;

export type Attempt = (typeof ATTEMPTS)[number];

export const LIBRARY_WIT = `package t:sandbox@1.0.0;
interface lib { attempt: func(what: u32) -> u32; name: func(path: string); }
`;

const at = (name: Attempt): string => `case ${ATTEMPTS.indexOf(name)}`;

/** `attempt` gives 0, or the \`errno\` of what was refused. */
export const LIBRARY_SOURCE = `
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
typedef struct { uint8_t *ptr; size_t len; } text;
static char named[4096];
static char *const arguments[] = { "sh", "-c", "exit 0", NULL };
static char *const none[] = { NULL };
static uint32_t result(int failed) { return failed < 0 ? (uint32_t)errno : 0; }
static uint32_t opens(const char *path, int flags) {
  int file = open(path, flags, 0600);
  if (file >= 0) close(file);
  return result(file);
}
static uint32_t in_thread;
static void *reader(void *path) { in_thread = opens(path, O_RDONLY); return NULL; }
void t_sandbox_lib_name(text *path) { memcpy(named, path->ptr, path->len); named[path->len] = 0; }
uint32_t t_sandbox_lib_attempt(uint32_t what) {
  char path[64];
  pthread_t thread;
  pid_t child;
  switch (what) {
    ${at("read-passwords")}: return opens("/etc/passwd", O_RDONLY);
    ${at("read-passwords-in-thread")}:
      if (pthread_create(&thread, NULL, reader, "/etc/passwd") != 0) return 9999;
      pthread_join(thread, NULL);
      return in_thread;
    ${at("list-root")}: { DIR *folder = opendir("/"); if (folder != NULL) closedir(folder); return folder == NULL ? (uint32_t)errno : 0; }
    ${at("read-bundle")}: ${at("read-named")}: return opens(named, O_RDONLY);
    ${at("write-bundle")}: ${at("write-named")}: return opens(named, O_WRONLY | O_CREAT);
    ${at("socket")}: { int made = socket(AF_INET, SOCK_STREAM, 0); if (made >= 0) close(made); return result(made); }
    ${at("exec")}: return result(execve("/bin/sh", arguments, none));
    ${at("spawn")}: {
      int failed = posix_spawn(&child, "/bin/sh", NULL, NULL, arguments, none);
      if (failed == 0) waitpid(child, NULL, 0);
      return (uint32_t)failed;
    }
    ${at("signal-parent")}: return result(kill(getppid(), 0));
    ${at("trace-parent")}: return result((int)ptrace(PTRACE_ATTACH, getppid(), 0, 0));
    ${at("change-mode")}: return result(chmod(named, 0777));
    ${at("read-parents-environment")}:
      snprintf(path, sizeof path, "/proc/%d/environ", getppid());
      return opens(path, O_RDONLY);
    /* Files that the program has open. */
    ${at("count-inherited")}: {
      uint32_t found = 0;
      struct stat status;
      for (int file = 6; file < 200; file++)
        if (fstat(file, &status) == 0 && S_ISREG(status.st_mode)) found++;
      return found;
    }
    /* 0: may be read, 1: may be written, 2: both; 9: is none. */
    ${at("terminal-mode")}: return isatty(1) && isatty(4) ? (uint32_t)((fcntl(1, F_GETFL) | fcntl(4, F_GETFL)) & O_ACCMODE) : 9;
  }
  return 9999;
}
`;

/** `attempt(what, path)`: names the path first. */
export const attempting: GuestSource = {
  wit: `package acme:attempting;
    world attempting {
      import t:sandbox/lib@1.0.0;
      export attempt: func(what: u32, path: string) -> u32;
    }
    package t:sandbox@1.0.0 { interface lib { attempt: func(what: u32) -> u32; name: func(path: string); } }`,
  wat: `(module
    (import "t:sandbox/lib@1.0.0" "attempt" (func $attempt (param i32) (result i32)))
    (import "t:sandbox/lib@1.0.0" "name" (func $name (param i32 i32)))
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "attempt") (param i32 i32 i32) (result i32)
      (call $name (local.get 1) (local.get 2))
      (call $attempt (local.get 0))))`,
};

const ROWS = "result<list<string>, string>";

/** `query(path, sql)`: opens the database of that name and asks it. The results of both calls begin alike. */
export const querying: GuestSource = {
  wit: `package acme:querying;
    world querying {
      import duckdb:host/runtime@0.1.0;
      export query: func(name: string, sql: string) -> ${ROWS};
    }
    package duckdb:host@0.1.0 {
      interface runtime { open: func(path: string) -> result<_, string>; query: func(sql: string) -> ${ROWS}; }
    }`,
  wat: `(module
    (import "duckdb:host/runtime@0.1.0" "open" (func $open (param i32 i32 i32)))
    (import "duckdb:host/runtime@0.1.0" "query" (func $query (param i32 i32 i32)))
    (memory (export "memory") 2)
    (global $end (mut i32) (i32.const 1024))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $end (i32.and (i32.add (global.get $end) (i32.const 7)) (i32.const -8)))
      (global.get $end)
      (global.set $end (i32.add (global.get $end) (local.get 3))))
    (func (export "query") (param i32 i32 i32 i32) (result i32)
      (call $open (local.get 0) (local.get 1) (i32.const 16))
      (if (i32.eqz (i32.load8_u (i32.const 16)))
        (then (call $query (local.get 2) (local.get 3) (i32.const 16))))
      (i32.const 16)))`,
};
