// Checked conversion of what TypeScript passes, and the errors that TypeScript gets.
//
// Every function here throws a JavaScript exception for a value it cannot take. C++ exceptions are how
// node-addon-api carries them, so they never cross frames of machine code: those are entered by plain
// Node-API callbacks only (session.cc).
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "mapping_registry.h"
#include "virt_mem.h"

namespace exprjit {

struct ByteView {
  uint8_t *data;
  size_t size;
};

// An integer in [1, 2^53 - 1] that fits the type.
uintptr_t addressArgument(const Napi::CallbackInfo &info, size_t index, const char *name);
size_t sizeArgument(const Napi::CallbackInfo &info, size_t index, const char *name);

uint32_t uint32Argument(const Napi::CallbackInfo &info, size_t index, const char *name);
uint32_t memoryFlagsArgument(const Napi::CallbackInfo &info, size_t index);

// Empty for a detached buffer and for a view that its buffer was shrunk away from.
ByteView bytesArgument(const Napi::CallbackInfo &info, size_t index, const char *name);

// A string without NUL, since it becomes a path.
std::string pathArgument(const Napi::CallbackInfo &info, size_t index, const char *name);

// Throws for a verdict other than kOk, and for a status that is not ok.
void requireOk(Napi::Env env, MappingRegistry::Verdict verdict);
void requireOk(Napi::Env env, const virt_mem::Status &status);

Napi::Object describe(Napi::Env env, const virt_mem::Failure &failure);

// Gives the object a property of its own. An assignment would run a setter that somebody put on `Object.prototype`.
void define(Napi::Object object, const std::string &name, Napi::Value value);

}  // namespace exprjit
