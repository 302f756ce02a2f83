// The CPU and the stack, as far as they can be checked without knowing either.
#include <cstdio>
#include <cstdint>
#include <cstring>
#include <string>
#include <thread>

#if !defined(_WIN32)
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#include "../src/cpu.h"
#include "../src/stack_limit.h"
#include "check.h"

using namespace exprjit;

namespace {

bool has(const CpuInfo &cpu, const char *name) {
  for (const char *feature : cpu.features) {
    if (std::strcmp(feature, name) == 0) return true;
  }
  return false;
}

void testCpu() {
  const CpuInfo cpu = queryCpu();
  std::printf("  %s %s (%s):", cpu.architecture, cpu.brand.c_str(), cpu.vendor.c_str());
  for (const char *feature : cpu.features) std::printf(" %s", feature);
  std::printf("\n");
#if defined(__x86_64__)
  CHECK(std::string(cpu.architecture) == "x64");
  CHECK(cpu.vendor.size() == 12);
  CHECK(has(cpu, "sse2"));
  CHECK(!has(cpu, "avx2") || has(cpu, "avx"));
  CHECK(!has(cpu, "avx512f") || has(cpu, "avx2"));
#if defined(__GNUC__)
  // libgcc asks CPUID and XGETBV on its own.
  __builtin_cpu_init();
  CHECK(has(cpu, "sse4.1") == (__builtin_cpu_supports("sse4.1") != 0));
  CHECK(has(cpu, "popcnt") == (__builtin_cpu_supports("popcnt") != 0));
  CHECK(has(cpu, "avx") == (__builtin_cpu_supports("avx") != 0));
  CHECK(has(cpu, "avx2") == (__builtin_cpu_supports("avx2") != 0));
  CHECK(has(cpu, "fma") == (__builtin_cpu_supports("fma") != 0));
  CHECK(has(cpu, "bmi1") == (__builtin_cpu_supports("bmi") != 0));
  CHECK(has(cpu, "bmi2") == (__builtin_cpu_supports("bmi2") != 0));
  CHECK(has(cpu, "avx512f") == (__builtin_cpu_supports("avx512f") != 0));
  CHECK(has(cpu, "avx512vl") == (__builtin_cpu_supports("avx512vl") != 0));
  CHECK(has(cpu, "avx512dq") == (__builtin_cpu_supports("avx512dq") != 0));
#endif
#endif
}

// Uses the stack down to the limit, as compiled code would.
int descend(uintptr_t limit, int depth) {
  volatile char frame[4096];
  frame[0] = static_cast<char>(depth);
  if (reinterpret_cast<uintptr_t>(&frame[0]) < limit + 2 * sizeof frame) return depth;
  return descend(limit, depth + 1) + (frame[0] != static_cast<char>(depth));
}

void testStack() {
  char here;
  const uintptr_t limit = stackLimitOfThisThread();
  const uintptr_t current = reinterpret_cast<uintptr_t>(&here);
  CHECK(limit < current);
  CHECK(current - limit <= 4 * 1024 * 1024 + 64 * 1024);
  CHECK(descend(limit, 0) > 10);
  CHECK(stackTopOfThisThread() > current);
}

#if !defined(_WIN32)

// The main thread's stack grows up to a limit that may be anything when the process starts.
void testStackUnder(rlim_t size) {
  const pid_t child = fork();
  if (child == 0) {
    struct rlimit limit;
    getrlimit(RLIMIT_STACK, &limit);
    limit.rlim_cur = size < limit.rlim_max ? size : limit.rlim_max;
    CHECK(setrlimit(RLIMIT_STACK, &limit) == 0);
    testStack();
    _exit(test::failedChecks() == 0 ? 0 : 1);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

#endif

}  // namespace

int main() {
  testCpu();
  testStack();
  std::thread(testStack).join();
#if !defined(_WIN32)
  for (const rlim_t size : {rlim_t{512 * 1024}, rlim_t{2 * 1024 * 1024}, rlim_t{64 * 1024 * 1024}, RLIM_INFINITY}) {
    testStackUnder(size);
  }
#endif
  std::puts(test::failedChecks() == 0 ? "system: ok" : "system: FAILED");
  return test::failedChecks() == 0 ? 0 : 1;
}
