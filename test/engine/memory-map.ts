import { readFileSync } from 'node:fs';
import { VirtMem } from '../../src/mem/virt-mem.ts';
import type { VirtMemBackend } from '../../src/mem/virt-mem-backend.ts';

export interface Mapping {
  readonly start: number;
  readonly end: number;
  /** As the kernel writes them: `r-xs`. */
  readonly permissions: string;
}

/** The mappings of this process that are ours by name: those that are mapped twice. */
export function namedMappings(): Mapping[] {
  return readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .filter((line) => line.includes('exprjit') && !line.includes('.node'))
    .map((line) => {
      const [range = '', permissions = ''] = line.split(' ');
      const [start = Number.NaN, end = Number.NaN] = range
        .split('-')
        .map((text) => Number.parseInt(text, 16));
      return { start, end, permissions };
    });
}

/** The OS's memory, with everything that is mapped at the moment written down. */
export function recordingBackend(): VirtMemBackend & { readonly live: ReadonlyMap<number, number> } {
  const live = new Map<number, number>();
  return {
    ...VirtMem,
    live,
    alloc(size, flags) {
      const address = VirtMem.alloc(size, flags);
      live.set(address, size);
      return address;
    },
    release(address, size) {
      VirtMem.release(address, size);
      live.delete(address);
    },
    allocDualMapping(size, flags) {
      const mapping = VirtMem.allocDualMapping(size, flags);
      live.set(mapping.rx, size);
      return mapping;
    },
    releaseDualMapping(mapping, size) {
      VirtMem.releaseDualMapping(mapping, size);
      live.delete(mapping.rx);
    },
  };
}
