#include <process.h>
#include <windows.h>

#include <cstdint>
#include <new>

#include "os_thread.h"

namespace exprjit {

namespace {

struct Start {
  void (*entry)(void *);
  void *argument;
};

class WindowsThread final : public OsThread {
 public:
  explicit WindowsThread(const Start &start) : start_(start) {}

  bool begin() {
    const uintptr_t handle = _beginthreadex(nullptr, static_cast<unsigned>(kStackSize), run, &start_,
                                            STACK_SIZE_PARAM_IS_A_RESERVATION, nullptr);
    thread_ = reinterpret_cast<HANDLE>(handle);
    return handle != 0;
  }

  void join() override {
    WaitForSingleObject(thread_, INFINITE);
    CloseHandle(thread_);
  }

 private:
  static unsigned __stdcall run(void *data) {
    const Start start = *static_cast<const Start *>(data);
    start.entry(start.argument);
    return 0;
  }

  Start start_;
  HANDLE thread_ = nullptr;
};

}  // namespace

std::unique_ptr<OsThread> OsThread::start(void (*entry)(void *), void *argument) {
  std::unique_ptr<WindowsThread> thread(new (std::nothrow) WindowsThread({entry, argument}));
  if (thread == nullptr || !thread->begin()) return nullptr;
  return thread;
}

}  // namespace exprjit
