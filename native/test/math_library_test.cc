// Holds the math library against libquadmath (113 bits): no result may lie further than 1 ulp from the true
// value. Prints the largest error of each function. `math_library_test [samples] [seed]`.
#include <quadmath.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "../src/math_library.h"

namespace {

using Unary = double (*)(double);
using Binary = double (*)(double, double);
using Random = std::mt19937_64;

struct UnaryCase {
  const char *name;
  __float128 (*reference)(__float128);
  // Where the function does its work; half of the samples are taken here, the others from all doubles.
  double low;
  double high;
};

struct BinaryCase {
  const char *name;
  __float128 (*reference)(__float128, __float128);
  double low;
  double high;
};

// `Math.round`: libquadmath's own rounds halves away from zero.
__float128 roundHalfUp(__float128 x) {
  const __float128 down = floorq(x);
  return copysignq(down + (x - down >= 0.5Q ? 1 : 0), x);
}

const UnaryCase kUnary[] = {
    {"acos", acosq, -1, 1},      {"acosh", acoshq, 1, 20},     {"asin", asinq, -1, 1},
    {"asinh", asinhq, -5, 5},    {"atan", atanq, -5, 5},       {"atanh", atanhq, -1, 1},
    {"cbrt", cbrtq, -100, 100},  {"ceil", ceilq, -5, 5},       {"cos", cosq, -1000, 1000},
    {"cosh", coshq, -711, 711},  {"exp", expq, -746, 711},     {"expm1", expm1q, -40, 2},
    {"floor", floorq, -5, 5},    {"log", logq, 0, 10},         {"log10", log10q, 0, 10},
    {"log1p", log1pq, -1, 10},   {"log2", log2q, 0, 10},       {"round", roundHalfUp, -5, 5},
    {"sin", sinq, -1000, 1000},  {"sinh", sinhq, -711, 711},   {"tan", tanq, -1000, 1000},
    {"tanh", tanhq, -20, 20},    {"trunc", truncq, -5, 5},
};

const BinaryCase kBinary[] = {
    {"atan2", atan2q, -10, 10},
    {"hypot", hypotq, -10, 10},
    {"pow", powq, 0, 40},
    {"rem", fmodq, -100, 100},
};

// In units of the last place of the double nearest to the true value; infinite where one is special.
double ulpError(double got, __float128 truth) {
  const double nearest = static_cast<double>(truth);
  if (std::isnan(got) || std::isnan(nearest)) return std::isnan(got) == std::isnan(nearest) ? 0 : INFINITY;
  if (got == nearest) return std::signbit(got) == std::signbit(nearest) || got != 0 ? 0.5 : INFINITY;
  if (std::isinf(got) || std::isinf(nearest)) {
    // One step beyond the largest double is still one ulp.
    const double largest = std::numeric_limits<double>::max();
    return std::fabs(got) >= largest && std::fabs(nearest) >= largest ? 1 : INFINITY;
  }
  int exponent;
  std::frexp(nearest, &exponent);
  const int last = exponent - 53 < -1074 ? -1074 : exponent - 53;
  return static_cast<double>(fabsq((static_cast<__float128>(got) - truth) / scalbnq(1, last)));
}

double anyDouble(Random &random) {
  for (;;) {
    const uint64_t bits = random();
    double value;
    std::memcpy(&value, &bits, sizeof value);
    if (std::isfinite(value)) return value;
  }
}

std::vector<double> specials() {
  const double inf = INFINITY;
  std::vector<double> values = {0,      0.5,    1,       1.5,     2,         2.5,     3,       10,      100,  1e3,
                                M_PI_2, M_PI,   M_PI_4,  M_E,     0x1p31,    0x1p32,  0x1p52,  0x1p53,  1e15, 1e22,
                                1e300,  1e-300, 0x1p-26, 0x1p-27, 0x1p-1022, 0x1p-54, 4.9e-324, 0.1,    1.0 / 3,
                                0.49999999999999994, 0x1.fffffffffffffp-1, 0x1.0000000000001p0, 709.78,
                                745.13, 710.4, 0x1.fffffffffffffp1023, inf};
  const size_t count = values.size();
  for (size_t i = 0; i < count; ++i) values.push_back(-values[i]);
  values.push_back(NAN);
  return values;
}

struct Worst {
  double error = 0;
  double x = 0;
  double y = 0;
};

void note(Worst &worst, double error, double x, double y) {
  if (error > worst.error) worst = {error, x, y};
}

bool report(const char *name, const Worst &worst) {
  const bool fine = worst.error <= 1;
  std::printf("%-6s %8.5f ulp at %.17g %.17g%s\n", name, worst.error, worst.x, worst.y, fine ? "" : "  FAILED");
  return fine;
}

template <typename Function>
Function entryOf(const std::string &name) {
  for (const auto &function : exprjit::mathLibrary()) {
    if (name == function.name) return reinterpret_cast<Function>(function.entry);
  }
  std::fprintf(stderr, "the math library lacks %s\n", name.c_str());
  std::exit(1);
}

// The exponents and bases where JavaScript differs from C, which libquadmath follows.
bool powDiffersFromC(double x, double y) {
  return std::isnan(y) || (std::isinf(y) && std::fabs(x) == 1);
}

}  // namespace

int main(int argc, char **argv) {
  const long samples = argc > 1 ? std::atol(argv[1]) : 50000;
  const uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : std::random_device{}();
  std::printf("seed %llu, %ld samples\n", static_cast<unsigned long long>(seed), samples);
  Random random(seed);
  bool fine = true;

  for (const UnaryCase &unary : kUnary) {
    const Unary function = entryOf<Unary>(unary.name);
    std::uniform_real_distribution<double> inside(unary.low, unary.high);
    Worst worst;
    const auto check = [&](double x) { note(worst, ulpError(function(x), unary.reference(x)), x, 0); };
    for (const double x : specials()) check(x);
    for (long i = 0; i < samples; ++i) check(i % 2 == 0 ? inside(random) : anyDouble(random));
    // Around zero many series change over.
    for (long i = 0; i < samples / 4; ++i) check(std::ldexp(inside(random), -static_cast<int>(random() % 40)));
    fine = report(unary.name, worst) && fine;
  }

  for (const BinaryCase &binary : kBinary) {
    const Binary function = entryOf<Binary>(binary.name);
    std::uniform_real_distribution<double> inside(binary.low, binary.high);
    Worst worst;
    const bool isPow = std::string(binary.name) == "pow";
    const auto check = [&](double x, double y) {
      if (isPow && powDiffersFromC(x, y)) {
        note(worst, std::isnan(function(x, y)) || y == 0 ? 0 : INFINITY, x, y);
      } else {
        note(worst, ulpError(function(x, y), binary.reference(x, y)), x, y);
      }
    };
    for (const double x : specials()) {
      for (const double y : specials()) check(x, y);
    }
    for (long i = 0; i < samples; ++i) {
      if (i % 2 == 0) {
        check(inside(random), inside(random) * (isPow && i % 4 == 0 ? 8 : 1));
      } else {
        check(anyDouble(random), isPow ? inside(random) - 20 : anyDouble(random));
      }
    }
    fine = report(binary.name, worst) && fine;
  }
  return fine ? 0 : 1;
}
