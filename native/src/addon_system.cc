#include "addon_system.h"

#include "addon_arguments.h"
#include "arithmetic.h"
#include "cpu.h"

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

Napi::Value arithmeticOf(const Napi::CallbackInfo &info) {
  Napi::Object result = Napi::Object::New(info.Env());
  for (const ArithmeticFunction &function : arithmetic()) {
    result.Set(function.name, static_cast<double>(function.entry));
  }
  return result;
}

Napi::Value stackAddress(const Napi::CallbackInfo &info) {
  char here;
  return Napi::Number::New(info.Env(), static_cast<double>(reinterpret_cast<uintptr_t>(&here)));
}

Napi::Value addressOf(const Napi::CallbackInfo &info) {
  const ByteView bytes = bytesArgument(info, 0, "bytes");
  return Napi::Number::New(info.Env(), static_cast<double>(reinterpret_cast<uintptr_t>(bytes.data)));
}

}  // namespace

void defineSystemExports(Napi::Object exports) {
  const auto define = [&](const char *name, auto callback) {
    exports.Set(name, Napi::Function::New(exports.Env(), callback, name));
  };
  define("cpuInfo", cpuInfo);
  define("arithmetic", arithmeticOf);
  define("stackAddress", stackAddress);
  define("addressOf", addressOf);
}

}  // namespace exprjit
