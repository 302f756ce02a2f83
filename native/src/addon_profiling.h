// The exports that profilers need.
#pragma once

#include <napi.h>

#include "addon_environment.h"

namespace exprjit {

void defineProfilingExports(Napi::Object exports, Environment *environment);

}  // namespace exprjit
