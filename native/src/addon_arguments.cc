#include "addon_arguments.h"

#include <cmath>
#include <limits>

namespace exprjit {

namespace {

constexpr double kMaxSafeInteger = 9007199254740991.0;

Napi::TypeError wrongType(Napi::Env env, const char *name, const char *expected) {
  return Napi::TypeError::New(env, std::string(name) + " must be " + expected);
}

double integerArgument(const Napi::CallbackInfo &info, size_t index, const char *name, double low, double high) {
  const Napi::Value value = info[index];
  if (!value.IsNumber()) throw wrongType(info.Env(), name, "a number");
  const double number = value.As<Napi::Number>().DoubleValue();
  // Written so that NaN fails too.
  if (!(number >= low && number <= high) || number != std::floor(number)) {
    throw Napi::RangeError::New(info.Env(), std::string(name) + " must be an integer from " +
                                                std::to_string(static_cast<int64_t>(low)) + " to " +
                                                std::to_string(static_cast<int64_t>(high)));
  }
  return number;
}

constexpr double kLargestAddress = sizeof(uintptr_t) < 8
                                       ? static_cast<double>(std::numeric_limits<uint32_t>::max())
                                       : kMaxSafeInteger;

Napi::Error codedError(Napi::Env env, const char *code, const char *message) {
  Napi::Error error = Napi::Error::New(env, message);
  define(error.Value(), "code", Napi::String::New(env, code));
  return error;
}

}  // namespace

uintptr_t addressArgument(const Napi::CallbackInfo &info, size_t index, const char *name) {
  return static_cast<uintptr_t>(integerArgument(info, index, name, 1, kLargestAddress));
}

size_t sizeArgument(const Napi::CallbackInfo &info, size_t index, const char *name) {
  return static_cast<size_t>(integerArgument(info, index, name, 1, kLargestAddress));
}

uint32_t uint32Argument(const Napi::CallbackInfo &info, size_t index, const char *name) {
  return static_cast<uint32_t>(integerArgument(info, index, name, 0, std::numeric_limits<uint32_t>::max()));
}

// The highest flag is the sign bit of what JavaScript's `|` gives: -2^31 and 2^31 mean the same.
uint32_t memoryFlagsArgument(const Napi::CallbackInfo &info, size_t index) {
  const double number = integerArgument(info, index, "memoryFlags", std::numeric_limits<int32_t>::min(),
                                        std::numeric_limits<uint32_t>::max());
  const uint32_t flags = static_cast<uint32_t>(static_cast<int64_t>(number));
  if ((flags & ~virt_mem::kAllFlags) != 0) {
    throw Napi::RangeError::New(info.Env(), "memoryFlags must be a combination of MemoryFlags");
  }
  return flags;
}

ByteView bytesArgument(const Napi::CallbackInfo &info, size_t index, const char *name) {
  bool isTypedArray = false;
  napi_typedarray_type type = napi_int8_array;
  size_t length = 0;
  void *data = nullptr;
  const napi_value value = info[index];
  napi_is_typedarray(info.Env(), value, &isTypedArray);
  if (isTypedArray &&
      napi_get_typedarray_info(info.Env(), value, &type, &length, &data, nullptr, nullptr) != napi_ok) {
    throw Napi::Error::New(info.Env());
  }
  if (!isTypedArray || type != napi_uint8_array) throw wrongType(info.Env(), name, "a Uint8Array");
  return ByteView{static_cast<uint8_t *>(data), data == nullptr ? 0 : length};
}

std::string pathArgument(const Napi::CallbackInfo &info, size_t index, const char *name) {
  const Napi::Value value = info[index];
  if (!value.IsString()) throw wrongType(info.Env(), name, "a string");
  std::string path = value.As<Napi::String>().Utf8Value();
  if (path.find('\0') != std::string::npos) throw wrongType(info.Env(), name, "a path without NUL");
  return path;
}

void requireOk(Napi::Env env, MappingRegistry::Verdict verdict) {
  switch (verdict) {
    case MappingRegistry::Verdict::kOk:
      return;
    case MappingRegistry::Verdict::kNotMapped:
      throw codedError(env, "E_NOT_MAPPED", "the range is not inside a mapping of this environment");
    case MappingRegistry::Verdict::kProtected:
      throw codedError(env, "E_PROTECTED", "the current protection of the range forbids this access");
    case MappingRegistry::Verdict::kNotWhole:
      throw codedError(env, "E_NOT_WHOLE", "the range is not exactly what one allocation returned");
    case MappingRegistry::Verdict::kOwned:
      throw codedError(env, "E_OWNED", "the range belongs to somebody else, such as an allocator");
  }
}

void requireOk(Napi::Env env, const virt_mem::Status &status) {
  if (status.ok()) return;
  const virt_mem::Failure &last = status.failures.back();
  Napi::Error error = Napi::Error::New(
      env, std::string(last.syscall) + " failed with " + virt_mem::errorName(last.error));
  const Napi::Object properties = error.Value();
  define(properties, "code", Napi::String::New(env, virt_mem::errorName(last.error)));
  define(properties, "errno", Napi::Number::New(env, last.error));
  define(properties, "syscall", Napi::String::New(env, last.syscall));
  Napi::Array attempts = Napi::Array::New(env, status.failures.size());
  for (size_t i = 0; i < status.failures.size(); ++i) {
    define(attempts, std::to_string(i), describe(env, status.failures[i]));
  }
  define(properties, "attempts", attempts);
  throw error;
}

Napi::Object describe(Napi::Env env, const virt_mem::Failure &failure) {
  Napi::Object object = Napi::Object::New(env);
  define(object, "strategy", Napi::String::New(env, failure.strategy));
  define(object, "code", Napi::String::New(env, virt_mem::errorName(failure.error)));
  define(object, "errno", Napi::Number::New(env, failure.error));
  define(object, "syscall", Napi::String::New(env, failure.syscall));
  return object;
}

void define(Napi::Object object, const std::string &name, Napi::Value value) {
  object.DefineProperty(Napi::PropertyDescriptor::Value(name, value, napi_default_jsproperty));
}

}  // namespace exprjit
