// The product of two mantissas has at most 106 bits and is exact in 128. The sum is formed there: the smaller operand is
// shifted down to the exponent of the larger, and whether anything was lost stays in its lowest bit. That is enough to round
// by: bits are lost only where the exponents are far apart, and then the sum keeps 123 bits, of which 53 are wanted.
#include "fused_multiply_add.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

namespace exprjit {

#if defined(__SIZEOF_INT128__)

namespace {

__extension__ using Wide = unsigned __int128;

constexpr int kMantissaBits = 53;
constexpr int kLowestExponent = -1074;
constexpr int kHighestExponent = 971;
constexpr uint64_t kInfinity = uint64_t{0x7ff} << 52;

// mantissa * 2^exponent
struct Magnitude {
  Wide mantissa;
  int exponent;
};

uint64_t bitsOf(double value) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

// pre: finite and not zero. The mantissa has all its 53 bits, also that of a subnormal number.
Magnitude magnitudeOf(double value) {
  const uint64_t bits = bitsOf(value);
  const int biased = static_cast<int>((bits >> 52) & 0x7ff);
  const uint64_t fraction = bits & ((uint64_t{1} << 52) - 1);
  if (biased != 0) return {fraction | (uint64_t{1} << 52), biased - 1 + kLowestExponent};
  const int shift = __builtin_clzll(fraction) - (64 - kMantissaBits);
  return {fraction << shift, kLowestExponent - shift};
}

Magnitude raised(const Magnitude &value, int bits) { return {value.mantissa << bits, value.exponent - bits}; }

Wide shiftedDown(Wide value, int bits) {
  if (bits == 0) return value;
  if (bits >= 128) return 1;
  const bool lost = (value << (128 - bits)) != 0;
  return (value >> bits) | (lost ? 1 : 0);
}

int widthOf(Wide value) {
  const uint64_t high = static_cast<uint64_t>(value >> 64);
  if (high != 0) return 128 - __builtin_clzll(high);
  return 64 - __builtin_clzll(static_cast<uint64_t>(value));
}

// Half to even. pre: 0 < bits.
uint64_t droppedTo(Wide value, int bits) {
  if (bits >= 128) return 0;
  const uint64_t kept = static_cast<uint64_t>(value >> bits);
  const Wide half = Wide{1} << (bits - 1);
  const Wide rest = value & ((half << 1) - 1);
  return kept + (rest > half || (rest == half && (kept & 1) != 0) ? 1 : 0);
}

// The nearest double. pre: not zero, below 2^127.
double rounded(const Magnitude &value, bool negative) {
  const int drop = std::max(widthOf(value.mantissa) - kMantissaBits, kLowestExponent - value.exponent);
  const uint64_t mantissa =
      drop > 0 ? droppedTo(value.mantissa, drop) : static_cast<uint64_t>(value.mantissa) << -drop;
  const int exponent = value.exponent + drop;
  uint64_t bits = kInfinity;
  // The leading bit of the mantissa, and a carry beyond it, count up the exponent.
  if (exponent <= kHighestExponent) bits = (static_cast<uint64_t>(exponent - kLowestExponent) << 52) + mantissa;
  bits |= static_cast<uint64_t>(negative) << 63;
  double result;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}

}  // namespace

double fusedMultiplyAdd(double x, double y, double z) {
  if (!std::isfinite(x) || !std::isfinite(y) || x == 0 || y == 0) return x * y + z;
  if (!std::isfinite(z)) return z;
  if (z == 0) return x * y;
  const Magnitude a = magnitudeOf(x);
  const Magnitude b = magnitudeOf(y);
  // Both with their highest bit where a carry still fits above it.
  Magnitude more = raised({a.mantissa * b.mantissa, a.exponent + b.exponent}, 20);
  Magnitude less = raised(magnitudeOf(z), 73);
  bool negative = std::signbit(x) != std::signbit(y);
  bool otherNegative = std::signbit(z);
  if (more.exponent < less.exponent) {
    std::swap(more, less);
    std::swap(negative, otherNegative);
  }
  less = {shiftedDown(less.mantissa, more.exponent - less.exponent), more.exponent};
  if (negative == otherNegative) return rounded({more.mantissa + less.mantissa, more.exponent}, negative);
  if (more.mantissa == less.mantissa) return 0;
  if (more.mantissa > less.mantissa) return rounded({more.mantissa - less.mantissa, more.exponent}, negative);
  return rounded({less.mantissa - more.mantissa, more.exponent}, otherNegative);
}

#else

double fusedMultiplyAdd(double x, double y, double z) { return std::fma(x, y, z); }

#endif

}  // namespace exprjit
