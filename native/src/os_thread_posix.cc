#include <pthread.h>
#include <signal.h>

#include <new>

#include "os_thread.h"

namespace exprjit {

namespace {

struct Start {
  void (*entry)(void *);
  void *argument;
};

class PosixThread final : public OsThread {
 public:
  explicit PosixThread(const Start &start) : start_(start) {}

  bool begin() {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return false;
    pthread_attr_setstacksize(&attributes, kStackSize);
    // Signals are for the threads of Node.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int error = pthread_create(&thread_, &attributes, run, &start_);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    pthread_attr_destroy(&attributes);
    return error == 0;
  }

  void join() override { pthread_join(thread_, nullptr); }

 private:
  static void *run(void *data) {
    const Start start = *static_cast<const Start *>(data);
    start.entry(start.argument);
    return nullptr;
  }

  Start start_;
  pthread_t thread_ = {};
};

}  // namespace

std::unique_ptr<OsThread> OsThread::start(void (*entry)(void *), void *argument) {
  std::unique_ptr<PosixThread> thread(new (std::nothrow) PosixThread({entry, argument}));
  if (thread == nullptr || !thread->begin()) return nullptr;
  return thread;
}

}  // namespace exprjit
