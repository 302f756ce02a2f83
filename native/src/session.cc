// Entering machine code costs as much as the plainest Node-API call there is: no arguments, no result, no
// wrapper. Plain Node-API is also what keeps C++ exceptions away from frames of machine code, which no
// unwinder knows: below it nothing throws.
#include "session.h"

#include <exception>
#include <iterator>
#include <memory>
#include <new>

#include "addon_environment.h"
#include "fast_calls.h"
#include "frame.h"
#include "frame_fuel.h"
#include "kernel_arrays.h"
#include "kernel_frame.h"
#include "shared_array.h"
#include "stack_limit.h"
#include "thread_local_model.h"

namespace exprjit {

namespace {

// Reports what Node-API said last as a JavaScript exception, unless one is on its way.
void throwLastError(napi_env env) {
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (pending) return;
  const napi_extended_error_info *error = nullptr;
  napi_get_last_error_info(env, &error);
  const char *message = error != nullptr && error->error_message != nullptr ? error->error_message : "unknown";
  napi_throw_error(env, "E_NAPI", message);
}

// The first session of the environment that entered machine code last on this thread: asking Node-API for it would
// cost a fifth of a call.
struct Entered {
  napi_env env = nullptr;
  Session *session = nullptr;
};
thread_local Entered entered EXPRJIT_INITIAL_EXEC;

Session *sessionOf(napi_env env, napi_callback_info info) {
  void *data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  return static_cast<Session *>(data);
}

// The same, for functions of the first session.
Session *firstSession(napi_env env, napi_callback_info info) {
  if (entered.env != env) entered = {env, sessionOf(env, info)};
  return entered.session;
}

// Of a function that takes one number; negative for what is none.
struct Numbered {
  Session *session;
  int64_t number;
};

Numbered numbered(napi_env env, napi_callback_info info) {
  napi_value value = nullptr;
  size_t count = 1;
  void *data = nullptr;
  uint32_t number = 0;
  napi_get_cb_info(env, info, &count, &value, nullptr, &data);
  const bool isNumber = napi_get_value_uint32(env, value, &number) == napi_ok;
  return {static_cast<Session *>(data), isNumber ? static_cast<int64_t>(number) : -1};
}

// Several times what anybody secures, see `stack-reserve.ts`.
constexpr uintptr_t kAmpleStack = 256 * 1024;

constexpr double kHighestAddress = 9007199254740992.0;

double *sharedDoubles(napi_env env, napi_value value, size_t length) {
  return static_cast<double *>(sharedElements(env, value, napi_float64_array, length));
}

}  // namespace

void Session::defineExports(napi_env env, napi_value exports, Environment *environment) {
  const napi_property_descriptor properties[] = {
      {"openSession", nullptr, open, nullptr, nullptr, nullptr, napi_enumerable, environment},
  };
  if (napi_define_properties(env, exports, std::size(properties), properties) != napi_ok) throwLastError(env);
}

Session::~Session() {
  if (entered.session == this) entered = Entered();
  FastCalls::giveUp(frame_);
  for (napi_ref reference : {frameReference_, requestReference_, dispatcher_}) {
    if (reference != nullptr) napi_delete_reference(env_, reference);
  }
}

napi_value Session::open(napi_env env, napi_callback_info info) {
  napi_value arguments[4] = {};
  size_t count = std::size(arguments);
  void *data = nullptr;
  napi_get_cb_info(env, info, &count, arguments, nullptr, &data);
  Environment *environment = static_cast<Environment *>(data);
  std::unique_ptr<Session> opened(new (std::nothrow) Session(env, environment));
  if (opened == nullptr || !opened->take(arguments[0], arguments[1], arguments[2], arguments[3])) {
    napi_throw_type_error(env, "E_INVALID_ARGUMENT", "openSession takes a frame, a request, a dispatcher and an address");
    return nullptr;
  }
  const bool isFirst = environment->sessionCount() == 0;
  Session *session = &environment->addSession(std::move(opened));
  const napi_property_descriptor properties[] = {
      {"invoke", nullptr, isFirst ? call<&Session::enter, firstSession> : call<&Session::enter, sessionOf>, nullptr, nullptr, nullptr, napi_enumerable, session},
      {"hasAmpleStack", nullptr, hasAmpleStack, nullptr, nullptr, nullptr, napi_enumerable, session},
      {"claimFastCalls", nullptr, claimFastCalls, nullptr, nullptr, nullptr, napi_enumerable, session},
      {"runKernel", nullptr, runKernel, nullptr, nullptr, nullptr, napi_enumerable, session},
      {"knowArray", nullptr, knowArray, nullptr, nullptr, nullptr, napi_enumerable, session},
      {"forgetArray", nullptr, forgetArray, nullptr, nullptr, nullptr, napi_enumerable, session},
      {"runKnown", nullptr, isFirst ? call<&Session::enterKnown, firstSession> : call<&Session::enterKnown, sessionOf>, nullptr, nullptr, nullptr, napi_enumerable, session},
      {"prepareRun", nullptr, prepareRun, nullptr, nullptr, nullptr, napi_enumerable, session},
      {"forgetRun", nullptr, forgetRun, nullptr, nullptr, nullptr, napi_enumerable, session},
      {"runPrepared", nullptr, isFirst ? call<&Session::enterPrepared, firstSession> : call<&Session::enterPrepared, sessionOf>, nullptr, nullptr, nullptr, napi_enumerable, session},
      {"startKernel", nullptr, startKernel, nullptr, nullptr, nullptr, napi_enumerable, session},
  };
  napi_value result = nullptr;
  const bool made = napi_create_object(env, &result) == napi_ok &&
                    napi_define_properties(env, result, std::size(properties), properties) == napi_ok;
  if (!made) throwLastError(env);
  return result;
}

bool Session::take(napi_value frame, napi_value request, napi_value dispatcher, napi_value hostStackLimit) {
  napi_valuetype type = napi_undefined;
  double limit = 0;
  frame_ = sharedDoubles(env_, frame, kFrameLength);
  request_ = sharedDoubles(env_, request, kRequestSize);
  const bool taken = napi_get_value_double(env_, hostStackLimit, &limit) == napi_ok && limit > 0 && limit <= kHighestAddress && frame_ != nullptr && request_ != nullptr && napi_typeof(env_, dispatcher, &type) == napi_ok &&
                     type == napi_function && napi_create_reference(env_, frame, 1, &frameReference_) == napi_ok &&
                     napi_create_reference(env_, request, 1, &requestReference_) == napi_ok &&
                     napi_create_reference(env_, dispatcher, 1, &dispatcher_) == napi_ok;
  if (!taken) return false;
  hostStackLimit_ = static_cast<uintptr_t>(limit);
  stackTop_ = stackTopOfThisThread();
  connectFrame(frame_, &Session::hostCall, this);
  return true;
}

bool Session::mayEnter(double entry) {
  if (environment_->registry().isExecutable(entry)) return true;
  napi_throw_error(env_, "E_NOT_EXECUTABLE", "the entry is not in executable memory of this environment");
  return false;
}

void Session::enter() {
  const double entry = frame_[kFrameEntry];
  if (!mayEnter(entry)) return;
  reinterpret_cast<void (*)(double *)>(static_cast<uintptr_t>(entry))(frame_);
}

napi_value Session::hasAmpleStack(napi_env env, napi_callback_info info) {
  const Session *self = sessionOf(env, info);
  char variable;
  const uintptr_t here = reinterpret_cast<uintptr_t>(&variable);
  napi_value result = nullptr;
  napi_get_boolean(env, here >= self->hostStackLimit_ + kAmpleStack && here < self->stackTop_, &result);
  return result;
}

// claimFastCalls(way) gives the address of the door, or 0.
napi_value Session::claimFastCalls(napi_env env, napi_callback_info info) {
  const auto [self, way] = numbered(env, info);
  const bool isWay = way >= 0 && way < static_cast<int64_t>(FastCalls::kWays);
  const bool claimed = isWay && FastCalls::claim({self->frame_, self->request_, &self->knownArrays_, &self->environment_->registry()});
  const auto door = claimed ? reinterpret_cast<uintptr_t>(&FastCalls::door(static_cast<size_t>(way))) : 0;
  napi_value result = nullptr;
  if (napi_create_double(env, static_cast<double>(door), &result) != napi_ok) throwLastError(env);
  return result;
}

napi_value Session::runKernel(napi_env env, napi_callback_info info) {
  void *data = nullptr;
  const CallArguments arguments(env, info, &data);
  Session *self = static_cast<Session *>(data);
  if (!self->mayEnter(self->request_[kRequestEntry])) return nullptr;
  KernelArrays arrays;
  ColumnCopies copies;
  const KernelStatus status = arrays.read(env, self->request_, arguments.values(), arguments.count(),
                                          KernelArrays::Types::kTrust);
  if (status != kKernelOk) return nullptr;
  if (arrays.rowCount == 0) return nullptr;
  if (arrays.callsHost && !arrays.copyPrivateColumns(env, arguments.values(), &copies)) {
    napi_throw_error(env, "ENOMEM", "there is not enough memory to copy the columns");
    return nullptr;
  }
  KernelFrame frame = arrays.kernelFrame(self->frame_);
  reinterpret_cast<Kernel>(arrays.entry)(&frame);
  return nullptr;
}

napi_value Session::knowArray(napi_env env, napi_callback_info info) {
  napi_value array = nullptr;
  size_t count = 1;
  void *data = nullptr;
  napi_get_cb_info(env, info, &count, &array, nullptr, &data);
  napi_value number = nullptr;
  napi_create_int32(env, static_cast<Session *>(data)->knownArrays_.add(env, array), &number);
  return number;
}

napi_value Session::forgetArray(napi_env env, napi_callback_info info) {
  const Numbered call = numbered(env, info);
  if (call.number >= 0) call.session->knownArrays_.remove(static_cast<uint32_t>(call.number));
  return nullptr;
}

void Session::enterKnown() {
  const double entry = request_[kRequestEntry];
  if (mayEnter(entry)) knownArrays_.run(entry, request_, frame_);
}

napi_value Session::prepareRun(napi_env env, napi_callback_info info) {
  Session *self = sessionOf(env, info);
  napi_value number = nullptr;
  napi_create_int32(env, self->knownArrays_.prepare(self->request_, self->frame_), &number);
  return number;
}

napi_value Session::forgetRun(napi_env env, napi_callback_info info) {
  const Numbered call = numbered(env, info);
  if (call.number >= 0) call.session->knownArrays_.forgetPrepared(static_cast<uint32_t>(call.number));
  return nullptr;
}

void Session::enterPrepared() {
  KnownArrays::Run *const run = knownArrays_.prepared(request_[kRequestPrepared]);
  if (run == nullptr) napi_throw_error(env_, "E_INVALID_ARGUMENT", "no run was prepared under this number");
  else if (mayEnter(run->entry)) KnownArrays::enter(run);
}

// startKernel(control, onEnd, ...arrays)
napi_value Session::startKernel(napi_env env, napi_callback_info info) {
  void *data = nullptr;
  const CallArguments arguments(env, info, &data);
  Session *self = static_cast<Session *>(data);
  if (!self->mayEnter(self->request_[kRequestEntry])) return nullptr;
  try {
    self->environment_->kernelRuns().start(self->request_, arguments);
  } catch (const std::exception &) {
    napi_throw_error(env, "ENOMEM", "out of memory");
  }
  return nullptr;
}

// Called by machine code with its own frames below. Whatever goes wrong (the dispatcher threw after all, the
// worker is being terminated) becomes a trap; an exception stays pending and surfaces when invoke() returns.
void Session::hostCall(void *context) noexcept {
  Session *self = static_cast<Session *>(context);
  double *const frame = self->frame_;
  const int32_t request = requestOf(frame);
  if (!serveFuel(frame)) return;
  if (request < 0 && isPast(frame[kFrameDeadline])) return setTrap(frame, kTrapStopped);
  if (self->isTooDeepForHost()) {
    if (request >= 0) setTrap(frame, kTrapHostException);
    return;
  }
  napi_handle_scope scope = nullptr;
  bool done = false;
  if (napi_open_handle_scope(self->env_, &scope) == napi_ok) {
    done = request < 0 ? self->look() : self->runDispatcher();
    napi_close_handle_scope(self->env_, scope);
  }
  if (done) return;
  // V8 may be ending JavaScript, which then runs no `finally` that would take the deadline back.
  frame[kFrameDeadline] = 0;
  setTrap(frame, kTrapHostException);
}

// Compiled code may go deeper than JavaScript. V8 up to version 12 noticed if it was called from there; later ones fault or end the
// process, also when they are to throw an exception. So the trap stands alone, and who entered the code throws one.
bool Session::isTooDeepForHost() const {
  char here;
  return reinterpret_cast<uintptr_t>(&here) < hostStackLimit_;
}

// A call of JavaScript is where V8 does what was asked of it meanwhile: to end the worker, to interrupt a script. The
// dispatcher runs no code of others then; so what it throws says only that JavaScript has no stack left. The code goes on: it will be less deep some other time, or run out of fuel.
bool Session::look() {
  if (runDispatcher()) return true;
  napi_value exception = nullptr;
  bool isError = false;
  return napi_get_and_clear_last_exception(env_, &exception) == napi_ok &&
         napi_is_error(env_, exception, &isError) == napi_ok && isError;
}

bool Session::runDispatcher() {
  napi_value receiver = nullptr;
  napi_value dispatcher = nullptr;
  napi_value result = nullptr;
  return napi_get_undefined(env_, &receiver) == napi_ok &&
         napi_get_reference_value(env_, dispatcher_, &dispatcher) == napi_ok &&
         napi_call_function(env_, receiver, dispatcher, 0, nullptr, &result) == napi_ok;
}

}  // namespace exprjit
