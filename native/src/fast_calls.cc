#include "fast_calls.h"

#include "frame.h"
#include "thread_local_model.h"

namespace exprjit {

namespace {

struct Claim {
  double *frame = nullptr;
  MappingRegistry *registry = nullptr;
};

thread_local Claim claimed EXPRJIT_INITIAL_EXEC;

int32_t enter(const void *) noexcept {
  double *const frame = claimed.frame;
  if (frame == nullptr) return 0;
  const double entry = frame[kFrameEntry];
  if (!claimed.registry->isExecutable(entry)) return 0;
  // Signed, since that is one instruction.
  reinterpret_cast<void (*)(double *)>(static_cast<intptr_t>(entry))(frame);
  return 1;
}

constexpr FastCallDoor kDoor = {kFastCallDoorVersion, enter};

}  // namespace

bool FastCalls::claim(double *frame, MappingRegistry *registry) {
  if (claimed.frame != nullptr) return claimed.frame == frame;
  claimed = {frame, registry};
  return true;
}

void FastCalls::giveUp(const double *frame) {
  if (claimed.frame == frame) claimed = Claim();
}

const FastCallDoor &FastCalls::door() { return kDoor; }

}  // namespace exprjit
