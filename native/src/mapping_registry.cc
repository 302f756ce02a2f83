#include "mapping_registry.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "protection_key.h"

namespace exprjit {

using virt_mem::DualMapping;
using virt_mem::Status;

MappingRegistry::~MappingRegistry() {
  for (const auto &[address, mapping] : mappings_) {
    virt_mem::release(reinterpret_cast<void *>(address), mapping.size);
  }
  freeProtectionKey(protectionKey_);
}

// The entry is made before the OS is asked, under a key that no mapping has, so that running out of memory
// here cannot lose a mapping.
Status MappingRegistry::alloc(uintptr_t *result, size_t size, uint32_t flags, Owner owner) {
  Mappings staged;
  const bool jit = (flags & virt_mem::kMMapEnableMapJit) != 0 && virt_mem::hasThreadJitProtection();
  Mapping &mapping = staged.emplace(0, Mapping{size, owner, 0, false, jit, {}}).first->second;
  mapping.runs.emplace(0, virt_mem::accessOf(flags));

  void *address = nullptr;
  Status status = virt_mem::alloc(&address, size, flags);
  if (!status.ok()) return status;
  *result = reinterpret_cast<uintptr_t>(address);

  auto run = mapping.runs.extract(uintptr_t{0});
  run.key() = *result;
  mapping.runs.insert(std::move(run));
  auto node = staged.extract(uintptr_t{0});
  node.key() = *result;
  mappings_.insert(std::move(node));
  return status;
}

Status MappingRegistry::allocDual(DualMapping *result, size_t size, uint32_t flags,
                                  const char *temporaryDirectory, Owner owner) {
  Mappings staged;
  Mapping *views[2];
  for (uintptr_t i = 0; i < 2; ++i) {
    views[i] = &staged.emplace(i, Mapping{size, owner, 0, i == 0, false, {}}).first->second;
    views[i]->runs.emplace(0, i == 0 ? virt_mem::kAccessReadExecute : virt_mem::kAccessReadWrite);
  }

  Status status = virt_mem::allocDualMapping(result, size, flags, temporaryDirectory);
  if (!status.ok()) return status;

  const uintptr_t addresses[2] = {reinterpret_cast<uintptr_t>(result->rx),
                                  reinterpret_cast<uintptr_t>(result->rw)};
  for (uintptr_t i = 0; i < 2; ++i) {
    views[i]->twin = addresses[1 - i];
    auto run = views[i]->runs.extract(uintptr_t{0});
    run.key() = addresses[i];
    views[i]->runs.insert(std::move(run));
    auto node = staged.extract(i);
    node.key() = addresses[i];
    mappings_.insert(std::move(node));
  }
  return status;
}

MappingRegistry::Verdict MappingRegistry::release(uintptr_t address, size_t size, Owner owner,
                                                  Status *status) {
  const auto found = find(address, size);
  if (found == mappings_.end()) return Verdict::kNotMapped;
  if (found->second.owner != owner) return Verdict::kOwned;
  if (found->first != address || found->second.size != size || found->second.twin != 0) {
    return Verdict::kNotWhole;
  }
  *status = virt_mem::release(reinterpret_cast<void *>(address), size);
  if (status->ok()) forget(address);
  return Verdict::kOk;
}

MappingRegistry::Verdict MappingRegistry::releaseDual(uintptr_t rx, uintptr_t rw, size_t size, Owner owner,
                                                      Status *status) {
  const auto found = find(rx, size);
  const auto other = find(rw, size);
  if (found == mappings_.end() || other == mappings_.end()) return Verdict::kNotMapped;
  const Mapping &mapping = found->second;
  if (mapping.owner != owner || other->second.owner != owner) return Verdict::kOwned;
  if (found->first != rx || mapping.size != size || mapping.twin != rw || !mapping.isRx) {
    return Verdict::kNotWhole;
  }
  // One by one: a view that the OS did not unmap stays registered, alone, and can be released again.
  for (const uintptr_t view : {rx, rw}) {
    const Status released = virt_mem::release(reinterpret_cast<void *>(view), size);
    if (released.ok()) {
      forget(view);
    } else {
      mappings_.at(view).twin = 0;
      status->failures.insert(status->failures.end(), released.failures.begin(), released.failures.end());
    }
  }
  return Verdict::kOk;
}

MappingRegistry::Verdict MappingRegistry::protect(uintptr_t address, size_t size, uint32_t flags, Owner owner,
                                                  Status *status) {
  return changeAccess(address, size, flags, owner, status,
                      [size, flags](void *pages) { return virt_mem::protect(pages, size, flags); });
}

MappingRegistry::Verdict MappingRegistry::guard(uintptr_t address, size_t size, Owner owner, bool *guarded,
                                                Status *status) {
  *guarded = false;
  const Verdict verdict = check(address, size, virt_mem::kAccessNone, owner);
  if (verdict != Verdict::kOk) return verdict;
  if (protectionKey_ < 0) protectionKey_ = allocProtectionKey();
  if (protectionKey_ < 0) return Verdict::kOk;
  constexpr uint32_t kAccess = virt_mem::kAccessReadWrite;
  *guarded = true;
  return changeAccess(address, size, kAccess, owner, status, [this, size](void *pages) {
    return protectWithKey(pages, size, kAccess, protectionKey_);
  });
}

MappingRegistry::Verdict MappingRegistry::collapse(uintptr_t address, size_t size, Owner owner,
                                                   virt_mem::Collapsed *result, Status *status) {
  const auto found = find(address, size);
  if (found == mappings_.end()) return Verdict::kNotMapped;
  if (found->second.owner != owner) return Verdict::kOwned;
  *status = virt_mem::collapse(result, reinterpret_cast<void *>(address), size);
  const uintptr_t twin = found->second.twin;
  if (!status->ok() || twin == 0) return Verdict::kOk;
  virt_mem::Collapsed other = {};
  *status = virt_mem::collapse(&other, reinterpret_cast<void *>(twin + (address - found->first)), size);
  if (!status->ok()) return Verdict::kOk;
  const size_t all = result->collapsed + result->hinted;
  result->collapsed = std::min(result->collapsed, other.collapsed);
  result->hinted = all - result->collapsed;
  return Verdict::kOk;
}

MappingRegistry::Verdict MappingRegistry::changeAccess(uintptr_t address, size_t size, uint32_t flags, Owner owner,
                                                       Status *status,
                                                       const std::function<Status(void *)> &change) {
  const auto found = find(address, size);
  if (found == mappings_.end()) return Verdict::kNotMapped;
  if (found->second.owner != owner) return Verdict::kOwned;
  std::map<uintptr_t, uint32_t> &runs = mappings_.at(found->first).runs;

  // Split at both ends first: that may run out of memory, what follows the OS call may not.
  const auto split = [&runs](uintptr_t at) {
    const auto next = runs.lower_bound(at);
    if (next == runs.end() || next->first != at) runs.emplace_hint(next, at, std::prev(next)->second);
  };
  split(address);
  if (address + size != found->first + found->second.size) split(address + size);

  *status = change(reinterpret_cast<void *>(address));
  executableBegin_ = executableEnd_ = 0;
  const auto first = runs.find(address);
  const auto last = runs.lower_bound(address + size);
  if (status->ok()) {
    first->second = virt_mem::accessOf(flags);
    runs.erase(std::next(first), last);
  } else {
    // The OS may have changed some of the pages before it failed: count on neither state.
    for (auto run = first; run != last; ++run) run->second &= virt_mem::accessOf(flags);
  }
  const auto merge = [&runs](uintptr_t at) {
    const auto run = runs.find(at);
    if (run != runs.end() && run != runs.begin() && std::prev(run)->second == run->second) runs.erase(run);
  };
  merge(address + size);
  merge(address);
  return Verdict::kOk;
}

MappingRegistry::Verdict MappingRegistry::check(uintptr_t address, size_t size, uint32_t access,
                                                Owner owner) const {
  const auto found = find(address, size);
  if (found == mappings_.end()) return Verdict::kNotMapped;
  const Mapping &mapping = found->second;
  if ((access & virt_mem::kAccessWrite) != 0 && mapping.owner != owner) return Verdict::kOwned;
  if (mapping.jit) {
    const bool writable = jitAccess_ == virt_mem::kJitReadWrite;
    const uint32_t denied = writable ? virt_mem::kAccessExecute : virt_mem::kAccessWrite;
    if ((access & denied) != 0) return Verdict::kProtected;
  }
  for (auto run = std::prev(mapping.runs.upper_bound(address));
       run != mapping.runs.end() && run->first < address + size; ++run) {
    if ((run->second & access) != access) return Verdict::kProtected;
  }
  return Verdict::kOk;
}

bool MappingRegistry::findExecutable(double address) {
  // User-space addresses are exact in a double; the comparison also refuses NaN.
  if (!(address >= 1 && address < 9007199254740992.0)) return false;
  const uintptr_t at = static_cast<uintptr_t>(address);
  if (check(at, 1, virt_mem::kAccessExecute, Owner::kNobody) != Verdict::kOk) return false;
  const auto mapping = find(at, 1);
  const auto next = mapping->second.runs.upper_bound(at);
  const uintptr_t end =
      next == mapping->second.runs.end() ? mapping->first + mapping->second.size : next->first;
  // A run of MAP_JIT memory is not remembered: the thread's switch may change at any time.
  if (!mapping->second.jit) {
    executableBegin_ = static_cast<double>(std::prev(next)->first);
    executableEnd_ = static_cast<double>(end);
  }
  return true;
}

void MappingRegistry::protectJit(virt_mem::ProtectJitAccess access) {
  virt_mem::protectJitMemory(access);
  jitAccess_ = access;
}

// The mapping that holds the whole range; pre: size > 0.
MappingRegistry::Mappings::const_iterator MappingRegistry::find(uintptr_t address, size_t size) const {
  auto found = mappings_.upper_bound(address);
  if (found == mappings_.begin()) return mappings_.end();
  --found;
  const uintptr_t offset = address - found->first;
  if (offset >= found->second.size || size > found->second.size - offset) return mappings_.end();
  return found;
}

void MappingRegistry::forget(uintptr_t address) {
  mappings_.erase(address);
  executableBegin_ = executableEnd_ = 0;
}

}  // namespace exprjit
