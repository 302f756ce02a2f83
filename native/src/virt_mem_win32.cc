// Virtual memory on Windows. Anonymous section objects stand for shared memory, so that the dual mapping
// ladder has one rung, and kMappingPreferTmp is without effect.
#if defined(_WIN32)

#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>

#include "virt_mem.h"

namespace exprjit::virt_mem {

const int kInvalidArgument = ERROR_INVALID_PARAMETER;
const int kNotSupported = ERROR_NOT_SUPPORTED;

namespace {

constexpr int kDynamicCodeBlocked = 1655;  // ERROR_DYNAMIC_CODE_BLOCKED, missing in older SDKs
constexpr const char *kSection = "section";
constexpr const char *kSectionLargePages = "dual-large-pages";

Status failed(const char *strategy, const char *syscall, DWORD error) {
  return Status{{Failure{strategy, syscall, static_cast<int>(error)}}};
}

bool isWholePages(size_t size, uint32_t flags) {
  const size_t unit = (flags & kMMapLargePages) != 0 ? largePageSize() : info().pageSize;
  return size != 0 && unit != 0 && size % unit == 0;
}

DWORD protectionOf(uint32_t flags) {
  const bool execute = (flags & kAccessExecute) != 0;
  if ((flags & kAccessWrite) != 0) return execute ? PAGE_EXECUTE_READWRITE : PAGE_READWRITE;
  if ((flags & kAccessRead) != 0) return execute ? PAGE_EXECUTE_READ : PAGE_READONLY;
  return execute ? PAGE_EXECUTE : PAGE_NOACCESS;
}

DWORD viewAccessOf(uint32_t flags) {
  DWORD access = FILE_MAP_READ;
  if ((flags & kAccessWrite) != 0) access |= FILE_MAP_WRITE;
  if ((flags & kAccessExecute) != 0) access |= FILE_MAP_EXECUTE;
  return access;
}

// Large pages are locked in memory, which a process may only do with this privilege switched on. Failure
// shows in the call that follows.
void enableLockMemoryPrivilege() {
  HANDLE token = nullptr;
  if (!OpenProcessToken(GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, &token)) return;
  TOKEN_PRIVILEGES privileges = {};
  privileges.PrivilegeCount = 1;
  privileges.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
  if (LookupPrivilegeValueA(nullptr, "SeLockMemoryPrivilege", &privileges.Privileges[0].Luid)) {
    AdjustTokenPrivileges(token, FALSE, &privileges, 0, nullptr, nullptr);
  }
  CloseHandle(token);
}

// Memory of the paging file that several views can show.
class Section {
 public:
  Section(size_t size, DWORD attributes)
      : handle_(CreateFileMappingA(INVALID_HANDLE_VALUE, nullptr, PAGE_EXECUTE_READWRITE | attributes,
                                   static_cast<DWORD>(static_cast<uint64_t>(size) >> 32),
                                   static_cast<DWORD>(size & 0xffffffffu), nullptr)) {}
  Section(const Section &) = delete;
  Section &operator=(const Section &) = delete;
  // Views keep the section alive.
  ~Section() {
    if (handle_ != nullptr) CloseHandle(handle_);
  }
  bool ok() const { return handle_ != nullptr; }
  void *map(size_t size, DWORD access) const { return MapViewOfFile(handle_, access, 0, 0, size); }

 private:
  HANDLE handle_;
};

Status mapTwice(DualMapping *result, size_t size, const char *strategy, DWORD sectionFlags, DWORD viewFlags) {
  const Section section(size, sectionFlags);
  if (!section.ok()) return failed(strategy, "CreateFileMapping", GetLastError());
  void *rx = section.map(size, viewAccessOf(kAccessReadExecute) | viewFlags);
  if (rx == nullptr) return failed(strategy, "MapViewOfFile", GetLastError());
  void *rw = section.map(size, viewAccessOf(kAccessReadWrite) | viewFlags);
  if (rw == nullptr) {
    const DWORD error = GetLastError();
    UnmapViewOfFile(rx);
    return failed(strategy, "MapViewOfFile", error);
  }
  *result = DualMapping{rx, rw, strategy};
  return {};
}

Status dualSection(DualMapping *result, size_t size, const char *) {
  return mapTwice(result, size, kSection, 0, 0);
}

Status dualSectionLargePages(DualMapping *result, size_t size) {
  constexpr DWORD kViewLargePages = 0x20000000;  // FILE_MAP_LARGE_PAGES, Windows 10 1703
  enableLockMemoryPrivilege();
  return mapTwice(result, size, kSectionLargePages, SEC_COMMIT | SEC_LARGE_PAGES, kViewLargePages);
}

Status allocShared(void **result, size_t size, uint32_t flags) {
  const Section section(size, 0);
  if (!section.ok()) return failed(kSection, "CreateFileMapping", GetLastError());
  void *address = section.map(size, viewAccessOf(flags));
  if (address == nullptr) return failed(kSection, "MapViewOfFile", GetLastError());
  const Status status = protect(address, size, flags);
  if (!status.ok()) {
    UnmapViewOfFile(address);
    return status;
  }
  *result = address;
  return {};
}

}  // namespace

const std::vector<DualStrategy> &dualStrategies() {
  static const std::vector<DualStrategy> strategies = {{kSection, dualSection}};
  return strategies;
}

Info info() {
  SYSTEM_INFO system;
  GetSystemInfo(&system);
  return Info{system.dwPageSize, system.dwAllocationGranularity};
}

size_t largePageSize() { return GetLargePageMinimum(); }

uint32_t hardenedRuntimeFlags(const char *temporaryDirectory) {
  const size_t size = info().pageGranularity;
  uint32_t flags = 0;
  void *address = nullptr;
  if (alloc(&address, size, kAccessReadWriteExecute).ok()) {
    release(address, size);
  } else {
    flags |= kHardenedEnabled;
  }
  DualMapping dual;
  if (allocDualMapping(&dual, size, 0, temporaryDirectory).ok()) {
    flags |= kHardenedDualMapping;
    releaseDualMapping(dual, size);
  }
  return flags;
}

Status alloc(void **result, size_t size, uint32_t flags) {
  const bool large = (flags & kMMapLargePages) != 0;
  const char *strategy = large ? "VirtualAlloc-large-pages" : "VirtualAlloc";
  if (large && largePageSize() == 0) return failed(strategy, "VirtualAlloc", ERROR_NOT_SUPPORTED);
  if (!isWholePages(size, flags)) return failed(strategy, "VirtualAlloc", ERROR_INVALID_PARAMETER);
  if ((flags & kMapShared) != 0 && !large) return allocShared(result, size, flags);
  if (large) enableLockMemoryPrivilege();
  const DWORD type = MEM_COMMIT | MEM_RESERVE | (large ? MEM_LARGE_PAGES : 0);
  void *address = VirtualAlloc(nullptr, size, type, protectionOf(flags));
  if (address == nullptr) return failed(strategy, "VirtualAlloc", GetLastError());
  *result = address;
  return {};
}

Status mapMarker(void **, int) { return failed("marker", "mmap", kNotSupported); }

Status release(void *address, size_t) {
  MEMORY_BASIC_INFORMATION memory;
  if (VirtualQuery(address, &memory, sizeof memory) == 0) {
    return failed("VirtualAlloc", "VirtualQuery", GetLastError());
  }
  if (memory.Type == MEM_MAPPED) {
    return UnmapViewOfFile(address) ? Status{} : failed(kSection, "UnmapViewOfFile", GetLastError());
  }
  return VirtualFree(address, 0, MEM_RELEASE) ? Status{} : failed("VirtualAlloc", "VirtualFree", GetLastError());
}

Status protect(void *address, size_t size, uint32_t flags) {
  DWORD previous;
  return VirtualProtect(address, size, protectionOf(flags), &previous)
             ? Status{}
             : failed("VirtualAlloc", "VirtualProtect", GetLastError());
}

Status allocDualMapping(DualMapping *result, size_t size, uint32_t flags, const char *temporaryDirectory) {
  const bool large = (flags & kMMapLargePages) != 0;
  const char *strategy = large ? kSectionLargePages : kSection;
  if (large && largePageSize() == 0) return failed(strategy, "CreateFileMapping", ERROR_NOT_SUPPORTED);
  if (!isWholePages(size, flags)) return failed(strategy, "CreateFileMapping", ERROR_INVALID_PARAMETER);
  return large ? dualSectionLargePages(result, size) : dualSection(result, size, temporaryDirectory);
}

Status releaseDualMapping(const DualMapping &mapping, size_t size) {
  Status status = release(mapping.rx, size);
  const Status second = release(mapping.rw, size);
  status.failures.insert(status.failures.end(), second.failures.begin(), second.failures.end());
  return status;
}

Status collapse(Collapsed *, void *, size_t) { return failed("collapse", "VirtualAlloc", kNotSupported); }

bool hasThreadJitProtection() { return false; }

void protectJitMemory(ProtectJitAccess) {}

void flushInstructionCache(void *address, size_t size) {
  FlushInstructionCache(GetCurrentProcess(), address, size);
}

const char *errorName(int error) {
  switch (error) {
    case ERROR_ACCESS_DENIED: return "EACCES";
    case kDynamicCodeBlocked: return "EACCES";
    case ERROR_PRIVILEGE_NOT_HELD: return "EPERM";
    case ERROR_INVALID_ADDRESS: return "EINVAL";
    case ERROR_INVALID_PARAMETER: return "EINVAL";
    case ERROR_NOT_ENOUGH_MEMORY: return "ENOMEM";
    case ERROR_OUTOFMEMORY: return "ENOMEM";
    case ERROR_COMMITMENT_LIMIT: return "ENOMEM";
    case ERROR_NO_SYSTEM_RESOURCES: return "ENOMEM";
    case ERROR_WORKING_SET_QUOTA: return "ENOMEM";
    case ERROR_DISK_FULL: return "ENOSPC";
    case ERROR_NOT_SUPPORTED: return "ENOTSUP";
    case ERROR_CALL_NOT_IMPLEMENTED: return "ENOSYS";
    default: return "EUNKNOWN";
  }
}

}  // namespace exprjit::virt_mem

#endif
