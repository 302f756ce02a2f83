// virt_mem.h on its own, on the platform this is compiled for. Needs nothing of Node.
#include "../src/virt_mem.h"

#include <cstdlib>
#include <cstring>
#include <string>

#include "check.h"
#include "stub.h"

#if !defined(_WIN32)
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#endif
#if defined(__linux__)
#include <sys/prctl.h>
#endif

using namespace exprjit::virt_mem;
using exprjit::test::kStub;
using exprjit::test::runStub;

namespace {

std::string temporaryDirectory() {
#if defined(_WIN32)
  const char *names[] = {"TMP", "TEMP"};
#else
  const char *names[] = {"TMPDIR"};
#endif
  for (const char *name : names) {
    if (const char *value = std::getenv(name)) return value;
  }
  return "/tmp";
}

const std::string kDirectory = temporaryDirectory();

bool failedWith(const Status &status, int error) {
  return !status.ok() && status.failures.back().error == error && status.failures.back().syscall != nullptr &&
         status.failures.back().strategy != nullptr;
}

void testInfo() {
  const Info pages = info();
  CHECK(pages.pageSize >= 4096 && (pages.pageSize & (pages.pageSize - 1)) == 0);
  CHECK(pages.pageGranularity >= pages.pageSize && pages.pageGranularity % pages.pageSize == 0);
  const size_t large = largePageSize();
  CHECK(large == 0 || (large > pages.pageSize && large % pages.pageSize == 0));
}

void testSizes() {
  const size_t page = info().pageSize;
  void *address = nullptr;
  DualMapping dual = {};
  for (const size_t size : {size_t{0}, size_t{1}, page - 1, page + 1}) {
    CHECK(failedWith(alloc(&address, size, kAccessReadWrite), kInvalidArgument));
    CHECK(failedWith(allocDualMapping(&dual, size, 0, kDirectory.c_str()), kInvalidArgument));
  }
  const size_t impossible = (SIZE_MAX / 2 / page) * page;
  CHECK(!alloc(&address, impossible, kAccessReadWrite).ok());
  CHECK(!allocDualMapping(&dual, impossible, 0, kDirectory.c_str()).ok());
}

void testAlloc() {
  const size_t size = 4 * info().pageSize;
  for (const uint32_t flags : {uint32_t{kAccessReadWrite}, uint32_t{kAccessReadWrite | kMapShared},
                               uint32_t{kAccessReadWrite | kMMapMaxAccessRead | kMMapMaxAccessWrite}}) {
    void *address = nullptr;
    if (!CHECK(alloc(&address, size, flags).ok())) continue;
    std::memset(address, 0xa5, size);
    CHECK(static_cast<unsigned char *>(address)[size - 1] == 0xa5);
    CHECK(release(address, size).ok());
  }
}

void testProtect() {
  const size_t page = info().pageSize;
  void *address = nullptr;
  if (!CHECK(alloc(&address, 2 * page, kAccessReadWrite).ok())) return;
  std::memcpy(address, kStub, sizeof kStub);
  if (CHECK(protect(address, page, kAccessReadExecute).ok())) {
    flushInstructionCache(address, sizeof kStub);
    CHECK(runStub(address) == 42);
  }
  static_cast<char *>(address)[page] = 1;
  CHECK(protect(address, 2 * page, kAccessNone).ok());
  CHECK(protect(address, 2 * page, kAccessReadWrite).ok());
  CHECK(static_cast<char *>(address)[page] == 1);
  CHECK(release(address, 2 * page).ok());
}

void runDual(const DualMapping &dual, size_t size) {
  CHECK(dual.rx != dual.rw);
  std::memset(dual.rw, 0xcc, size);
  std::memcpy(dual.rw, kStub, sizeof kStub);
  CHECK(std::memcmp(dual.rx, dual.rw, size) == 0);
  flushInstructionCache(dual.rx, size);
  CHECK(runStub(dual.rx) == 42);
  CHECK(releaseDualMapping(dual, size).ok());
}

void testDualMapping() {
  const size_t size = 2 * info().pageGranularity;
  DualMapping dual = {};
  if (CHECK(allocDualMapping(&dual, size, 0, kDirectory.c_str()).ok())) {
    CHECK(std::strcmp(dual.strategy, dualStrategies().front().name) == 0);
    runDual(dual, size);
  }
  if (CHECK(allocDualMapping(&dual, size, kMappingPreferTmp, kDirectory.c_str()).ok())) {
    CHECK(std::strcmp(dual.strategy, dualStrategies().back().name) == 0);
    runDual(dual, size);
  }
  for (const DualStrategy &strategy : dualStrategies()) {
    if (CHECK(strategy.alloc(&dual, size, kDirectory.c_str()).ok())) runDual(dual, size);
  }
}

#if !defined(_WIN32)

void testMissingDirectory() {
  const size_t size = info().pageGranularity;
  DualMapping dual = {};
  const DualStrategy &last = dualStrategies().back();
  CHECK(std::strcmp(last.name, "tmpfile") == 0);
  const Status status = last.alloc(&dual, size, "/nowhere/at/all");
  CHECK(!status.ok() && std::strcmp(errorName(status.failures.back().error), "ENOENT") == 0);
  // The other rungs still carry, also when asked to prefer the file.
  if (dualStrategies().size() > 1 &&
      CHECK(allocDualMapping(&dual, size, kMappingPreferTmp, "/nowhere/at/all").ok())) {
    runDual(dual, size);
  }
}

#endif

void testLargePages() {
  const size_t size = largePageSize();
  DualMapping dual = {};
  void *address = nullptr;
  if (size == 0) {
    CHECK(failedWith(alloc(&address, info().pageSize, kAccessReadWrite | kMMapLargePages), kNotSupported));
    return;
  }
  CHECK(failedWith(alloc(&address, info().pageSize, kAccessReadWrite | kMMapLargePages), kInvalidArgument));
  const Status single = alloc(&address, size, kAccessReadWrite | kMMapLargePages);
  if (single.ok()) {
    std::memset(address, 1, size);
    CHECK(release(address, size).ok());
  } else {
    CHECK(std::strcmp(errorName(single.failures.back().error), "EUNKNOWN") != 0);
  }
  const Status twice = allocDualMapping(&dual, size, kMMapLargePages, kDirectory.c_str());
  if (twice.ok()) {
    runDual(dual, size);
  } else {
    CHECK(std::strcmp(errorName(twice.failures.back().error), "EUNKNOWN") != 0);
  }
}

void testProbe() {
  bool any = false;
  for (const ProbeResult &result : probe(kDirectory.c_str())) {
    std::printf("  %-18s %s", result.strategy, result.works ? "works\n" : "");
    if (!result.works) std::printf("%s: %s\n", result.failure.syscall, errorName(result.failure.error));
    any = any || result.works;
  }
  CHECK(any);
  CHECK((hardenedRuntimeFlags(kDirectory.c_str()) & kHardenedDualMapping) != 0);
}

#if !defined(_WIN32)

// Runs `body` in a child of its own, whose limits and memory it may spoil.
template <typename Body>
void inChild(Body body) {
  const pid_t child = fork();
  if (child == 0) {
    body();
    _exit(exprjit::test::failedChecks() == 0 ? 0 : 1);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

void testShared() {
  const size_t size = info().pageSize;
  void *shared = nullptr;
  void *own = nullptr;
  if (!CHECK(alloc(&shared, size, kAccessReadWrite | kMapShared).ok())) return;
  if (!CHECK(alloc(&own, size, kAccessReadWrite).ok())) return;
  inChild([&] {
    *static_cast<int *>(shared) = 7;
    *static_cast<int *>(own) = 7;
  });
  CHECK(*static_cast<int *>(shared) == 7);
  CHECK(*static_cast<int *>(own) == 0);
  CHECK(release(shared, size).ok());
  CHECK(release(own, size).ok());
}

void testFileSizeLimit() {
  inChild([] {
    const struct rlimit none = {0, 0};
    CHECK(setrlimit(RLIMIT_FSIZE, &none) == 0);
    DualMapping dual = {};
    const Status status = allocDualMapping(&dual, info().pageSize, 0, kDirectory.c_str());
    CHECK(status.failures.size() == dualStrategies().size());
    CHECK(std::strcmp(errorName(status.failures.front().error), "EFBIG") == 0);
  });
}

void testOpenFilesLimit() {
  inChild([] {
    const struct rlimit none = {0, 0};
    CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
    DualMapping dual = {};
    const Status status = allocDualMapping(&dual, info().pageSize, 0, kDirectory.c_str());
    CHECK(status.failures.size() == dualStrategies().size());
    for (const Failure &failure : status.failures) {
      CHECK(std::strcmp(errorName(failure.error), "EMFILE") == 0);
    }
  });
}

// The page is not touched: it lies beyond the end of the file.
void testMarker() {
  char name[] = "/tmp/exprjit-marker-XXXXXX";
  const int descriptor = mkstemp(name);
  if (!CHECK(descriptor >= 0)) return;
  unlink(name);
  void *address = nullptr;
  if (CHECK(mapMarker(&address, descriptor).ok())) CHECK(release(address, info().pageSize).ok());
  close(descriptor);
  CHECK(failedWith(mapMarker(&address, descriptor), EBADF));
}

#endif

#if defined(__linux__)

// Whether all pages are mapped in this process.
bool isMapped(void *address, size_t size) { return msync(address, size, MS_ASYNC) == 0; }

void testChildren() {
  const size_t size = 2 * info().pageSize;
  void *data = nullptr;
  void *code = nullptr;
  void *made = nullptr;
  if (!CHECK(alloc(&data, size, kAccessReadWrite).ok())) return;
  if (!CHECK(alloc(&code, size, kAccessReadWriteExecute).ok())) return;
  if (!CHECK(alloc(&made, size, kAccessReadWrite).ok())) return;
  CHECK(protect(made, size, kAccessReadExecute).ok());
  for (const DualStrategy &strategy : dualStrategies()) {
    DualMapping dual = {};
    if (!CHECK(strategy.alloc(&dual, size, kDirectory.c_str()).ok())) continue;
    CHECK(isMapped(dual.rx, size) && isMapped(dual.rw, size));
    // A change of access does not bring it back.
    CHECK(protect(dual.rw, size, kAccessNone).ok() && protect(dual.rw, size, kAccessReadWrite).ok());
    inChild([&] {
      CHECK(!isMapped(dual.rx, size) && !isMapped(dual.rw, size));
      CHECK(!isMapped(code, size) && !isMapped(made, size) && isMapped(data, size));
    });
    CHECK(isMapped(dual.rx, size) && isMapped(dual.rw, size));
    CHECK(releaseDualMapping(dual, size).ok());
  }
  for (void *address : {data, code, made}) CHECK(release(address, size).ok());
}

// Bytes of the mapping that starts at the address which are mapped by huge pages, in kB lines of its entry.
long long hugelyMapped(const void *address) {
  char wanted[32];
  std::snprintf(wanted, sizeof wanted, "%llx-", static_cast<unsigned long long>(reinterpret_cast<uintptr_t>(address)));
  std::FILE *smaps = std::fopen("/proc/self/smaps", "r");
  char line[512];
  bool inside = false;
  long long kibibytes = 0;
  while (smaps != nullptr && std::fgets(line, sizeof line, smaps) != nullptr) {
    long long value = 0;
    if (std::strstr(line, " kB") == nullptr && std::strncmp(line, "VmFlags", 7) != 0) {
      inside = std::strncmp(line, wanted, std::strlen(wanted)) == 0;
    } else if (inside && (std::sscanf(line, "ShmemPmdMapped: %lld", &value) == 1 ||
                          std::sscanf(line, "AnonHugePages: %lld", &value) == 1)) {
      kibibytes += value;
    }
  }
  if (smaps != nullptr) std::fclose(smaps);
  return kibibytes * 1024;
}

void testCollapse() {
  constexpr size_t kHuge = size_t{2} << 20;
  const size_t size = 2 * kHuge;
  DualMapping dual = {};
  if (!CHECK(allocDualMapping(&dual, size, 0, kDirectory.c_str()).ok())) return;
  Collapsed collapsed = {};
  const Status none = collapse(&collapsed, dual.rx, info().pageSize);
  if (failedWith(none, kNotSupported)) {
    std::puts("  huge pages         none");
    CHECK(releaseDualMapping(dual, size).ok());
    return;
  }
  CHECK(none.ok() && collapsed.collapsed == 0 && collapsed.hinted == 0);
  std::memcpy(dual.rw, kStub, sizeof kStub);
  CHECK(reinterpret_cast<uintptr_t>(dual.rx) % kHuge == 0 && reinterpret_cast<uintptr_t>(dual.rw) % kHuge == 0);
  // Untouched memory does not collapse.
  size_t half = 0;
  for (void *view : {dual.rx, dual.rw}) {
    if (!collapse(&collapsed, view, size).ok()) continue;
    CHECK(collapsed.collapsed + collapsed.hinted == size && collapsed.collapsed <= kHuge);
    CHECK(hugelyMapped(view) == static_cast<long long>(collapsed.collapsed));
    half += collapsed.collapsed;
  }
  std::memset(dual.rw, 0xcc, size);
  size_t all = 0;
  for (void *view : {dual.rx, dual.rw}) {
    if (!collapse(&collapsed, view, size).ok()) continue;
    CHECK(collapsed.collapsed + collapsed.hinted == size);
    CHECK(hugelyMapped(view) == static_cast<long long>(collapsed.collapsed));
    all += collapsed.collapsed;
  }
  std::printf("  huge pages         %zu MiB of 4, then %zu of 8\n", half >> 20, all >> 20);
  runDual(dual, size);

  void *code = nullptr;
  if (!CHECK(alloc(&code, size, kAccessReadWriteExecute).ok())) return;
  std::memset(code, 0xcc, size);
  if (collapse(&collapsed, code, size).ok()) {
    CHECK(hugelyMapped(code) >= static_cast<long long>(collapsed.collapsed));
  }
  CHECK(release(code, size).ok());
}

// Memory-deny-write-execute (Linux 6.3) is the kernel's own W^X; where it is unknown there is nothing to test.
void testDenyWriteExecute() {
  inChild([] {
    constexpr int kSetMdwe = 65;
    constexpr unsigned long kRefuseExecGain = 1;
    if (prctl(kSetMdwe, kRefuseExecGain, 0L, 0L, 0L) != 0) return;
    void *address = nullptr;
    CHECK(failedWith(alloc(&address, info().pageSize, kAccessReadWriteExecute), EACCES));
    CHECK((hardenedRuntimeFlags(kDirectory.c_str()) & kHardenedEnabled) != 0);
    DualMapping dual = {};
    if (CHECK(allocDualMapping(&dual, info().pageSize, 0, kDirectory.c_str()).ok())) {
      runDual(dual, info().pageSize);
    }
    testProbe();
  });
}

#endif

}  // namespace

int main() {
  testInfo();
  testSizes();
  testAlloc();
  testProtect();
  testDualMapping();
  testLargePages();
  testProbe();
#if !defined(_WIN32)
  testMissingDirectory();
  testShared();
  testMarker();
  testFileSizeLimit();
  testOpenFilesLimit();
#endif
#if defined(__linux__)
  testChildren();
  testCollapse();
  testDenyWriteExecute();
#endif
  std::puts(exprjit::test::failedChecks() == 0 ? "virt_mem: ok" : "virt_mem: FAILED");
  return exprjit::test::failedChecks() == 0 ? 0 : 1;
}
