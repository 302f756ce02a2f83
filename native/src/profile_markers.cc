#include "profile_markers.h"

#include <utility>

namespace exprjit {

using virt_mem::Status;

ProfileMarkers::~ProfileMarkers() {
  for (const uintptr_t address : addresses_) {
    virt_mem::release(reinterpret_cast<void *>(address), virt_mem::info().pageSize);
  }
}

// The entry is made before the OS is asked, so that running out of memory here cannot lose a mapping.
Status ProfileMarkers::map(uintptr_t *result, int descriptor) {
  std::set<uintptr_t> staged{0};
  void *address = nullptr;
  Status status = virt_mem::mapMarker(&address, descriptor);
  if (!status.ok()) return status;
  *result = reinterpret_cast<uintptr_t>(address);
  auto node = staged.extract(staged.begin());
  node.value() = *result;
  addresses_.insert(std::move(node));
  return status;
}

bool ProfileMarkers::unmap(uintptr_t address, Status *status) {
  const auto found = addresses_.find(address);
  if (found == addresses_.end()) return false;
  *status = virt_mem::release(reinterpret_cast<void *>(address), virt_mem::info().pageSize);
  if (status->ok()) addresses_.erase(found);
  return true;
}

}  // namespace exprjit
