#include "fast_call_counter.h"

#include <cstdint>

#include "fast_call_door.h"

namespace exprjit {

namespace {

double fastCalls = 0;
double slowCalls = 0;

// V8 passes a receiver, the library does not.
int32_t count(const void *receiver) noexcept {
  (receiver != nullptr ? fastCalls : slowCalls)++;
  return 1;
}

constexpr FastCallDoor kCountingDoor = {kFastCallDoorVersion, count};
constexpr FastCallDoor kLaterDoor = {kFastCallDoorVersion + 1, count};

void setNumber(napi_env env, napi_value object, const char *name, double number) {
  napi_value value = nullptr;
  if (napi_create_double(env, number, &value) == napi_ok) napi_set_named_property(env, object, name, value);
}

napi_value countedCalls(napi_env env, napi_callback_info) {
  napi_value result = nullptr;
  if (napi_create_object(env, &result) != napi_ok) return nullptr;
  setNumber(env, result, "fast", fastCalls);
  setNumber(env, result, "slow", slowCalls);
  fastCalls = slowCalls = 0;
  return result;
}

}  // namespace

void setFastCallCounter(napi_env env, napi_value exports) {
  setNumber(env, exports, "countingDoor", static_cast<double>(reinterpret_cast<uintptr_t>(&kCountingDoor)));
  setNumber(env, exports, "laterDoor", static_cast<double>(reinterpret_cast<uintptr_t>(&kLaterDoor)));
  napi_value function = nullptr;
  if (napi_create_function(env, "countedCalls", NAPI_AUTO_LENGTH, countedCalls, nullptr, &function) == napi_ok) {
    napi_set_named_property(env, exports, "countedCalls", function);
  }
}

}  // namespace exprjit
