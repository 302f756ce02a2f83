// The layout of the frame, the memory that TypeScript and machine code share in order to call each other.
// `src/native/frame.ts` explains each slot and holds the same layout; a test compares the two.
#pragma once

#include <cstddef>
#include <cstdint>

namespace exprjit {

enum FrameSlot : size_t {
  kFrameEntry = 0,
  kFrameResult = 1,
  kFrameTrap = 2,
  kFrameFuel = 3,
  kFrameStackLimit = 4,
  kFrameUnwindStack = 5,
  kFrameHostCall = 6,
  kFrameHostCallEntry = 7,
  kFrameHostCallContext = 8,
  kFrameFuelReserve = 9,
  kFrameFuelSlice = 10,
  kFrameRowFuel = 11,
  kFrameDeadline = 12,
  kFrameMemoryBase = 13,
  kFrameMemoryEnd1 = 14,
  kFrameMemoryEnd2 = 15,
  kFrameMemoryEnd4 = 16,
  kFrameMemoryEnd8 = 17,
  kFrameArguments = 24,
};

constexpr size_t kMaxArguments = 512;
constexpr size_t kFrameLength = kFrameArguments + kMaxArguments;

enum HostRequest : int32_t { kRequestRefuel = -1, kRequestLook = -2 };

enum Trap : int32_t {
  kTrapNone = 0,
  kTrapStack = 1,
  kTrapFuel = 2,
  kTrapHostException = 3,
  kTrapStopped = 4,
  kTrapBounds = 5,
};

}  // namespace exprjit
