/** A library that tries what the sandbox refuses. Each function gives 0 or the `errno` of the refusal. */
export const TRIES_SOURCE = `
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static char *arguments[] = {"sh", "-c", "exit 0", 0};

int try_read(const char *path) {
  int file = open(path, O_RDONLY);
  if (file < 0) return errno;
  close(file);
  return 0;
}

int try_write(const char *path) {
  int file = open(path, O_WRONLY | O_CREAT, 0600);
  if (file < 0) return errno;
  close(file);
  return 0;
}

int try_remove(const char *path) { return unlink(path) < 0 ? errno : 0; }

int try_socket(int domain, int type) {
  int file = socket(domain, type, 0);
  if (file < 0) return errno;
  close(file);
  return 0;
}

int try_kill(int pid) { return kill(pid, 0) < 0 ? errno : 0; }
int try_exec(void) { return execve("/bin/sh", arguments, environ) < 0 ? errno : 0; }

int try_fork(void) {
  pid_t child = fork();
  if (child == 0) _exit(0);
  if (child < 0) return errno;
  waitpid(child, 0, 0);
  return 0;
}

int try_exec_in_copy(void) {
  int status = 0;
  pid_t child = fork();
  if (child == 0) _exit(try_exec());
  if (child < 0) return errno;
  waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

int try_mode(const char *path) { return chmod(path, 0777) < 0 ? errno : 0; }
int try_truncate(const char *path) { return truncate(path, 0) < 0 ? errno : 0; }

int try_spawn(void) {
  pid_t child;
  int failed = posix_spawn(&child, "/bin/sh", 0, 0, arguments, environ);
  if (failed == 0) waitpid(child, 0, 0);
  return failed;
}

int try_ptrace(int pid) { return ptrace(PTRACE_ATTACH, pid, 0, 0) < 0 ? errno : 0; }
int try_leave_group(void) { return setsid() < 0 ? errno : 0; }
int try_untie(void) { return prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0) < 0 ? errno : 0; }
int try_io_uring(void) { return syscall(425, 1, 0) < 0 ? errno : 0; }


/* A socket that needs no socket(): it sends to whoever listens at a path. */
int try_datagram(const char *path) {
  int pair[2];
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  strncpy(name.sun_path, path, sizeof name.sun_path - 1);
  if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) < 0) return errno;
  return sendto(pair[0], "x", 1, 0, (struct sockaddr *)&name, sizeof name) < 0 ? errno : 0;
}

int try_pair(int type) {
  int pair[2];
  if (socketpair(AF_UNIX, type, 0, pair) < 0) return errno;
  close(pair[0]);
  close(pair[1]);
  return 0;
}

int try_device(const char *path) { return mknod(path, S_IFCHR | 0600, makedev(1, 3)) < 0 ? errno : 0; }
int try_times(const char *path) { return utimensat(AT_FDCWD, path, 0, 0) < 0 ? errno : 0; }

int try_times_of_open(const char *path) {
  int file = open(path, O_RDONLY);
  return file < 0 || futimens(file, 0) < 0 ? errno : 0;
}

int try_watch(const char *path) {
  int watch = inotify_init1(0);
  return watch < 0 || inotify_add_watch(watch, path, IN_CREATE) < 0 ? errno : 0;
}

int try_schedule(int pid) {
  struct sched_param none = {0};
  return sched_setscheduler(pid, SCHED_IDLE, &none) < 0 ? errno : 0;
}

int try_pin(int pid) {
  cpu_set_t all;
  memset(&all, 0xff, sizeof all);
  return sched_setaffinity(pid, sizeof all, &all) < 0 ? errno : 0;
}

int try_priority(int which, int who) { return setpriority(which, who, 1) < 0 ? errno : 0; }
int try_shared_memory(void) { return shmget(IPC_PRIVATE, 4096, 0600) < 0 ? errno : 0; }
int try_user(void) { return setresuid(1, 1, 1) < 0 ? errno : 0; }
int try_owner(int pid) { return fcntl(0, F_SETOWN, pid) < 0 ? errno : 0; }
int try_terminal(void) { return ioctl(1, TIOCSTI, "x") < 0 ? errno : 0; }
int try_young_call(void) { return syscall(469, 0, 0, 0, 0, 0) < 0 ? errno : 0; }

static volatile int result;
static const char *wanted;
static void *read_wanted(void *unused) {
  (void)unused;
  result = try_read(wanted);
  return 0;
}

int try_read_in_thread(const char *path) {
  pthread_t thread;
  wanted = path;
  int failed = pthread_create(&thread, 0, read_wanted, 0);
  if (failed != 0) return -failed;
  pthread_join(thread, 0);
  return result;
}

static void on_signal(int signal) {
  (void)signal;
  result = try_read(wanted);
}

/* In a thread that was there before: by a signal to it. -1: the thread blocks signals. */
int try_read_by_thread(const char *path, int thread) {
  wanted = path;
  result = -1;
  signal(SIGUSR2, on_signal);
  if (syscall(SYS_tgkill, getpid(), thread, SIGUSR2) < 0) return errno;
  for (int left = 200; left > 0 && result == -1; left--) usleep(500);
  return result;
}
`;
