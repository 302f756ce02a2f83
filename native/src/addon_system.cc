#include "addon_system.h"

#include <string>

#include "cpu.h"
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

double numberArgument(const Napi::CallbackInfo &info, size_t index, const char *name) {
  if (!info[index].IsNumber()) throw Napi::TypeError::New(info.Env(), std::string(name) + " must be a number");
  return info[index].As<Napi::Number>().DoubleValue();
}

Napi::Value evaluateMath(const Napi::CallbackInfo &info) {
  if (!info[0].IsString()) throw Napi::TypeError::New(info.Env(), "name must be a string");
  const std::string name = info[0].As<Napi::String>().Utf8Value();
  const double x = numberArgument(info, 1, "x");
  const double y = numberArgument(info, 2, "y");
  for (const MathFunction &function : mathLibrary()) {
    if (name != function.name) continue;
    // Arguments beyond its own a function does not see, in either convention of x64.
    const auto evaluate = reinterpret_cast<double (*)(double, double, double)>(function.entry);
    return Napi::Number::New(info.Env(), evaluate(x, y, 0));
  }
  throw Napi::RangeError::New(info.Env(), "name must be that of a function of the math library");
}

}  // namespace

void defineSystemExports(Napi::Object exports) {
  const auto define = [&](const char *name, auto callback) {
    exports.Set(name, Napi::Function::New(exports.Env(), callback, name));
  };
  define("cpuInfo", cpuInfo);
  define("mathLibrary", mathLibraryOf);
  define("evaluateMath", evaluateMath);
}

}  // namespace exprjit
