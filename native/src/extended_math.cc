#include "extended_math.h"

#if defined(EXPRJIT_EXTENDED_MATH)

#include <cmath>
#include <cstdint>
#include <cstring>

namespace exprjit::extended {

namespace {

constexpr long double kLn2 = 0.693147180559945309417232121458176568L;

uint64_t bitsOf(double x) {
  uint64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

double fromBits(uint64_t bits) {
  double x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

// pre: -1022 <= exponent <= 1023.
double powerOf2(int exponent) { return fromBits(static_cast<uint64_t>(exponent + 1023) << 52); }

constexpr int kFractionBits = 52;
constexpr uint64_t kFractionMask = (uint64_t{1} << kFractionBits) - 1;
constexpr uint64_t kOneBits = uint64_t{1023} << kFractionBits;

// ---- Logarithm -----------------------------------------------------------------------------------------
// x = 2^k m with m in [3/4, 3/2); c ≈ 1/m from a table, so that r = m c - 1 is small:
// log x = k ln 2 - log c + log(1 + r).

constexpr int kLogIndexBits = 7;
constexpr int kLogEntries = 1 << kLogIndexBits;

struct LogEntry {
  // c for the significand in [1, 2): half of that for m where the significand is twice m. It has few bits, so
  // that its product with a double is exact in 64; around m = 1 it is 1, so that r is exact there.
  double inverse;
  // Whether the significand is twice m.
  int carry;
  // -log c
  long double negativeLog;
};

struct LogTable {
  LogEntry entries[kLogEntries];

  LogTable() {
    for (int i = 0; i < kLogEntries; ++i) {
      // Entry i is for significands from 1 + i/128 on; those from 3/2 on belong to half of that.
      const double significand = 1 + (i + 0.5) / kLogEntries;
      const bool twice = significand >= 1.5;
      const bool aroundOne = i == 0 || i == kLogEntries - 1;
      const double inverse = aroundOne ? 1 : std::nearbyint(512 / significand * (twice ? 2 : 1)) / 512;
      entries[i] = {twice ? inverse / 2 : inverse, twice ? 1 : 0, -std::log(static_cast<long double>(inverse))};
    }
  }
};

const LogTable kLog;

// log(2^k s) for s in [1, 2), whose leading fraction bits as a double are `fraction`.
long double logOfParts(long double significand, int k, uint64_t fraction) {
  const LogEntry &entry = kLog.entries[fraction >> (kFractionBits - kLogIndexBits)];
  const long double r = significand * entry.inverse - 1;
  const double s = static_cast<double>(r);
  const double s2 = s * s;
  // r³/3 - r⁴/4 + … - r^10/10
  const double low = (1.0 / 3 - s * (1.0 / 4)) + s2 * (1.0 / 5 - s * (1.0 / 6));
  const double high = (1.0 / 7 - s * (1.0 / 8)) + s2 * (1.0 / 9 - s * (1.0 / 10));
  const double tail = s * s2 * (low + s2 * s2 * high);
  return ((k + entry.carry) * kLn2 + entry.negativeLog) + (r - (0.5L * r * r - tail));
}

// ---- Exponential ---------------------------------------------------------------------------------------
// x = n ln 2 / 64 + r, n = 64 q + i: exp x = 2^q 2^(i/64) exp r.

constexpr int kExpEntries = 64;

struct ExpTable {
  long double powers[kExpEntries];

  ExpTable() {
    for (int i = 0; i < kExpEntries; ++i) powers[i] = std::exp2(static_cast<long double>(i) / kExpEntries);
  }
};

const ExpTable kExp;

struct Reduced {
  // 2^(n/64)
  long double power;
  // exp r - 1
  long double rest;
};

Reduced reduce(double x) {
  // ln 2 / 64 in two parts, the first with so few bits that its product with n is exact.
  constexpr long double kStepHigh = 0x1.62e42fefap-7L;
  constexpr long double kStepLow = 0x1.cf79abc9e3b39803fp-46L;
  const int n = static_cast<int>(x * (kExpEntries / static_cast<double>(kLn2)) + 0.5);
  const long double r = (x - n * kStepHigh) - n * kStepLow;
  const double s = static_cast<double>(r);
  const double s2 = s * s;
  // r³/3! + … + r^8/8!
  const double low = (1.0 / 6 + s * (1.0 / 24)) + s2 * (1.0 / 120 + s * (1.0 / 720));
  const double tail = s * s2 * (low + s2 * s2 * (1.0 / 5040 + s * (1.0 / 40320)));
  // In two factors, since 2^1023 is the last that a double holds.
  const int q = n / kExpEntries;
  const long double scale = static_cast<long double>(powerOf2(q / 2)) * powerOf2(q - q / 2);
  return {kExp.powers[n % kExpEntries] * scale, r + (0.5L * r * r + tail)};
}

// ---- Cube root -----------------------------------------------------------------------------------------

constexpr int kCbrtIndexBits = 5;
constexpr int kCbrtEntries = 1 << kCbrtIndexBits;

struct CbrtTable {
  // Approximate cube roots of [1, 2), [2, 4) and [4, 8).
  double roots[3 * kCbrtEntries];

  CbrtTable() {
    for (int i = 0; i < 3 * kCbrtEntries; ++i) {
      const double significand = 1 + (i % kCbrtEntries + 0.5) / kCbrtEntries;
      roots[i] = std::cbrt(significand * (1 << i / kCbrtEntries));
    }
  }
};

const CbrtTable kCbrt;

}  // namespace

long double log(double x) {
  int k = 0;
  if (x < DBL_MIN) {
    x *= 0x1p54;
    k = -54;
  }
  const uint64_t bits = bitsOf(x);
  k += static_cast<int>(bits >> kFractionBits) - 1023;
  return logOfParts(fromBits((bits & kFractionMask) | kOneBits), k, bits & kFractionMask);
}

long double log1p(long double t) {
  const long double sum = 1 + t;
  const long double rounded = sum - 1;
  const long double lost = (1 - (sum - rounded)) + (t - rounded);
  const uint64_t bits = bitsOf(static_cast<double>(sum));
  const int k = static_cast<int>(bits >> kFractionBits) - 1023;
  return logOfParts(sum * powerOf2(-k), k, bits & kFractionMask) + lost / sum;
}

long double exp(double x) {
  const Reduced reduced = reduce(x);
  return reduced.power + reduced.power * reduced.rest;
}

long double expm1(double x) {
  const Reduced reduced = reduce(x);
  return (reduced.power - 1) + reduced.power * reduced.rest;
}

long double cbrt(double x) {
  const double scaled = std::fabs(x) < DBL_MIN ? x * 0x1p54 : x;
  const uint64_t bits = bitsOf(scaled);
  const int exponent = static_cast<int>((bits >> kFractionBits) & 0x7ff) - 1023;
  // |x| = m 2^(3q), m in [1, 8)
  const int q = (exponent + 1026) / 3 - 342;
  const int part = exponent - 3 * q;
  const uint64_t fraction = bits & kFractionMask;
  const double m = fromBits(fraction | kOneBits) * (1 << part);

  // (1 + e)^(-1/3) = 1 - e/3 + 2e²/9 - 14e³/81 + 35e⁴/243 - …, where y³ = m (1 + e)
  const double inverse = 1 / m;
  const double y = kCbrt.roots[part * kCbrtEntries + static_cast<int>(fraction >> (kFractionBits - kCbrtIndexBits))];
  const double e = y * y * y * inverse - 1;
  const double better = y - y * e * (1.0 / 3 - e * (2.0 / 9 - e * (14.0 / 81 - e * (35.0 / 243))));

  const long double wide = better;
  const double error = static_cast<double>(wide * wide * wide - m) * inverse;
  const long double root = wide - better * error * (1.0 / 3 - error * (2.0 / 9));
  const int shift = scaled == x ? q : q - 18;
  return std::copysign(powerOf2(shift), x) * root;
}

// The instruction takes 60 bits off the quotient at a time, where C libraries take one: for 1e300 % 3 that is
// seven times as fast. Its remainder is exact, and that of two doubles is a double.
double fmod(double x, double y) {
  constexpr uint16_t kIncomplete = 0x0400;  // C2 of the status word
  const long double divisor = y;
  long double remainder = x;
  uint16_t status;
  do {
    __asm__("fprem\n\tfnstsw %1" : "+t"(remainder), "=a"(status) : "u"(divisor) : "cc");
  } while ((status & kIncomplete) != 0);
  return static_cast<double>(remainder);
}

}  // namespace exprjit::extended

#endif
