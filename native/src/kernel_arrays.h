// What a kernel call is given, checked: the request's numbers and the memory of the arrays.
#pragma once

#include <node_api.h>

#include <cstddef>
#include <cstdint>

#include "kernel_request.h"

namespace exprjit {

// Columns, outputs, partials.
constexpr size_t kMaxKernelArrays = kMaxKernelColumns + kMaxKernelOutputs + 1;

struct KernelArrays {
  uintptr_t entry;
  int64_t firstRow;
  int64_t rowCount;
  int64_t length;
  size_t columnCount;
  size_t outputCount;
  size_t uniformCount;
  bool callsFunctions;
  double *partials;
  // Of columns and then outputs. Only the first ones are set, as everywhere in this structure.
  void *pointers[kMaxKernelArrays];
  // Bytes that the rows take in each.
  size_t sizes[kMaxKernelArrays];
  uint8_t elementSizes[kMaxKernelArrays];
  double uniforms[kMaxKernelColumns];

  void *const *columns() const { return pointers; }
  void *const *outputs() const { return pointers + columnCount; }

  // Whether the element types of arrays are compared with those of the request. To ask Node-API for a type takes as long
  // as all the rest, and TypeScript has just done so in a way that nothing can deceive; the type of an array never changes.
  enum class Types { kTrust, kCheck };

  // Reads the request and the arrays that go with it. If the answer is not kKernelOk, the request's status slots
  // say so too.
  KernelStatus read(napi_env env, double *request, const napi_value *arguments, size_t argumentCount, Types types);

 private:
  KernelStatus readNumbers(const double *request);
  KernelStatus readArray(napi_env env, napi_value value, size_t index, size_t type, Types types);
  KernelStatus readPartials(napi_env env, napi_value value, size_t reductionCount, Types types);
  KernelStatus checkOverlap(double *request) const;
};

}  // namespace exprjit
