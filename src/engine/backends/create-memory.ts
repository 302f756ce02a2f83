/** Memories that code accesses in calls: new ones, and shared memory of somebody else. */
import { missingWebAssembly } from '../../jit/wasm/web-assembly.ts';
import { createSharedMemory } from '../../support/intrinsics.ts';
import { CallMemory } from './call-memory.ts';
import { linksOf } from './wasm-calls.ts';
import { WasmSpace } from './wasm-space.ts';

/** New bytes, all zero; where WebAssembly can reach them, if there is any. Throws RangeError if there is not so much memory. */
export function createMemory(byteLength: number, maxByteLength: number): CallMemory {
  if (missingWebAssembly() !== undefined) {
    return new CallMemory(createSharedMemory(maxByteLength), 0, maxByteLength, byteLength, undefined);
  }
  const space = new WasmSpace(linksOf, { room: 0, behind: maxByteLength });
  return new CallMemory(space.buffer, space.end, maxByteLength, byteLength, space);
}

/** Machine code and the interpreter access it where it is; WebAssembly cannot. */
export function sharedMemory(buffer: SharedArrayBuffer): CallMemory {
  return new CallMemory(buffer, 0, Number.POSITIVE_INFINITY, undefined, undefined);
}
