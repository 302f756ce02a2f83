#include "math_library.h"

#include <cmath>
#include <limits>

#include "extended_math.h"

namespace exprjit {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The functions of this block err by up to 4 ulp in common C libraries, or are slow there.
#if defined(EXPRJIT_EXTENDED_MATH)

constexpr long double kLn2 = 0.693147180559945309417232121458176568L;
constexpr long double kLog10OfE = 0.434294481903251827651128918916605082L;

// Below, x³ is less than a sixth of an ulp of x: odd functions with slope 1 are x.
constexpr double kTiny = 0x1p-27;
// Above, the 1 in x² ± 1 is lost.
constexpr double kHuge = 0x1p28;

double withSignOf(double x, long double magnitude) { return std::copysign(static_cast<double>(magnitude), x); }

double acosh(double x) {
  if (!(x >= 1 && x < kInfinity)) return std::acosh(x);
  if (x > kHuge) return static_cast<double>(extended::log(x) + kLn2);
  const long double t = static_cast<long double>(x) - 1;
  return static_cast<double>(extended::log1p(t + std::sqrt(t * (t + 2))));
}

double asinh(double x) {
  const double magnitude = std::fabs(x);
  if (!(magnitude >= kTiny && magnitude < kInfinity)) return x;
  if (magnitude > kHuge) return withSignOf(x, extended::log(magnitude) + kLn2);
  if (magnitude < 0x1p-5) {
    // x - x³/6 + 3x⁵/40 - 15x⁷/336 + 105x⁹/3456 - 945x¹¹/42240
    const double s = x * x;
    return x - x * s * (1.0 / 6 - s * (3.0 / 40 - s * (15.0 / 336 - s * (105.0 / 3456 - s * (945.0 / 42240)))));
  }
  const long double wide = magnitude;
  return withSignOf(x, extended::log1p(wide + (std::sqrt(1 + wide * wide) - 1)));
}

double atanh(double x) {
  const double magnitude = std::fabs(x);
  if (magnitude < kTiny) return x;
  if (!(magnitude < 1)) return std::atanh(x);
  const long double wide = magnitude;
  return withSignOf(x, 0.5L * extended::log1p(2 * wide / (1 - wide)));
}

double cbrt(double x) {
  return x == 0 || !std::isfinite(x) ? x : static_cast<double>(extended::cbrt(x));
}

double cosh(double x) {
  const double magnitude = std::fabs(x);
  if (!(magnitude < 720)) return std::cosh(x);
  const long double power = extended::exp(magnitude);
  return static_cast<double>(0.5L * (power + 1 / power));
}

double log10(double x) {
  if (!(x > 0 && x < kInfinity)) return std::log10(x);
  return static_cast<double>(extended::log(x) * kLog10OfE);
}

double sinh(double x) {
  const double magnitude = std::fabs(x);
  if (magnitude < kTiny) return x;
  if (!(magnitude < 720)) return std::sinh(x);
  const long double power = extended::expm1(magnitude);
  return withSignOf(x, 0.5L * (power + power / (power + 1)));
}

double tanh(double x) {
  const double magnitude = std::fabs(x);
  if (magnitude < kTiny) return x;
  if (!(magnitude < 22)) return std::tanh(x);
  const long double power = extended::expm1(2 * magnitude);
  return withSignOf(x, power / (power + 2));
}

// The `%` of ECMA-262 is C's fmod.
double rem(double x, double y) { return extended::fmod(x, y); }

#else

double acosh(double x) { return static_cast<double>(std::acosh(static_cast<long double>(x))); }
double asinh(double x) { return static_cast<double>(std::asinh(static_cast<long double>(x))); }
double atanh(double x) { return static_cast<double>(std::atanh(static_cast<long double>(x))); }
double cbrt(double x) { return static_cast<double>(std::cbrt(static_cast<long double>(x))); }
double cosh(double x) { return static_cast<double>(std::cosh(static_cast<long double>(x))); }
double log10(double x) { return static_cast<double>(std::log10(static_cast<long double>(x))); }
double sinh(double x) { return static_cast<double>(std::sinh(static_cast<long double>(x))); }
double tanh(double x) { return static_cast<double>(std::tanh(static_cast<long double>(x))); }
double rem(double x, double y) { return std::fmod(x, y); }

#endif

// In extended precision neither the squares nor their sum can overflow, or lose what the result shows.
double hypot(double x, double y) {
  if constexpr (std::numeric_limits<long double>::digits < 64) return std::hypot(x, y);
  if (std::isinf(x) || std::isinf(y)) return kInfinity;
  const long double wideX = x;
  const long double wideY = y;
  return static_cast<double>(std::sqrt(wideX * wideX + wideY * wideY));
}

double acos(double x) { return std::acos(x); }
double asin(double x) { return std::asin(x); }
double atan(double x) { return std::atan(x); }
double atan2(double y, double x) { return std::atan2(y, x); }
double cos(double x) { return std::cos(x); }
double exp(double x) { return std::exp(x); }
double expm1(double x) { return std::expm1(x); }
double log(double x) { return std::log(x); }
double log1p(double x) { return std::log1p(x); }
double log2(double x) { return std::log2(x); }
double sin(double x) { return std::sin(x); }
double tan(double x) { return std::tan(x); }

// Number::exponentiate of ECMA-262, which differs from C where the base is ±1. The exponents 2 and 0.5 are
// exact, so that a compiler may use a product and a square root for them.
double pow(double base, double exponent) {
  if (exponent == 2) return base * base;
  if (exponent == 0.5) return std::isinf(base) ? std::fabs(base) : std::sqrt(base + 0.0);
  if (std::isnan(exponent)) return kNaN;
  if (std::isinf(exponent) && std::fabs(base) == 1) return kNaN;
  return std::pow(base, exponent);
}

// Rounded once, by the CPU or in software.
double fma(double x, double y, double z) { return std::fma(x, y, z); }

double floor(double x) { return std::floor(x); }
double ceil(double x) { return std::ceil(x); }
double trunc(double x) { return std::trunc(x); }

// `Math.round`: halves go up, and what rounds to zero keeps the sign of its argument.
double round(double x) {
  const double down = std::floor(x);
  return std::copysign(x - down >= 0.5 ? down + 1 : down, x);
}

uintptr_t entryOf(double (*function)(double)) { return reinterpret_cast<uintptr_t>(function); }
uintptr_t entryOf(double (*function)(double, double)) { return reinterpret_cast<uintptr_t>(function); }
uintptr_t entryOf(double (*function)(double, double, double)) {
  return reinterpret_cast<uintptr_t>(function);
}

}  // namespace

const std::vector<MathFunction> &mathLibrary() {
  static const std::vector<MathFunction> functions = {
      {"acos", entryOf(acos)},   {"acosh", entryOf(acosh)}, {"asin", entryOf(asin)},
      {"asinh", entryOf(asinh)}, {"atan", entryOf(atan)},   {"atan2", entryOf(atan2)},
      {"atanh", entryOf(atanh)}, {"cbrt", entryOf(cbrt)},   {"ceil", entryOf(ceil)},
      {"cos", entryOf(cos)},     {"cosh", entryOf(cosh)},   {"exp", entryOf(exp)},
      {"expm1", entryOf(expm1)}, {"floor", entryOf(floor)}, {"hypot", entryOf(hypot)},
      {"log", entryOf(log)},     {"log10", entryOf(log10)}, {"log1p", entryOf(log1p)},
      {"log2", entryOf(log2)},   {"pow", entryOf(pow)},     {"rem", entryOf(rem)},
      {"round", entryOf(round)}, {"sin", entryOf(sin)},     {"sinh", entryOf(sinh)},
      {"tan", entryOf(tan)},     {"tanh", entryOf(tanh)},   {"trunc", entryOf(trunc)},
      {"fma", entryOf(fma)},
  };
  return functions;
}

}  // namespace exprjit
