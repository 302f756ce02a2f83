#include "addon_memory.h"

#include <algorithm>
#include <cstring>

#include "addon_arguments.h"
#include "virt_mem.h"

namespace exprjit {

namespace {

using Info = Napi::CallbackInfo;

MappingRegistry &registryOf(const Info &info) { return static_cast<Environment *>(info.Data())->registry(); }

Napi::Value virtMemInfo(const Info &info) {
  const virt_mem::Info pages = virt_mem::info();
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("pageSize", static_cast<double>(pages.pageSize));
  result.Set("pageGranularity", static_cast<double>(pages.pageGranularity));
  return result;
}

Napi::Value largePageSize(const Info &info) {
  return Napi::Number::New(info.Env(), static_cast<double>(virt_mem::largePageSize()));
}

Napi::Value hardenedRuntimeFlags(const Info &info) {
  const std::string directory = pathArgument(info, 0, "temporaryDirectory");
  return Napi::Number::New(info.Env(), virt_mem::hardenedRuntimeFlags(directory.c_str()));
}

Napi::Value alloc(const Info &info) {
  const size_t size = sizeArgument(info, 0, "size");
  const uint32_t flags = memoryFlagsArgument(info, 1);
  uintptr_t address = 0;
  requireOk(info.Env(), registryOf(info).alloc(&address, size, flags));
  return Napi::Number::New(info.Env(), static_cast<double>(address));
}

void release(const Info &info) {
  const uintptr_t address = addressArgument(info, 0, "address");
  const size_t size = sizeArgument(info, 1, "size");
  virt_mem::Status status;
  requireOk(info.Env(), registryOf(info).release(address, size, &status));
  requireOk(info.Env(), status);
}

void protect(const Info &info) {
  const uintptr_t address = addressArgument(info, 0, "address");
  const size_t size = sizeArgument(info, 1, "size");
  const uint32_t flags = memoryFlagsArgument(info, 2);
  virt_mem::Status status;
  requireOk(info.Env(), registryOf(info).protect(address, size, flags, &status));
  requireOk(info.Env(), status);
}

Napi::Value allocDualMapping(const Info &info) {
  const size_t size = sizeArgument(info, 0, "size");
  const uint32_t flags = memoryFlagsArgument(info, 1);
  const std::string directory = pathArgument(info, 2, "temporaryDirectory");
  virt_mem::DualMapping dual = {};
  requireOk(info.Env(), registryOf(info).allocDual(&dual, size, flags, directory.c_str()));
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("rx", static_cast<double>(reinterpret_cast<uintptr_t>(dual.rx)));
  result.Set("rw", static_cast<double>(reinterpret_cast<uintptr_t>(dual.rw)));
  result.Set("strategy", dual.strategy);
  return result;
}

void releaseDualMapping(const Info &info) {
  const uintptr_t rx = addressArgument(info, 0, "rx");
  const uintptr_t rw = addressArgument(info, 1, "rw");
  const size_t size = sizeArgument(info, 2, "size");
  virt_mem::Status status;
  requireOk(info.Env(), registryOf(info).releaseDual(rx, rw, size, &status));
  requireOk(info.Env(), status);
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
  requireOk(info.Env(), registryOf(info).check(address, size, virt_mem::kAccessRead));
  virt_mem::flushInstructionCache(reinterpret_cast<void *>(address), size);
}

void write(const Info &info) {
  const uintptr_t address = addressArgument(info, 0, "address");
  const ByteView source = bytesArgument(info, 1, "bytes");
  // One byte is looked up even for an empty source, so that a wrong address never passes.
  const size_t size = std::max<size_t>(source.size, 1);
  requireOk(info.Env(), registryOf(info).check(address, size, virt_mem::kAccessWrite));
  if (source.size != 0) std::memcpy(reinterpret_cast<void *>(address), source.data, source.size);
}

void read(const Info &info) {
  const uintptr_t address = addressArgument(info, 0, "address");
  const ByteView target = bytesArgument(info, 1, "target");
  const size_t size = std::max<size_t>(target.size, 1);
  requireOk(info.Env(), registryOf(info).check(address, size, virt_mem::kAccessRead));
  if (target.size != 0) std::memcpy(target.data, reinterpret_cast<void *>(address), target.size);
}

void fill(const Info &info) {
  const uintptr_t address = addressArgument(info, 0, "address");
  const size_t size = sizeArgument(info, 1, "size");
  const uint32_t pattern = uint32Argument(info, 2, "pattern");
  requireOk(info.Env(), registryOf(info).check(address, size, virt_mem::kAccessWrite));
  uint8_t *begin = reinterpret_cast<uint8_t *>(address);
  const uint8_t bytes[4] = {static_cast<uint8_t>(pattern), static_cast<uint8_t>(pattern >> 8),
                            static_cast<uint8_t>(pattern >> 16), static_cast<uint8_t>(pattern >> 24)};
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
    entry.Set("strategy", results[i].strategy);
    entry.Set("works", results[i].works);
    list.Set(static_cast<uint32_t>(i), entry);
  }
  return list;
}

}  // namespace

void defineMemoryExports(Napi::Object exports, Environment *environment) {
  const auto define = [&](const char *name, auto callback) {
    exports.Set(name, Napi::Function::New(exports.Env(), callback, name, environment));
  };
  define("virtMemInfo", virtMemInfo);
  define("largePageSize", largePageSize);
  define("hardenedRuntimeFlags", hardenedRuntimeFlags);
  define("alloc", alloc);
  define("release", release);
  define("protect", protect);
  define("allocDualMapping", allocDualMapping);
  define("releaseDualMapping", releaseDualMapping);
  define("protectJitMemory", protectJitMemory);
  define("flushInstructionCache", flushInstructionCache);
  define("write", write);
  define("read", read);
  define("fill", fill);
  define("probe", probe);
}

}  // namespace exprjit
