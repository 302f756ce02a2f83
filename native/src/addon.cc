// The addon's entry: what TypeScript sees of it is described in `src/native/addon.ts`.
//
// Loaded once in every environment (main thread, each worker); all state hangs on that environment.
#include <napi.h>

#include "addon_environment.h"
#include "addon_memory.h"
#include "addon_profiling.h"
#include "addon_system.h"
#include "session.h"

namespace {

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  exprjit::Environment *environment = exprjit::Environment::attach(env);
  exprjit::defineMemoryExports(exports, environment);
  exprjit::defineProfilingExports(exports, environment);
  exprjit::defineSystemExports(exports);
  exprjit::Session::defineExports(env, exports, environment);
  return exports;
}

}  // namespace

NODE_API_MODULE(exprjit, initialize)
