// The mappings of one environment, and what their pages currently allow.
//
// Problem: addresses cross from TypeScript as numbers, and a wrong one must throw, never fault. Strategy: every
// access is first looked up here. Invariants: the registry describes exactly the mappings made through it and
// not yet released; the runs of a mapping cover it without gap, and neighbouring runs differ.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "virt_mem.h"

namespace exprjit {

class MappingRegistry {
 public:
  enum class Verdict {
    kOk,
    // Some byte of the range lies outside this environment's mappings.
    kNotMapped,
    // The range lies inside, but some page does not allow the access.
    kProtected,
    // Inside a mapping, but not exactly one (release), or not such a pair (releaseDualMapping).
    kNotWhole,
  };

  MappingRegistry() = default;
  MappingRegistry(const MappingRegistry &) = delete;
  MappingRegistry &operator=(const MappingRegistry &) = delete;
  // Releases every mapping that is left.
  ~MappingRegistry();

  virt_mem::Status alloc(uintptr_t *result, size_t size, uint32_t flags);
  virt_mem::Status allocDual(virt_mem::DualMapping *result, size_t size, uint32_t flags,
                             const char *temporaryDirectory);

  // Each of these touches the OS only when the verdict is kOk; `status` then says what the OS did.
  Verdict release(uintptr_t address, size_t size, virt_mem::Status *status);
  Verdict releaseDual(uintptr_t rx, uintptr_t rw, size_t size, virt_mem::Status *status);
  Verdict protect(uintptr_t address, size_t size, uint32_t flags, virt_mem::Status *status);

  // Whether every page of the range allows `access`; kAccessNone asks only whether it is mapped.
  Verdict check(uintptr_t address, size_t size, uint32_t access) const;

  // Whether machine code may be entered at `address`, which may be any double. Constant time when it lies
  // near the last one asked for.
  bool isExecutable(double address) {
    return (address >= executableBegin_ && address < executableEnd_) || findExecutable(address);
  }

  // This thread's switch for MAP_JIT memory.
  void protectJit(virt_mem::ProtectJitAccess access);

 private:
  struct Mapping {
    size_t size;
    // Of a dual mapping: the other view. 0 otherwise.
    uintptr_t twin;
    bool isRx;
    // Switched per thread by protectJit().
    bool jit;
    // Start of run → access of its pages, up to the next run or the end of the mapping.
    std::map<uintptr_t, uint32_t> runs;
  };
  using Mappings = std::map<uintptr_t, Mapping>;

  bool findExecutable(double address);
  Mappings::const_iterator find(uintptr_t address, size_t size) const;
  void forget(uintptr_t address);

  Mappings mappings_;
  virt_mem::ProtectJitAccess jitAccess_ = virt_mem::kJitReadExecute;
  // The executable run that isExecutable() found last; empty after any change.
  double executableBegin_ = 0;
  double executableEnd_ = 0;
};

}  // namespace exprjit
