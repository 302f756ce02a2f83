/*
 * What functions truly are, by MPFR (4.2 or later), and what the C library makes of them.
 *
 *   gcc -O2 oracle.c -o oracle -lmpfr -lgmp -lm
 *   oracle truth <function>     pairs of doubles in: x and y, where y is ignored by functions of one argument;
 *                               pairs of doubles out: the nearest double, and what the true value is beyond it
 *   oracle library <function>   pairs of doubles in, doubles out; nothing if the C library has no such function
 *
 * 1. The rest is in ulps of the true value, within [-0.5, 0.5]. The spacing of subnormals holds below the normal doubles.
 * 2. Infinity as the nearest double stands for 2^1024: the rest is negative where the true value is below that, else 0.
 * 3. The rest of NaN, of a pole and of what lies below every double is 0.
 * 4. Special cases are those of ECMAScript, then those of C23.
 */
#include <math.h>
#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { precision = 256 };

typedef double library_function(double x, double y);

typedef struct {
  const char *name;
  /* Sets `result` to the true value rounded towards zero and says whether it was inexact, as functions of MPFR do. */
  int (*truth)(mpfr_t result, mpfr_t x, mpfr_t y);
  library_function *library;
} function;

#define MPFR_ONE(name)                                                                                        \
  static int truth_##name(mpfr_t r, mpfr_t x, mpfr_t y) {                                                     \
    (void)y;                                                                                                  \
    return mpfr_##name(r, x, MPFR_RNDZ);                                                                      \
  }
#define LIBRARY_ONE(name)                                                                                     \
  static double library_##name(double x, double y) {                                                          \
    (void)y;                                                                                                  \
    return name(x);                                                                                           \
  }
#define BOTH(name) MPFR_ONE(name) LIBRARY_ONE(name)

BOTH(exp) BOTH(exp2) BOTH(expm1) BOTH(log) BOTH(log2) BOTH(log10) BOTH(log1p)
BOTH(sin) BOTH(cos) BOTH(tan) BOTH(asin) BOTH(acos) BOTH(atan)
BOTH(sinh) BOTH(cosh) BOTH(tanh) BOTH(asinh) BOTH(acosh) BOTH(atanh)
BOTH(cbrt) BOTH(erf) BOTH(erfc)
MPFR_ONE(gamma) MPFR_ONE(sinpi) MPFR_ONE(cospi) MPFR_ONE(tanpi)

static double library_gamma(double x, double y) { (void)y; return tgamma(x); }
static double library_lgamma(double x, double y) { (void)y; return lgamma(x); }
static double library_atan2(double x, double y) { return atan2(x, y); }
static double library_hypot(double x, double y) { return hypot(x, y); }

static int truth_lgamma(mpfr_t r, mpfr_t x, mpfr_t y) {
  (void)y;
  int sign;
  return mpfr_lgamma(r, &sign, x, MPFR_RNDZ);
}

/*
 * x! = gamma(x + 1). Tiny x make a sum that is rounded, of which the 256 bits of 1 remain. The pole at -1 is approached from
 * both sides, and so NaN as the other ones, not infinite as that of gamma at a zero with a sign.
 */
static int truth_fac(mpfr_t r, mpfr_t x, mpfr_t y) {
  (void)y;
  if (mpfr_cmp_si(x, -1) == 0) {
    mpfr_set_nan(r);
    return 0;
  }
  mpfr_add_ui(x, x, 1, MPFR_RNDN);
  return mpfr_gamma(r, x, MPFR_RNDZ);
}

/* 1 / (1 + e^-x) */
static int truth_sigmoid(mpfr_t r, mpfr_t x, mpfr_t y) {
  (void)y;
  mpfr_neg(x, x, MPFR_RNDN);
  mpfr_exp(x, x, MPFR_RNDN);
  mpfr_add_ui(x, x, 1, MPFR_RNDN);
  return mpfr_ui_div(r, 1, x, MPFR_RNDZ);
}

/* log(1 + e^x), as max(x, 0) + log1p(e^-|x|): no exponential overflows. */
static int truth_softplus(mpfr_t r, mpfr_t x, mpfr_t y) {
  mpfr_abs(y, x, MPFR_RNDN);
  mpfr_neg(y, y, MPFR_RNDN);
  mpfr_exp(y, y, MPFR_RNDN);
  int inexact = mpfr_log1p(r, y, MPFR_RNDZ);
  return mpfr_sgn(x) > 0 ? mpfr_add(r, r, x, MPFR_RNDZ) : inexact;
}

static int truth_atan2(mpfr_t r, mpfr_t x, mpfr_t y) { return mpfr_atan2(r, x, y, MPFR_RNDZ); }
static int truth_hypot(mpfr_t r, mpfr_t x, mpfr_t y) { return mpfr_hypot(r, x, y, MPFR_RNDZ); }

/* ECMAScript's differs from C's in two cases: with a NaN as exponent, and of 1 and -1 to an infinity, it is NaN. */
static double library_pow(double x, double y) {
  return isnan(y) || (isinf(y) && fabs(x) == 1) ? NAN : pow(x, y);
}

static int truth_pow(mpfr_t r, mpfr_t x, mpfr_t y) {
  if (mpfr_nan_p(y) || (mpfr_inf_p(y) && mpfr_cmpabs_ui(x, 1) == 0)) {
    mpfr_set_nan(r);
    return 0;
  }
  return mpfr_pow(r, x, y, MPFR_RNDZ);
}

#define ENTRY(name) {#name, truth_##name, library_##name}
static const function functions[] = {
    ENTRY(exp),   ENTRY(exp2),   ENTRY(expm1), ENTRY(log),    ENTRY(log2),  ENTRY(log10), ENTRY(log1p),
    ENTRY(sin),   ENTRY(cos),    ENTRY(tan),   ENTRY(asin),   ENTRY(acos),  ENTRY(atan),  ENTRY(sinh),
    ENTRY(cosh),  ENTRY(tanh),   ENTRY(asinh), ENTRY(acosh),  ENTRY(atanh), ENTRY(cbrt),  ENTRY(erf),
    ENTRY(erfc),  ENTRY(gamma),  ENTRY(lgamma), ENTRY(atan2), ENTRY(hypot), ENTRY(pow),
    {"fac", truth_fac, NULL},       {"sigmoid", truth_sigmoid, NULL}, {"softplus", truth_softplus, NULL},
    {"sinpi", truth_sinpi, NULL},   {"cospi", truth_cospi, NULL},     {"tanpi", truth_tanpi, NULL},
};

static mpfr_t X, Y, R, T;

/*
 * Rounds to odd, so that rounding R again is as rounding the true value: R was rounded towards zero, and becomes the
 * neighbour with an odd last bit if it was inexact.
 */
static void set_truth(const function *f, double x, double y) {
  mpfr_set_d(X, x, MPFR_RNDN);
  mpfr_set_d(Y, y, MPFR_RNDN);
  int inexact = f->truth(R, X, Y);
  if (inexact != 0 && mpfr_regular_p(R) && mpfr_min_prec(R) < precision) {
    if (mpfr_signbit(R)) mpfr_nextbelow(R);
    else mpfr_nextabove(R);
  }
}

/* What R is beyond the double nearest to it, in ulps. */
static double rest_beyond(double nearest) {
  if (!mpfr_regular_p(R)) return 0;
  long exponent = mpfr_get_exp(R) - 53;
  if (isinf(nearest)) {
    if (exponent > 971) return 0;
    mpfr_set_si_2exp(T, nearest > 0 ? 1 : -1, 1024, MPFR_RNDN);
  } else {
    mpfr_set_d(T, nearest, MPFR_RNDN);
  }
  if (exponent < -1074) exponent = -1074;
  mpfr_sub(T, R, T, MPFR_RNDN);
  mpfr_mul_2si(T, T, -exponent, MPFR_RNDN);
  return mpfr_get_d(T, MPFR_RNDN);
}

static void put(const double *values, size_t count) {
  if (fwrite(values, sizeof(double), count, stdout) != count) exit(1);
}

int main(int count, char **arguments) {
  const function *f = NULL;
  for (size_t i = 0; count == 3 && i < sizeof functions / sizeof *functions; i++) {
    if (strcmp(arguments[2], functions[i].name) == 0) f = &functions[i];
  }
  int truth = count == 3 && strcmp(arguments[1], "truth") == 0;
  if (f == NULL || (!truth && strcmp(arguments[1], "library") != 0)) {
    fprintf(stderr, "usage: oracle truth|library <function>\n");
    return 2;
  }
  mpfr_set_default_prec(precision);
  mpfr_inits(X, Y, R, T, (mpfr_ptr)0);
  double point[2];
  while (fread(point, sizeof(double), 2, stdin) == 2) {
    if (truth) {
      set_truth(f, point[0], point[1]);
      double nearest = mpfr_get_d(R, MPFR_RNDN);
      double pair[2] = {nearest, rest_beyond(nearest)};
      put(pair, 2);
    } else if (f->library != NULL) {
      double value = f->library(point[0], point[1]);
      put(&value, 1);
    }
  }
  mpfr_clears(X, Y, R, T, (mpfr_ptr)0);
  return 0;
}
