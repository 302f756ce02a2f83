// Typed arrays on shared memory, which nobody can detach or resize.
#pragma once

#include <node_api.h>

#include <cstddef>

namespace exprjit {

bool isShared(napi_env env, napi_value typedArray);

// The memory of an array of this type and of at least `length` elements, if it is shared; null for anything else.
void *sharedElements(napi_env env, napi_value value, napi_typedarray_type type, size_t length);

}  // namespace exprjit
