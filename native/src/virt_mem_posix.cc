// Virtual memory on POSIX systems: Linux, macOS, FreeBSD, NetBSD, OpenBSD.
#if !defined(_WIN32)

#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif

#include "virt_mem_posix.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/prctl.h>
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

namespace {

size_t pageSize() {
  static_assert(sizeof(long) <= sizeof(size_t), "a page size is a size");
  return static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

namespace posix {

Status failed(const char *strategy, const char *syscall, int error) {
  return Status{{Failure{strategy, syscall, error}}};
}

bool isWholePages(size_t size, uint32_t flags) {
  const size_t unit = (flags & kMMapLargePages) != 0 ? largePageSize() : pageSize();
  return size != 0 && unit != 0 && size % unit == 0;
}

void *map(size_t size, int protection, int mode, int fd) {
#if defined(__linux__)
  const size_t huge = size < kSmallestHugePage ? 0 : hugePageSize();
  if (huge != 0 && size >= huge) {
    const size_t roomy = size + huge;
    void *room = mmap(nullptr, roomy, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room != MAP_FAILED) {
      const uintptr_t begin = reinterpret_cast<uintptr_t>(room);
      const uintptr_t aligned = (begin + huge - 1) & ~(huge - 1);
      void *address = mmap(reinterpret_cast<void *>(aligned), size, protection, mode | MAP_FIXED, fd, 0);
      if (address == MAP_FAILED) {
        const int error = errno;
        munmap(room, roomy);
        errno = error;
        return MAP_FAILED;
      }
      if (aligned > begin) munmap(room, aligned - begin);
      const uintptr_t end = aligned + size;
      if (begin + roomy > end) munmap(reinterpret_cast<void *>(end), begin + roomy - end);
      return address;
    }
  }
#endif
  return mmap(nullptr, size, protection, mode, fd, 0);
}

void keepFromChildren([[maybe_unused]] void *address, [[maybe_unused]] size_t size) {
#if defined(__linux__)
  const int error = errno;
  madvise(address, size, MADV_DONTFORK);
  errno = error;
#endif
}

int populateLargePages([[maybe_unused]] void *address, [[maybe_unused]] size_t size) {
#if defined(__linux__)
  constexpr int kPopulateWrite = 23;
  if (madvise(address, size, kPopulateWrite) != 0 && errno != EINVAL) return errno;
#endif
  return 0;
}

#if defined(__linux__)

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

size_t hugePageSize() {
  const long long bytes = readKernelNumber("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "");
  return bytes > 0 && (bytes & (bytes - 1)) == 0 ? static_cast<size_t>(bytes) : 0;
}

int largePageShift() {
  int shift = 0;
  for (size_t size = largePageSize(); size > 1; size >>= 1) ++shift;
  return shift;
}

#endif

}  // namespace posix

using namespace posix;

namespace {

int protectionOf(uint32_t flags) {
  const uint32_t access = accessOf(flags);
  return ((access & kAccessRead) != 0 ? PROT_READ : 0) | ((access & kAccessWrite) != 0 ? PROT_WRITE : 0) |
         ((access & kAccessExecute) != 0 ? PROT_EXEC : 0);
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

bool canAllocate(uint32_t flags) {
  void *address = nullptr;
  if (!alloc(&address, pageSize(), flags).ok()) return false;
  release(address, pageSize());
  return true;
}

}  // namespace

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

  const int protection = protectionOf(flags) | maxProtectionBits(flags);
  void *address = large ? mmap(nullptr, size, protection, mode, -1, 0) : map(size, protection, mode, -1);
  if (address == MAP_FAILED) return failed(strategy, "mmap", errno);
  const char *syscall = large ? "madvise" : "mach_vm_protect";
  const int error = large && (flags & kAccessWrite) != 0 ? populateLargePages(address, size)
                                                         : restrictMaxProtection(address, size, flags);
  if (error != 0) {
    munmap(address, size);
    return failed(strategy, syscall, error);
  }
  if ((flags & kAccessExecute) != 0) keepFromChildren(address, size);
  nameMapping(address, size);
  *result = address;
  return {};
}

Status mapMarker(void **result, int descriptor) {
  *result = mmap(nullptr, info().pageSize, PROT_READ | PROT_EXEC, MAP_PRIVATE, descriptor, 0);
  return *result != MAP_FAILED ? Status{} : failed("marker", "mmap", errno);
}

Status release(void *address, size_t size) {
  return munmap(address, size) == 0 ? Status{} : failed("mmap", "munmap", errno);
}

Status protect(void *address, size_t size, uint32_t flags) {
  if (mprotect(address, size, protectionOf(flags)) != 0) return failed("mmap", "mprotect", errno);
  if ((flags & kAccessExecute) != 0) keepFromChildren(address, size);
  return {};
}

#if defined(__linux__)

Status collapse(Collapsed *result, void *address, size_t size) {
  constexpr const char *kStrategy = "collapse";
  constexpr int kCollapse = 25;  // MADV_COLLAPSE, Linux 6.1
  const size_t huge = hugePageSize();
  if (huge == 0) return failed(kStrategy, "madvise", kNotSupported);
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(address) + huge - 1) & ~(huge - 1);
  const uintptr_t end = (reinterpret_cast<uintptr_t>(address) + size) & ~(huge - 1);
  *result = Collapsed{0, 0};
  if (begin >= end) return {};
  // One by one: of memory that was never touched there is nothing to collapse, and that is told for all of a call.
  int error = 0;
  for (uintptr_t page = begin; page != end; page += huge) {
    if (madvise(reinterpret_cast<void *>(page), huge, kCollapse) == 0) {
      result->collapsed += huge;
    } else {
      error = errno;
    }
  }
  if (error == 0) return {};
  if (madvise(reinterpret_cast<void *>(begin), end - begin, MADV_HUGEPAGE) == 0) {
    result->hinted = end - begin - result->collapsed;
    return {};
  }
  Status status;
  if (result->collapsed != 0) return status;
  status.failures = {Failure{kStrategy, "madvise", error}, Failure{kStrategy, "madvise", errno}};
  return status;
}

#else

Status collapse(Collapsed *, void *, size_t) { return failed("collapse", "madvise", kNotSupported); }

#endif

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

}  // namespace exprjit::virt_mem

#endif
