// The mappings of one environment, to whom each belongs, and what their pages currently allow.
//
// Problem: addresses cross from TypeScript as numbers, and a wrong one must throw, never fault; and whoever knows an
// address must not change code that somebody else runs there. Strategy: every access is first looked up here, with
// the owner on whose behalf it is made. Invariants: the registry describes exactly the mappings made through it and
// not yet released; the runs of a mapping cover it without gap, and neighbouring runs differ; an owner is never
// given out twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>

#include "virt_mem.h"

namespace exprjit {

class MappingRegistry {
 public:
  // Whose a mapping is. Only its owner may write to it, protect it and release it; everybody may read and run it.
  // Memory that nobody claims belongs to kNobody, like any other owner's.
  enum class Owner : uint64_t { kNobody = 0 };

  enum class Verdict {
    kOk,
    // Some byte of the range lies outside this environment's mappings.
    kNotMapped,
    // The range lies inside, but some page does not allow the access.
    kProtected,
    // Inside a mapping, but not exactly one (release), or not such a pair (releaseDualMapping).
    kNotWhole,
    // Inside a mapping of another owner.
    kOwned,
  };

  MappingRegistry() = default;
  MappingRegistry(const MappingRegistry &) = delete;
  MappingRegistry &operator=(const MappingRegistry &) = delete;
  // Releases every mapping that is left.
  ~MappingRegistry();

  // One that owns nothing yet.
  Owner newOwner() { return static_cast<Owner>(++lastOwner_); }

  virt_mem::Status alloc(uintptr_t *result, size_t size, uint32_t flags, Owner owner);
  virt_mem::Status allocDual(virt_mem::DualMapping *result, size_t size, uint32_t flags,
                             const char *temporaryDirectory, Owner owner);

  // Each of these touches the OS only when the verdict is kOk; `status` then says what the OS did.
  Verdict release(uintptr_t address, size_t size, Owner owner, virt_mem::Status *status);
  Verdict releaseDual(uintptr_t rx, uintptr_t rw, size_t size, Owner owner, virt_mem::Status *status);
  Verdict protect(uintptr_t address, size_t size, uint32_t flags, Owner owner, virt_mem::Status *status);

  // Puts pages under the protection key of this environment, readable and writable, so that nothing reaches them but who opens a
  // ProtectionKeyScope for it. `*guarded` is whether there is such a key; if not, nothing has changed.
  Verdict guard(uintptr_t address, size_t size, Owner owner, bool *guarded, virt_mem::Status *status);

  // Moves the range onto huge pages as far as they fit, in both views of a dual mapping.
  Verdict collapse(uintptr_t address, size_t size, Owner owner, virt_mem::Collapsed *result,
                   virt_mem::Status *status);

  // -1 until pages are under one.
  int protectionKey() const { return protectionKey_; }

  // Whether every page of the range allows `access` to the owner; kAccessNone asks only whether it is mapped.
  Verdict check(uintptr_t address, size_t size, uint32_t access, Owner owner) const;

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
    Owner owner;
    // Of a dual mapping: the other view. 0 otherwise.
    uintptr_t twin;
    bool isRx;
    // Switched per thread by protectJit().
    bool jit;
    // Start of run → access of its pages, up to the next run or the end of the mapping.
    std::map<uintptr_t, uint32_t> runs;
  };
  using Mappings = std::map<uintptr_t, Mapping>;

  // Changes the access of pages by `change`, which asks the OS.
  Verdict changeAccess(uintptr_t address, size_t size, uint32_t flags, Owner owner, virt_mem::Status *status,
                       const std::function<virt_mem::Status(void *address)> &change);
  bool findExecutable(double address);
  Mappings::const_iterator find(uintptr_t address, size_t size) const;
  void forget(uintptr_t address);

  Mappings mappings_;
  uint64_t lastOwner_ = 0;
  int protectionKey_ = -1;
  virt_mem::ProtectJitAccess jitAccess_ = virt_mem::kJitReadExecute;
  // The executable run that isExecutable() found last; empty after any change.
  double executableBegin_ = 0;
  double executableEnd_ = 0;
};

}  // namespace exprjit
