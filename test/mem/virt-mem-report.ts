/**
 * Run as a process of its own, under limits: prints as JSON what VirtMem can do there. Each part is what the
 * call gave, or the error that it threw.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { VirtMem } from '../../src/mem/virt-mem.ts';
import { MemoryFlags } from '../../src/mem/virt-mem-backend.ts';
import { VirtMemError } from '../../src/mem/virt-mem-error.ts';

export interface ReportedError {
  readonly code: string;
  readonly message: string;
  readonly attempts: readonly { strategy: string; code: string; syscall: string }[];
}

export type Reported<T> =
  | { readonly value: T; readonly error?: never }
  | { readonly error: ReportedError; readonly value?: never };

export interface Report {
  readonly hardened: number;
  readonly probe: Readonly<Record<string, string>>;
  /** The name of the mapping in the process's memory map. */
  readonly dual: Reported<string>;
  readonly rwx: Reported<true>;
  readonly large: Reported<true>;
  /** With the address space limited: how many bytes could be mapped, and that all works again afterwards. */
  readonly exhaustion?: { mapped: number; error: ReportedError; recovered: boolean };
}

function report<T>(attempt: () => T): Reported<T> {
  try {
    return { value: attempt() };
  } catch (error) {
    if (error instanceof VirtMemError) {
      const { code, message, attempts } = error;
      return { error: { code, message, attempts } };
    }
    throw error;
  }
}

function nameOfMapping(address: number): string {
  const maps = readFileSync('/proc/self/maps', 'utf8').split('\n');
  return maps.find((line) => line.startsWith(address.toString(16)))?.replace(/^(\S+ +){5}/, '') ?? '';
}

const { pageSize } = VirtMem.info();

const dual = report(() => {
  const mapping = VirtMem.allocDualMapping(pageSize, MemoryFlags.None);
  VirtMem.write(mapping.rw, Uint8Array.of(42));
  if (VirtMem.read(mapping.rx, 1)[0] !== 42) throw new Error('the views differ');
  const name = nameOfMapping(mapping.rx);
  VirtMem.releaseDualMapping(mapping, pageSize);
  return name;
});

const rwx = report((): true => {
  VirtMem.release(VirtMem.alloc(pageSize, MemoryFlags.AccessRWX), pageSize);
  return true;
});

const large = report((): true => {
  const size = VirtMem.largePageSize() || 2 ** 21;
  VirtMem.releaseDualMapping(VirtMem.allocDualMapping(size, MemoryFlags.MMapLargePages), size);
  return true;
});

/** Lowers RLIMIT_AS to a little above what is in use, and maps until nothing more goes. */
function exhaust(): NonNullable<Report['exhaustion']> {
  const chunk = 64 * 2 ** 20;
  const used = Number(/^VmSize:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
  // The soft limit only. More is left than is mapped, so that V8 itself does not run out.
  spawnSync('prlimit', ['--pid', String(process.pid), `--as=${used + 6 * chunk}:`]);
  const taken: { rx: number; rw: number }[] = [];
  for (;;) {
    const next = report(() => VirtMem.allocDualMapping(chunk, MemoryFlags.None));
    if (next.error !== undefined) {
      for (const mapping of taken as Parameters<typeof VirtMem.releaseDualMapping>[0][]) {
        VirtMem.releaseDualMapping(mapping, chunk);
      }
      const again = report(() => VirtMem.allocDualMapping(chunk, MemoryFlags.None));
      return { mapped: taken.length * chunk, error: next.error, recovered: again.error === undefined };
    }
    taken.push(next.value);
  }
}

const result: Report = {
  hardened: VirtMem.hardenedRuntimeInfo().flags,
  probe: Object.fromEntries(
    VirtMem.probe().results.map(({ strategy, works, code }) => [strategy, works ? 'works' : (code ?? '')]),
  ),
  dual,
  rwx,
  large,
  ...(process.argv.includes('--exhaust') ? { exhaustion: exhaust() } : {}),
};
console.log(JSON.stringify(result));
