// The functions of JavaScript's `Math` that machine code calls instead of computing inline.
#pragma once

#include <cstdint>
#include <vector>

namespace exprjit {

struct MathFunction {
  const char *name;
  // Entry of a function of one to three doubles in the platform's C convention.
  uintptr_t entry;
};

const std::vector<MathFunction> &mathLibrary();

}  // namespace exprjit
