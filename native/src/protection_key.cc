#include "protection_key.h"

#if defined(__linux__) && defined(__x86_64__)

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace exprjit {

namespace {

// By number, since C libraries have them only of late.
constexpr long kPkeyMprotect = 329;
constexpr long kPkeyAlloc = 330;
constexpr long kPkeyFree = 331;

// Two bits of PKRU for each key: no access at all, no writing.
constexpr uint32_t kNoAccess = 1;
constexpr uint32_t kRightsMask = 3;

// RDPKRU and WRPKRU, as bytes for assemblers that do not know them.
uint32_t readRights() {
  uint32_t rights;
  uint32_t high;
  __asm__ volatile(".byte 0x0f, 0x01, 0xee" : "=a"(rights), "=d"(high) : "c"(0));
  return rights;
}

// The compiler must not move accesses to memory across it.
void writeRights(uint32_t rights) {
  __asm__ volatile(".byte 0x0f, 0x01, 0xef" : : "a"(rights), "c"(0), "d"(0) : "memory");
}

void setRights(int key, uint32_t rights) {
  const int shift = 2 * key;
  writeRights((readRights() & ~(kRightsMask << shift)) | (rights << shift));
}

}  // namespace

int allocProtectionKey() {
  const long key = syscall(kPkeyAlloc, 0L, static_cast<long>(kNoAccess));
  // ENOSPC, ENOSYS, and what sandboxes give.
  return key < 1 ? -1 : static_cast<int>(key);
}

void freeProtectionKey(int key) {
  if (key >= 0) syscall(kPkeyFree, static_cast<long>(key));
}

virt_mem::Status protectWithKey(void *address, size_t size, uint32_t flags, int key) {
  const long protection = static_cast<long>(virt_mem::accessOf(flags));
  static_assert(virt_mem::kAccessRead == 1 && virt_mem::kAccessWrite == 2 && virt_mem::kAccessExecute == 4,
                "flags are those of Linux");
  if (syscall(kPkeyMprotect, address, size, protection, static_cast<long>(key)) == 0) return {};
  return virt_mem::Status{{virt_mem::Failure{"protection-key", "pkey_mprotect", errno}}};
}

ProtectionKeyScope::ProtectionKeyScope(int key) : key_(key) {
  if (key_ >= 0) setRights(key_, 0);
}

ProtectionKeyScope::~ProtectionKeyScope() {
  if (key_ >= 0) setRights(key_, kNoAccess);
}

}  // namespace exprjit

#else

namespace exprjit {

int allocProtectionKey() { return -1; }
void freeProtectionKey(int) {}

virt_mem::Status protectWithKey(void *, size_t, uint32_t, int) {
  return virt_mem::Status{{virt_mem::Failure{"protection-key", "pkey_mprotect", virt_mem::kNotSupported}}};
}

ProtectionKeyScope::ProtectionKeyScope(int) : key_(-1) {}
ProtectionKeyScope::~ProtectionKeyScope() = default;

}  // namespace exprjit

#endif
