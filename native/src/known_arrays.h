// Typed arrays that one session knows by number, so that a call need not ask Node-API where their elements are.
//
// Problem: TypeScript must not be trusted with addresses, and asking for those of three arrays takes longer than all the rest of a
// short kernel. Strategy: the address is asked for once and kept here; TypeScript says numbers. V8 leaves the elements of an array
// where they are once Node-API was asked for them: a buffer that is resized keeps its place, one that is detached leaves arrays
// without elements.
//
// Invariants: a number stands for one array until TypeScript gives it back, which it does when that array was collected.
// An entry does not keep the array's memory, so it is good for nothing but a call right before which TypeScript has
// asked the array itself for its length (see `short-run.ts`).
#pragma once

#include <node_api.h>

#include <cstdint>
#include <vector>

#include "kernel_frame.h"
#include "kernel_request.h"

namespace exprjit {

class KnownArrays {
 public:
  // The array's number; -1 for what is no typed array of numbers or has no elements, and where there is no room.
  int32_t add(napi_env env, napi_value array) noexcept;
  void remove(uint32_t number) noexcept;

  // What a request for `runKnown` says, as the kernel gets it. Refusals are in the request's status as well.
  struct Run {
    KernelFrame frame;
    void *columns[kMaxKnownColumns];
    void *output;
  };
  KernelStatus read(double *request, Run *run) const;

 private:
  struct Entry {
    // Null for numbers that stand for nothing.
    void *data;
    // In bytes.
    int64_t size;
    int64_t elementSize;
  };

  const Entry *find(double number) const;

  std::vector<Entry> entries_;
  double count_ = 0;
  std::vector<uint32_t> unused_;
};

}  // namespace exprjit
