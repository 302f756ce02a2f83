// Logarithms and exponentials with some ten bits more than a double holds, as building blocks for functions
// that would otherwise err by more than 1 ulp.
//
// Problem: functions such as sinh or acosh are short formulas over exp and log, but in doubles each step of
// the formula adds half an ulp, and C libraries that stop there err by two and more. Their `long double`
// versions are right and slow. Strategy: the 64-bit significand of x87 carries the formula and the leading
// terms of each series; what is small against them is computed in doubles. Tables keep the arguments of the
// series below 2^-7. Errors of the functions here are a few units of 2^-62, so that rounding to double once
// at the end stays next to half an ulp.
//
// Where `long double` is not the x87 format there is nothing to gain, and callers use the C library.
#pragma once

#include <cfloat>

#if LDBL_MANT_DIG == 64
#define EXPRJIT_EXTENDED_MATH 1

namespace exprjit::extended {

// pre: x is finite and positive.
long double log(double x);

// pre: -1/2 <= t < 2^60.
long double log1p(long double t);

// pre: 0 <= x < 1500.
long double exp(double x);

// Exact to the last bits also where the result is close to 0. pre: 0 <= x < 1500.
long double expm1(double x);

// pre: x is finite and not 0.
long double cbrt(double x);

// C's fmod, exact by definition, for all arguments.
double fmod(double x, double y);

}  // namespace exprjit::extended

#endif
