// The calls of one evaluation of the TypeScript modules: their frame, their kernel request, their dispatcher.
//
// A thread may evaluate the modules more than once (test runners, two copies of the package), and all of them find the
// same addon. So nothing that a call needs hangs on the addon or on the environment.
//
// Frame and request are shared memory: nobody, whatever he gets hold of, can detach or resize that.
#pragma once

#include <node_api.h>

#include <cstdint>

#include "known_arrays.h"

namespace exprjit {

class Environment;

class Session {
 public:
  // Adds `openSession` to the exports.
  static void defineExports(napi_env env, napi_value exports, Environment *environment);
  ~Session();

 private:
  Session(napi_env env, Environment *environment) : env_(env), environment_(environment) {}
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;

  // openSession(frame, request, dispatcher, hostStackLimit) gives what `SessionCalls` in `src/native/addon.ts` says.
  static napi_value open(napi_env env, napi_callback_info info);
  // A call without arguments of the session that `of` finds.
  template <auto enter, Session *(*of)(napi_env, napi_callback_info)>
  static napi_value call(napi_env env, napi_callback_info info) {
    (of(env, info)->*enter)();
    return nullptr;
  }
  static napi_value hasAmpleStack(napi_env env, napi_callback_info info);
  static napi_value claimFastCalls(napi_env env, napi_callback_info info);
  static napi_value runKernel(napi_env env, napi_callback_info info);
  static napi_value knowArray(napi_env env, napi_callback_info info);
  static napi_value forgetArray(napi_env env, napi_callback_info info);
  static napi_value prepareRun(napi_env env, napi_callback_info info);
  static napi_value forgetRun(napi_env env, napi_callback_info info);
  static napi_value startKernel(napi_env env, napi_callback_info info);
  static void hostCall(void *context) noexcept;

  bool take(napi_value frame, napi_value request, napi_value dispatcher, napi_value hostStackLimit);
  void enter();
  void enterKnown();
  void enterPrepared();
  bool mayEnter(double entry);
  bool runDispatcher();
  bool look();
  bool isTooDeepForHost() const;

  napi_env env_;
  Environment *environment_;
  // Their memory belongs to V8; the references keep it.
  double *frame_ = nullptr;
  double *request_ = nullptr;
  napi_ref frameReference_ = nullptr;
  napi_ref requestReference_ = nullptr;
  napi_ref dispatcher_ = nullptr;
  // Below this address of the stack JavaScript is not called.
  uintptr_t hostStackLimit_ = 0;
  // Where the stack begins; 0 if nobody knows.
  uintptr_t stackTop_ = 0;
  KnownArrays knownArrays_;
};

}  // namespace exprjit
