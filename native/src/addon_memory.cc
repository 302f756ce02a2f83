#include "addon_memory.h"

#include <algorithm>
#include <cstring>

#include "addon_arguments.h"
#include "protection_key.h"
#include "virt_mem.h"

namespace exprjit {

namespace {

using Info = Napi::CallbackInfo;
using Owner = MappingRegistry::Owner;

// What a function of an owner works on. Functions carry it within themselves: an owner is whoever has them, and there
// is nothing to show that could be forged.
struct Holder {
  MappingRegistry &registry;
  Owner owner;
};

MappingRegistry &registryOf(const Info &info) { return static_cast<Environment *>(info.Data())->registry(); }

Napi::Number numberOf(Napi::Env env, uintptr_t value) { return Napi::Number::New(env, static_cast<double>(value)); }

Napi::Value virtMemInfo(const Info &info) {
  const virt_mem::Info pages = virt_mem::info();
  Napi::Object result = Napi::Object::New(info.Env());
  define(result, "pageSize", numberOf(info.Env(), pages.pageSize));
  define(result, "pageGranularity", numberOf(info.Env(), pages.pageGranularity));
  return result;
}

Napi::Value largePageSize(const Info &info) {
  return Napi::Number::New(info.Env(), static_cast<double>(virt_mem::largePageSize()));
}

Napi::Value hardenedRuntimeFlags(const Info &info) {
  const std::string directory = pathArgument(info, 0, "temporaryDirectory");
  return Napi::Number::New(info.Env(), virt_mem::hardenedRuntimeFlags(directory.c_str()));
}

Napi::Value alloc(const Info &info, const Holder &holder) {
  const size_t size = sizeArgument(info, 0, "size");
  const uint32_t flags = memoryFlagsArgument(info, 1);
  uintptr_t address = 0;
  requireOk(info.Env(), holder.registry.alloc(&address, size, flags, holder.owner));
  return numberOf(info.Env(), address);
}

void release(const Info &info, const Holder &holder) {
  const uintptr_t address = addressArgument(info, 0, "address");
  const size_t size = sizeArgument(info, 1, "size");
  virt_mem::Status status;
  requireOk(info.Env(), holder.registry.release(address, size, holder.owner, &status));
  requireOk(info.Env(), status);
}

void protect(const Info &info, const Holder &holder) {
  const uintptr_t address = addressArgument(info, 0, "address");
  const size_t size = sizeArgument(info, 1, "size");
  const uint32_t flags = memoryFlagsArgument(info, 2);
  virt_mem::Status status;
  requireOk(info.Env(), holder.registry.protect(address, size, flags, holder.owner, &status));
  requireOk(info.Env(), status);
}

Napi::Value allocDualMapping(const Info &info, const Holder &holder) {
  const size_t size = sizeArgument(info, 0, "size");
  const uint32_t flags = memoryFlagsArgument(info, 1);
  const std::string directory = pathArgument(info, 2, "temporaryDirectory");
  virt_mem::DualMapping dual = {};
  requireOk(info.Env(), holder.registry.allocDual(&dual, size, flags, directory.c_str(), holder.owner));
  Napi::Object result = Napi::Object::New(info.Env());
  define(result, "rx", numberOf(info.Env(), reinterpret_cast<uintptr_t>(dual.rx)));
  define(result, "rw", numberOf(info.Env(), reinterpret_cast<uintptr_t>(dual.rw)));
  define(result, "strategy", Napi::String::New(info.Env(), dual.strategy));
  return result;
}

void releaseDualMapping(const Info &info, const Holder &holder) {
  const uintptr_t rx = addressArgument(info, 0, "rx");
  const uintptr_t rw = addressArgument(info, 1, "rw");
  const size_t size = sizeArgument(info, 2, "size");
  virt_mem::Status status;
  requireOk(info.Env(), holder.registry.releaseDual(rx, rw, size, holder.owner, &status));
  requireOk(info.Env(), status);
}

Napi::Value guardWrites(const Info &info, const Holder &holder) {
  const uintptr_t address = addressArgument(info, 0, "address");
  const size_t size = sizeArgument(info, 1, "size");
  bool guarded = false;
  virt_mem::Status status;
  requireOk(info.Env(), holder.registry.guard(address, size, holder.owner, &guarded, &status));
  requireOk(info.Env(), status);
  return Napi::Boolean::New(info.Env(), guarded);
}

Napi::Value collapse(const Info &info, const Holder &holder) {
  const uintptr_t address = addressArgument(info, 0, "address");
  const size_t size = sizeArgument(info, 1, "size");
  virt_mem::Collapsed collapsed = {};
  virt_mem::Status status;
  requireOk(info.Env(), holder.registry.collapse(address, size, holder.owner, &collapsed, &status));
  requireOk(info.Env(), status);
  Napi::Object result = Napi::Object::New(info.Env());
  define(result, "collapsedSize", numberOf(info.Env(), collapsed.collapsed));
  define(result, "hintedSize", numberOf(info.Env(), collapsed.hinted));
  return result;
}

void protectJitMemory(const Info &info) {
  const uint32_t access = uint32Argument(info, 0, "access");
  if (access > virt_mem::kJitReadExecute) {
    throw Napi::RangeError::New(info.Env(), "access must be one of ProtectJitAccess");
  }
  registryOf(info).protectJit(static_cast<virt_mem::ProtectJitAccess>(access));
}

void flushInstructionCache(const Info &info) {
  const uintptr_t address = addressArgument(info, 0, "address");
  const size_t size = sizeArgument(info, 1, "size");
  // Some architectures flush by touching the memory.
  requireOk(info.Env(), registryOf(info).check(address, size, virt_mem::kAccessRead, Owner::kNobody));
  virt_mem::flushInstructionCache(reinterpret_cast<void *>(address), size);
}

void write(const Info &info, const Holder &holder) {
  const uintptr_t address = addressArgument(info, 0, "address");
  const ByteView source = bytesArgument(info, 1, "bytes");
  // One byte is looked up even for an empty source, so that a wrong address never passes.
  const size_t size = std::max<size_t>(source.size, 1);
  requireOk(info.Env(), holder.registry.check(address, size, virt_mem::kAccessWrite, holder.owner));
  if (source.size == 0) return;
  const ProtectionKeyScope open(holder.registry.protectionKey());
  std::memcpy(reinterpret_cast<void *>(address), source.data, source.size);
}

void read(const Info &info) {
  const uintptr_t address = addressArgument(info, 0, "address");
  const ByteView target = bytesArgument(info, 1, "target");
  const size_t size = std::max<size_t>(target.size, 1);
  requireOk(info.Env(), registryOf(info).check(address, size, virt_mem::kAccessRead, Owner::kNobody));
  if (target.size == 0) return;
  const ProtectionKeyScope open(registryOf(info).protectionKey());
  std::memcpy(target.data, reinterpret_cast<void *>(address), target.size);
}

void fill(const Info &info, const Holder &holder) {
  const uintptr_t address = addressArgument(info, 0, "address");
  const size_t size = sizeArgument(info, 1, "size");
  const uint32_t pattern = uint32Argument(info, 2, "pattern");
  requireOk(info.Env(), holder.registry.check(address, size, virt_mem::kAccessWrite, holder.owner));
  uint8_t *begin = reinterpret_cast<uint8_t *>(address);
  const uint8_t bytes[4] = {static_cast<uint8_t>(pattern), static_cast<uint8_t>(pattern >> 8),
                            static_cast<uint8_t>(pattern >> 16), static_cast<uint8_t>(pattern >> 24)};
  const ProtectionKeyScope open(holder.registry.protectionKey());
  // Doubles what is filled already: as fast as memcpy, for any alignment.
  size_t done = std::min(size, sizeof bytes);
  std::memcpy(begin, bytes, done);
  while (done < size) {
    const size_t chunk = std::min(done, size - done);
    std::memcpy(begin + done, begin, chunk);
    done += chunk;
  }
}

Napi::Value probe(const Info &info) {
  const std::string directory = pathArgument(info, 0, "temporaryDirectory");
  const std::vector<virt_mem::ProbeResult> results = virt_mem::probe(directory.c_str());
  Napi::Array list = Napi::Array::New(info.Env(), results.size());
  for (size_t i = 0; i < results.size(); ++i) {
    Napi::Object entry =
        results[i].works ? Napi::Object::New(info.Env()) : describe(info.Env(), results[i].failure);
    define(entry, "strategy", Napi::String::New(info.Env(), results[i].strategy));
    define(entry, "works", Napi::Boolean::New(info.Env(), results[i].works));
    define(list, std::to_string(i), entry);
  }
  return list;
}

// Gives `object` the functions that work on the memory of one owner.
void defineOwnerFunctions(Napi::Object object, const Holder &holder) {
  const auto add = [&](const char *name, auto body) {
    const auto function = [body, holder](const Info &info) { return body(info, holder); };
    define(object, name, Napi::Function::New(object.Env(), function, name));
  };
  add("alloc", alloc);
  add("release", release);
  add("protect", protect);
  add("guardWrites", guardWrites);
  add("collapse", collapse);
  add("allocDualMapping", allocDualMapping);
  add("releaseDualMapping", releaseDualMapping);
  add("write", write);
  add("fill", fill);
}

Napi::Value createMemoryOwner(const Info &info) {
  MappingRegistry &registry = registryOf(info);
  Napi::Object owner = Napi::Object::New(info.Env());
  defineOwnerFunctions(owner, {registry, registry.newOwner()});
  return owner;
}

}  // namespace

void defineMemoryExports(Napi::Object exports, Environment *environment) {
  const auto add = [&](const char *name, auto callback) {
    exports.Set(name, Napi::Function::New(exports.Env(), callback, name, environment));
  };
  defineOwnerFunctions(exports, {environment->registry(), Owner::kNobody});
  add("createMemoryOwner", createMemoryOwner);
  add("virtMemInfo", virtMemInfo);
  add("largePageSize", largePageSize);
  add("hardenedRuntimeFlags", hardenedRuntimeFlags);
  add("protectJitMemory", protectJitMemory);
  add("flushInstructionCache", flushInstructionCache);
  add("read", read);
  add("probe", probe);
}

}  // namespace exprjit
