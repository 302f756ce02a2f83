// The exports that only tell: the CPU, the math library, the layout of the frame.
#pragma once

#include <napi.h>

namespace exprjit {

void defineSystemExports(Napi::Object exports);

}  // namespace exprjit
