// Fuel in slices: code counts down what it was given and then asks for more, which is when somebody can stop it.
#pragma once

#include <cstdint>

#include "frame.h"

namespace exprjit {

// What code asked for: a HostRequest, or the index of a host function.
int32_t requestOf(const double *frame);

// Sets the trap, and as its function the one that asked.
void setTrap(double *frame, Trap trap);

int32_t trapOf(const double *frame);

// All fuel of a call, with the trap cleared.
void fillFuel(double *frame, double fuel, double slice);

// Whether a time is over, in milliseconds of the clock of `process.hrtime`; 0 never is.
bool isPast(double deadline);

// The next slice. If there is none, sets the trap and answers false.
bool refuel(double *frame);

// Rows may go on for another slice.
void refuelRows(double *frame);

}  // namespace exprjit
