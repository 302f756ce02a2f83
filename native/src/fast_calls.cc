#include "fast_calls.h"

#include "frame.h"
#include "thread_local_model.h"

namespace exprjit {

namespace {

thread_local FastCalls::Claim claimed EXPRJIT_INITIAL_EXEC;

int32_t enter(const void *) noexcept {
  double *const frame = claimed.frame;
  if (frame == nullptr) return 0;
  const double entry = frame[kFrameEntry];
  if (!claimed.registry->isExecutable(entry)) return 0;
  // Signed, since that is one instruction.
  reinterpret_cast<void (*)(double *)>(static_cast<intptr_t>(entry))(frame);
  return 1;
}

int32_t runKnown(const void *) noexcept {
  double *const request = claimed.request;
  if (request == nullptr) return 0;
  const double entry = request[kRequestEntry];
  if (!claimed.registry->isExecutable(entry)) return 0;
  return claimed.arrays->run(entry, request, claimed.frame) ? 1 : 0;
}

int32_t runPrepared(const void *) noexcept {
  double *const request = claimed.request;
  if (request == nullptr) return 0;
  KnownArrays::Run *const run = claimed.arrays->prepared(request[kRequestPrepared]);
  if (run == nullptr || !claimed.registry->isExecutable(run->entry)) return 0;
  KnownArrays::enter(run);
  return 1;
}

constexpr FastCallDoor kDoors[FastCalls::kWays] = {
    {kFastCallDoorVersion, enter},
    {kFastCallDoorVersion, runKnown},
    {kFastCallDoorVersion, runPrepared},
};

}  // namespace

bool FastCalls::claim(const Claim &claim) {
  if (claimed.frame != nullptr) return claimed.frame == claim.frame;
  claimed = claim;
  return true;
}

void FastCalls::giveUp(const double *frame) {
  if (claimed.frame == frame) claimed = Claim();
}

const FastCallDoor &FastCalls::door(size_t way) { return kDoors[way]; }

}  // namespace exprjit
