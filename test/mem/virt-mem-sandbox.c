/*
 * Runs a command under a system call filter that refuses ways to executable memory, as a security policy or
 * a small container would: `virt-mem-sandbox memfd,shm command…`. Linux on x86-64 only.
 *
 *   memfd        memfd_create is refused (EPERM)
 *   shm          shm_open cannot create (EACCES), like an unwritable /dev/shm
 *   wx           no mapping is writable and executable, and none becomes executable later (EACCES)
 *   shared-exec  no shared mapping is executable (EACCES)
 *   large-pages  none is free (ENOMEM)
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ARGUMENT(index) offsetof(struct seccomp_data, args[index])
#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define SKIP_UNLESS(value, count) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (count))
#define MASK(bits) BPF_STMT(BPF_ALU | BPF_AND | BPF_K, (bits))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, (action))
#define REFUSE(error) RETURN(SECCOMP_RET_ERRNO | (error))
#define ALLOW RETURN(SECCOMP_RET_ALLOW)
#define NUMBER offsetof(struct seccomp_data, nr)

#define MFD_HUGETLB_BIT 4

/* Each filter ends with ALLOW; of several, the strictest answer counts. */
static struct sock_filter memfd[] = {LOAD(NUMBER), SKIP_UNLESS(SYS_memfd_create, 1), REFUSE(EPERM), ALLOW};

/* glibc's shm_open is the caller that creates files without following links. */
static struct sock_filter shm[] = {LOAD(NUMBER),
                                   SKIP_UNLESS(SYS_openat, 4),
                                   LOAD(ARGUMENT(2)),
                                   MASK(O_CREAT | O_NOFOLLOW),
                                   SKIP_UNLESS(O_CREAT | O_NOFOLLOW, 1),
                                   REFUSE(EACCES),
                                   ALLOW};

static struct sock_filter wx_map[] = {LOAD(NUMBER),
                                      SKIP_UNLESS(SYS_mmap, 4),
                                      LOAD(ARGUMENT(2)),
                                      MASK(PROT_WRITE | PROT_EXEC),
                                      SKIP_UNLESS(PROT_WRITE | PROT_EXEC, 1),
                                      REFUSE(EACCES),
                                      ALLOW};

static struct sock_filter wx_protect[] = {LOAD(NUMBER),     SKIP_UNLESS(SYS_mprotect, 4), LOAD(ARGUMENT(2)),
                                          MASK(PROT_EXEC),  SKIP_UNLESS(PROT_EXEC, 1),    REFUSE(EACCES),
                                          ALLOW};

static struct sock_filter shared_exec[] = {LOAD(NUMBER),
                                           SKIP_UNLESS(SYS_mmap, 7),
                                           LOAD(ARGUMENT(2)),
                                           MASK(PROT_EXEC),
                                           SKIP_UNLESS(PROT_EXEC, 4),
                                           LOAD(ARGUMENT(3)),
                                           MASK(MAP_SHARED),
                                           SKIP_UNLESS(MAP_SHARED, 1),
                                           REFUSE(EACCES),
                                           ALLOW};

static struct sock_filter large_map[] = {LOAD(NUMBER),
                                         SKIP_UNLESS(SYS_mmap, 4),
                                         LOAD(ARGUMENT(3)),
                                         MASK(MAP_HUGETLB),
                                         SKIP_UNLESS(MAP_HUGETLB, 1),
                                         REFUSE(ENOMEM),
                                         ALLOW};

static struct sock_filter large_memfd[] = {LOAD(NUMBER),
                                           SKIP_UNLESS(SYS_memfd_create, 4),
                                           LOAD(ARGUMENT(1)),
                                           MASK(MFD_HUGETLB_BIT),
                                           SKIP_UNLESS(MFD_HUGETLB_BIT, 1),
                                           REFUSE(ENOMEM),
                                           ALLOW};

#define POLICY(name, filter) {name, {sizeof(filter) / sizeof(*filter), filter}}

static const struct {
  const char *name;
  struct sock_fprog program;
} policies[] = {
    POLICY("memfd", memfd),        POLICY("shm", shm),
    POLICY("wx", wx_map),          POLICY("wx", wx_protect),
    POLICY("shared-exec", shared_exec), POLICY("large-pages", large_map),
    POLICY("large-pages", large_memfd),
};

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 3;
  for (char *name = strtok(argv[1], ","); name != NULL; name = strtok(NULL, ",")) {
    for (size_t i = 0; i < sizeof policies / sizeof *policies; ++i) {
      if (strcmp(policies[i].name, name) != 0) continue;
      if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &policies[i].program) != 0) {
        perror("seccomp");
        return 4;
      }
    }
  }
  execvp(argv[2], argv + 2);
  perror(argv[2]);
  return 5;
}
