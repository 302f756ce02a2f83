#include "kernel_run.h"

#include <algorithm>
#include <limits>
#include <new>

#include "frame.h"
#include "frame_fuel.h"
#include "kernel_frame.h"

#if defined(_MSC_VER)
#include <intrin.h>
#endif

namespace exprjit {

namespace {

int32_t loadShared(const int32_t *slot) {
#if defined(_MSC_VER)
  return *static_cast<const volatile int32_t *>(slot);
#else
  return __atomic_load_n(slot, __ATOMIC_ACQUIRE);
#endif
}

void storeShared(int32_t *slot, int32_t value) {
#if defined(_MSC_VER)
  _InterlockedExchange(reinterpret_cast<volatile long *>(slot), value);
#else
  __atomic_store_n(slot, value, __ATOMIC_RELEASE);
#endif
}

void incrementShared(int32_t *slot) {
#if defined(_MSC_VER)
  _InterlockedIncrement(reinterpret_cast<volatile long *>(slot));
#else
  __atomic_fetch_add(slot, 1, __ATOMIC_ACQ_REL);
#endif
}

}  // namespace

// A thread's own native frame, and the way back from there to the run.
struct KernelRun::Thread {
  explicit Thread(KernelRun *run) : run(run) { connectFrame(frame, &KernelRun::hostCall, this); }

  KernelRun *run;
  double frame[kFrameLength] = {};
};

KernelRun::KernelRun(const KernelArrays &arrays, const double *request, int32_t *control)
    : arrays_(arrays),
      fuel_(request[kRequestFuel]),
      fuelSlice_(request[kRequestFuelSlice]),
      deadline_(request[kRequestDeadline]),
      claimSize_(std::max<int64_t>(1, static_cast<int64_t>(request[kRequestClaimSize]))),
      control_(control),
      nextRow_(arrays.firstRow) {}

bool KernelRun::prepare(napi_env env, const napi_value *columnValues, const napi_value *arguments,
                        size_t argumentCount) {
  if (!arrays_.copyPrivateColumns(env, columnValues, &copies_)) return false;
  napi_value kept = nullptr;
  bool filled = napi_create_array_with_length(env, argumentCount, &kept) == napi_ok;
  for (size_t i = 0; filled && i < argumentCount; ++i) {
    filled = napi_set_element(env, kept, static_cast<uint32_t>(i), arguments[i]) == napi_ok;
  }
  return filled && napi_create_reference(env, kept, 1, &kept_) == napi_ok;
}

void KernelRun::end(napi_env env, bool reports) {
  constexpr uint32_t kOnEnd = 1;
  napi_value kept = nullptr;
  napi_value onEnd = nullptr;
  napi_value receiver = nullptr;
  const bool callable = reports && napi_get_reference_value(env, kept_, &kept) == napi_ok && kept != nullptr &&
                        napi_get_element(env, kept, kOnEnd, &onEnd) == napi_ok &&
                        napi_get_undefined(env, &receiver) == napi_ok;
  if (kept_ != nullptr) napi_delete_reference(env, kept_);
  kept_ = nullptr;
  if (callable) napi_call_function(env, receiver, onEnd, 0, nullptr, nullptr);
}

bool KernelRun::work() {
  computeRows();
  return removeWorker();
}

bool KernelRun::mustStop() {
  if (stopped_ || loadShared(&control_[kControlCancel]) != 0) return true;
  if (!isPast(deadline_)) return false;
  noteTrap(kTrapStopped, 0, std::numeric_limits<int64_t>::max());
  return true;
}

// Machine code asks for fuel, or whether to go on. Host functions live in the environment's own thread; TypeScript
// sends no kernel here that calls one.
void KernelRun::hostCall(void *context) noexcept {
  Thread *thread = static_cast<Thread *>(context);
  double *frame = thread->frame;
  if (requestOf(frame) >= 0) return setTrap(frame, kTrapHostException);
  if (!serveFuel(frame)) return;
  if (thread->run->mustStop()) setTrap(frame, kTrapStopped);
}

void KernelRun::computeRows() {
  std::unique_ptr<Thread> thread;
  if (arrays_.callsFunctions) {
    thread.reset(new (std::nothrow) Thread(this));
    // Out of memory for four kilobytes: the other threads may have more luck.
    if (thread == nullptr) return;
  }
  double *const frame = thread == nullptr ? nullptr : thread->frame;
  const auto kernel = reinterpret_cast<Kernel>(arrays_.entry);
  const int64_t lastRow = arrays_.firstRow + arrays_.rowCount;
  KernelFrame kernelFrame = arrays_.kernelFrame(frame);
  while (!mustStop()) {
    const int64_t row = nextRow_.fetch_add(claimSize_);
    if (row >= lastRow) return;
    kernelFrame.firstRow = row;
    kernelFrame.rowCount = std::min(claimSize_, lastRow - row);
    if (frame != nullptr) fillFuel(frame, fuel_, fuelSlice_);
    kernel(&kernelFrame);
    if (frame != nullptr && trapOf(frame) != kTrapNone) {
      const bool stopped = trapOf(frame) == kTrapStopped;
      const int64_t trapRow = stopped ? std::numeric_limits<int64_t>::max() : kernelFrame.trapRow;
      return noteTrap(trapOf(frame), trapFunctionOf(frame), trapRow);
    }
    incrementShared(&control_[kControlClaimsDone]);
  }
}

// Rows are taken in order, so all rows below this one are done or at work: the lowest row that traps is the
// same however many threads there are. The others are not told to stop in the midst of a piece, then.
void KernelRun::noteTrap(int32_t trap, int32_t function, int64_t row) {
  const std::lock_guard<std::mutex> lock(mutex_);
  nextRow_ = arrays_.firstRow + arrays_.rowCount;
  if (trapRow_ >= 0 && trapRow_ <= row) return;
  trapRow_ = row;
  storeShared(&control_[kControlTrap], trap);
  storeShared(&control_[kControlTrapFunction], function);
}

}  // namespace exprjit
