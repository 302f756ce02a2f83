#include "kernel_run.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "frame.h"
#include "kernel_frame.h"
#include "kernel_runs.h"
#include "stack_limit.h"

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

void storeWord(double *slot, uint64_t word) { std::memcpy(slot, &word, sizeof word); }

int32_t trapOf(const double *frame) {
  int32_t trap = 0;
  std::memcpy(&trap, &frame[kFrameTrap], sizeof trap);
  return trap;
}

// Host functions live in the environment's own thread; TypeScript sends no kernel here that calls one.
void refuseHostCall(void *context) { storeWord(&static_cast<double *>(context)[kFrameTrap], kTrapHostException); }

// A native frame for a thread of the pool.
std::unique_ptr<double[]> makeFrame() {
  std::unique_ptr<double[]> frame(new (std::nothrow) double[kFrameLength]());
  if (frame == nullptr) return frame;
  storeWord(&frame[kFrameStackLimit], stackLimitOfThisThread());
  storeWord(&frame[kFrameHostCallEntry], reinterpret_cast<uintptr_t>(&refuseHostCall));
  storeWord(&frame[kFrameHostCallContext], reinterpret_cast<uintptr_t>(frame.get()));
  return frame;
}

bool isShared(napi_env env, napi_value typedArray) {
  napi_value buffer = nullptr;
  bool isPrivate = true;
  const bool known =
      napi_get_typedarray_info(env, typedArray, nullptr, nullptr, nullptr, &buffer, nullptr) == napi_ok &&
      napi_is_arraybuffer(env, buffer, &isPrivate) == napi_ok;
  return known && !isPrivate;
}

}  // namespace

KernelRun::KernelRun(napi_env env, KernelRuns *owner, const KernelArrays &arrays, const double *request,
                     int32_t *control)
    : env_(env), owner_(owner), arrays_(arrays), control_(control) {
  std::memcpy(&fuel_, &request[kRequestFuel], sizeof fuel_);
  claimSize_ = std::max<int64_t>(1, static_cast<int64_t>(request[kRequestClaimSize]));
  nextRow_ = arrays.firstRow;
}

std::unique_ptr<KernelRun> KernelRun::create(napi_env env, KernelRuns *owner, const KernelArrays &arrays,
                                             const napi_value *columnValues, const double *request,
                                             int32_t *control) {
  std::unique_ptr<KernelRun> run(new (std::nothrow) KernelRun(env, owner, arrays, request, control));
  if (run != nullptr && !run->copyColumns(columnValues)) run.reset();
  return run;
}

KernelRun::~KernelRun() {
  for (napi_async_work work : works_) napi_delete_async_work(env_, work);
  if (kept_ != nullptr) napi_delete_reference(env_, kept_);
}

bool KernelRun::copyColumns(const napi_value *columnValues) {
  copies_.reserve(arrays_.columnCount);
  for (size_t i = 0; i < arrays_.columnCount; ++i) {
    if (isShared(env_, columnValues[i])) continue;
    const size_t size = arrays_.sizes[i];
    uint8_t *const copy = new (std::nothrow) uint8_t[std::max<size_t>(size, 1)];
    if (copy == nullptr) return false;
    copies_.emplace_back(copy);
    if (size != 0) std::memcpy(copy, arrays_.pointers[i], size);
    arrays_.pointers[i] = copy;
  }
  return true;
}

bool KernelRun::start(const napi_value *arguments, size_t argumentCount, size_t threadCount) {
  napi_value name = nullptr;
  napi_value kept = nullptr;
  bool filled = napi_create_array_with_length(env_, argumentCount, &kept) == napi_ok;
  for (size_t i = 0; filled && i < argumentCount; ++i) {
    filled = napi_set_element(env_, kept, static_cast<uint32_t>(i), arguments[i]) == napi_ok;
  }
  const bool prepared = filled && napi_create_reference(env_, kept, 1, &kept_) == napi_ok &&
                        napi_create_string_utf8(env_, "exprjit:kernel", NAPI_AUTO_LENGTH, &name) == napi_ok;
  if (!prepared) return false;
  works_.reserve(threadCount);
  for (size_t i = 0; i < threadCount; ++i) {
    napi_async_work work = nullptr;
    if (napi_create_async_work(env_, nullptr, name, execute, complete, this, &work) != napi_ok) break;
    works_.push_back(work);
  }
  for (napi_async_work work : works_) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ++atWork_;
    }
    if (napi_queue_async_work(env_, work) == napi_ok) {
      ++unfinished_;
      continue;
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    --atWork_;
  }
  return unfinished_ > 0;
}

void KernelRun::cancel() { stopped_ = true; }

void KernelRun::abandon() {
  {
    std::unique_lock<std::mutex> lock(mutex_);
    idle_.wait(lock, [this] { return atWork_ == 0; });
  }
  owner_ = nullptr;
}

void KernelRun::execute(napi_env, void *data) {
  KernelRun *self = static_cast<KernelRun *>(data);
  self->computeRows();
  const std::lock_guard<std::mutex> lock(self->mutex_);
  if (--self->atWork_ == 0) self->idle_.notify_all();
}

void KernelRun::computeRows() {
  std::unique_ptr<double[]> frame;
  if (arrays_.callsFunctions) {
    frame = makeFrame();
    // Out of memory for four kilobytes: the other threads may have more luck, and if none has, `end` says so.
    if (frame == nullptr) return;
  }
  const auto kernel = reinterpret_cast<Kernel>(arrays_.entry);
  const int64_t lastRow = arrays_.firstRow + arrays_.rowCount;
  KernelFrame kernelFrame = {};
  kernelFrame.length = arrays_.length;
  kernelFrame.frame = frame.get();
  kernelFrame.columns = arrays_.columns();
  kernelFrame.outputs = arrays_.outputs();
  kernelFrame.uniforms = arrays_.uniforms;
  kernelFrame.partials = arrays_.partials;
  while (!stopped_ && loadShared(&control_[kControlCancel]) == 0) {
    const int64_t row = nextRow_.fetch_add(claimSize_);
    if (row >= lastRow) return;
    kernelFrame.firstRow = row;
    kernelFrame.rowCount = std::min(claimSize_, lastRow - row);
    if (frame != nullptr) {
      storeWord(&frame[kFrameTrap], kTrapNone);
      storeWord(&frame[kFrameFuel], fuel_);
    }
    kernel(&kernelFrame);
    if (frame != nullptr && trapOf(frame.get()) != kTrapNone) return noteTrap(frame.get(), kernelFrame.trapRow);
    incrementShared(&control_[kControlClaimsDone]);
  }
}

// Rows are taken in order, so all rows below this one are done or at work: the lowest row that traps is the
// same however many threads there are.
void KernelRun::noteTrap(const double *frame, int64_t row) {
  stopped_ = true;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (trapRow_ >= 0 && trapRow_ <= row) return;
  trapRow_ = row;
  int32_t trap[2];
  std::memcpy(trap, &frame[kFrameTrap], sizeof trap);
  storeShared(&control_[kControlTrap], trap[0]);
  storeShared(&control_[kControlTrapFunction], trap[1]);
}

void KernelRun::complete(napi_env, napi_status, void *data) {
  KernelRun *self = static_cast<KernelRun *>(data);
  if (--self->unfinished_ == 0) self->end();
}

// Tells JavaScript, unless it cannot run any more, and frees the run.
void KernelRun::end() {
  if (owner_ == nullptr) return;
  const std::unique_ptr<KernelRun> self = owner_->take(this);
  constexpr uint32_t kOnEnd = 1;
  napi_value kept = nullptr;
  napi_value onEnd = nullptr;
  napi_value receiver = nullptr;
  const bool callable = napi_get_reference_value(env_, kept_, &kept) == napi_ok && kept != nullptr &&
                        napi_get_element(env_, kept, kOnEnd, &onEnd) == napi_ok &&
                        napi_get_undefined(env_, &receiver) == napi_ok;
  if (callable) napi_call_function(env_, receiver, onEnd, 0, nullptr, nullptr);
}

}  // namespace exprjit
