// Whether two arrays share memory, and may.
#pragma once

#include <cstdint>

namespace exprjit {

// Sizes in bytes, of the part of each that a run uses.
inline bool areApart(const void *left, uint64_t leftSize, const void *right, uint64_t rightSize) {
  const auto begin = reinterpret_cast<uintptr_t>(left);
  const auto other = reinterpret_cast<uintptr_t>(right);
  return begin >= other + rightSize || other >= begin + leftSize;
}

// Rows are computed in order, many at a time. So an output may be a column, element for element, but not a part of one.
inline bool mayWrite(const void *output, uint64_t outputSize, const void *column, uint64_t columnSize) {
  return areApart(output, outputSize, column, columnSize) || (output == column && outputSize == columnSize);
}

}  // namespace exprjit
