// Memory protection keys (Intel SDM 3A 4.6.2, pkeys(7)): pages under a key can be touched only by a thread that has
// opened it, which takes an instruction and no system call. Linux on x86-64; elsewhere there are none.
#pragma once

#include <cstddef>
#include <cstdint>

#include "virt_mem.h"

namespace exprjit {

// A key of this process, which no thread has opened; -1 where the CPU or the OS has none, or none is left.
int allocProtectionKey();

// pre: no page is under the key any more. Does nothing for -1.
void freeProtectionKey(int key);

// Puts whole pages under the key, and gives them the access. pre: `key` is not -1.
virt_mem::Status protectWithKey(void *address, size_t size, uint32_t flags, int key);

// Opens the key to this thread for as long as it lives; does nothing for -1. Signal handlers run with the key closed.
class ProtectionKeyScope {
 public:
  explicit ProtectionKeyScope(int key);
  ProtectionKeyScope(const ProtectionKeyScope &) = delete;
  ProtectionKeyScope &operator=(const ProtectionKeyScope &) = delete;
  ~ProtectionKeyScope();

 private:
  // Without use where there are no keys.
  [[maybe_unused]] int key_;
};

}  // namespace exprjit
