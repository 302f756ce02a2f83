// Virtual memory on POSIX systems: Linux, macOS, FreeBSD, NetBSD, OpenBSD.
#if !defined(_WIN32)

#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif

#include "virt_mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <string>

#if defined(__linux__)
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#if defined(__APPLE__)
#include <TargetConditionals.h>
#include <libkern/OSCacheControl.h>
#include <mach/mach.h>
#include <mach/mach_vm.h>
#include <pthread.h>
#endif

#if !defined(MAP_ANONYMOUS) && defined(MAP_ANON)
#define MAP_ANONYMOUS MAP_ANON
#endif

namespace exprjit::virt_mem {

const int kInvalidArgument = EINVAL;
const int kNotSupported = ENOTSUP;

namespace {

constexpr const char *kMapName = "exprjit";

Status failed(const char *strategy, const char *syscall, int error) {
  return Status{{Failure{strategy, syscall, error}}};
}

size_t pageSize() {
  static_assert(sizeof(long) <= sizeof(size_t), "a page size is a size");
  return static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

bool isWhole(size_t size, size_t unit) { return size != 0 && unit != 0 && size % unit == 0; }

bool isWholePages(size_t size, uint32_t flags) {
  return isWhole(size, (flags & kMMapLargePages) != 0 ? largePageSize() : pageSize());
}

int protectionOf(uint32_t flags) {
  return ((flags & kAccessRead) != 0 ? PROT_READ : 0) | ((flags & kAccessWrite) != 0 ? PROT_WRITE : 0) |
         ((flags & kAccessExecute) != 0 ? PROT_EXEC : 0);
}

// The bits that mmap() itself takes for the maximum protection (NetBSD, FreeBSD).
int maxProtectionBits([[maybe_unused]] uint32_t flags) {
#if defined(PROT_MPROTECT) || defined(PROT_MAX)
  int max = 0;
  if ((flags & kMMapMaxAccessRead) != 0) max |= PROT_READ;
  if ((flags & kMMapMaxAccessWrite) != 0) max |= PROT_WRITE;
  if ((flags & kMMapMaxAccessExecute) != 0) max |= PROT_EXEC;
  if (max == 0) return 0;
#if defined(PROT_MPROTECT)
  return PROT_MPROTECT(max);
#else
  return PROT_MAX(max | protectionOf(flags));
#endif
#else
  return 0;
#endif
}

// macOS takes the maximum protection by a call of its own.
int restrictMaxProtection([[maybe_unused]] void *address, [[maybe_unused]] size_t size,
                          [[maybe_unused]] uint32_t flags) {
#if defined(__APPLE__)
  vm_prot_t max = VM_PROT_NONE;
  if ((flags & kMMapMaxAccessRead) != 0) max |= VM_PROT_READ;
  if ((flags & kMMapMaxAccessWrite) != 0) max |= VM_PROT_WRITE;
  if ((flags & kMMapMaxAccessExecute) != 0) max |= VM_PROT_EXECUTE;
  if (max == VM_PROT_NONE || (flags & kMMapEnableMapJit) != 0) return 0;
  max |= protectionOf(flags);
  const kern_return_t result =
      mach_vm_protect(mach_task_self(), reinterpret_cast<mach_vm_address_t>(address), size, TRUE, max);
  return result == KERN_SUCCESS ? 0 : EACCES;
#else
  return 0;
#endif
}

// Shows the mapping under our name in /proc/<pid>/maps; cosmetic, so its failure does not matter.
void nameMapping([[maybe_unused]] void *address, [[maybe_unused]] size_t size) {
#if defined(__linux__) && defined(PR_SET_VMA) && defined(PR_SET_VMA_ANON_NAME)
  const int error = errno;
  prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, address, size, kMapName);
  errno = error;
#endif
}

// Large pages are taken from a pool; one that can't be had at first touch raises SIGBUS. So they are
// touched by the kernel, which reports instead. Kernels before 5.14 don't know the advice.
int populateLargePages([[maybe_unused]] void *address, [[maybe_unused]] size_t size) {
#if defined(__linux__)
  constexpr int kPopulateWrite = 23;
  if (madvise(address, size, kPopulateWrite) != 0 && errno != EINVAL) return errno;
#endif
  return 0;
}

#if defined(__linux__)

// The number after `key` in a small file of /proc or /sys, or -1.
long long readKernelNumber(const char *path, const char *key) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  char text[4096];
  size_t length = 0;
  ssize_t got;
  while (length < sizeof text - 1 && (got = read(fd, text + length, sizeof text - 1 - length)) > 0) {
    length += static_cast<size_t>(got);
  }
  close(fd);
  text[length] = 0;
  const char *at = strstr(text, key);
  if (at == nullptr) return -1;
  char *end = nullptr;
  const long long value = strtoll(at + strlen(key), &end, 10);
  return end == at + strlen(key) ? -1 : value;
}

int largePageShift() {
  int shift = 0;
  for (size_t size = largePageSize(); size > 1; size >>= 1) ++shift;
  return shift;
}

#endif

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
  void *rx = mmap(nullptr, size, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
  if (rx == MAP_FAILED) return failed(strategy, "mmap", errno);
  void *rw = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (rw == MAP_FAILED) {
    const int error = errno;
    munmap(rx, size);
    return failed(strategy, "mmap", error);
  }
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

bool canAllocate(uint32_t flags) {
  void *address = nullptr;
  if (!alloc(&address, pageSize(), flags).ok()) return false;
  release(address, pageSize());
  return true;
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

Info info() { return Info{pageSize(), pageSize()}; }

size_t largePageSize() {
#if defined(__linux__)
  const long long kibibytes = readKernelNumber("/proc/meminfo", "Hugepagesize:");
  return kibibytes > 0 ? static_cast<size_t>(kibibytes) * 1024 : 0;
#else
  return 0;
#endif
}

uint32_t hardenedRuntimeFlags(const char *temporaryDirectory) {
  uint32_t flags = 0;
  if (!canAllocate(kAccessReadWriteExecute)) flags |= kHardenedEnabled;
#if defined(MAP_JIT)
  if (canAllocate(kAccessReadWriteExecute | kMMapEnableMapJit)) flags |= kHardenedMapJit;
#endif
  DualMapping dual;
  if (allocDualMapping(&dual, pageSize(), 0, temporaryDirectory).ok()) {
    flags |= kHardenedDualMapping;
    releaseDualMapping(dual, pageSize());
  }
  return flags;
}

Status alloc(void **result, size_t size, uint32_t flags) {
  const bool large = (flags & kMMapLargePages) != 0;
  const char *strategy = large ? "mmap-large-pages" : "mmap";
  if (large && largePageSize() == 0) return failed(strategy, "mmap", kNotSupported);
  if (!isWholePages(size, flags)) return failed(strategy, "mmap", kInvalidArgument);

  int mode = MAP_ANONYMOUS | ((flags & kMapShared) != 0 ? MAP_SHARED : MAP_PRIVATE);
#if defined(MAP_JIT)
  if ((flags & kMMapEnableMapJit) != 0) mode |= MAP_JIT;
#endif
#if defined(__linux__)
  constexpr int kHugeTlb = 0x40000;
  constexpr int kHugeShift = 26;
  if (large) mode |= kHugeTlb | (largePageShift() << kHugeShift);
#endif

  void *address = mmap(nullptr, size, protectionOf(flags) | maxProtectionBits(flags), mode, -1, 0);
  if (address == MAP_FAILED) return failed(strategy, "mmap", errno);
  const char *syscall = large ? "madvise" : "mach_vm_protect";
  const int error = large && (flags & kAccessWrite) != 0 ? populateLargePages(address, size)
                                                         : restrictMaxProtection(address, size, flags);
  if (error != 0) {
    munmap(address, size);
    return failed(strategy, syscall, error);
  }
  nameMapping(address, size);
  *result = address;
  return {};
}

Status release(void *address, size_t size) {
  return munmap(address, size) == 0 ? Status{} : failed("mmap", "munmap", errno);
}

Status protect(void *address, size_t size, uint32_t flags) {
  return mprotect(address, size, protectionOf(flags)) == 0 ? Status{} : failed("mmap", "mprotect", errno);
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

bool hasThreadJitProtection() {
#if defined(__APPLE__) && TARGET_OS_OSX
  return pthread_jit_write_protect_supported_np() != 0;
#else
  return false;
#endif
}

void protectJitMemory([[maybe_unused]] ProtectJitAccess access) {
#if defined(__APPLE__) && TARGET_OS_OSX
  if (hasThreadJitProtection()) pthread_jit_write_protect_np(access == kJitReadExecute);
#endif
}

void flushInstructionCache(void *address, size_t size) {
#if defined(__APPLE__)
  sys_icache_invalidate(address, size);
#else
  char *begin = static_cast<char *>(address);
  __builtin___clear_cache(begin, begin + size);
#endif
}

const char *errorName(int error) {
  switch (error) {
    case E2BIG: return "E2BIG";
    case EACCES: return "EACCES";
    case EAGAIN: return "EAGAIN";
    case EBADF: return "EBADF";
    case EBUSY: return "EBUSY";
    case EDQUOT: return "EDQUOT";
    case EEXIST: return "EEXIST";
    case EFAULT: return "EFAULT";
    case EFBIG: return "EFBIG";
    case EINTR: return "EINTR";
    case EINVAL: return "EINVAL";
    case EIO: return "EIO";
    case EISDIR: return "EISDIR";
    case ELOOP: return "ELOOP";
    case EMFILE: return "EMFILE";
    case ENAMETOOLONG: return "ENAMETOOLONG";
    case ENFILE: return "ENFILE";
    case ENODEV: return "ENODEV";
    case ENOENT: return "ENOENT";
    case ENOMEM: return "ENOMEM";
    case ENOSPC: return "ENOSPC";
    case ENOSYS: return "ENOSYS";
    case ENOTDIR: return "ENOTDIR";
    case ENOTSUP: return "ENOTSUP";
    case EOVERFLOW: return "EOVERFLOW";
    case EPERM: return "EPERM";
    case EROFS: return "EROFS";
    default: return "EUNKNOWN";
  }
}

}  // namespace exprjit::virt_mem

#endif
