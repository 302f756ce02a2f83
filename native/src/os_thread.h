// A thread of the OS with a stack of known size. std::thread takes whatever the platform has, which is 128 KiB with musl.
#pragma once

#include <cstddef>
#include <memory>

namespace exprjit {

class OsThread {
 public:
  // Null where the OS has no thread to give.
  static std::unique_ptr<OsThread> start(void (*entry)(void *), void *argument);

  virtual ~OsThread() = default;
  // Waits for its end; to be called once.
  virtual void join() = 0;

 protected:
  // What compiled code may use, and the reserve for calls of C++ (`stack_limit.cc`).
  static constexpr size_t kStackSize = 4 * 1024 * 1024 + 512 * 1024;
};

}  // namespace exprjit
