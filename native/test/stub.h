// A function of machine code that gives 42, for tests that run what they mapped.
#pragma once

namespace exprjit::test {

#if defined(__x86_64__)
// mov eax, 42; ret
constexpr unsigned char kStub[] = {0xb8, 42, 0, 0, 0, 0xc3};
#elif defined(__aarch64__)
// mov w0, #42; ret
constexpr unsigned char kStub[] = {0x40, 0x05, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6};
#endif

inline int runStub(void *code) { return reinterpret_cast<int (*)()>(code)(); }

}  // namespace exprjit::test
