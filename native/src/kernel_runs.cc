// Plain Node-API here too: below these callbacks are frames of machine code, which no C++ exception may cross.
#include "kernel_runs.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <new>

#include "frame.h"
#include "kernel_arrays.h"
#include "kernel_frame.h"

namespace exprjit {

namespace {

constexpr size_t kFewArguments = 8;
constexpr double kMostThreads = 1024;

// The arguments of a call: in place when they are few, since Node-API fills whatever room it is given.
class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info, void **data) {
    count_ = kFewArguments;
    napi_get_cb_info(env, info, &count_, few_, nullptr, data);
    if (count_ <= kFewArguments) return;
    many_.reset(new (std::nothrow) napi_value[count_]);
    if (many_ == nullptr) count_ = 0;
    else napi_get_cb_info(env, info, &count_, many_.get(), nullptr, nullptr);
  }

  size_t count() const { return count_; }
  const napi_value *values() const { return many_ != nullptr ? many_.get() : few_; }

 private:
  size_t count_ = 0;
  napi_value few_[kFewArguments];
  std::unique_ptr<napi_value[]> many_;
};

void setNumber(napi_env env, napi_value object, const char *name, double number) {
  napi_value value = nullptr;
  if (napi_create_double(env, number, &value) == napi_ok) napi_set_named_property(env, object, name, value);
}

struct NamedNumber {
  const char *name;
  double number;
};

template <size_t N>
void setTable(napi_env env, napi_value object, const char *name, const NamedNumber (&entries)[N]) {
  napi_value table = nullptr;
  if (napi_create_object(env, &table) != napi_ok) return;
  for (const NamedNumber &entry : entries) setNumber(env, table, entry.name, entry.number);
  napi_set_named_property(env, object, name, table);
}

// The control that TypeScript and the threads share: an Int32Array on a SharedArrayBuffer.
int32_t *controlOf(napi_env env, napi_value value) {
  napi_typedarray_type type = napi_int8_array;
  size_t length = 0;
  void *data = nullptr;
  napi_value buffer = nullptr;
  bool isPrivate = true;
  const bool valid = napi_get_typedarray_info(env, value, &type, &length, &data, &buffer, nullptr) == napi_ok &&
                     napi_is_arraybuffer(env, buffer, &isPrivate) == napi_ok && !isPrivate &&
                     type == napi_int32_array && length >= kControlLength;
  return valid ? static_cast<int32_t *>(data) : nullptr;
}

bool isFunction(napi_env env, napi_value value) {
  napi_valuetype type = napi_undefined;
  return napi_typeof(env, value, &type) == napi_ok && type == napi_function;
}

}  // namespace

void KernelRuns::defineExports(napi_env env, napi_value exports, Environment *environment) {
  KernelRuns *self = new KernelRuns(env, environment);
  // Runs before the environment's own, which was added earlier.
  napi_add_env_cleanup_hook(env, [](void *runs) { delete static_cast<KernelRuns *>(runs); }, self);
  napi_value request = nullptr;
  if (!self->makeRequest(&request)) {
    napi_throw_error(env, "ERR_NAPI", "the kernel request cannot be made");
    return;
  }
  const napi_property_descriptor properties[] = {
      {"kernelRequest", nullptr, nullptr, nullptr, nullptr, request, napi_enumerable, nullptr},
      {"runKernel", nullptr, run, nullptr, nullptr, nullptr, napi_enumerable, self},
      {"startKernel", nullptr, start, nullptr, nullptr, nullptr, napi_enumerable, self},
      {"kernelLayout", nullptr, layout, nullptr, nullptr, nullptr, napi_enumerable, self},
  };
  napi_define_properties(env, exports, std::size(properties), properties);
}

KernelRuns::~KernelRuns() {
  for (const auto &run : inFlight_) run->cancel();
  // libuv may still hold these, so nobody frees them. Node waits for its requests before it comes here: there are none.
  for (auto &run : inFlight_) run.release()->abandon();
  if (requestReference_ != nullptr) napi_delete_reference(env_, requestReference_);
}

bool KernelRuns::makeRequest(napi_value *array) {
  void *memory = nullptr;
  napi_value buffer = nullptr;
  const bool made = napi_create_arraybuffer(env_, kRequestSize * sizeof(double), &memory, &buffer) == napi_ok &&
                    napi_create_typedarray(env_, napi_float64_array, kRequestSize, buffer, 0, array) == napi_ok &&
                    napi_create_reference(env_, *array, 1, &requestReference_) == napi_ok;
  request_ = static_cast<double *>(memory);
  return made;
}

std::unique_ptr<KernelRun> KernelRuns::take(KernelRun *run) {
  const auto found = std::find_if(inFlight_.begin(), inFlight_.end(),
                                  [run](const std::unique_ptr<KernelRun> &each) { return each.get() == run; });
  std::unique_ptr<KernelRun> taken;
  if (found == inFlight_.end()) return taken;
  taken = std::move(*found);
  inFlight_.erase(found);
  return taken;
}

bool KernelRuns::mayEnter() {
  if (environment_->registry().isExecutable(request_[kRequestEntry])) return true;
  napi_throw_error(env_, "ERR_NOT_EXECUTABLE", "the entry is not in executable memory of this environment");
  return false;
}

napi_value KernelRuns::run(napi_env env, napi_callback_info info) {
  void *data = nullptr;
  const Arguments arguments(env, info, &data);
  KernelRuns *self = static_cast<KernelRuns *>(data);
  if (!self->mayEnter()) return nullptr;
  KernelArrays arrays;
  if (arrays.read(env, self->request_, arguments.values(), arguments.count(), KernelArrays::Types::kTrust) !=
      kKernelOk) return nullptr;
  if (arrays.rowCount == 0) return nullptr;
  KernelFrame frame = {};
  frame.firstRow = arrays.firstRow;
  frame.rowCount = arrays.rowCount;
  frame.length = arrays.length;
  frame.frame = self->environment_->frame();
  frame.columns = arrays.columns();
  frame.outputs = arrays.outputs();
  frame.uniforms = arrays.uniforms;
  frame.partials = arrays.partials;
  reinterpret_cast<Kernel>(arrays.entry)(&frame);
  return nullptr;
}

// startKernel(control, onEnd, ...arrays)
napi_value KernelRuns::start(napi_env env, napi_callback_info info) {
  constexpr size_t kLeading = 2;
  void *data = nullptr;
  const Arguments arguments(env, info, &data);
  KernelRuns *self = static_cast<KernelRuns *>(data);
  if (!self->mayEnter()) return nullptr;
  double *const request = self->request_;
  const napi_value *values = arguments.values();
  int32_t *control = arguments.count() >= kLeading ? controlOf(env, values[0]) : nullptr;
  const double threads = request[kRequestThreadCount];
  const double claim = request[kRequestClaimSize];
  const bool valid = control != nullptr && isFunction(env, values[1]) && threads >= 1 && threads <= kMostThreads &&
                     claim >= 1 && claim <= 1 << 30 &&
                     (request[kRequestReductionCount] == 0 || static_cast<int64_t>(claim) % kReductionBlock == 0);
  if (!valid) {
    napi_throw_type_error(env, "ERR_INVALID_ARG", "startKernel takes a control, a function and arrays");
    return nullptr;
  }
  const std::unique_ptr<KernelArrays> arrays(new (std::nothrow) KernelArrays);
  if (arrays == nullptr) {
    napi_throw_error(env, "ENOMEM", "out of memory");
    return nullptr;
  }
  const KernelStatus status = arrays->read(env, request, values + kLeading, arguments.count() - kLeading,
                                           KernelArrays::Types::kCheck);
  if (status != kKernelOk) return nullptr;
  std::unique_ptr<KernelRun> run = KernelRun::create(env, self, *arrays, values + kLeading, request, control);
  if (run == nullptr) {
    napi_throw_error(env, "ENOMEM", "there is not enough memory to copy the columns");
    return nullptr;
  }
  if (!run->start(values, arguments.count(), static_cast<size_t>(threads))) {
    napi_throw_error(env, "ERR_NAPI", "the kernel cannot be queued");
    return nullptr;
  }
  self->inFlight_.push_back(std::move(run));
  return nullptr;
}

napi_value KernelRuns::layout(napi_env env, napi_callback_info) {
  napi_value result = nullptr;
  if (napi_create_object(env, &result) != napi_ok) return nullptr;
  const auto slotOf = [](size_t offset) { return static_cast<double>(offset) / 8; };
  const NamedNumber frame[] = {
      {"FirstRow", slotOf(offsetof(KernelFrame, firstRow))}, {"RowCount", slotOf(offsetof(KernelFrame, rowCount))},
      {"Length", slotOf(offsetof(KernelFrame, length))},     {"Frame", slotOf(offsetof(KernelFrame, frame))},
      {"Columns", slotOf(offsetof(KernelFrame, columns))},   {"Outputs", slotOf(offsetof(KernelFrame, outputs))},
      {"Uniforms", slotOf(offsetof(KernelFrame, uniforms))}, {"Partials", slotOf(offsetof(KernelFrame, partials))},
      {"TrapRow", slotOf(offsetof(KernelFrame, trapRow))},
  };
  const NamedNumber request[] = {
      {"Entry", kRequestEntry},
      {"FirstRow", kRequestFirstRow},
      {"RowCount", kRequestRowCount},
      {"Length", kRequestLength},
      {"ColumnCount", kRequestColumnCount},
      {"OutputCount", kRequestOutputCount},
      {"UniformCount", kRequestUniformCount},
      {"ReductionCount", kRequestReductionCount},
      {"CallsFunctions", kRequestCallsFunctions},
      {"Fuel", kRequestFuel},
      {"ThreadCount", kRequestThreadCount},
      {"ClaimSize", kRequestClaimSize},
      {"Status", kRequestStatus},
      {"StatusArgument", kRequestStatusArgument},
      {"StatusOther", kRequestStatusOther},
      {"Types", kRequestTypes},
      {"Uniforms", kRequestUniforms},
  };
  const NamedNumber status[] = {
      {"Ok", kKernelOk},           {"WrongType", kKernelWrongType},   {"TooShort", kKernelTooShort},
      {"Overlap", kKernelOverlap}, {"BadRequest", kKernelBadRequest},
  };
  const NamedNumber control[] = {
      {"Cancel", kControlCancel},
      {"ClaimsDone", kControlClaimsDone},
      {"Trap", kControlTrap},
      {"TrapFunction", kControlTrapFunction},
  };
  const NamedNumber sizes[] = {
      {"kernelFrameLength", kKernelFrameLength},   {"reductionBlock", kReductionBlock},
      {"maxKernelColumns", kMaxKernelColumns},     {"maxKernelOutputs", kMaxKernelOutputs},
      {"kernelRequestLength", kRequestSize},       {"kernelControlLength", kControlLength},
      {"elementTypes", kElementTypes},
  };
  setTable(env, result, "frame", frame);
  setTable(env, result, "request", request);
  setTable(env, result, "status", status);
  setTable(env, result, "control", control);
  setTable(env, result, "sizes", sizes);
  return result;
}

}  // namespace exprjit
