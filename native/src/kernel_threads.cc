#include "kernel_threads.h"

#include <utility>

#include "os_thread.h"

namespace exprjit {

KernelThreads::KernelThreads() = default;

KernelThreads::~KernelThreads() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ends_ = true;
  }
  posted_.notify_all();
  for (const std::unique_ptr<OsThread> &thread : threads_) thread->join();
}

bool KernelThreads::post(std::function<void()> job) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    // First all that may run out of memory: a thread that was started must find its place.
    threads_.reserve(kMostKernelThreads);
    jobs_.push_back(std::move(job));
    if (idle_ < jobs_.size() && threads_.size() < kMostKernelThreads) {
      std::unique_ptr<OsThread> thread = OsThread::start(&KernelThreads::work, this);
      if (thread != nullptr) threads_.push_back(std::move(thread));
    }
    if (threads_.empty()) {
      jobs_.pop_back();
      return false;
    }
  }
  posted_.notify_one();
  return true;
}

void KernelThreads::work(void *self) { static_cast<KernelThreads *>(self)->work(); }

void KernelThreads::work() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    ++idle_;
    posted_.wait(lock, [this] { return ends_ || !jobs_.empty(); });
    --idle_;
    if (jobs_.empty()) return;
    const std::function<void()> job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

}  // namespace exprjit
