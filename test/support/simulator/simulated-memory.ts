/**
 * Memory of the simulated machine: regions at addresses of their own, with nothing between them. Every access is within
 * one region and of a kind that it allows, or fails.
 */

/** What code may do with a region. */
export type RegionAccess = 'read' | 'write' | 'read and write' | 'execute';

interface Region {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly bytes: DataView;
  readonly access: RegionAccess;
}

/** An access that no memory allows. */
export class MemoryFault extends Error {
  override readonly name = 'MemoryFault';
}

export class SimulatedMemory {
  readonly #regions: Region[] = [];
  /** What the last access was to: the next one often is. */
  #last: Region | undefined;

  /** Code sees `bytes` at `start`; they stay the caller's, who sees what code writes. */
  add(name: string, start: number, bytes: Uint8Array, access: RegionAccess): void {
    const end = start + bytes.length;
    const other = this.#regions.find((region) => start < region.end && end > region.start);
    if (other !== undefined) throw new RangeError(`${name} would overlap ${other.name}`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#regions.push({ name, start, end, bytes: view, access });
  }

  /** Takes away the regions that came after the first `count`. */
  truncate(count: number): void {
    this.#regions.length = count;
    this.#last = undefined;
  }

  get regionCount(): number {
    return this.#regions.length;
  }

  /** 1, 2, 4 or 8 bytes, as an unsigned integer. */
  read(address: number, size: number): bigint {
    const { bytes, start } = this.#find(address, size, 'read');
    const at = address - start;
    if (size === 8) return bytes.getBigUint64(at, true);
    if (size === 4) return BigInt(bytes.getUint32(at, true));
    return BigInt(size === 2 ? bytes.getUint16(at, true) : bytes.getUint8(at));
  }

  write(address: number, size: number, value: bigint): void {
    const { bytes, start } = this.#find(address, size, 'write');
    const at = address - start;
    if (size === 8) bytes.setBigUint64(at, value, true);
    else if (size === 4) bytes.setUint32(at, Number(value & 0xffff_ffffn), true);
    else if (size === 2) bytes.setUint16(at, Number(value & 0xffffn), true);
    else bytes.setUint8(at, Number(value & 0xffn));
  }

  /** Copies `size` bytes to `target`, from `at` on. */
  load(address: number, size: number, target: Uint8Array, at: number): void {
    const { bytes, start } = this.#find(address, size, 'read');
    for (let i = 0; i < size; i++) target[at + i] = bytes.getUint8(address - start + i);
  }

  /** Copies `size` bytes of `source`, from `at` on. */
  store(address: number, size: number, source: Uint8Array, at: number): void {
    const { bytes, start } = this.#find(address, size, 'write');
    for (let i = 0; i < size; i++) bytes.setUint8(address - start + i, source[at + i] as number);
  }

  #find(address: number, size: number, access: 'read' | 'write'): Region {
    const last = this.#last;
    const isLast = last !== undefined && address >= last.start && address + size <= last.end;
    const region = isLast
      ? last
      : this.#regions.find(({ start, end }) => address >= start && address + size <= end);
    this.#last = region;
    if (region === undefined || (region.access !== access && region.access !== 'read and write')) {
      throw new MemoryFault(
        `${access}s ${size} bytes at 0x${address.toString(16)}, ${this.#describe(address, size)}`,
      );
    }
    return region;
  }

  #describe(address: number, size: number): string {
    const within = this.#regions.find(({ start, end }) => address >= start && address + size <= end);
    if (within !== undefined) return `in ${within.name}, which allows ${within.access} only`;
    const distances = this.#regions.map(({ name, start, end }): [number, string] => {
      if (address >= end) return [address - end, `${address - end} bytes behind ${name}`];
      if (address + size <= start) return [start - address, `${start - address} bytes before ${name}`];
      return [0, `partly in ${name}`];
    });
    const nearest = distances.sort(([one], [other]) => one - other).at(0);
    return nearest?.[1] ?? 'and there is no memory';
  }
}
