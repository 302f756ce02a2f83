// The exports that only tell: the CPU, the math library.
#pragma once

#include <napi.h>

namespace exprjit {

void defineSystemExports(Napi::Object exports);

}  // namespace exprjit
