// Plain Node-API here too: below these callbacks are frames of machine code, which no C++ exception may cross.
#include "kernel_runs.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <exception>
#include <new>
#include <utility>

#include "kernel_frame.h"
#include "shared_array.h"

namespace exprjit {

namespace {

// The control that TypeScript and the threads share: an Int32Array on a SharedArrayBuffer.
int32_t *controlOf(napi_env env, napi_value value) {
  return static_cast<int32_t *>(sharedElements(env, value, napi_int32_array, kControlLength));
}

bool isFunction(napi_env env, napi_value value) {
  napi_valuetype type = napi_undefined;
  return napi_typeof(env, value, &type) == napi_ok && type == napi_function;
}

}  // namespace

KernelRuns::~KernelRuns() {
  for (const std::shared_ptr<KernelRun> &run : atWork_) run->stop();
  threads_.reset();
  for (const std::shared_ptr<KernelRun> &run : atWork_) run->end(env_, false);
  if (channel_ != nullptr) napi_release_threadsafe_function(channel_, napi_tsfn_release);
}

void KernelRuns::start(double *request, const CallArguments &arguments) {
  constexpr size_t kLeading = 2;
  const napi_value *values = arguments.values();
  int32_t *control = arguments.count() >= kLeading ? controlOf(env_, values[0]) : nullptr;
  const double threads = request[kRequestThreadCount];
  const double claim = request[kRequestClaimSize];
  const bool valid = control != nullptr && isFunction(env_, values[1]) && threads >= 1 &&
                     threads <= static_cast<double>(kMostKernelThreads) && claim >= 1 && claim <= 1 << 30 &&
                     (request[kRequestReductionCount] == 0 || static_cast<int64_t>(claim) % kReductionBlock == 0);
  if (!valid) {
    napi_throw_type_error(env_, "E_INVALID_ARGUMENT", "startKernel takes a control, a function and arrays");
    return;
  }
  const std::unique_ptr<KernelArrays> arrays(new (std::nothrow) KernelArrays);
  if (arrays == nullptr) {
    napi_throw_error(env_, "ENOMEM", "out of memory");
    return;
  }
  if (arrays->read(env_, request, values + kLeading, arguments.count() - kLeading,
                   KernelArrays::Types::kCheck) != kKernelOk) return;
  const std::shared_ptr<KernelRun> run = std::make_shared<KernelRun>(*arrays, request, control);
  // What may throw comes first: below, something is held that has to be given back.
  atWork_.reserve(atWork_.size() + 1);
  if (!run->prepare(env_, values + kLeading, values, arguments.count())) {
    napi_throw_error(env_, "ENOMEM", "there is not enough memory to copy the columns");
    return;
  }
  if (!openChannel()) {
    run->end(env_, false);
    napi_throw_error(env_, "E_NAPI", "the kernel cannot be queued");
    return;
  }
  if (post(run, static_cast<size_t>(threads)) == 0) {
    napi_release_threadsafe_function(channel_, napi_tsfn_release);
    run->end(env_, false);
    napi_throw_error(env_, "EAGAIN", "the system has no thread for the kernel");
    return;
  }
  if (atWork_.empty()) napi_ref_threadsafe_function(env_, channel_);
  atWork_.push_back(run);
  // Only now may the run be over.
  if (run->removeWorker()) report(run.get());
}

// The channel keeps the process alive only while something is at work.
bool KernelRuns::openChannel() {
  if (channel_ == nullptr) {
    napi_value name = nullptr;
    const bool opened =
        napi_create_string_utf8(env_, "exprjit:kernel", NAPI_AUTO_LENGTH, &name) == napi_ok &&
        napi_create_threadsafe_function(env_, nullptr, nullptr, name, 0, 1, nullptr, nullptr, this, onEnd,
                                        &channel_) == napi_ok;
    if (!opened) return false;
    napi_unref_threadsafe_function(env_, channel_);
  }
  // For the one thread that reports the end.
  return napi_acquire_threadsafe_function(channel_) == napi_ok;
}

// Answers how many threads take part. The run counts one worker more, so that it does not end before its time.
size_t KernelRuns::post(const std::shared_ptr<KernelRun> &run, size_t threadCount) {
  run->addWorker();
  size_t posted = 0;
  while (posted < threadCount && postOne(run)) ++posted;
  return posted;
}

// Throws nothing: others may be at work on the run already, which has to be known until they have ended.
bool KernelRuns::postOne(const std::shared_ptr<KernelRun> &run) noexcept {
  run->addWorker();
  try {
    if (threads_ == nullptr) threads_.reset(new KernelThreads);
    const bool posted = threads_->post([this, run] {
      if (run->work()) report(run.get());
    });
    if (posted) return true;
  } catch (const std::exception &) {
    // Out of memory: as if there were no thread.
  }
  run->removeWorker();
  return false;
}

// In whatever thread was the last one at work.
void KernelRuns::report(KernelRun *run) {
  if (napi_call_threadsafe_function(channel_, run, napi_tsfn_nonblocking) != napi_ok) return;
  napi_release_threadsafe_function(channel_, napi_tsfn_release);
}

void KernelRuns::onEnd(napi_env env, napi_value, void *data, void *ended) {
  // Without an environment the channel is only being emptied: the destructor ends the runs.
  if (env == nullptr) return;
  KernelRuns *self = static_cast<KernelRuns *>(data);
  const std::shared_ptr<KernelRun> run = self->take(static_cast<KernelRun *>(ended));
  if (run == nullptr) return;
  if (self->atWork_.empty()) napi_unref_threadsafe_function(env, self->channel_);
  run->end(env, true);
}

std::shared_ptr<KernelRun> KernelRuns::take(KernelRun *run) {
  const auto found = std::find_if(atWork_.begin(), atWork_.end(),
                                  [run](const std::shared_ptr<KernelRun> &each) { return each.get() == run; });
  std::shared_ptr<KernelRun> taken;
  if (found == atWork_.end()) return taken;
  taken = std::move(*found);
  atWork_.erase(found);
  return taken;
}

}  // namespace exprjit
