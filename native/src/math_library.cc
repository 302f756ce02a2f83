#include "math_library.h"

#include <cmath>
#include <limits>

namespace exprjit {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Platform functions whose double version errs by more than 1 ulp (glibc: up to 4) are computed in extended
// precision and rounded once; where long double is double this is the double version.
double acosh(double x) { return static_cast<double>(std::acosh(static_cast<long double>(x))); }
double asinh(double x) { return static_cast<double>(std::asinh(static_cast<long double>(x))); }
double atanh(double x) { return static_cast<double>(std::atanh(static_cast<long double>(x))); }
double cbrt(double x) { return static_cast<double>(std::cbrt(static_cast<long double>(x))); }
double cosh(double x) { return static_cast<double>(std::cosh(static_cast<long double>(x))); }
double log10(double x) { return static_cast<double>(std::log10(static_cast<long double>(x))); }
double sinh(double x) { return static_cast<double>(std::sinh(static_cast<long double>(x))); }
double tan(double x) { return std::tan(x); }
double tanh(double x) { return static_cast<double>(std::tanh(static_cast<long double>(x))); }

// In extended precision neither the squares nor their sum can overflow, or lose what the result shows.
double hypot(double x, double y) {
  if constexpr (std::numeric_limits<long double>::digits < 64) return std::hypot(x, y);
  if (std::isinf(x) || std::isinf(y)) return std::numeric_limits<double>::infinity();
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

// Number::exponentiate of ECMA-262, which differs from C where the base is ±1. The exponents 2 and 0.5 are
// exact, so that a compiler may use a product and a square root for them.
double pow(double base, double exponent) {
  if (exponent == 2) return base * base;
  if (exponent == 0.5) return std::isinf(base) ? std::fabs(base) : std::sqrt(base + 0.0);
  if (std::isnan(exponent)) return kNaN;
  if (std::isinf(exponent) && std::fabs(base) == 1) return kNaN;
  return std::pow(base, exponent);
}

// The `%` of ECMA-262 is C's fmod, exact by definition.
double rem(double x, double y) { return std::fmod(x, y); }

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
  };
  return functions;
}

}  // namespace exprjit
