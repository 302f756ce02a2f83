// Arithmetic that machine code calls where no instruction of the CPU does it.
#pragma once

#include <cstdint>
#include <vector>

namespace exprjit {

struct ArithmeticFunction {
  const char *name;
  // Entry of a function of two or three doubles in the platform's C convention.
  uintptr_t entry;
};

const std::vector<ArithmeticFunction> &arithmetic();

}  // namespace exprjit
