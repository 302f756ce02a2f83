#pragma once

#include <node_api.h>

namespace exprjit {

// Exports `countingDoor`, the address of a door whose calls are only counted; `laterDoor`, one of the next version; and
// `countedCalls()`, which gives how many came fast and how many by way of the library, and begins anew.
void setFastCallCounter(napi_env env, napi_value exports);

}  // namespace exprjit
