// Entering machine code costs as much as the plainest Node-API call there is: no arguments, no result, no
// wrapper. Plain Node-API is also what keeps C++ exceptions away from frames of machine code, which no
// unwinder knows: below it nothing throws.
#include "addon_environment.h"

#include <cstring>
#include <iterator>

#include "frame.h"
#include "stack_limit.h"

namespace exprjit {

namespace {

void storeWord(double *slot, uint64_t word) { std::memcpy(slot, &word, sizeof word); }

// Reports what Node-API said last as a JavaScript exception, unless one is on its way.
void throwLastError(napi_env env) {
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (pending) return;
  const napi_extended_error_info *error = nullptr;
  napi_get_last_error_info(env, &error);
  const char *message = error != nullptr && error->error_message != nullptr ? error->error_message : "unknown";
  napi_throw_error(env, "ERR_NAPI", message);
}

// The environment that entered machine code last on this thread: asking Node-API for it would cost a fifth of a
// call. Initial-exec, since the general model costs as much again.
struct Entered {
  napi_env env = nullptr;
  Environment *environment = nullptr;
};
#if defined(__GNUC__) && defined(__ELF__)
thread_local Entered entered __attribute__((tls_model("initial-exec")));
#else
thread_local Entered entered;
#endif

}  // namespace

Environment *Environment::attach(napi_env env) {
  Environment *environment = new Environment(env);
  napi_add_env_cleanup_hook(env, [](void *self) { delete static_cast<Environment *>(self); }, environment);
  return environment;
}

Environment::~Environment() {
  if (entered.environment == this) entered = Entered();
  if (frameReference_ != nullptr) napi_delete_reference(env_, frameReference_);
  if (dispatcher_ != nullptr) napi_delete_reference(env_, dispatcher_);
}

void Environment::defineExports(napi_value exports) {
  void *memory = nullptr;
  napi_value buffer = nullptr;
  napi_value frame = nullptr;
  const bool made =
      napi_create_arraybuffer(env_, kFrameLength * sizeof(double), &memory, &buffer) == napi_ok &&
      napi_create_typedarray(env_, napi_float64_array, kFrameLength, buffer, 0, &frame) == napi_ok &&
      napi_create_reference(env_, frame, 1, &frameReference_) == napi_ok;
  if (!made) return throwLastError(env_);

  frame_ = static_cast<double *>(memory);
  storeWord(&frame_[kFrameStackLimit], stackLimitOfThisThread());
  storeWord(&frame_[kFrameHostCallEntry], reinterpret_cast<uintptr_t>(&Environment::hostCall));
  storeWord(&frame_[kFrameHostCallContext], reinterpret_cast<uintptr_t>(this));

  const napi_property_descriptor properties[] = {
      {"frame", nullptr, nullptr, nullptr, nullptr, frame, napi_enumerable, nullptr},
      {"invoke", nullptr, invoke, nullptr, nullptr, nullptr, napi_enumerable, this},
      {"setHostDispatcher", nullptr, setHostDispatcher, nullptr, nullptr, nullptr, napi_enumerable, this},
  };
  if (napi_define_properties(env_, exports, std::size(properties), properties) != napi_ok) throwLastError(env_);
}

napi_value Environment::invoke(napi_env env, napi_callback_info info) {
  if (entered.env != env) {
    void *data = nullptr;
    napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
    entered = {env, static_cast<Environment *>(data)};
  }
  Environment *self = entered.environment;
  const double entry = self->frame_[kFrameEntry];
  if (!self->registry_.isExecutable(entry)) {
    napi_throw_error(env, "ERR_NOT_EXECUTABLE", "the entry is not in executable memory of this environment");
    return nullptr;
  }
  const auto function = reinterpret_cast<void (*)(double *)>(static_cast<uintptr_t>(entry));
  function(self->frame_);
  return nullptr;
}

napi_value Environment::setHostDispatcher(napi_env env, napi_callback_info info) {
  void *data = nullptr;
  size_t count = 1;
  napi_value dispatcher = nullptr;
  napi_get_cb_info(env, info, &count, &dispatcher, nullptr, &data);
  Environment *self = static_cast<Environment *>(data);
  napi_valuetype type = napi_undefined;
  napi_typeof(env, dispatcher, &type);
  if (type != napi_function) {
    napi_throw_type_error(env, nullptr, "dispatcher must be a function");
    return nullptr;
  }
  napi_ref reference = nullptr;
  if (napi_create_reference(env, dispatcher, 1, &reference) != napi_ok) {
    throwLastError(env);
    return nullptr;
  }
  if (self->dispatcher_ != nullptr) napi_delete_reference(env, self->dispatcher_);
  self->dispatcher_ = reference;
  return nullptr;
}

// Called by machine code with its own frames below. Whatever goes wrong (the dispatcher threw after all, the
// worker is being terminated) becomes a trap; an exception stays pending and surfaces when invoke() returns.
void Environment::hostCall(void *context) noexcept {
  Environment *self = static_cast<Environment *>(context);
  napi_handle_scope scope = nullptr;
  bool done = false;
  if (napi_open_handle_scope(self->env_, &scope) == napi_ok) {
    done = self->runDispatcher();
    napi_close_handle_scope(self->env_, scope);
  }
  if (!done) storeWord(&self->frame_[kFrameTrap], kTrapHostException);
}

bool Environment::runDispatcher() {
  napi_value receiver = nullptr;
  napi_value dispatcher = nullptr;
  napi_value result = nullptr;
  if (dispatcher_ == nullptr) {
    napi_throw_error(env_, "ERR_NO_DISPATCHER", "machine code called a host function, but no dispatcher is set");
    return false;
  }
  return napi_get_undefined(env_, &receiver) == napi_ok &&
         napi_get_reference_value(env_, dispatcher_, &dispatcher) == napi_ok &&
         napi_call_function(env_, receiver, dispatcher, 0, nullptr, &result) == napi_ok;
}

}  // namespace exprjit
