// The exports that run array kernels, and the runs in flight of one environment.
#pragma once

#include <node_api.h>

#include <memory>
#include <vector>

#include "addon_environment.h"
#include "kernel_run.h"

namespace exprjit {

class KernelRuns {
 public:
  // Adds `kernelRequest`, `runKernel`, `startKernel` and `kernelLayout` to the exports.
  static void defineExports(napi_env env, napi_value exports, Environment *environment);

  // Hands over a run that is in flight.
  std::unique_ptr<KernelRun> take(KernelRun *run);

 private:
  explicit KernelRuns(napi_env env, Environment *environment) : env_(env), environment_(environment) {}
  // Stops what is in flight, since the code it runs is about to be unmapped.
  ~KernelRuns();
  KernelRuns(const KernelRuns &) = delete;
  KernelRuns &operator=(const KernelRuns &) = delete;

  static napi_value run(napi_env env, napi_callback_info info);
  static napi_value start(napi_env env, napi_callback_info info);
  static napi_value layout(napi_env env, napi_callback_info info);

  bool makeRequest(napi_value *array);
  bool mayEnter();

  napi_env env_;
  Environment *environment_;
  // The request's memory belongs to V8; the reference keeps it.
  double *request_ = nullptr;
  napi_ref requestReference_ = nullptr;
  std::vector<std::unique_ptr<KernelRun>> inFlight_;
};

}  // namespace exprjit
