#include "frame_fuel.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "stack_limit.h"

namespace exprjit {

namespace {

// Beyond this a double is no exact integer. NaN counts as nothing.
constexpr double kMostFuel = 4503599627370496.0;

int64_t units(double fuel) { return fuel > 0 ? static_cast<int64_t>(std::min(fuel, kMostFuel)) : 0; }

void storeInteger(double *slot, int64_t value) { std::memcpy(slot, &value, sizeof value); }

int64_t loadInteger(const double *slot) {
  int64_t value = 0;
  std::memcpy(&value, slot, sizeof value);
  return value;
}

void storeHalves(double *slot, int32_t low, int32_t high) {
  const int32_t halves[2] = {low, high};
  std::memcpy(slot, halves, sizeof halves);
}

int32_t half(const double *slot, int index) {
  int32_t halves[2] = {};
  std::memcpy(halves, slot, sizeof halves);
  return halves[index];
}

// Rows may go on for another slice.
void refuelRows(double *frame) { storeInteger(&frame[kFrameRowFuel], units(frame[kFrameFuelSlice])); }

// The next slice. If there is none, sets the trap and answers false.
bool refuel(double *frame) {
  const double left = frame[kFrameFuelReserve] + static_cast<double>(loadInteger(&frame[kFrameFuel]));
  if (!(left >= 0)) {
    setTrap(frame, kTrapFuel);
    return false;
  }
  const int64_t next = units(std::min(left, frame[kFrameFuelSlice]));
  storeInteger(&frame[kFrameFuel], next);
  frame[kFrameFuelReserve] = left - static_cast<double>(next);
  // A kernel that runs row by row has to put back what the next row is to have.
  storeInteger(&frame[kFrameRowFuel], -1);
  return true;
}

}  // namespace

void connectFrame(double *frame, void (*entry)(void *), void *context) {
  storeInteger(&frame[kFrameStackLimit], static_cast<int64_t>(stackLimitOfThisThread()));
  storeInteger(&frame[kFrameHostCallEntry], static_cast<int64_t>(reinterpret_cast<uintptr_t>(entry)));
  storeInteger(&frame[kFrameHostCallContext], static_cast<int64_t>(reinterpret_cast<uintptr_t>(context)));
}

int32_t requestOf(const double *frame) { return half(&frame[kFrameHostCall], 0); }

void setTrap(double *frame, Trap trap) { storeHalves(&frame[kFrameTrap], trap, half(&frame[kFrameHostCall], 1)); }

int32_t trapOf(const double *frame) { return half(&frame[kFrameTrap], 0); }
int32_t trapFunctionOf(const double *frame) { return half(&frame[kFrameTrap], 1); }

void fillFuel(double *frame, double fuel, double slice) {
  const int64_t first = units(std::min(fuel, slice));
  storeInteger(&frame[kFrameTrap], kTrapNone);
  storeInteger(&frame[kFrameFuel], first);
  frame[kFrameFuelReserve] = fuel - static_cast<double>(first);
  frame[kFrameFuelSlice] = slice;
  refuelRows(frame);
}

bool isPast(double deadline) {
  if (!(deadline > 0)) return false;
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count() >= deadline;
}

bool serveFuel(double *frame) {
  const int32_t request = requestOf(frame);
  if (request == kRequestLook) refuelRows(frame);
  return request != kRequestRefuel || refuel(frame);
}

}  // namespace exprjit
