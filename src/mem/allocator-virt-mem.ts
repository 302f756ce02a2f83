import { disown, own } from './owned-mappings.ts';
import { VirtMem } from './virt-mem.ts';
import type { VirtMemBackend } from './virt-mem-backend.ts';

/** `VirtMem` for allocators: what is mapped here, nobody else can unmap or protect. */
export const allocatorVirtMem: VirtMemBackend = Object.freeze<VirtMemBackend>({
  ...VirtMem,

  alloc(size, flags) {
    const address = VirtMem.alloc(size, flags);
    own(address, size);
    return address;
  },

  release(address, size) {
    disown([address], size, () => VirtMem.release(address, size));
  },

  allocDualMapping(size, flags) {
    const mapping = VirtMem.allocDualMapping(size, flags);
    own(mapping.rx, size);
    own(mapping.rw, size);
    return mapping;
  },

  releaseDualMapping(mapping, size) {
    disown([mapping.rx, mapping.rw], size, () => VirtMem.releaseDualMapping(mapping, size));
  },
});
