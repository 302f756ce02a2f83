#include "addon_system.h"

#include "cpu.h"
#include "frame.h"
#include "math_library.h"

namespace exprjit {

namespace {

Napi::Value cpuInfo(const Napi::CallbackInfo &info) {
  const CpuInfo cpu = queryCpu();
  Napi::Array features = Napi::Array::New(info.Env(), cpu.features.size());
  for (size_t i = 0; i < cpu.features.size(); ++i) features.Set(static_cast<uint32_t>(i), cpu.features[i]);
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("architecture", cpu.architecture);
  result.Set("vendor", cpu.vendor);
  result.Set("brand", cpu.brand);
  result.Set("features", features);
  return result;
}

Napi::Value mathLibraryOf(const Napi::CallbackInfo &info) {
  Napi::Object result = Napi::Object::New(info.Env());
  for (const MathFunction &function : mathLibrary()) {
    result.Set(function.name, static_cast<double>(function.entry));
  }
  return result;
}

Napi::Value frameLayout(const Napi::CallbackInfo &info) {
  Napi::Object slots = Napi::Object::New(info.Env());
  const auto slot = [&](const char *name, size_t index) { slots.Set(name, static_cast<double>(index)); };
  slot("Entry", kFrameEntry);
  slot("Result", kFrameResult);
  slot("Trap", kFrameTrap);
  slot("Fuel", kFrameFuel);
  slot("StackLimit", kFrameStackLimit);
  slot("UnwindStack", kFrameUnwindStack);
  slot("HostCall", kFrameHostCall);
  slot("HostCallEntry", kFrameHostCallEntry);
  slot("HostCallContext", kFrameHostCallContext);
  slot("Arguments", kFrameArguments);

  Napi::Object traps = Napi::Object::New(info.Env());
  traps.Set("None", static_cast<double>(kTrapNone));
  traps.Set("Stack", static_cast<double>(kTrapStack));
  traps.Set("Fuel", static_cast<double>(kTrapFuel));
  traps.Set("HostException", static_cast<double>(kTrapHostException));

  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("slots", slots);
  result.Set("traps", traps);
  result.Set("maxArguments", static_cast<double>(kMaxArguments));
  result.Set("length", static_cast<double>(kFrameLength));
  return result;
}

}  // namespace

void defineSystemExports(Napi::Object exports) {
  const auto define = [&](const char *name, auto callback) {
    exports.Set(name, Napi::Function::New(exports.Env(), callback, name));
  };
  define("cpuInfo", cpuInfo);
  define("mathLibrary", mathLibraryOf);
  define("frameLayout", frameLayout);
}

}  // namespace exprjit
