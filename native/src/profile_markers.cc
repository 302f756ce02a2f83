#include "profile_markers.h"

namespace exprjit {

using virt_mem::Status;

ProfileMarkers::~ProfileMarkers() {
  for (const uintptr_t address : addresses_) {
    virt_mem::release(reinterpret_cast<void *>(address), virt_mem::info().pageSize);
  }
}

// Room for the entry is made before the OS is asked, so that running out of memory here cannot lose a mapping.
Status ProfileMarkers::map(uintptr_t *result, int descriptor) {
  addresses_.reserve(addresses_.size() + 1);
  void *address = nullptr;
  Status status = virt_mem::mapMarker(&address, descriptor);
  if (!status.ok()) return status;
  *result = reinterpret_cast<uintptr_t>(address);
  addresses_.push_back(*result);
  return status;
}

}  // namespace exprjit
