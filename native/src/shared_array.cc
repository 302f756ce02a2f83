#include "shared_array.h"

namespace exprjit {

bool isShared(napi_env env, napi_value typedArray) {
  napi_value buffer = nullptr;
  bool isPrivate = true;
  const bool known =
      napi_get_typedarray_info(env, typedArray, nullptr, nullptr, nullptr, &buffer, nullptr) == napi_ok &&
      napi_is_arraybuffer(env, buffer, &isPrivate) == napi_ok;
  return known && !isPrivate;
}

void *sharedElements(napi_env env, napi_value value, napi_typedarray_type type, size_t length) {
  napi_typedarray_type found = napi_int8_array;
  size_t elements = 0;
  void *data = nullptr;
  const bool valid =
      napi_get_typedarray_info(env, value, &found, &elements, &data, nullptr, nullptr) == napi_ok && found == type &&
      elements >= length && isShared(env, value);
  return valid ? data : nullptr;
}

}  // namespace exprjit
