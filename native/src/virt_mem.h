// Virtual memory: the contract with the operating system. Nothing of Node stands here, so that it can be
// compiled and tested alone; `virt_mem_posix.cc` and `virt_mem_win32.cc` implement it.
//
// Sizes are in bytes, not zero, and multiples of the page size (of the large page size with
// kMMapLargePages); other sizes fail with EINVAL. No function keeps state: who owns which mapping is the
// caller's to know. Names and values follow AsmJit's `VirtMem`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace exprjit::virt_mem {

enum MemoryFlags : uint32_t {
  kAccessNone = 0,
  kAccessRead = 0x01,
  kAccessWrite = 0x02,
  kAccessExecute = 0x04,
  kAccessReadWrite = kAccessRead | kAccessWrite,
  kAccessReadExecute = kAccessRead | kAccessExecute,
  kAccessReadWriteExecute = kAccessRead | kAccessWrite | kAccessExecute,
  // MAP_JIT on Apple systems; without effect elsewhere.
  kMMapEnableMapJit = 0x10,
  // The most that protect() may grant later. Honoured on macOS, NetBSD and FreeBSD; Linux, OpenBSD and
  // Windows have no such notion for this kind of memory, and there they are without effect. None of the
  // three given means no restriction.
  kMMapMaxAccessRead = 0x20,
  kMMapMaxAccessWrite = 0x40,
  kMMapMaxAccessExecute = 0x80,
  kMapShared = 0x100,
  // Fails where no large page can be had at this moment; the caller falls back.
  kMMapLargePages = 0x200,
  // allocDualMapping() tries the temporary file before anonymous shared memory. Without effect on Windows,
  // whose ladder has one rung.
  kMappingPreferTmp = 0x80000000u,
};

constexpr uint32_t kAccessMask = kAccessReadWriteExecute;
constexpr uint32_t kAllFlags = kAccessMask | kMMapEnableMapJit | kMMapMaxAccessRead | kMMapMaxAccessWrite |
                               kMMapMaxAccessExecute | kMapShared | kMMapLargePages | kMappingPreferTmp;

// What pages that were asked for with these flags allow. Nowhere do they allow writing and not reading: Windows has no
// such protection, and x86 no such page.
constexpr uint32_t accessOf(uint32_t flags) {
  return (flags & kAccessMask) | ((flags & kAccessWrite) != 0 ? kAccessRead : kAccessNone);
}

enum HardenedRuntimeFlags : uint32_t {
  // Memory cannot be writable and executable at once.
  kHardenedEnabled = 0x01,
  kHardenedMapJit = 0x02,
  kHardenedDualMapping = 0x04,
};

enum ProtectJitAccess : uint32_t { kJitReadWrite = 0, kJitReadExecute = 1 };

// One OS call that failed. `error` is an errno, or GetLastError() on Windows; the strings are literals.
struct Failure {
  const char *strategy;
  const char *syscall;
  int error;
};

// What an operation met. Empty on success; otherwise the last failure is the one that ended the operation
// and those before it are the rungs of the ladder that had failed already.
struct Status {
  std::vector<Failure> failures;
  bool ok() const { return failures.empty(); }
};

struct Info {
  size_t pageSize;
  // Granularity of addresses that mappings start at.
  size_t pageGranularity;
};

// The same memory twice: readable and executable at `rx`, readable and writable at `rw`.
struct DualMapping {
  void *rx;
  void *rw;
  // The rung of the ladder that worked, a literal.
  const char *strategy;
};

// One way to obtain executable memory, tried with a stub that was run. `failure` says why it does not work.
struct ProbeResult {
  const char *strategy;
  bool works;
  Failure failure;
};

Info info();

// 0 if the OS has no large pages.
size_t largePageSize();

// Finds out by trying, so that policies that can't be asked for (SELinux, MDWE) are seen too.
uint32_t hardenedRuntimeFlags(const char *temporaryDirectory);

// What is executable, from the start or by protect(), and both views of a dual mapping are not in children that this
// process forks (Linux).
Status alloc(void **result, size_t size, uint32_t flags);

// Maps the first page of an open file as code, so that whoever watches the mappings of code hears of the file. The page
// is not to be touched, it may lie beyond the end of the file. POSIX only.
Status mapMarker(void **result, int descriptor);

// pre: [address, address + size) is a whole mapping from alloc(), one view from allocDualMapping(), or one page from
// mapMarker().
Status release(void *address, size_t size);

// pre: the range lies in live mappings.
Status protect(void *address, size_t size, uint32_t flags);

// Walks the ladder memfd_create → shm_open → file in `temporaryDirectory` until one rung gives both views.
// Of `flags` the access bits are ignored.
Status allocDualMapping(DualMapping *result, size_t size, uint32_t flags, const char *temporaryDirectory);

// Releases both views even if the first fails.
Status releaseDualMapping(const DualMapping &mapping, size_t size);

// What became of the part of a mapping that huge pages fit into, in bytes.
struct Collapsed {
  // On huge pages now.
  size_t collapsed;
  // The OS was told that huge pages would be welcome.
  size_t hinted;
};

// Moves the part of mapped memory that huge pages fit into onto such. Takes as long as to copy it. ENOTSUP where the OS
// has nothing of the kind. Mappings that huge pages fit into start where they can (Linux).
Status collapse(Collapsed *result, void *address, size_t size);

// Whether kMMapEnableMapJit memory is switched between writable and executable per thread here.
bool hasThreadJitProtection();

// Switches this thread's view of all MAP_JIT memory; does nothing where there is no such switch.
void protectJitMemory(ProtectJitAccess access);

void flushInstructionCache(void *address, size_t size);

// Runs a stub through every strategy this platform has or others have; never faults: the stub is only run
// from memory that the OS has granted as executable.
std::vector<ProbeResult> probe(const char *temporaryDirectory);

// The rungs of the dual mapping ladder, by name, each alone; for probe().
struct DualStrategy {
  const char *name;
  Status (*alloc)(DualMapping *result, size_t size, const char *temporaryDirectory);
};
const std::vector<DualStrategy> &dualStrategies();

// The symbolic name of an error, in POSIX terms on every platform: `ENOMEM`, `EACCES`…
const char *errorName(int error);

// The error that a function reports when it refuses its arguments, and when the platform lacks a feature.
extern const int kInvalidArgument;
extern const int kNotSupported;

}  // namespace exprjit::virt_mem
