/**
 * Where a value is while the program runs, as one small integer: a register or a place in memory.
 *
 * Vector registers are 0 to 31, general registers 32 to 47, mask registers 64 to 71, all in the order of their hardware numbers.
 * Everything from {@link firstMemoryLocation} on is memory: three bits of {@link MemoryKind} under an index.
 */

export const noLocation = -1;

export const firstGeneralLocation = 32;
export const firstMaskLocation = 64;
export const firstMemoryLocation = 96;

export const MemoryKind = Object.freeze({
  /** Spill slot of the function's own stack frame; the index counts slots. */
  Spill: 0,
  /** Constant of the function; the index is its number in the machine function's constants. */
  Constant: 1,
  /** Argument slot of the native frame; the index counts arguments. */
  FrameArgument: 2,
  /** Argument that the caller put on the stack; the index counts 8-byte words above the return address. */
  Incoming: 3,
  /** Argument for a callee, at the bottom of the function's own stack frame; the index counts 8-byte words. */
  Outgoing: 4,
  /** Spill slot for all lanes of a vector; the index counts such slots. */
  WideSpill: 5,
  /** Vector that the caller put on the stack; the index counts 8-byte words above the return address. */
  WideIncoming: 6,
  /** Vector for a callee, at the bottom of the function's own stack frame; the index counts 8-byte words. */
  WideOutgoing: 7,
} as const);

export function memoryLocation(kind: number, index: number): number {
  return firstMemoryLocation + ((index << 3) | kind);
}

export function memoryKindOf(location: number): number {
  return (location - firstMemoryLocation) & 7;
}

export function memoryIndexOf(location: number): number {
  return (location - firstMemoryLocation) >> 3;
}

export function isRegister(location: number): boolean {
  return location >= 0 && location < firstMemoryLocation;
}

export function isVectorRegister(location: number): boolean {
  return location >= 0 && location < firstGeneralLocation;
}

export function isMaskRegister(location: number): boolean {
  return location >= firstMaskLocation && location < firstMemoryLocation;
}

export function isMemory(location: number): boolean {
  return location >= firstMemoryLocation;
}

/** Is it memory of the stack that holds several lanes? */
export function isWideMemory(location: number): boolean {
  if (!isMemory(location)) return false;
  const kind = memoryKindOf(location);
  return (
    kind === MemoryKind.WideSpill || kind === MemoryKind.WideIncoming || kind === MemoryKind.WideOutgoing
  );
}

export function generalLocation(hardwareNumber: number): number {
  return firstGeneralLocation + hardwareNumber;
}

const generalNames = 'rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15'.split(' ');
const memoryNames = [
  'spill',
  'constant',
  'argument',
  'incoming',
  'outgoing',
  'wide spill',
  'wide incoming',
  'wide outgoing',
];

/** For dumps and messages. */
export function locationName(location: number): string {
  if (location < 0) return 'nowhere';
  if (location < firstGeneralLocation) return `v${location}`;
  if (location < firstMaskLocation) return `${generalNames[location - firstGeneralLocation]}`;
  if (location < firstMemoryLocation) return `k${location - firstMaskLocation}`;
  return `${memoryNames[memoryKindOf(location)]}[${memoryIndexOf(location)}]`;
}
