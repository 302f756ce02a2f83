// AsmJit's JitAllocator through the workload of bench/allocator/workload.ts, which it repeats step by step: the same
// random numbers, hence the same sizes, the same order of releases, the same phases under the clock.
//
//   asmjit-allocator <live spans> <options> <seed>     one JSON object on standard output
#include <asmjit/core.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

namespace {

class Random {
 public:
  explicit Random(uint32_t seed) : state_(seed) {}

  // Xorshift32, reduced to 0..bound-1.
  uint32_t below(uint32_t bound) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_ % bound;
  }

 private:
  uint32_t state_;
};

template <typename Body>
double nanosecondsPer(size_t operations, Body body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  const std::chrono::duration<double, std::nano> elapsed = std::chrono::steady_clock::now() - start;
  return elapsed.count() / static_cast<double>(operations);
}

void check(asmjit::Error error) {
  if (error == asmjit::kErrorOk) return;
  std::fprintf(stderr, "asmjit: %s\n", asmjit::DebugUtils::errorAsString(error));
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const size_t live = std::strtoul(argv[1], nullptr, 10);
  const size_t half = live / 2;
  asmjit::JitAllocator::CreateParams params;
  params.options = static_cast<asmjit::JitAllocatorOptions>(std::strtoul(argv[2], nullptr, 10));
  Random random(static_cast<uint32_t>(std::strtoul(argv[3], nullptr, 10)));

  std::vector<uint32_t> sizes(live + half);
  for (uint32_t& size : sizes) size = 8 + random.below(1024);
  std::vector<uint32_t> order(live);
  for (size_t i = 0; i < live; i++) order[i] = static_cast<uint32_t>(i);
  for (size_t i = live - 1; i > 0; i--) std::swap(order[i], order[random.below(static_cast<uint32_t>(i + 1))]);

  asmjit::JitAllocator allocator(&params);
  std::vector<void*> spans(live);
  void* writable = nullptr;

  const double fill = nanosecondsPer(live, [&] {
    for (size_t i = 0; i < live; i++) check(allocator.alloc(&spans[i], &writable, sizes[i]));
  });
  const double releaseHalf = nanosecondsPer(half, [&] {
    for (size_t i = 0; i < half; i++) check(allocator.release(spans[order[i]]));
  });
  const double refill = nanosecondsPer(half, [&] {
    for (size_t i = 0; i < half; i++) check(allocator.alloc(&spans[order[i]], &writable, sizes[live + i]));
  });
  const asmjit::JitAllocator::Statistics statistics = allocator.statistics();
  const double releaseAll = nanosecondsPer(live, [&] {
    for (size_t i = 0; i < live; i++) check(allocator.release(spans[order[i]]));
  });

  std::printf(
      "{\"fill\":%.3f,\"releaseHalf\":%.3f,\"refill\":%.3f,\"releaseAll\":%.3f,"
      "\"usedRatio\":%.5f,\"overheadRatio\":%.5f}\n",
      fill, releaseHalf, refill, releaseAll, statistics.usedSizeAsPercent() / 100,
      statistics.overheadSizeAsPercent() / 100);
  return 0;
}
