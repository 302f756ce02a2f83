// Dual mapping on POSIX systems: a file without a name, mapped twice. Each rung of the ladder is one way to
// such a file.
#if !defined(_WIN32)

#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif

#include "virt_mem_posix.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <string>

#if defined(__linux__)
#include <sys/syscall.h>
#endif

namespace exprjit::virt_mem {

using namespace posix;

namespace {

// An open file without a name that holds the memory of a dual mapping.
class BackingFile {
 public:
  explicit BackingFile(int fd) : fd_(fd) {}
  BackingFile(const BackingFile &) = delete;
  BackingFile &operator=(const BackingFile &) = delete;
  ~BackingFile() {
    if (fd_ >= 0) close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

// Gives the file its size. With `reserve` its space is taken now: a file system that is full when a page is
// first touched raises SIGBUS.
Status resize(const char *strategy, int fd, size_t size, bool reserve) {
  // Growing a file beyond this limit raises SIGXFSZ, whose default is to end the process.
  struct rlimit limit;
  if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && size > limit.rlim_cur) {
    return failed(strategy, "ftruncate", EFBIG);
  }
  if (ftruncate(fd, static_cast<off_t>(size)) != 0) return failed(strategy, "ftruncate", errno);
  if (!reserve) return {};
#if defined(__APPLE__)
  fstore_t store = {F_ALLOCATEALL, F_PEOFPOSMODE, 0, static_cast<off_t>(size), 0};
  if (fcntl(fd, F_PREALLOCATE, &store) != 0 && errno != ENOTSUP && errno != EINVAL) {
    return failed(strategy, "fcntl", errno);
  }
#elif !defined(__OpenBSD__)
  int error;
  do {
    error = posix_fallocate(fd, 0, static_cast<off_t>(size));
  } while (error == EINTR);
  // EINVAL: a file system (ZFS) that cannot reserve at all.
  if (error != 0 && error != EINVAL && error != EOPNOTSUPP) {
    return failed(strategy, "posix_fallocate", error);
  }
#endif
  return {};
}

Status mapTwice(DualMapping *result, const char *strategy, int fd, size_t size) {
  void *rx = map(size, PROT_READ | PROT_EXEC, MAP_SHARED, fd);
  if (rx == MAP_FAILED) return failed(strategy, "mmap", errno);
  void *rw = map(size, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
  if (rw == MAP_FAILED) {
    const int error = errno;
    munmap(rx, size);
    return failed(strategy, "mmap", error);
  }
  keepFromChildren(rx, size);
  keepFromChildren(rw, size);
  *result = DualMapping{rx, rw, strategy};
  return {};
}

#if defined(__linux__)

// Whether the kernel may refuse a page of shared memory at first touch (SIGBUS), since it keeps count of
// all committed memory: vm.overcommit_memory = 2, or unknown.
bool countsCommittedMemory() {
  const long long mode = readKernelNumber("/proc/sys/vm/overcommit_memory", "");
  return mode != 0 && mode != 1;
}

int memfdCreate(unsigned flags) {
  constexpr unsigned kCloseOnExec = 0x01;
  constexpr unsigned kExecutable = 0x10;  // MFD_EXEC, Linux 6.3
  const long fd = syscall(SYS_memfd_create, kMapName, flags | kCloseOnExec | kExecutable);
  if (fd >= 0 || errno != EINVAL) return static_cast<int>(fd);
  return static_cast<int>(syscall(SYS_memfd_create, kMapName, flags | kCloseOnExec));
}

Status dualMemfd(DualMapping *result, size_t size, const char *) {
  const BackingFile file(memfdCreate(0));
  if (file.fd() < 0) return failed("memfd", "memfd_create", errno);
  Status status = resize("memfd", file.fd(), size, countsCommittedMemory());
  return status.ok() ? mapTwice(result, "memfd", file.fd(), size) : status;
}

Status dualMemfdLargePages(DualMapping *result, size_t size, const char *) {
  constexpr const char *kStrategy = "dual-large-pages";
  constexpr unsigned kHugeTlb = 0x04;
  constexpr unsigned kHugeShift = 26;
  const BackingFile file(memfdCreate(kHugeTlb | (static_cast<unsigned>(largePageShift()) << kHugeShift)));
  if (file.fd() < 0) return failed(kStrategy, "memfd_create", errno);
  Status status = resize(kStrategy, file.fd(), size, false);
  if (status.ok()) status = mapTwice(result, kStrategy, file.fd(), size);
  if (!status.ok()) return status;
  const int error = populateLargePages(result->rw, size);
  if (error == 0) return {};
  munmap(result->rx, size);
  munmap(result->rw, size);
  return failed(kStrategy, "madvise", error);
}

#endif

#if !defined(__ANDROID__)

#if defined(SHM_ANON)

Status dualShm(DualMapping *result, size_t size, const char *) {
  const BackingFile file(shm_open(SHM_ANON, O_RDWR, S_IRUSR | S_IWUSR));
  if (file.fd() < 0) return failed("shm", "shm_open", errno);
  Status status = resize("shm", file.fd(), size, false);
  return status.ok() ? mapTwice(result, "shm", file.fd(), size) : status;
}

#else

int openUnnamedShm() {
  static std::atomic<unsigned> counter{0};
  for (int attempt = 0; attempt < 100; ++attempt) {
    // Short, since macOS allows 31 characters.
    char name[31];
    snprintf(name, sizeof name, "/%s-%x-%x", kMapName, static_cast<unsigned>(getpid()), counter++);
    const int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
    if (fd >= 0) {
      shm_unlink(name);
      return fd;
    }
    if (errno != EEXIST) return -1;
  }
  return -1;
}

Status dualShm(DualMapping *result, size_t size, const char *) {
  const BackingFile file(openUnnamedShm());
  if (file.fd() < 0) return failed("shm", "shm_open", errno);
  Status status = resize("shm", file.fd(), size, true);
  return status.ok() ? mapTwice(result, "shm", file.fd(), size) : status;
}

#endif
#endif

Status dualTmpfile(DualMapping *result, size_t size, const char *temporaryDirectory) {
  std::string path = std::string(temporaryDirectory) + "/" + kMapName + "-XXXXXX";
  const BackingFile file(mkostemp(path.data(), O_CLOEXEC));
  if (file.fd() < 0) return failed("tmpfile", "mkostemp", errno);
  unlink(path.c_str());
  Status status = resize("tmpfile", file.fd(), size, true);
  return status.ok() ? mapTwice(result, "tmpfile", file.fd(), size) : status;
}

}  // namespace

const std::vector<DualStrategy> &dualStrategies() {
  static const std::vector<DualStrategy> strategies = {
#if defined(__linux__)
      {"memfd", dualMemfd},
#endif
#if !defined(__ANDROID__)
      {"shm", dualShm},
#endif
      {"tmpfile", dualTmpfile},
  };
  return strategies;
}

Status allocDualMapping(DualMapping *result, size_t size, uint32_t flags, const char *temporaryDirectory) {
  if ((flags & kMMapLargePages) != 0) {
#if defined(__linux__)
    if (largePageSize() == 0) return failed("dual-large-pages", "memfd_create", kNotSupported);
    if (!isWholePages(size, flags)) return failed("dual-large-pages", "mmap", kInvalidArgument);
    return dualMemfdLargePages(result, size, temporaryDirectory);
#else
    return failed("dual-large-pages", "mmap", kNotSupported);
#endif
  }
  if (!isWholePages(size, flags)) return failed("memfd", "mmap", kInvalidArgument);

  std::vector<DualStrategy> ladder = dualStrategies();
  if ((flags & kMappingPreferTmp) != 0) {
    ladder.insert(ladder.begin(), ladder.back());
    ladder.pop_back();
  }
  Status met;
  for (const DualStrategy &rung : ladder) {
    const Status status = rung.alloc(result, size, temporaryDirectory);
    if (status.ok()) return status;
    met.failures.insert(met.failures.end(), status.failures.begin(), status.failures.end());
  }
  return met;
}

Status releaseDualMapping(const DualMapping &mapping, size_t size) {
  Status status = release(mapping.rx, size);
  const Status second = release(mapping.rw, size);
  status.failures.insert(status.failures.end(), second.failures.begin(), second.failures.end());
  return status;
}

}  // namespace exprjit::virt_mem

#endif
