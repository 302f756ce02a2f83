import type { OsCall } from '../native/addon.ts';

/**
 * What a person can do about an OS call that refused memory, in plain words; undefined if there is no more to
 * say than the code says.
 */
export function hintFor({ strategy, syscall, code }: Omit<OsCall, 'errno'>): string | undefined {
  return hints.find(
    ({ codes, syscalls, strategies }) =>
      codes.includes(code) &&
      syscalls.test(syscall) &&
      (strategies === undefined || strategies.test(strategy)),
  )?.text;
}

interface Hint {
  readonly codes: readonly string[];
  readonly syscalls: RegExp;
  /** All if left out. */
  readonly strategies?: RegExp;
  readonly text: string;
}

/** The first that fits is given, so the particular stand before the general. */
const table: readonly Hint[] = [
  {
    codes: ['ENOMEM', 'EAGAIN', 'EFAULT', 'EHWPOISON', 'ENOSPC'],
    syscalls: /./,
    strategies: /large-pages/,
    text: 'no large page is free: they must be set aside first (sysctl vm.nr_hugepages)',
  },
  {
    codes: ['EPERM', 'EACCES'],
    syscalls: /./,
    strategies: /large-pages/,
    text: 'this user may not use large pages (vm.hugetlb_shm_group; "Lock pages in memory" on Windows)',
  },
  {
    codes: ['EACCES', 'EPERM'],
    syscalls: /^memfd_create$/,
    text: 'the kernel or a sandbox refuses executable memfds (sysctl vm.memfd_noexec = 2, seccomp)',
  },
  {
    codes: ['ENOSYS'],
    syscalls: /^memfd_create$/,
    text: 'the kernel or a sandbox (gVisor, seccomp) does not offer memfd_create',
  },
  {
    codes: ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOSYS'],
    syscalls: /^shm_open$/,
    text: '/dev/shm must be mounted and writable',
  },
  {
    codes: ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR'],
    syscalls: /^mkostemp$/,
    text: 'the temporary directory (TMPDIR) must exist and be writable',
  },
  {
    codes: ['ENOSPC', 'EDQUOT'],
    syscalls: /fallocate|ftruncate|fcntl/,
    text: 'the file system that holds the memory is full; /dev/shm is small in many containers (--shm-size)',
  },
  {
    codes: ['EFBIG'],
    syscalls: /^ftruncate$/,
    text: 'the limit on file sizes (ulimit -f) is below the size of the mapping',
  },
  {
    codes: ['EACCES', 'EPERM'],
    syscalls: /^(mmap|mprotect|VirtualAlloc|VirtualProtect|MapViewOfFile)$/,
    text:
      'a security policy forbids this executable mapping (SELinux execmem/execmod, a noexec mount, ' +
      'PR_SET_MDWE, W^X): dual mapping needs shared memory that may be executed, ' +
      'without it memory must be allowed to be writable and executable',
  },
  {
    codes: ['ENOMEM', 'EAGAIN'],
    syscalls: /^(mmap|mprotect|munmap|VirtualAlloc|MapViewOfFile|CreateFileMapping)$/,
    text: 'out of memory, of address space (ulimit -v) or of mappings (sysctl vm.max_map_count)',
  },
  {
    codes: ['EMFILE', 'ENFILE'],
    syscalls: /./,
    text: 'too many open files (ulimit -n)',
  },
  {
    codes: ['ENOTSUP', 'ENOSYS'],
    syscalls: /./,
    text: 'this platform does not offer it',
  },
];

const hints = table.map((hint) => ({ strategies: undefined, ...hint }));
