// The marker mappings of one environment: pages by which profilers hear of files that describe its code.
//
// They stay out of the mapping registry, since nothing may read, write, protect or enter them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "virt_mem.h"

namespace exprjit {

class ProfileMarkers {
 public:
  ProfileMarkers() = default;
  ProfileMarkers(const ProfileMarkers &) = delete;
  ProfileMarkers &operator=(const ProfileMarkers &) = delete;
  // Unmaps them all.
  ~ProfileMarkers();

  virt_mem::Status map(uintptr_t *result, int descriptor);

 private:
  std::vector<uintptr_t> addresses_;
};

}  // namespace exprjit
