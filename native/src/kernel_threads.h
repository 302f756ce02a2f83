// The threads of an environment that run kernels.
//
// They are not libuv's: a kernel may take long, and whoever waits for a file or a name should not wait for it; and Node
// waits for libuv's threads before it tells anybody that the process or the worker is to end.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace exprjit {

class OsThread;

// Threads of an environment at the most, and so what one run may ask for.
constexpr size_t kMostKernelThreads = 64;

class KernelThreads {
 public:
  KernelThreads();
  // Waits for all jobs that were posted.
  ~KernelThreads();

  // Queues a job. False, and nothing is queued, where no thread can be had; throws, likewise, out of memory.
  bool post(std::function<void()> job);

 private:
  KernelThreads(const KernelThreads &) = delete;
  KernelThreads &operator=(const KernelThreads &) = delete;

  static void work(void *self);
  void work();

  std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<std::function<void()>> jobs_;
  size_t idle_ = 0;
  bool ends_ = false;
  std::vector<std::unique_ptr<OsThread>> threads_;
};

}  // namespace exprjit
