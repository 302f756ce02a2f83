#include "stack_limit.h"

#include <algorithm>
#include <cstddef>

#if defined(_WIN32)
#include <windows.h>
#else
#include <pthread.h>
#if defined(__linux__)
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif
#if defined(__FreeBSD__) || defined(__OpenBSD__)
#include <pthread_np.h>
#endif
#if defined(__OpenBSD__)
#include <sys/signal.h>
#endif
#endif

namespace exprjit {

namespace {

// A host function called at the limit runs V8 and through it any C++ of Node; Node itself leaves 192 KiB
// to native code in its workers.
constexpr uintptr_t kReserved = 256 * 1024;

// The main thread's stack grows on demand up to a resource limit, which may be "unlimited" or more than
// the address space below it really holds. Beyond this depth it is a runaway, not a computation.
constexpr uintptr_t kMostUsed = 4 * 1024 * 1024;

#if defined(__linux__) && !defined(__GLIBC__)

// musl says how much of the main thread's stack is mapped by now, not how far it may grow. `bottom` as musl has it.
uintptr_t grownBottom(uintptr_t bottom, size_t size) {
  struct rlimit limit;
  const bool isMainThread = syscall(SYS_gettid) == getpid();
  if (!isMainThread || getrlimit(RLIMIT_STACK, &limit) != 0) return bottom;
  const uintptr_t top = bottom + size;
  return limit.rlim_cur < top ? top - limit.rlim_cur : 1;
}

#endif

// Where a stack begins and ends; zeros if the system does not tell.
struct StackBounds {
  uintptr_t low;
  uintptr_t high;
};

StackBounds stackBounds() {
#if defined(_WIN32)
  ULONG_PTR low = 0;
  ULONG_PTR high = 0;
  GetCurrentThreadStackLimits(&low, &high);
  return {low, high};
#elif defined(__APPLE__)
  const pthread_t self = pthread_self();
  const uintptr_t top = reinterpret_cast<uintptr_t>(pthread_get_stackaddr_np(self));
  return {top - pthread_get_stacksize_np(self), top};
#elif defined(__OpenBSD__)
  stack_t stack;
  if (pthread_stackseg_np(pthread_self(), &stack) != 0) return {0, 0};
  const uintptr_t top = reinterpret_cast<uintptr_t>(stack.ss_sp);
  return {top - stack.ss_size, top};
#else
  pthread_attr_t attributes;
#if defined(__FreeBSD__) || defined(__NetBSD__)
  if (pthread_attr_init(&attributes) != 0) return {0, 0};
  int error = pthread_attr_get_np(pthread_self(), &attributes);
#else
  int error = pthread_getattr_np(pthread_self(), &attributes);
  if (error != 0) return {0, 0};
#endif
  void *low = nullptr;
  size_t size = 0;
  if (error == 0) error = pthread_attr_getstack(&attributes, &low, &size);
  pthread_attr_destroy(&attributes);
  if (error != 0) return {0, 0};
  const uintptr_t bottom = reinterpret_cast<uintptr_t>(low);
#if defined(__linux__) && !defined(__GLIBC__)
  return {grownBottom(bottom, size), bottom + size};
#else
  return {bottom, bottom + size};
#endif
#endif
}

}  // namespace

uintptr_t stackLimitOfThisThread() {
  char here;
  const uintptr_t current = reinterpret_cast<uintptr_t>(&here);
  const uintptr_t deepest = current > kMostUsed ? current - kMostUsed : 0;
  const uintptr_t bottom = stackBounds().low;
  // Where the system does not tell, half a MiB is what the smallest default stacks still have.
  if (bottom == 0) return current - std::min<uintptr_t>(current, 512 * 1024);
  return std::max(deepest, bottom + kReserved);
}

uintptr_t stackTopOfThisThread() { return stackBounds().high; }

}  // namespace exprjit
