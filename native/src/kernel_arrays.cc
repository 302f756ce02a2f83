#include "kernel_arrays.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "memory_overlap.h"
#include "shared_array.h"

namespace exprjit {

namespace {

constexpr double kMostExact = 9007199254740991.0;

struct ElementType {
  uint8_t size;
  // Bits of the kinds of typed array that may hold it.
  uint32_t kinds;
};

constexpr uint32_t bit(napi_typedarray_type type) { return 1u << type; }

// In the order of `kernelElementTypes`. A column of bytes may be clamped: that matters to writers alone.
constexpr ElementType kTypes[kElementTypes] = {
    {8, bit(napi_float64_array)},
    {4, bit(napi_float32_array)},
    {1, bit(napi_int8_array)},
    {1, bit(napi_uint8_array) | bit(napi_uint8_clamped_array)},
    {2, bit(napi_int16_array)},
    {2, bit(napi_uint16_array)},
    {4, bit(napi_int32_array)},
    {4, bit(napi_uint32_array)},
    {1, bit(napi_uint8_clamped_array)},
    {1, bit(napi_uint8_array) | bit(napi_uint8_clamped_array)},
};

// Written so that NaN fails too, and without a call of `floor`: there are a dozen of these in each run.
bool isInteger(double number, double high) {
  return number >= 0 && number <= high && number == static_cast<double>(static_cast<int64_t>(number));
}

KernelStatus report(double *request, KernelStatus status, size_t argument, size_t other = 0) {
  request[kRequestStatus] = status;
  request[kRequestStatusArgument] = static_cast<double>(argument);
  request[kRequestStatusOther] = static_cast<double>(other);
  return status;
}

// The elements of a typed array; none if its buffer is detached or was shrunk away from it.
bool elementsOf(napi_env env, napi_value value, napi_typedarray_type *type, size_t *length, void **data) {
  if (napi_get_typedarray_info(env, value, type, length, data, nullptr, nullptr) != napi_ok) return false;
  if (*data == nullptr) *length = 0;
  return true;
}

}  // namespace

CallArguments::CallArguments(napi_env env, napi_callback_info info, void **data) {
  count_ = kFew;
  napi_get_cb_info(env, info, &count_, few_, nullptr, data);
  if (count_ <= kFew) return;
  many_.reset(new (std::nothrow) napi_value[count_]);
  if (many_ == nullptr) count_ = 0;
  else napi_get_cb_info(env, info, &count_, many_.get(), nullptr, nullptr);
}

KernelFrame KernelArrays::kernelFrame(double *frame) const {
  KernelFrame result = {};
  result.firstRow = firstRow;
  result.rowCount = rowCount;
  result.length = length;
  result.frame = frame;
  result.columns = pointers;
  result.outputs = pointers + columnCount;
  result.uniforms = uniforms;
  result.partials = partials;
  return result;
}

KernelStatus KernelArrays::read(napi_env env, double *request, const napi_value *arguments, size_t argumentCount,
                                Types types) {
  const KernelStatus numbers = readNumbers(request);
  if (numbers != kKernelOk) return report(request, numbers, 0);
  const size_t reductionCount = static_cast<size_t>(request[kRequestReductionCount]);
  const size_t arrayCount = columnCount + outputCount;
  if (argumentCount != arrayCount + (reductionCount > 0 ? 1 : 0)) return report(request, kKernelBadRequest, 0);
  for (size_t i = 0; i < arrayCount; ++i) {
    const double type = request[kRequestTypes + i];
    if (!isInteger(type, kElementTypes - 1)) return report(request, kKernelBadRequest, i);
    const KernelStatus status = readArray(env, arguments[i], i, static_cast<size_t>(type), types);
    if (status != kKernelOk) return report(request, status, i);
  }
  partials = nullptr;
  if (reductionCount > 0) {
    const KernelStatus status = readPartials(env, arguments[arrayCount], reductionCount, types);
    if (status != kKernelOk) return report(request, status, arrayCount);
  }
  std::memcpy(uniforms, &request[kRequestUniforms], uniformCount * sizeof(double));
  const KernelStatus overlap = checkOverlap(request);
  if (overlap == kKernelOk) request[kRequestStatus] = kKernelOk;
  return overlap;
}

KernelStatus KernelArrays::readNumbers(const double *request) {
  const bool valid = isInteger(request[kRequestEntry], kMostExact) &&
                     isInteger(request[kRequestFirstRow], kMostExact) &&
                     isInteger(request[kRequestRowCount], kMostExact) &&
                     isInteger(request[kRequestLength], kMostExact) &&
                     isInteger(request[kRequestColumnCount], kMaxKernelColumns) &&
                     isInteger(request[kRequestOutputCount], kMaxKernelOutputs) &&
                     isInteger(request[kRequestUniformCount], kMaxKernelColumns) &&
                     isInteger(request[kRequestReductionCount], kMaxKernelOutputs);
  if (!valid) return kKernelBadRequest;
  entry = static_cast<uintptr_t>(request[kRequestEntry]);
  firstRow = static_cast<int64_t>(request[kRequestFirstRow]);
  rowCount = static_cast<int64_t>(request[kRequestRowCount]);
  length = static_cast<int64_t>(request[kRequestLength]);
  columnCount = static_cast<size_t>(request[kRequestColumnCount]);
  outputCount = static_cast<size_t>(request[kRequestOutputCount]);
  uniformCount = static_cast<size_t>(request[kRequestUniformCount]);
  callsFunctions = request[kRequestCallsFunctions] != 0;
  callsHost = request[kRequestCallsHost] != 0;
  const bool startsBlock = request[kRequestReductionCount] == 0 || firstRow % kReductionBlock == 0;
  return rowCount <= length - firstRow && startsBlock ? kKernelOk : kKernelBadRequest;
}

KernelStatus KernelArrays::readArray(napi_env env, napi_value value, size_t index, size_t type, Types types) {
  napi_typedarray_type kind = napi_int8_array;
  const bool checks = types == Types::kCheck;
  size_t elements = 0;
  if (!elementsOf(env, value, checks ? &kind : nullptr, &elements, &pointers[index])) return kKernelWrongType;
  if (checks && (kTypes[type].kinds & bit(kind)) == 0) return kKernelWrongType;
  if (static_cast<uint64_t>(firstRow + rowCount) > elements) return kKernelTooShort;
  elementSizes[index] = kTypes[type].size;
  sizes[index] = static_cast<size_t>(firstRow + rowCount) * kTypes[type].size;
  return kKernelOk;
}

KernelStatus KernelArrays::readPartials(napi_env env, napi_value value, size_t reductionCount, Types types) {
  napi_typedarray_type kind = napi_int8_array;
  const bool checks = types == Types::kCheck;
  size_t elements = 0;
  void *data = nullptr;
  if (!elementsOf(env, value, checks ? &kind : nullptr, &elements, &data)) return kKernelWrongType;
  if (checks && kind != napi_float64_array) return kKernelWrongType;
  const int64_t blocks = (firstRow + rowCount + kReductionBlock - 1) / kReductionBlock;
  if (static_cast<size_t>(blocks) * reductionCount > elements) return kKernelTooShort;
  partials = static_cast<double *>(data);
  return kKernelOk;
}

bool KernelArrays::copyPrivateColumns(napi_env env, const napi_value *columnValues, ColumnCopies *copies) {
  copies->reset(new (std::nothrow) std::unique_ptr<uint8_t[]>[columnCount]);
  if (*copies == nullptr) return false;
  for (size_t i = 0; i < columnCount; ++i) {
    if (isShared(env, columnValues[i])) continue;
    const size_t begin = static_cast<size_t>(firstRow) * elementSizes[i];
    const size_t size = sizes[i] - begin;
    uint8_t *const copy = new (std::nothrow) uint8_t[std::max<size_t>(size, 1)];
    if (copy == nullptr) return false;
    (*copies)[i].reset(copy);
    if (size != 0) std::memcpy(copy, static_cast<const uint8_t *>(pointers[i]) + begin, size);
    // Where row 0 would be.
    pointers[i] = reinterpret_cast<void *>(reinterpret_cast<uintptr_t>(copy) - begin);
  }
  return true;
}

// All rows count, not only those of this request: who makes several wants to be refused before the first of them has written.
KernelStatus KernelArrays::checkOverlap(double *request) const {
  const auto rows = static_cast<uint64_t>(length);
  for (size_t output = columnCount; output < columnCount + outputCount; ++output) {
    const uint64_t size = rows * elementSizes[output];
    for (size_t other = 0; other < output; ++other) {
      const uint64_t otherSize = rows * elementSizes[other];
      const bool fits = other < columnCount ? mayWrite(pointers[output], size, pointers[other], otherSize)
                                            : areApart(pointers[output], size, pointers[other], otherSize);
      if (!fits) return report(request, kKernelOverlap, output, other);
    }
  }
  return kKernelOk;
}

}  // namespace exprjit
