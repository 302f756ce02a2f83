/**
 * The mappings of this thread's allocators, by where they start. `VirtMem` neither unmaps nor protects them for
 * anybody else: code may be running there, also that of whoever asks.
 */
const sizes = new Map<number, number>();

/** Notes the mapping of `size` bytes at `address`. */
export function own(address: number, size: number): void {
  sizes.set(address, size);
}

/** Forgets mappings for as long as `unmap` takes, and for good unless it throws. */
export function disown(addresses: readonly number[], size: number, unmap: () => void): void {
  for (const address of addresses) sizes.delete(address);
  try {
    unmap();
  } catch (error) {
    for (const address of addresses) own(address, size);
    throw error;
  }
}

/** Whether some byte of the range is in such a mapping. */
export function isOwned(address: number, size: number): boolean {
  for (const [start, length] of sizes) {
    if (address < start + length && start < address + size) return true;
  }
  return false;
}
