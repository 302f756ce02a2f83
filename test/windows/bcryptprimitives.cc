// A library of Windows that older versions of wine lack. Programs in Go want one function of it to start.
#include <windows.h>

extern "C" BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG size);

extern "C" __declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T size) {
  return SystemFunction036(buffer, static_cast<ULONG>(size));
}
