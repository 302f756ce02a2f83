// What this CPU can do and the operating system lets it do.
#pragma once

#include <string>
#include <vector>

namespace exprjit {

struct CpuInfo {
  // Node's name of the architecture this addon was compiled for.
  const char *architecture;
  std::string vendor;
  std::string brand;
  // Lower-case CPUID names. A feature whose registers the OS does not save is not among them.
  std::vector<const char *> features;
};

CpuInfo queryCpu();

}  // namespace exprjit
