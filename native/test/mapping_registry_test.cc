// The registry against a model that keeps one access per page, over random sequences of operations.
#include "../src/mapping_registry.h"

#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "../src/protection_key.h"
#include "check.h"

#if !defined(_WIN32)
#include <setjmp.h>
#include <signal.h>
#endif

using namespace exprjit;
using namespace exprjit::virt_mem;
using Owner = MappingRegistry::Owner;
using Verdict = MappingRegistry::Verdict;

constexpr Owner kNobody = Owner::kNobody;

namespace {

struct ModelMapping {
  uintptr_t address;
  uintptr_t twin;
  std::vector<uint32_t> pages;
};

class Model {
 public:
  Verdict check(uintptr_t address, size_t size, uint32_t access) const {
    for (const ModelMapping &mapping : mappings) {
      const size_t bytes = mapping.pages.size() * page;
      if (address < mapping.address || address >= mapping.address + bytes) continue;
      if (size > mapping.address + bytes - address) return Verdict::kNotMapped;
      for (size_t i = (address - mapping.address) / page; i <= (address + size - 1 - mapping.address) / page; ++i) {
        if ((mapping.pages[i] & access) != access) return Verdict::kProtected;
      }
      return Verdict::kOk;
    }
    return Verdict::kNotMapped;
  }

  const size_t page = info().pageSize;
  std::vector<ModelMapping> mappings;
};

constexpr uint32_t kAccesses[] = {kAccessNone, kAccessRead, kAccessReadWrite, kAccessReadExecute};

void compareWithModel(uint64_t seed, int steps) {
  std::mt19937_64 random(seed);
  const auto below = [&random](size_t limit) { return static_cast<size_t>(random() % limit); };
  MappingRegistry registry;
  Model model;
  const size_t page = model.page;

  for (int step = 0; step < steps; ++step) {
    const size_t action = below(10);
    if (model.mappings.size() < 3 || (action == 0 && model.mappings.size() < 20)) {
      const size_t pages = info().pageGranularity / page * (1 + below(8));
      const uint32_t access = kAccesses[below(4)];
      if (below(2) == 0) {
        uintptr_t address = 0;
        if (!CHECK(registry.alloc(&address, pages * page, access, kNobody).ok())) return;
        model.mappings.push_back({address, 0, std::vector<uint32_t>(pages, access)});
      } else {
        DualMapping dual = {};
        if (!CHECK(registry.allocDual(&dual, pages * page, 0, "/tmp", kNobody).ok())) return;
        const uintptr_t rx = reinterpret_cast<uintptr_t>(dual.rx);
        const uintptr_t rw = reinterpret_cast<uintptr_t>(dual.rw);
        model.mappings.push_back({rx, rw, std::vector<uint32_t>(pages, kAccessReadExecute)});
        model.mappings.push_back({rw, rx, std::vector<uint32_t>(pages, kAccessReadWrite)});
      }
      continue;
    }

    const size_t chosen = below(model.mappings.size());
    ModelMapping &mapping = model.mappings[chosen];
    const size_t pages = mapping.pages.size();
    Status status;
    if (action == 1) {
      CHECK(registry.release(mapping.address, (pages + 1) * page, kNobody, &status) == Verdict::kNotMapped);
      if (pages > 1) {
        CHECK(registry.release(mapping.address, (pages - 1) * page, kNobody, &status) == Verdict::kNotWhole);
        CHECK(registry.release(mapping.address + page, (pages - 1) * page, kNobody, &status) == Verdict::kNotWhole);
      }
      if (mapping.twin != 0) {
        CHECK(registry.release(mapping.address, pages * page, kNobody, &status) == Verdict::kNotWhole);
        const bool isRx = chosen + 1 < model.mappings.size() && model.mappings[chosen + 1].address == mapping.twin;
        const size_t first = isRx ? chosen : chosen - 1;
        const uintptr_t rx = model.mappings[first].address;
        const uintptr_t rw = model.mappings[first + 1].address;
        CHECK(registry.releaseDual(rw, rx, pages * page, kNobody, &status) == Verdict::kNotWhole);
        CHECK(registry.releaseDual(rx, rw, pages * page, kNobody, &status) == Verdict::kOk && status.ok());
        CHECK(registry.releaseDual(rx, rw, pages * page, kNobody, &status) == Verdict::kNotMapped);
        model.mappings.erase(model.mappings.begin() + static_cast<long>(first),
                             model.mappings.begin() + static_cast<long>(first) + 2);
      } else {
        const uintptr_t address = mapping.address;
        CHECK(registry.release(address, pages * page, kNobody, &status) == Verdict::kOk && status.ok());
        CHECK(registry.release(address, pages * page, kNobody, &status) == Verdict::kNotMapped);
        model.mappings.erase(model.mappings.begin() + static_cast<long>(chosen));
      }
      continue;
    }

    const size_t first = below(pages);
    const size_t count = 1 + below(pages - first);
    if (action < 6 && mapping.twin == 0) {
      const uint32_t access = kAccesses[below(4)];
      CHECK(registry.protect(mapping.address + first * page, count * page, access, kNobody, &status) == Verdict::kOk);
      CHECK(status.ok());
      for (size_t i = first; i < first + count; ++i) mapping.pages[i] = access;
    }
    for (int probe = 0; probe < 10; ++probe) {
      const uintptr_t address = mapping.address + below(pages * page + 2 * page) - page;
      const size_t size = 1 + below(3 * page);
      const uint32_t access = kAccesses[below(4)];
      // Neighbours in the address space are different mappings: a range across both is in neither.
      CHECK(registry.check(address, size, access, kNobody) == model.check(address, size, access));
      const bool executable = model.check(address, 1, kAccessExecute) == Verdict::kOk;
      CHECK(registry.isExecutable(static_cast<double>(address)) == executable);
    }
  }
}

void testRefusals() {
  MappingRegistry registry;
  Status status;
  const size_t page = info().pageSize;
  for (const uintptr_t address : {uintptr_t{1}, page, UINTPTR_MAX, UINTPTR_MAX - page + 1}) {
    for (const size_t size : {size_t{1}, page, SIZE_MAX}) {
      CHECK(registry.check(address, size, kAccessNone, kNobody) == Verdict::kNotMapped);
      CHECK(registry.release(address, size, kNobody, &status) == Verdict::kNotMapped);
      CHECK(registry.protect(address, size, kAccessRead, kNobody, &status) == Verdict::kNotMapped);
      CHECK(registry.releaseDual(address, address, size, kNobody, &status) == Verdict::kNotMapped);
    }
  }
  for (const double address : {0.0, -0.0, -1.0, 0.5, 1e300, -1e300, 1.0 / 0.0, 0.0 / 0.0}) {
    CHECK(!registry.isExecutable(address));
  }
  MappingRegistry other;
  uintptr_t address = 0;
  if (!CHECK(other.alloc(&address, info().pageGranularity, kAccessReadWrite, kNobody).ok())) return;
  CHECK(registry.release(address, info().pageGranularity, kNobody, &status) == Verdict::kNotMapped);
  CHECK(other.check(address, info().pageGranularity, kAccessReadWrite, kNobody) == Verdict::kOk);
}

// The model has no idea what OS refuses; the registry must not count on either state then.
void testFailedProtect() {
  MappingRegistry registry;
  const size_t page = info().pageSize;
  uintptr_t address = 0;
  if (!CHECK(registry.alloc(&address, info().pageGranularity, kAccessReadWrite, kNobody).ok())) return;
  Status status;
  // Not aligned: the OS refuses.
  CHECK(registry.protect(address + 1, page - 1, kAccessRead, kNobody, &status) == Verdict::kOk);
  if (!status.ok()) {
    CHECK(registry.check(address + 1, 1, kAccessWrite, kNobody) == Verdict::kProtected);
    CHECK(registry.check(address, 1, kAccessReadWrite, kNobody) == Verdict::kOk);
  }
}

void testOwners() {
  MappingRegistry registry;
  const size_t size = info().pageGranularity;
  const Owner mine = registry.newOwner();
  const Owner yours = registry.newOwner();
  CHECK(mine != yours && mine != kNobody && yours != kNobody);
  for (const Owner owner : {kNobody, mine}) {
    uintptr_t address = 0;
    DualMapping dual = {};
    if (!CHECK(registry.alloc(&address, size, kAccessReadWriteExecute, owner).ok())) return;
    if (!CHECK(registry.allocDual(&dual, size, 0, "/tmp", owner).ok())) return;
    const uintptr_t rx = reinterpret_cast<uintptr_t>(dual.rx);
    const uintptr_t rw = reinterpret_cast<uintptr_t>(dual.rw);
    Status status;
    for (const Owner other : {kNobody, mine, yours}) {
      if (other == owner) continue;
      CHECK(registry.check(address, 1, kAccessWrite, other) == Verdict::kOwned);
      CHECK(registry.check(rw, size, kAccessReadWrite, other) == Verdict::kOwned);
      CHECK(registry.check(rx, size, kAccessReadExecute, other) == Verdict::kOk);
      CHECK(registry.protect(address, size, kAccessRead, other, &status) == Verdict::kOwned);
      CHECK(registry.protect(rw, size, kAccessNone, other, &status) == Verdict::kOwned);
      CHECK(registry.release(address, size, other, &status) == Verdict::kOwned);
      CHECK(registry.release(rx, size, other, &status) == Verdict::kOwned);
      CHECK(registry.releaseDual(rx, rw, size, other, &status) == Verdict::kOwned);
      CHECK(registry.isExecutable(static_cast<double>(rx)));
    }
    CHECK(registry.check(address, size, kAccessReadWriteExecute, owner) == Verdict::kOk);
    CHECK(registry.protect(address, size, kAccessReadExecute, owner, &status) == Verdict::kOk);
    CHECK(registry.release(address, size, owner, &status) == Verdict::kOk);
    CHECK(registry.releaseDual(rx, rw, size, owner, &status) == Verdict::kOk && status.ok());
  }
}

#if !defined(_WIN32)

sigjmp_buf beforeAccess;

// Whether this thread can write there, found out by trying.
bool canWrite(volatile char *address) {
  struct sigaction handler = {};
  struct sigaction previous[2];
  handler.sa_handler = [](int) { siglongjmp(beforeAccess, 1); };
  sigaction(SIGSEGV, &handler, &previous[0]);
  sigaction(SIGBUS, &handler, &previous[1]);
  volatile bool wrote = false;
  if (sigsetjmp(beforeAccess, 1) == 0) {
    *address = 1;
    wrote = true;
  }
  sigaction(SIGSEGV, &previous[0], nullptr);
  sigaction(SIGBUS, &previous[1], nullptr);
  return wrote;
}

#endif

// Where there are protection keys, guarded memory is out of reach but within a scope.
void testGuard() {
  const size_t page = info().pageSize;
  const size_t size = info().pageGranularity;
  MappingRegistry registry;
  Status status;
  DualMapping dual = {};
  bool guarded = true;
  if (!CHECK(registry.allocDual(&dual, size, 0, "/tmp", kNobody).ok())) return;
  const uintptr_t rw = reinterpret_cast<uintptr_t>(dual.rw);
  CHECK(registry.guard(page, page, kNobody, &guarded, &status) == Verdict::kNotMapped && !guarded);
  CHECK(registry.guard(rw, page, registry.newOwner(), &guarded, &status) != Verdict::kOk || !guarded);
  CHECK(registry.protect(rw, size, kAccessNone, kNobody, &status) == Verdict::kOk && status.ok());
  CHECK(registry.guard(rw, size, kNobody, &guarded, &status) == Verdict::kOk && status.ok());
  CHECK(guarded == (registry.protectionKey() >= 0));
  std::printf("  protection keys    %s\n", guarded ? "work" : "none");
  if (!guarded) return;
  CHECK(registry.check(rw, size, kAccessReadWrite, kNobody) == Verdict::kOk);
#if !defined(_WIN32)
  volatile char *const at = static_cast<char *>(dual.rw);
  CHECK(!canWrite(at));
  {
    const ProtectionKeyScope open(registry.protectionKey());
    CHECK(canWrite(at));
  }
  CHECK(!canWrite(at));
  CHECK(*static_cast<volatile char *>(dual.rx) == 1);
  // A change of access keeps the key.
  CHECK(registry.protect(rw, size, kAccessReadWrite, kNobody, &status) == Verdict::kOk && status.ok());
  CHECK(!canWrite(at));
#endif
}

void testWritableIsReadable() {
  const size_t page = info().pageSize;
  MappingRegistry registry;
  Status status;
  uintptr_t address = 0;
  if (!CHECK(registry.alloc(&address, page, kAccessWrite, kNobody).ok())) return;
  CHECK(registry.check(address, page, kAccessReadWrite, kNobody) == Verdict::kOk);
  CHECK(registry.protect(address, page, kAccessExecute, kNobody, &status) == Verdict::kOk);
  CHECK(registry.check(address, page, kAccessRead, kNobody) == Verdict::kProtected);
}

}  // namespace

int main(int argc, char **argv) {
  const uint64_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  testRefusals();
  testOwners();
  testFailedProtect();
  testGuard();
  testWritableIsReadable();
  for (uint64_t round = 0; round < 20; ++round) compareWithModel(seed + round, 500);
  std::puts(test::failedChecks() == 0 ? "mapping_registry: ok" : "mapping_registry: FAILED");
  return test::failedChecks() == 0 ? 0 : 1;
}
