// The state of the addon in one environment (main thread or worker): its mappings, its sessions, its kernels at work.
// Nothing is shared between environments.
#pragma once

#include <node_api.h>

#include <memory>
#include <vector>

#include "kernel_runs.h"
#include "mapping_registry.h"
#include "profile_markers.h"
#include "session.h"

namespace exprjit {

class Environment {
 public:
  // Attaches a new one to `env`, whose cleanup hook frees it.
  static Environment *attach(napi_env env);

  MappingRegistry &registry() { return registry_; }
  ProfileMarkers &markers() { return markers_; }
  KernelRuns &kernelRuns() { return *kernelRuns_; }
  size_t sessionCount() const { return sessions_.size(); }
  Session &addSession(std::unique_ptr<Session> session);

 private:
  explicit Environment(napi_env env) : kernelRuns_(new KernelRuns(env)) {}
  ~Environment();
  Environment(const Environment &) = delete;
  Environment &operator=(const Environment &) = delete;

  MappingRegistry registry_;
  ProfileMarkers markers_;
  std::vector<std::unique_ptr<Session>> sessions_;
  std::unique_ptr<KernelRuns> kernelRuns_;
};

}  // namespace exprjit
