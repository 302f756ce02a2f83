// The library for fast calls of one version of Node: it makes the function by which optimised code enters the addon
// without Node-API in between. It has no state and no policy; what the function does is the addon's, behind a door.
//
// Problems and answers:
// 1. V8's C++ interface belongs to one version. Node looks for an entry that has the version of its interface in its name,
//    and refuses other libraries; V8's version is held against that of the headers here; and symbols are bound when
//    the library is loaded, so that one that lacks is an error and not a fault.
// 2. V8 keeps what describes the function, also on threads that compile, while an environment ends. So the description
//    is never freed, and the library never unloaded (`-z nodelete`).
// 3. Code that is not optimised, or belongs to another context of `node:vm`, calls functions the slow way. That does
//    the same.
#include <node.h>

#include <cstdint>
#include <cstdlib>
#include <new>

#include "fast_call_door.h"
#include "v8_fast_call.h"

namespace {

using exprjit::FastCallDoor;

// The door at the address that JavaScript passes on; null for what cannot be one, and for a door of another version.
const FastCallDoor *doorAt(v8::Local<v8::Value> value) {
  constexpr double kLowest = 4096;
  constexpr double kHighest = 140737488355328.0;
  if (!value->IsNumber()) return nullptr;
  const double address = value.As<v8::Number>()->Value();
  if (!(address >= kLowest && address < kHighest)) return nullptr;
  const auto door = reinterpret_cast<const FastCallDoor *>(static_cast<uintptr_t>(address));
  return door->version == exprjit::kFastCallDoorVersion ? door : nullptr;
}

void enterSlowly(const v8::FunctionCallbackInfo<v8::Value> &info) {
  info.GetReturnValue().Set(doorAt(info.Data())->enter(nullptr));
}

// int32_t(receiver). One for each function, since threads would have to agree on a common one; null without memory.
const v8::CFunctionInfo *describeEnter() {
  static constexpr v8::CTypeInfo kReceiver(v8::CTypeInfo::Type::kV8Value);
  static constexpr v8::CTypeInfo kResult(v8::CTypeInfo::Type::kInt32);
  void *memory = std::malloc(sizeof(v8::CFunctionInfo));
  return memory == nullptr ? nullptr : new (memory) v8::CFunctionInfo(kResult, 1, &kReceiver);
}

// create(door): a function without arguments that calls `door->enter` and gives its result. Undefined if there is none.
void create(const v8::FunctionCallbackInfo<v8::Value> &info) {
  const FastCallDoor *door = info.Length() == 1 ? doorAt(info[0]) : nullptr;
  const v8::CFunctionInfo *type = door == nullptr ? nullptr : describeEnter();
  if (type == nullptr) return;
  v8::Isolate *isolate = info.GetIsolate();
  const v8::CFunction fast(reinterpret_cast<const void *>(door->enter), type);
  const auto made = v8::FunctionTemplate::New(isolate, enterSlowly, info[0], {}, 0, v8::ConstructorBehavior::kThrow,
                                              v8::SideEffectType::kHasSideEffect, &fast);
  v8::Local<v8::Function> function;
  if (made->GetFunction(isolate->GetCurrentContext()).ToLocal(&function)) info.GetReturnValue().Set(function);
}

// Whether the V8 that runs is the one whose headers this was compiled with.
bool isOwnV8() {
  const char *version = v8::V8::GetVersion();
  for (const int part : {V8_MAJOR_VERSION, V8_MINOR_VERSION}) {
    int number = 0;
    while (*version >= '0' && *version <= '9') number = number * 10 + (*version++ - '0');
    if (number != part || *version++ != '.') return false;
  }
  return true;
}

}  // namespace

// Named after NODE_MODULE_VERSION of the headers. Exports `create`, or nothing to another V8. NODE_MODULE_INIT would also
// register the library while it is loaded, before Node has looked at the name.
extern "C" NODE_MODULE_EXPORT void NODE_MODULE_INITIALIZER(v8::Local<v8::Object> exports, v8::Local<v8::Value>,
                                                           v8::Local<v8::Context> context) {
  v8::Local<v8::Function> function;
  if (!isOwnV8() || !v8::Function::New(context, create).ToLocal(&function)) return;
  const v8::Local<v8::String> name = v8::String::NewFromUtf8Literal(v8::Isolate::GetCurrent(), "create");
  exports->Set(context, name, function).FromMaybe(false);
}
