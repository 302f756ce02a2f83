// What the files of the POSIX implementation share. Private to them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "virt_mem.h"

namespace exprjit::virt_mem::posix {

// How our mappings are called in the process's memory map.
constexpr const char *kMapName = "exprjit";

Status failed(const char *strategy, const char *syscall, int error);

// Whether the size is one that `flags` can map: whole pages, or whole large pages.
bool isWholePages(size_t size, uint32_t flags);

// As mmap() at an address that the OS chooses; memory that huge pages fit into is where they can be.
void *map(size_t size, int protection, int mode, int fd);

// Keeps memory for code out of children that the process forks: neither would they run it, nor should what is written in
// one process change what another runs. Where the kernel does not know how, children have it. Linux only.
void keepFromChildren(void *address, size_t size);

// Large pages are taken from a pool; one that can't be had at first touch raises SIGBUS. So they are touched
// by the kernel, which reports instead: 0 or an errno. Kernels before 5.14 don't know the advice.
int populateLargePages(void *address, size_t size);

#if defined(__linux__)

// The number after `key` in a small file of /proc, or -1.
long long readKernelNumber(const char *path, const char *key);

// Bytes in a page that the kernel makes of regular ones; unlike large pages, which are set aside. 0 if it makes none.
size_t hugePageSize();

// None is smaller, whatever the CPU.
constexpr size_t kSmallestHugePage = size_t{1} << 21;

// The binary logarithm of the large page size.
int largePageShift();

#endif

}  // namespace exprjit::virt_mem::posix
