// The way into machine code for V8's fast calls, by which optimised JavaScript calls C++ as C++ itself does. The library in
// `native/fast-calls` makes a function of JavaScript of it.
//
// Problem: a fast call brings nothing along that says whose it is, and must neither throw nor call JavaScript. So one
// session of each thread claims these calls, and C++ finds its frame by the thread. What is not executable memory is
// declined, and the caller goes by Node-API, which looks again and can throw.
//
// Code that may trap, or call, does not come this way: whoever calls vouches for that, as for the entry.
#pragma once

#include "fast_call_door.h"
#include "known_arrays.h"
#include "mapping_registry.h"

namespace exprjit {

class FastCalls {
 public:
  // What calls go by, all of it one session's.
  struct Claim {
    double *frame = nullptr;
    double *request = nullptr;
    const KnownArrays *arrays = nullptr;
    MappingRegistry *registry = nullptr;
  };

  // From now on fast calls of this thread go by this. False if they go by another session's.
  static bool claim(const Claim &claim);
  // The frame is about to go; calls that come after are declined.
  static void giveUp(const double *frame);
  // Ways in, in the order of `FastCallWay` in `src/native/fast-calls.ts`. One door each for all threads, and for good.
  static constexpr size_t kWays = 3;
  static const FastCallDoor &door(size_t way);
};

}  // namespace exprjit
