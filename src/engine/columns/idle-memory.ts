/**
 * Memory for what only one run needs, so that runs over the same columns do not each take new pages from the system.
 *
 * Who takes some has it alone until it comes back, also if a host function runs another kernel meanwhile.
 */

/** Most bytes that are kept. */
const mostKept = 4 * 1024 * 1024;

let idle: ArrayBuffer[] = [];
let kept = 0;

/** At least so many bytes, of any contents. */
export function takeMemory(bytes: number): ArrayBuffer {
  for (let i = idle.length - 1; i >= 0; i--) {
    const memory = idle[i] as ArrayBuffer;
    if (memory.byteLength < bytes) continue;
    idle = idle.filter((other) => other !== memory);
    kept -= memory.byteLength;
    return memory;
  }
  return new ArrayBuffer(bytes);
}

/** Nobody refers to it any more. */
export function giveMemoryBack(memory: ArrayBuffer): void {
  if (kept + memory.byteLength > mostKept) return;
  kept += memory.byteLength;
  idle.push(memory);
}
