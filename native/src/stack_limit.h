// How deep compiled code may use the stack of the calling thread.
#pragma once

#include <cstdint>

namespace exprjit {

// The lowest stack address that compiled code may touch on this thread. What lies below it is left to the C
// library and to host functions, which check no limit of ours.
uintptr_t stackLimitOfThisThread();

// One past the highest address of this thread's stack, or 0 if the system does not tell.
uintptr_t stackTopOfThisThread();

}  // namespace exprjit
