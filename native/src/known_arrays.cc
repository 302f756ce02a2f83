#include "known_arrays.h"

#include <algorithm>
#include <new>
#include <utility>

#include "memory_overlap.h"

namespace exprjit {

namespace {

// More than anybody computes with over and over.
constexpr size_t kMostEntries = 1 << 16;

constexpr double kMostRows = 9007199254740991.0;

// 0 for elements that no kernel reads.
int64_t elementSizeOf(napi_typedarray_type type) {
  switch (type) {
    case napi_int8_array:
    case napi_uint8_array:
    case napi_uint8_clamped_array:
      return 1;
    case napi_int16_array:
    case napi_uint16_array:
      return 2;
    case napi_int32_array:
    case napi_uint32_array:
    case napi_float32_array:
      return 4;
    case napi_float64_array:
      return 8;
    default:
      return 0;
  }
}

KernelStatus report(double *request, KernelStatus status) {
  request[kRequestStatus] = status;
  return status;
}

}  // namespace

int32_t KnownArrays::add(napi_env env, napi_value array) noexcept {
  napi_typedarray_type type = napi_bigint64_array;
  size_t length = 0;
  void *data = nullptr;
  if (napi_get_typedarray_info(env, array, &type, &length, &data, nullptr, nullptr) != napi_ok) return -1;
  const int64_t elementSize = elementSizeOf(type);
  if (elementSize == 0 || data == nullptr || length == 0) return -1;
  const Entry entry = {data, static_cast<int64_t>(length) * elementSize, elementSize};
  if (!unused_.empty()) {
    const uint32_t number = unused_.back();
    unused_.pop_back();
    entries_[number] = entry;
    return static_cast<int32_t>(number);
  }
  if (entries_.size() == kMostEntries) return -1;
  try {
    // So that giving numbers back needs no memory.
    unused_.reserve(entries_.size() + 1);
    entries_.push_back(entry);
  } catch (const std::bad_alloc &) {
    return -1;
  }
  count_ = static_cast<double>(entries_.size());
  return static_cast<int32_t>(entries_.size() - 1);
}

void KnownArrays::remove(uint32_t number) noexcept {
  if (number >= entries_.size() || entries_[number].data == nullptr) return;
  entries_[number] = Entry();
  unused_.push_back(number);
}

// Written so that NaN finds nothing.
inline const KnownArrays::Entry *KnownArrays::find(double number) const {
  if (!(number >= 0 && number < count_)) return nullptr;
  const Entry &entry = entries_[static_cast<size_t>(static_cast<int32_t>(number))];
  return entry.data == nullptr ? nullptr : &entry;
}

bool KnownArrays::run(double entry, double *request, double *frame) const {
  Run run;
  if (read(request, &run) != kKernelOk) return false;
  run.entry = entry;
  run.frame.frame = frame;
  enter(&run);
  return true;
}

int32_t KnownArrays::prepare(double *request, double *frame) noexcept {
  std::unique_ptr<Run> run(new (std::nothrow) Run());
  if (run == nullptr || read(request, run.get()) != kKernelOk) return -1;
  run->entry = request[kRequestEntry];
  run->frame.frame = frame;
  std::copy_n(&request[kRequestUniforms], kMaxKnownColumns, run->uniforms);
  run->frame.uniforms = run->uniforms;
  if (!unusedRuns_.empty()) {
    const uint32_t number = unusedRuns_.back();
    unusedRuns_.pop_back();
    runs_[number] = std::move(run);
    return static_cast<int32_t>(number);
  }
  if (runs_.size() == kMostEntries) return -1;
  try {
    unusedRuns_.reserve(runs_.size() + 1);
    runs_.push_back(std::move(run));
  } catch (const std::bad_alloc &) {
    return -1;
  }
  runCount_ = static_cast<double>(runs_.size());
  return static_cast<int32_t>(runs_.size() - 1);
}

void KnownArrays::forgetPrepared(uint32_t number) noexcept {
  if (number >= runs_.size() || runs_[number] == nullptr) return;
  runs_[number].reset();
  unusedRuns_.push_back(number);
}

inline KernelStatus KnownArrays::read(double *request, Run *run) const {
  const double rowCount = request[kRequestRowCount];
  const double columnCount = request[kRequestColumnCount];
  const bool valid = rowCount >= 1 && rowCount <= kMostRows && columnCount >= 0 && columnCount <= kMaxKnownColumns;
  if (!valid) return report(request, kKernelBadRequest);
  const auto rows = static_cast<int64_t>(rowCount);
  const auto count = static_cast<int32_t>(columnCount);
  const Entry *const result = find(request[kRequestKnown + count]);
  if (result == nullptr) return report(request, kKernelWrongType);
  const bool isReduction = request[kRequestReductionCount] != 0;
  if (isReduction && result->elementSize != sizeof(double)) return report(request, kKernelWrongType);
  const int64_t results = isReduction ? (rows + kReductionBlock - 1) / kReductionBlock : rows;
  const int64_t resultSize = results * result->elementSize;
  if (resultSize > result->size) return report(request, kKernelTooShort);
  for (int32_t i = 0; i < count; ++i) {
    const Entry *const column = find(request[kRequestKnown + i]);
    if (column == nullptr) return report(request, kKernelWrongType);
    const int64_t size = rows * column->elementSize;
    if (size > column->size) return report(request, kKernelTooShort);
    if (!mayWrite(result->data, static_cast<uint64_t>(resultSize), column->data, static_cast<uint64_t>(size)))
      return report(request, kKernelOverlap);
    run->columns[i] = column->data;
  }
  run->output = result->data;
  // One by one: to clear what is unused as well would take longer than all the rest.
  KernelFrame &frame = run->frame;
  frame.firstRow = 0;
  frame.rowCount = frame.length = rows;
  frame.columns = run->columns;
  frame.outputs = &run->output;
  frame.uniforms = &request[kRequestUniforms];
  frame.partials = isReduction ? static_cast<double *>(result->data) : nullptr;
  frame.trapRow = 0;
  return report(request, kKernelOk);
}

}  // namespace exprjit
