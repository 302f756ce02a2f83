// The state of the addon in one environment (main thread or worker): its mappings, its frame, its way into
// machine code and out of it. Nothing is shared between environments.
#pragma once

#include <node_api.h>

#include <cstdint>

#include "mapping_registry.h"
#include "profile_markers.h"

namespace exprjit {

class Environment {
 public:
  // Attaches a new one to `env`, whose cleanup hook frees it.
  static Environment *attach(napi_env env);

  MappingRegistry &registry() { return registry_; }
  ProfileMarkers &markers() { return markers_; }
  double *frame() const { return frame_; }

  // Adds `frame`, `invoke` and `setHostDispatcher` to the exports.
  void defineExports(napi_value exports);

 private:
  explicit Environment(napi_env env) : env_(env) {}
  ~Environment();
  Environment(const Environment &) = delete;
  Environment &operator=(const Environment &) = delete;

  static napi_value invoke(napi_env env, napi_callback_info info);
  static napi_value setHostDispatcher(napi_env env, napi_callback_info info);
  static void hostCall(void *context) noexcept;

  bool runDispatcher();

  napi_env env_;
  MappingRegistry registry_;
  ProfileMarkers markers_;
  // The frame's memory belongs to V8; the reference keeps it.
  double *frame_ = nullptr;
  napi_ref frameReference_ = nullptr;
  napi_ref dispatcher_ = nullptr;
};

}  // namespace exprjit
