// AsmJit's JitAllocator through the workload of bench/allocator.workload.ts, which it repeats step by step: the same
// random numbers, hence the same sizes, the same order of releases, the same phases under the clock.
//
//   allocator-asmjit <live spans> <options> <seed>     answers each line on standard input with a run, as JSON
#include <asmjit/core.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
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

// Processor time, as in bench/allocator.workload.ts.
double processorNanoseconds() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

template <typename Body>
double nanosecondsPer(size_t operations, Body body) {
  const double start = processorNanoseconds();
  body();
  return (processorNanoseconds() - start) / static_cast<double>(operations);
}

void check(asmjit::Error error) {
  if (error == asmjit::kErrorOk) return;
  std::fprintf(stderr, "asmjit: %s\n", asmjit::DebugUtils::errorAsString(error));
  std::exit(1);
}

struct Workload {
  std::vector<uint32_t> sizes;
  std::vector<uint32_t> order;
};

Workload makeWorkload(size_t live, uint32_t seed) {
  Random random(seed);
  Workload workload{std::vector<uint32_t>(live + live / 2), std::vector<uint32_t>(live)};
  for (uint32_t& size : workload.sizes) size = 8 + random.below(1024);
  std::vector<uint32_t>& order = workload.order;
  for (size_t i = 0; i < live; i++) order[i] = static_cast<uint32_t>(i);
  for (size_t i = live - 1; i > 0; i--) std::swap(order[i], order[random.below(static_cast<uint32_t>(i + 1))]);
  return workload;
}

void run(const Workload& workload, asmjit::JitAllocatorOptions options) {
  const size_t live = workload.order.size();
  const size_t half = live / 2;
  const uint32_t* sizes = workload.sizes.data();
  const uint32_t* order = workload.order.data();

  asmjit::JitAllocator::CreateParams params;
  params.options = options;
  asmjit::JitAllocator allocator(&params);
  std::vector<void*> filled(live);
  void* writable = nullptr;

  const double fill = nanosecondsPer(live, [&] {
    for (size_t i = 0; i < live; i++) check(allocator.alloc(&filled[i], &writable, sizes[i]));
  });
  std::vector<void*> spans(live);
  for (size_t i = 0; i < live; i++) spans[i] = filled[order[i]];
  const double releaseHalf = nanosecondsPer(half, [&] {
    for (size_t i = 0; i < half; i++) check(allocator.release(spans[i]));
  });
  const double refill = nanosecondsPer(half, [&] {
    for (size_t i = 0; i < half; i++) check(allocator.alloc(&spans[i], &writable, sizes[live + i]));
  });
  const asmjit::JitAllocator::Statistics statistics = allocator.statistics();
  const double releaseAll = nanosecondsPer(live, [&] {
    for (size_t i = 0; i < live; i++) check(allocator.release(spans[i]));
  });

  std::printf(
      "{\"fill\":%.3f,\"releaseHalf\":%.3f,\"refill\":%.3f,\"releaseAll\":%.3f,"
      "\"usedRatio\":%.5f,\"overheadRatio\":%.5f}\n",
      fill, releaseHalf, refill, releaseAll, statistics.usedSizeAsPercent() / 100,
      statistics.overheadSizeAsPercent() / 100);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: allocator-asmjit <live spans> <options> <seed>\n");
    return 2;
  }
  const auto options = static_cast<asmjit::JitAllocatorOptions>(std::strtoul(argv[2], nullptr, 10));
  const Workload workload =
      makeWorkload(std::strtoul(argv[1], nullptr, 10), static_cast<uint32_t>(std::strtoul(argv[3], nullptr, 10)));
  for (int c = std::getchar(); c != EOF; c = std::getchar()) {
    if (c == '\n') run(workload, options);
  }
  return 0;
}
