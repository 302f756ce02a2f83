// One run of a kernel on threads of libuv's pool.
//
// Threads take rows by the piece from a common counter until none are left, the run is cancelled, or a row traps.
// What they read must not vanish: the run holds references to the arrays, and JavaScript could still detach or
// shrink the buffer of a column; so those that are not shared are copied first. Outputs are written in place: TypeScript
// passes shared ones, or such as nobody else can see.
#pragma once

#include <node_api.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "kernel_arrays.h"

namespace exprjit {

class KernelRuns;

class KernelRun {
 public:
  // `columnValues` are the typed arrays of the columns. Null where memory for the copies cannot be had.
  static std::unique_ptr<KernelRun> create(napi_env env, KernelRuns *owner, const KernelArrays &arrays,
                                           const napi_value *columnValues, const double *request,
                                           int32_t *control);
  ~KernelRun();

  // Keeps the arguments of startKernel alive and queues the work. False with nothing queued if Node-API refuses.
  bool start(const napi_value *arguments, size_t argumentCount, size_t threadCount);

  void cancel();
  // Blocks until no thread is at work on it, and makes it report to nobody.
  void abandon();

 private:
  KernelRun(napi_env env, KernelRuns *owner, const KernelArrays &arrays, const double *request, int32_t *control);
  KernelRun(const KernelRun &) = delete;
  KernelRun &operator=(const KernelRun &) = delete;

  bool copyColumns(const napi_value *columnValues);
  static void execute(napi_env env, void *self);
  static void complete(napi_env env, napi_status status, void *self);
  void computeRows();
  void noteTrap(const double *frame, int64_t row);
  void end();

  napi_env env_;
  KernelRuns *owner_;
  KernelArrays arrays_;
  uint64_t fuel_ = 0;
  int64_t claimSize_ = 1;
  int32_t *control_;
  std::vector<std::unique_ptr<uint8_t[]>> copies_;
  std::vector<napi_async_work> works_;
  // An array of the arguments.
  napi_ref kept_ = nullptr;
  // Works whose completion is still to be reported; main thread only.
  size_t unfinished_ = 0;
  std::atomic<int64_t> nextRow_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  std::condition_variable idle_;
  // Works that have not returned from the pool.
  size_t atWork_ = 0;
  // The lowest row that trapped so far.
  int64_t trapRow_ = -1;
};

}  // namespace exprjit
