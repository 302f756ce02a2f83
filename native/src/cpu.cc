#include "cpu.h"

#include <cstdint>
#include <cstring>

#if defined(__x86_64__) || defined(__i386__)
#define EXPRJIT_X86 1
#include <cpuid.h>
#elif defined(_M_X64) || defined(_M_IX86)
#define EXPRJIT_X86 1
#include <immintrin.h>
#include <intrin.h>
#endif

namespace exprjit {

namespace {

const char *architectureName() {
#if defined(__x86_64__) || defined(_M_X64)
  return "x64";
#elif defined(__i386__) || defined(_M_IX86)
  return "ia32";
#elif defined(__aarch64__) || defined(_M_ARM64)
  return "arm64";
#elif defined(__arm__)
  return "arm";
#elif defined(__riscv)
  return "riscv64";
#elif defined(__powerpc64__)
  return "ppc64";
#elif defined(__s390x__)
  return "s390x";
#elif defined(__loongarch64)
  return "loong64";
#else
  return "unknown";
#endif
}

#if defined(EXPRJIT_X86)

enum Register { kEax, kEbx, kEcx, kEdx };

struct Leaf {
  uint32_t registers[4];
};

Leaf cpuid(uint32_t leaf, uint32_t subleaf) {
  Leaf result = {};
#if defined(_MSC_VER)
  int registers[4];
  __cpuidex(registers, static_cast<int>(leaf), static_cast<int>(subleaf));
  std::memcpy(result.registers, registers, sizeof registers);
#else
  __cpuid_count(leaf, subleaf, result.registers[kEax], result.registers[kEbx], result.registers[kEcx],
                result.registers[kEdx]);
#endif
  return result;
}

// pre: CPUID reports OSXSAVE.
uint64_t extendedControlRegister0() {
#if defined(_MSC_VER)
  return _xgetbv(0);
#else
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (static_cast<uint64_t>(high) << 32) | low;
#endif
}

// Which registers the OS must save for a feature to be usable.
enum State { kAlways, kYmm, kZmm };

struct Feature {
  const char *name;
  uint32_t leaf;
  uint32_t subleaf;
  Register reg;
  int bit;
  State state;
};

// Intel SDM volume 2A, CPUID; AMD APM volume 3, appendix E.
const Feature kFeatures[] = {
    {"sse", 1, 0, kEdx, 25, kAlways},
    {"sse2", 1, 0, kEdx, 26, kAlways},
    {"sse3", 1, 0, kEcx, 0, kAlways},
    {"pclmulqdq", 1, 0, kEcx, 1, kAlways},
    {"ssse3", 1, 0, kEcx, 9, kAlways},
    {"fma", 1, 0, kEcx, 12, kYmm},
    {"cmpxchg16b", 1, 0, kEcx, 13, kAlways},
    {"sse4.1", 1, 0, kEcx, 19, kAlways},
    {"sse4.2", 1, 0, kEcx, 20, kAlways},
    {"movbe", 1, 0, kEcx, 22, kAlways},
    {"popcnt", 1, 0, kEcx, 23, kAlways},
    {"aes", 1, 0, kEcx, 25, kAlways},
    {"avx", 1, 0, kEcx, 28, kYmm},
    {"f16c", 1, 0, kEcx, 29, kYmm},
    {"bmi1", 7, 0, kEbx, 3, kAlways},
    {"avx2", 7, 0, kEbx, 5, kYmm},
    {"bmi2", 7, 0, kEbx, 8, kAlways},
    {"erms", 7, 0, kEbx, 9, kAlways},
    {"avx512f", 7, 0, kEbx, 16, kZmm},
    {"avx512dq", 7, 0, kEbx, 17, kZmm},
    {"adx", 7, 0, kEbx, 19, kAlways},
    {"avx512ifma", 7, 0, kEbx, 21, kZmm},
    {"clflushopt", 7, 0, kEbx, 23, kAlways},
    {"avx512cd", 7, 0, kEbx, 28, kZmm},
    {"sha", 7, 0, kEbx, 29, kAlways},
    {"avx512bw", 7, 0, kEbx, 30, kZmm},
    {"avx512vl", 7, 0, kEbx, 31, kZmm},
    {"avx512vbmi", 7, 0, kEcx, 1, kZmm},
    {"avx512vbmi2", 7, 0, kEcx, 6, kZmm},
    {"gfni", 7, 0, kEcx, 8, kAlways},
    {"vaes", 7, 0, kEcx, 9, kYmm},
    {"vpclmulqdq", 7, 0, kEcx, 10, kYmm},
    {"avx512vnni", 7, 0, kEcx, 11, kZmm},
    {"avx512bitalg", 7, 0, kEcx, 12, kZmm},
    {"avx512vpopcntdq", 7, 0, kEcx, 14, kZmm},
    {"fsrm", 7, 0, kEdx, 4, kAlways},
    {"avx512fp16", 7, 0, kEdx, 23, kZmm},
    {"avxvnni", 7, 1, kEax, 4, kYmm},
    {"avx512bf16", 7, 1, kEax, 5, kZmm},
    {"lzcnt", 0x80000001u, 0, kEcx, 5, kAlways},
};

bool hasBit(const Leaf &leaf, Register reg, int bit) { return ((leaf.registers[reg] >> bit) & 1) != 0; }

void queryX86(CpuInfo &cpu) {
  const Leaf basic = cpuid(0, 0);
  const uint32_t highestBasic = basic.registers[kEax];
  const uint32_t highestExtended = cpuid(0x80000000u, 0).registers[kEax];
  const uint32_t highestOf7 = highestBasic >= 7 ? cpuid(7, 0).registers[kEax] : 0;

  char vendor[12];
  std::memcpy(vendor, &basic.registers[kEbx], 4);
  std::memcpy(vendor + 4, &basic.registers[kEdx], 4);
  std::memcpy(vendor + 8, &basic.registers[kEcx], 4);
  cpu.vendor.assign(vendor, sizeof vendor);

  if (highestExtended >= 0x80000004u) {
    char brand[49] = {};
    for (uint32_t part = 0; part < 3; ++part) {
      const Leaf leaf = cpuid(0x80000002u + part, 0);
      std::memcpy(brand + 16 * part, leaf.registers, 16);
    }
    cpu.brand = brand;
    cpu.brand.erase(0, cpu.brand.find_first_not_of(' '));
    cpu.brand.erase(cpu.brand.find_last_not_of(' ') + 1);
  }

  const bool osxsave = highestBasic >= 1 && hasBit(cpuid(1, 0), kEcx, 27);
  const uint64_t saved = osxsave ? extendedControlRegister0() : 0;
  const uint64_t ymm = 0x06;  // SSE and AVX state
  const uint64_t zmm = 0xe6;  // and opmask, upper ZMM0-15, ZMM16-31
  for (const Feature &feature : kFeatures) {
    const uint32_t highest = feature.leaf >= 0x80000000u ? highestExtended : highestBasic;
    if (feature.leaf > highest) continue;
    if (feature.leaf == 7 && feature.subleaf > highestOf7) continue;
    if (feature.state == kYmm && (saved & ymm) != ymm) continue;
    if (feature.state == kZmm && (saved & zmm) != zmm) continue;
    if (hasBit(cpuid(feature.leaf, feature.subleaf), feature.reg, feature.bit)) {
      cpu.features.push_back(feature.name);
    }
  }
}

#endif

}  // namespace

CpuInfo queryCpu() {
  CpuInfo cpu = {architectureName(), "", "", {}};
#if defined(EXPRJIT_X86)
  queryX86(cpu);
#endif
  return cpu;
}

}  // namespace exprjit
