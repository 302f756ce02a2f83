// The layout of the kernel frame, through which an array kernel gets its work.
// `src/native/kernel-frame.ts` explains each slot and holds the same layout; a test compares the two.
#pragma once

#include <cstddef>
#include <cstdint>

namespace exprjit {

struct KernelFrame {
  int64_t firstRow;
  int64_t rowCount;
  int64_t length;
  double *frame;
  void *const *columns;
  void *const *outputs;
  const double *uniforms;
  double *partials;
  int64_t trapRow;
  uint64_t unused[7];
};

constexpr size_t kKernelFrameLength = 16;
constexpr int64_t kReductionBlock = 4096;

static_assert(sizeof(KernelFrame) == kKernelFrameLength * 8 || sizeof(void *) < 8, "slots are 8 bytes each");

using Kernel = void (*)(KernelFrame *);

}  // namespace exprjit
