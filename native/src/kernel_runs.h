// The kernels at work on threads of one environment.
#pragma once

#include <node_api.h>

#include <memory>
#include <vector>

#include "kernel_arrays.h"
#include "kernel_run.h"
#include "kernel_threads.h"

namespace exprjit {

class KernelRuns {
 public:
  explicit KernelRuns(napi_env env) : env_(env) {}
  // Stops what is at work and waits for it, since the code it runs is about to be unmapped.
  ~KernelRuns();

  // Starts what the request and the arguments, `control, onEnd, ...arrays`, describe. Throws a JavaScript exception
  // where it cannot, or says in the request why it does not.
  void start(double *request, const CallArguments &arguments);

 private:
  KernelRuns(const KernelRuns &) = delete;
  KernelRuns &operator=(const KernelRuns &) = delete;

  static void onEnd(napi_env env, napi_value, void *self, void *run);
  bool openChannel();
  size_t post(const std::shared_ptr<KernelRun> &run, size_t threadCount);
  bool postOne(const std::shared_ptr<KernelRun> &run) noexcept;
  void report(KernelRun *run);
  std::shared_ptr<KernelRun> take(KernelRun *run);

  napi_env env_;
  // By which threads tell the environment's own that a run has ended.
  napi_threadsafe_function channel_ = nullptr;
  std::vector<std::shared_ptr<KernelRun>> atWork_;
  // Goes first, and so waits for all threads.
  std::unique_ptr<KernelThreads> threads_;
};

}  // namespace exprjit
