#include "addon_profiling.h"

#include <limits>

#include "addon_arguments.h"

namespace exprjit {

namespace {

using Info = Napi::CallbackInfo;

ProfileMarkers &markersOf(const Info &info) { return static_cast<Environment *>(info.Data())->markers(); }

Napi::Value mapProfileMarker(const Info &info) {
  const uint32_t descriptor = uint32Argument(info, 0, "descriptor");
  if (descriptor > static_cast<uint32_t>(std::numeric_limits<int>::max())) {
    throw Napi::RangeError::New(info.Env(), "descriptor must be that of an open file");
  }
  uintptr_t address = 0;
  requireOk(info.Env(), markersOf(info).map(&address, static_cast<int>(descriptor)));
  return Napi::Number::New(info.Env(), static_cast<double>(address));
}

}  // namespace

void defineProfilingExports(Napi::Object exports, Environment *environment) {
  constexpr const char *kName = "mapProfileMarker";
  exports.Set(kName, Napi::Function::New(exports.Env(), mapProfileMarker, kName, environment));
}

}  // namespace exprjit
