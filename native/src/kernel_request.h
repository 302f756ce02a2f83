// The layout of what TypeScript asks of `runKernel`, `runKnown`, `runPrepared` and `startKernel`.
// `src/native/kernel-request.ts` explains each slot and holds the same layout; a test compares the two.
#pragma once

#include <cstddef>
#include <cstdint>

namespace exprjit {

constexpr size_t kMaxKernelColumns = 512;
constexpr size_t kMaxKernelOutputs = 64;
constexpr size_t kMaxKnownColumns = 3;

enum KernelRequestSlot : size_t {
  kRequestEntry = 0,
  kRequestFirstRow = 1,
  kRequestRowCount = 2,
  kRequestLength = 3,
  kRequestColumnCount = 4,
  kRequestOutputCount = 5,
  kRequestUniformCount = 6,
  kRequestReductionCount = 7,
  kRequestCallsFunctions = 8,
  kRequestFuel = 9,
  kRequestThreadCount = 10,
  kRequestClaimSize = 11,
  kRequestStatus = 12,
  kRequestStatusArgument = 13,
  kRequestStatusOther = 14,
  kRequestCallsHost = 15,
  kRequestFuelSlice = 16,
  kRequestDeadline = 17,
  kRequestKnown = 18,
  kRequestPrepared = 22,
  kRequestTypes = 24,
  kRequestUniforms = kRequestTypes + 640,
};

constexpr size_t kRequestSize = kRequestUniforms + kMaxKernelColumns;

static_assert(kRequestKnown + kMaxKnownColumns + 1 <= kRequestPrepared, "numbers of known arrays fit");
static_assert(kRequestTypes + kMaxKernelColumns + kMaxKernelOutputs <= kRequestUniforms, "types fit");

enum KernelStatus : int32_t {
  kKernelOk = 0,
  kKernelWrongType = 1,
  kKernelTooShort = 2,
  kKernelOverlap = 3,
  kKernelBadRequest = 4,
};

enum KernelControlSlot : size_t {
  kControlCancel = 0,
  kControlClaimsDone = 1,
  kControlTrap = 2,
  kControlTrapFunction = 3,
};

constexpr size_t kControlLength = 4;

// How many element types a request can name, in the order of `kernelElementTypes`.
constexpr size_t kElementTypes = 10;

}  // namespace exprjit
