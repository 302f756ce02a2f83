// Typed arrays that one session knows by number, so that a call need not ask Node-API where their elements are.
//
// Problem: TypeScript must not be trusted with addresses, and asking for those of three arrays takes longer than all the rest of a
// short kernel. Strategy: the address is asked for once and kept here; TypeScript says numbers. V8 leaves the elements of an array
// where they are once Node-API was asked for them: a buffer that is resized keeps its place, one that is detached leaves arrays
// without elements.
//
// Invariants: a number stands for one array until TypeScript gives it back, which it does when that array was collected.
// An entry does not keep the array's memory, so it is good for nothing but a call right before which TypeScript has
// asked the array itself whether it still has elements (see `short-run.ts`).
//
// Runs that are made over and over are kept ready, under numbers too: what is left of such a call is to find it. The arrays have their
// numbers as long as the run has its own.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "kernel_frame.h"
#include "kernel_request.h"

namespace exprjit {

class KnownArrays {
 public:
  // The array's number; -1 for what is no typed array of numbers or has no elements, and where there is no room.
  int32_t add(napi_env env, napi_value array) noexcept;
  void remove(uint32_t number) noexcept;

  // Runs the kernel at `entry`, which is executable, as a request for `runKnown` says. Whether it did is in the request's status as
  // well, and if not, why.
  bool run(double entry, double *request, double *frame) const;

  // A run ready to be made.
  struct Run {
    double entry;
    KernelFrame frame;
    void *columns[kMaxKnownColumns];
    void *output;
    // Of runs that are kept.
    double uniforms[kMaxKnownColumns];
  };

  // The number of a run as a request for `runKnown` says; -1 where that is refused, for which the request's status has the reason, and
  // where there is no room.
  int32_t prepare(double *request, double *frame) noexcept;
  // Null for numbers that stand for nothing.
  inline Run *prepared(double number) const;
  void forgetPrepared(uint32_t number) noexcept;
  // The entry is executable.
  static inline void enter(Run *run);

 private:
  struct Entry {
    // Null for numbers that stand for nothing.
    void *data;
    // In bytes.
    int64_t size;
    int64_t elementSize;
  };

  KernelStatus read(double *request, Run *run) const;
  const Entry *find(double number) const;

  std::vector<Entry> entries_;
  double count_ = 0;
  std::vector<uint32_t> unused_;
  // The frame of a run points into the run, which therefore has to stay where it is.
  std::vector<std::unique_ptr<Run>> runs_;
  double runCount_ = 0;
  std::vector<uint32_t> unusedRuns_;
};

// Written so that NaN finds nothing.
inline KnownArrays::Run *KnownArrays::prepared(double number) const {
  if (!(number >= 0 && number < runCount_)) return nullptr;
  return runs_[static_cast<size_t>(static_cast<int32_t>(number))].get();
}

inline void KnownArrays::enter(Run *run) {
  // Signed, since that is one instruction.
  reinterpret_cast<Kernel>(static_cast<intptr_t>(run->entry))(&run->frame);
}

}  // namespace exprjit
