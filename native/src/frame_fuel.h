// Fuel in slices: code counts down what it was given and then asks for more, which is when somebody can stop it.
#pragma once

#include <cstdint>

#include "frame.h"

namespace exprjit {

// Makes a frame ready for code on this thread, whose requests go to `entry`.
void connectFrame(double *frame, void (*entry)(void *), void *context);

// What code asked for: a HostRequest, or the index of a host function.
int32_t requestOf(const double *frame);

// Sets the trap, and as its function the one that asked.
void setTrap(double *frame, Trap trap);

int32_t trapOf(const double *frame);
int32_t trapFunctionOf(const double *frame);

// All fuel of a call, with the trap cleared.
void fillFuel(double *frame, double fuel, double slice);

// Whether a time is over, in milliseconds of the clock of `process.hrtime`; 0 never is.
bool isPast(double deadline);

// Gives what code asked for, if that is fuel: the next slice, or another one for rows. If there is none, sets the trap
// and answers false.
bool serveFuel(double *frame);

}  // namespace exprjit
