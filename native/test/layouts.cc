// An addon for tests, which the package does not bring: the layouts as C++ has them, as tables of numbers by the names that
// TypeScript has for them; and fast calls that are counted.
#include <node_api.h>

#include <cstddef>

#include "fast_call_counter.h"
#include "frame.h"
#include "kernel_frame.h"
#include "kernel_request.h"

namespace exprjit {

namespace {

struct NamedNumber {
  const char *name;
  double number;
};

template <size_t N>
void setTable(napi_env env, napi_value exports, const char *name, const NamedNumber (&entries)[N]) {
  napi_value table = nullptr;
  if (napi_create_object(env, &table) != napi_ok) return;
  for (const NamedNumber &entry : entries) {
    napi_value value = nullptr;
    if (napi_create_double(env, entry.number, &value) != napi_ok) return;
    napi_set_named_property(env, table, entry.name, value);
  }
  napi_set_named_property(env, exports, name, table);
}

void setFrameTables(napi_env env, napi_value exports) {
  const NamedNumber slots[] = {
      {"Entry", kFrameEntry},
      {"Result", kFrameResult},
      {"Trap", kFrameTrap},
      {"Fuel", kFrameFuel},
      {"StackLimit", kFrameStackLimit},
      {"UnwindStack", kFrameUnwindStack},
      {"HostCall", kFrameHostCall},
      {"HostCallEntry", kFrameHostCallEntry},
      {"HostCallContext", kFrameHostCallContext},
      {"FuelReserve", kFrameFuelReserve},
      {"FuelSlice", kFrameFuelSlice},
      {"RowFuel", kFrameRowFuel},
      {"Deadline", kFrameDeadline},
      {"MemoryBase", kFrameMemoryBase},
      {"MemoryEnd1", kFrameMemoryEnd1},
      {"MemoryEnd2", kFrameMemoryEnd2},
      {"MemoryEnd4", kFrameMemoryEnd4},
      {"MemoryEnd8", kFrameMemoryEnd8},
      {"Arguments", kFrameArguments},
  };
  const NamedNumber traps[] = {
      {"None", kTrapNone},       {"Stack", kTrapStack}, {"Fuel", kTrapFuel}, {"HostException", kTrapHostException},
      {"Stopped", kTrapStopped},
      {"Bounds", kTrapBounds},
  };
  const NamedNumber requests[] = {{"Refuel", kRequestRefuel}, {"Look", kRequestLook}};
  const NamedNumber sizes[] = {{"maxArguments", kMaxArguments}, {"frameLength", kFrameLength}};
  setTable(env, exports, "frame", slots);
  setTable(env, exports, "traps", traps);
  setTable(env, exports, "hostRequests", requests);
  setTable(env, exports, "frameSizes", sizes);
}

void setKernelTables(napi_env env, napi_value exports) {
  const auto slotOf = [](size_t offset) { return static_cast<double>(offset) / 8; };
  const NamedNumber kernelFrame[] = {
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
      {"CallsHost", kRequestCallsHost},
      {"FuelSlice", kRequestFuelSlice},
      {"Deadline", kRequestDeadline},
      {"Known", kRequestKnown},
      {"Prepared", kRequestPrepared},
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
      {"maxKnownColumns", kMaxKnownColumns},       {"elementTypes", kElementTypes},
  };
  setTable(env, exports, "kernelFrame", kernelFrame);
  setTable(env, exports, "kernelRequest", request);
  setTable(env, exports, "kernelStatus", status);
  setTable(env, exports, "kernelControl", control);
  setTable(env, exports, "kernelSizes", sizes);
}

napi_value initialize(napi_env env, napi_value exports) {
  setFrameTables(env, exports);
  setKernelTables(env, exports);
  setFastCallCounter(env, exports);
  return exports;
}

}  // namespace

}  // namespace exprjit

NAPI_MODULE(exprjit_test, exprjit::initialize)
