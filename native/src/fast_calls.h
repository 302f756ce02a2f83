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
#include "mapping_registry.h"

namespace exprjit {

class FastCalls {
 public:
  // From now on fast calls of this thread run code by this frame. False if they do so by another.
  static bool claim(double *frame, MappingRegistry *registry);
  // The frame is about to go; calls that come after are declined.
  static void giveUp(const double *frame);
  // One for all threads, and for good.
  static const FastCallDoor &door();
};

}  // namespace exprjit
