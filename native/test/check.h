// The smallest test harness: CHECK reports and goes on, failedChecks() is the exit code.
#pragma once

#include <cstdio>

namespace exprjit::test {

inline int &failedChecks() {
  static int count = 0;
  return count;
}

inline bool check(bool holds, const char *what, const char *file, int line) {
  if (!holds) {
    std::fprintf(stderr, "%s:%d: %s\n", file, line, what);
    ++failedChecks();
  }
  return holds;
}

}  // namespace exprjit::test

#define CHECK(condition) ::exprjit::test::check((condition), #condition, __FILE__, __LINE__)
