// One run of a kernel on threads.
//
// Threads take rows by the piece from a common counter until none are left, the run is to stop, or a row traps.
// What they read must not vanish: the run holds references to the arrays, and JavaScript could still detach or
// shrink the buffer of a column; so those that are not shared are copied first. Outputs are written in place: TypeScript
// passes shared ones, or such as nobody else can see.
//
// What is at work holds the run; so its memory may go in any thread, while what it has of Node-API's goes in `end`.
#pragma once

#include <node_api.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "kernel_arrays.h"

namespace exprjit {

class KernelRun {
 public:
  KernelRun(const KernelArrays &arrays, const double *request, int32_t *control);

  // Copies columns and keeps the arguments of startKernel alive. False where there is no memory for that.
  bool prepare(napi_env env, const napi_value *columnValues, const napi_value *arguments, size_t argumentCount);

  // In the environment's thread: frees what Node-API holds for the run. With `reports` tells JavaScript that it has ended.
  void end(napi_env env, bool reports);

  // In any thread: takes pieces until there are none. Answers whether no other thread is at work on it.
  bool work();

  void addWorker() { ++workers_; }
  // One that never came to work. Answers as `work`.
  bool removeWorker() { return --workers_ == 0; }

  void stop() { stopped_ = true; }

 private:
  KernelRun(const KernelRun &) = delete;
  KernelRun &operator=(const KernelRun &) = delete;

  struct Thread;
  static void hostCall(void *context) noexcept;
  bool mustStop();
  void computeRows();
  void noteTrap(int32_t trap, int32_t function, int64_t row);

  KernelArrays arrays_;
  double fuel_;
  double fuelSlice_;
  double deadline_;
  int64_t claimSize_;
  int32_t *control_;
  ColumnCopies copies_;
  // An array of the arguments.
  napi_ref kept_ = nullptr;
  std::atomic<size_t> workers_{0};
  std::atomic<int64_t> nextRow_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  // The lowest row that trapped so far; beyond all rows for those that were stopped.
  int64_t trapRow_ = -1;
};

}  // namespace exprjit
