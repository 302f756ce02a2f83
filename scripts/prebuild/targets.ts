/** A system that the package brings a native addon for. */
export interface PrebuildTarget {
  /** Where the loader looks for it, within `prebuilds`. */
  readonly file: string;
  /** Of the compiler: the oldest system that the addon is to run on. */
  readonly triple: string;
  /** As `process.platform` has it. */
  readonly platform: 'linux' | 'win32' | 'darwin';
  readonly format: 'elf' | 'coff' | 'mach-o';
  /** Whether libraries for fast calls come with it: where they can be tested. */
  readonly fastCalls: boolean;
}

/** On Linux the loader tries the files in the order of their names; that for the other C library fails to load. */
export const prebuildTargets: readonly PrebuildTarget[] = [
  {
    file: 'linux-x64/exprjit.glibc.node',
    triple: 'x86_64-linux-gnu.2.17',
    platform: 'linux',
    format: 'elf',
    fastCalls: true,
  },
  {
    file: 'linux-x64/exprjit.musl.node',
    triple: 'x86_64-linux-musl',
    platform: 'linux',
    format: 'elf',
    fastCalls: false,
  },
  {
    file: 'win32-x64/exprjit.node',
    triple: 'x86_64-windows-gnu',
    platform: 'win32',
    format: 'coff',
    fastCalls: false,
  },
  {
    file: 'darwin-x64/exprjit.node',
    triple: 'x86_64-macos.11.0',
    platform: 'darwin',
    format: 'mach-o',
    fastCalls: false,
  },
];
