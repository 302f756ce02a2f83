// What a kernel call is given, checked: the request's numbers and the memory of the arrays.
#pragma once

#include <node_api.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "kernel_frame.h"
#include "kernel_request.h"

namespace exprjit {

// Columns, outputs, partials.
constexpr size_t kMaxKernelArrays = kMaxKernelColumns + kMaxKernelOutputs + 1;

// The arguments of a call: in place when they are few, since Node-API fills whatever room it is given.
class CallArguments {
 public:
  CallArguments(napi_env env, napi_callback_info info, void **data);

  size_t count() const { return count_; }
  const napi_value *values() const { return many_ != nullptr ? many_.get() : few_; }

 private:
  static constexpr size_t kFew = 8;

  size_t count_ = 0;
  napi_value few_[kFew];
  std::unique_ptr<napi_value[]> many_;
};

// One for each column; null for those that are not copied.
using ColumnCopies = std::unique_ptr<std::unique_ptr<uint8_t[]>[]>;

struct KernelArrays {
  uintptr_t entry;
  int64_t firstRow;
  int64_t rowCount;
  int64_t length;
  size_t columnCount;
  size_t outputCount;
  size_t uniformCount;
  bool callsFunctions;
  bool callsHost;
  double *partials;
  // Of columns and then outputs. Only the first ones are set, as everywhere in this structure.
  void *pointers[kMaxKernelArrays];
  // Bytes that the rows take in each.
  size_t sizes[kMaxKernelArrays];
  uint8_t elementSizes[kMaxKernelArrays];
  double uniforms[kMaxKernelColumns];

  // What a kernel gets for all rows; `frame` is the native frame of what it calls, if it calls anything.
  KernelFrame kernelFrame(double *frame) const;

  // Whether the element types of arrays are compared with those of the request. To ask Node-API for a type takes as long
  // as all the rest. The type of an array never changes, and TypeScript asks its internal slot right before a call.
  enum class Types { kTrust, kCheck };

  // Reads the request and the arrays that go with it. If the answer is not kKernelOk, the request's status slots
  // say so too.
  KernelStatus read(napi_env env, double *request, const napi_value *arguments, size_t argumentCount, Types types);

  // Puts copies in the place of the rows of columns that are not on shared memory, so that nobody can take them away.
  // False where there is no memory for them.
  bool copyPrivateColumns(napi_env env, const napi_value *columnValues, ColumnCopies *copies);

 private:
  KernelStatus readNumbers(const double *request);
  KernelStatus readArray(napi_env env, napi_value value, size_t index, size_t type, Types types);
  KernelStatus readPartials(napi_env env, napi_value value, size_t reductionCount, Types types);
  KernelStatus checkOverlap(double *request) const;
};

}  // namespace exprjit
