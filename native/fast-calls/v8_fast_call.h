// V8's declarations of fast calls, which the headers that Node brings leave out (`v8-fast-api-calls.h`). Only what is
// used here; constructors are V8's own, in Node's executable.
//
// Problem: a layout that is not that of the V8 which runs would be a fault at best. Answer: the layouts of the four versions
// that were read and tried, by name; for all others this does not compile, and the library refuses to be loaded by a
// V8 of another version than its headers.
#pragma once

#include <v8.h>

namespace v8 {

#define EXPRJIT_V8(major, minor) (V8_MAJOR_VERSION == (major) && V8_MINOR_VERSION == (minor))

#if !(EXPRJIT_V8(11, 3) || EXPRJIT_V8(12, 4) || EXPRJIT_V8(13, 6) || EXPRJIT_V8(14, 6))
#error "fast calls of this version of V8 are unknown"
#endif

class CTypeInfo {
 public:
  enum class Type : uint8_t { kInt32 = 3, kV8Value = 10 };
  constexpr explicit CTypeInfo(Type type) : type_(type) {}

 private:
  [[maybe_unused]] Type type_;
#if !EXPRJIT_V8(14, 6)
  [[maybe_unused]] uint8_t sequenceType_ = 0;
#endif
  [[maybe_unused]] uint8_t flags_ = 0;
};

class V8_EXPORT CFunctionInfo {
 public:
#if EXPRJIT_V8(11, 3)
  CFunctionInfo(const CTypeInfo &result, unsigned int argumentCount, const CTypeInfo *arguments);
#else
  enum class Int64Representation : uint8_t { kNumber = 0, kBigInt = 1 };
  CFunctionInfo(const CTypeInfo &result, unsigned int argumentCount, const CTypeInfo *arguments,
                Int64Representation representation = Int64Representation::kNumber);
#endif

 private:
  [[maybe_unused]] CTypeInfo result_;
#if !EXPRJIT_V8(11, 3)
  [[maybe_unused]] Int64Representation representation_;
#endif
  [[maybe_unused]] unsigned int argumentCount_;
  [[maybe_unused]] const CTypeInfo *arguments_;
};

class V8_EXPORT CFunction {
 public:
  CFunction(const void *address, const CFunctionInfo *type);

 private:
  [[maybe_unused]] const void *address_;
  [[maybe_unused]] const CFunctionInfo *type_;
};

#undef EXPRJIT_V8

}  // namespace v8
