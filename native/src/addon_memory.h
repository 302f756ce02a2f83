// The exports that map, protect and access memory.
#pragma once

#include <napi.h>

#include "addon_environment.h"

namespace exprjit {

void defineMemoryExports(Napi::Object exports, Environment *environment);

}  // namespace exprjit
