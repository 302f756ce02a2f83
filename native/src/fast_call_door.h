// What the addon hands to the library for fast calls (`native/fast-calls`): all that the two know of each other.
//
// They are built apart, by other compilers even, so the door begins with a number that says what follows. A library
// that knows another one makes nothing of it.
#pragma once

#include <cstdint>

namespace exprjit {

// Begins with the letters "exprfast"; the last byte counts versions of this structure.
constexpr uint64_t kFastCallDoorVersion = 0x6578707266617301;

struct FastCallDoor {
  uint64_t version;
  // What V8 calls from optimised code: its receiver means nothing. 1 if the machine code was run, 0 if it is to be
  // entered by Node-API, which says why it cannot be. Neither throws nor allocates nor calls JavaScript.
  int32_t (*enter)(const void *receiver);
};

}  // namespace exprjit
