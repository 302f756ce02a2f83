#include "addon_environment.h"

#include <utility>

namespace exprjit {

Environment *Environment::attach(napi_env env) {
  Environment *environment = new Environment(env);
  napi_add_env_cleanup_hook(env, [](void *self) { delete static_cast<Environment *>(self); }, environment);
  return environment;
}

Environment::~Environment() {
  // First, since what is at work runs code that is about to be unmapped.
  kernelRuns_.reset();
  sessions_.clear();
}

Session &Environment::addSession(std::unique_ptr<Session> session) {
  sessions_.push_back(std::move(session));
  return *sessions_.back();
}

}  // namespace exprjit
