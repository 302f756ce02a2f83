// Which ways to executable memory work here: each is tried with a stub that is run from it.
#include "virt_mem.h"

#include <cstring>

namespace exprjit::virt_mem {

namespace {

constexpr int kStubResult = 0x2a;

#if defined(__x86_64__) || defined(_M_X64)
// endbr64; mov eax, 42; ret
constexpr unsigned char kStub[] = {0xf3, 0x0f, 0x1e, 0xfa, 0xb8, kStubResult, 0, 0, 0, 0xc3};
#elif defined(__aarch64__) || defined(_M_ARM64)
// mov w0, #42; ret
constexpr unsigned char kStub[] = {0x40, 0x05, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6};
#else
constexpr unsigned char kStub[] = {0};
#define EXPRJIT_NO_STUB 1
#endif

void writeStub(void *rw) { std::memcpy(rw, kStub, sizeof kStub); }

// pre: the OS granted execution of the memory at `rx`, which holds the stub.
Status runStub(void *rx, const char *strategy) {
#if defined(EXPRJIT_NO_STUB)
  (void)rx;
  return Status{{Failure{strategy, "execute", kNotSupported}}};
#else
  flushInstructionCache(rx, sizeof kStub);
  const auto stub = reinterpret_cast<int (*)()>(rx);
  return stub() == kStubResult ? Status{} : Status{{Failure{strategy, "execute", kInvalidArgument}}};
#endif
}

Status probeProtect(const char *) {
  const size_t size = info().pageSize;
  void *address = nullptr;
  Status status = alloc(&address, size, kAccessReadWrite);
  if (!status.ok()) return status;
  writeStub(address);
  status = protect(address, size, kAccessReadExecute);
  if (status.ok()) status = runStub(address, "protect");
  release(address, size);
  return status;
}

Status probeWritableAndExecutable(size_t size, uint32_t flags, const char *strategy) {
  void *address = nullptr;
  Status status = alloc(&address, size, kAccessReadWriteExecute | flags);
  if (!status.ok()) return status;
  writeStub(address);
  status = runStub(address, strategy);
  release(address, size);
  return status;
}

Status probeRwx(const char *) { return probeWritableAndExecutable(info().pageSize, 0, "rwx"); }

Status probeSharedRwx(const char *) {
  return probeWritableAndExecutable(info().pageSize, kMapShared, "rwx-shared");
}

Status probeRwxLargePages(const char *) {
  return probeWritableAndExecutable(largePageSize(), kMMapLargePages, "rwx-large-pages");
}

Status probeMapJit(const char *) {
#if defined(__APPLE__)
  const size_t size = info().pageSize;
  void *address = nullptr;
  Status status = alloc(&address, size, kAccessReadWriteExecute | kMMapEnableMapJit);
  if (!status.ok()) return status;
  protectJitMemory(kJitReadWrite);
  writeStub(address);
  protectJitMemory(kJitReadExecute);
  status = runStub(address, "map-jit");
  release(address, size);
  return status;
#else
  return Status{{Failure{"map-jit", "mmap", kNotSupported}}};
#endif
}

Status runDual(const DualMapping &dual, size_t size) {
  writeStub(dual.rw);
  const Status status = runStub(dual.rx, dual.strategy);
  releaseDualMapping(dual, size);
  return status;
}

Status probeDualLargePages(const char *temporaryDirectory) {
  const size_t size = largePageSize();
  DualMapping dual = {};
  const Status status = allocDualMapping(&dual, size, kMMapLargePages, temporaryDirectory);
  return status.ok() ? runDual(dual, size) : status;
}

ProbeResult resultOf(const char *strategy, const Status &status) {
  return ProbeResult{strategy, status.ok(), status.ok() ? Failure{} : status.failures.back()};
}

}  // namespace

std::vector<ProbeResult> probe(const char *temporaryDirectory) {
  std::vector<ProbeResult> results;
  results.push_back(resultOf("protect", probeProtect(temporaryDirectory)));
  results.push_back(resultOf("rwx", probeRwx(temporaryDirectory)));
  results.push_back(resultOf("rwx-shared", probeSharedRwx(temporaryDirectory)));
  const size_t size = info().pageGranularity;
  for (const DualStrategy &strategy : dualStrategies()) {
    DualMapping dual;
    Status status = strategy.alloc(&dual, size, temporaryDirectory);
    if (status.ok()) status = runDual(dual, size);
    results.push_back(resultOf(strategy.name, status));
  }
  results.push_back(resultOf("rwx-large-pages", probeRwxLargePages(temporaryDirectory)));
  results.push_back(resultOf("dual-large-pages", probeDualLargePages(temporaryDirectory)));
  results.push_back(resultOf("map-jit", probeMapJit(temporaryDirectory)));
  return results;
}

}  // namespace exprjit::virt_mem
