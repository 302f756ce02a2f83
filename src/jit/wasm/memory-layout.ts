/**
 * What stands where in the memory of WebAssembly code: first the frame (`native/frame.ts`, without its arguments, which are
 * passed as such), then the tables of the math library; what follows is whoever's who calls it.
 *
 * Addresses are constants in code. So the same code runs on every memory that has this layout.
 */
import { FrameSlot } from '../../native/frame.ts';
import { alignUp } from '../../support/alignment.ts';
import { invariant } from '../../support/invariant.ts';
import { tableImage } from '../math/table-image.ts';
import { mathTable, mathTables } from '../math/tables.ts';

/** Where the frame stands, whose slots have 8 bytes each. */
export const frameAddress = 0;

/** The address of a slot of the frame. */
export function slotAddress(slot: keyof typeof FrameSlot): number {
  return frameAddress + FrameSlot[slot] * 8;
}

const tableAlignment = 16;

const tableAddresses = new Map<string, number>();
let next = frameAddress + FrameSlot.Arguments * 8;
for (const [name, { rows, columns }] of mathTables) {
  tableAddresses.set(name, next);
  // As many as `tableImage` has.
  next = alignUp(next + (rows * columns + 1) * 8, tableAlignment);
}

/** The first byte that code does not know of. */
export const firstFreeAddress: number = next;

/** Where a table of the math library stands. */
export function tableAddress(name: string): number {
  const address = tableAddresses.get(name);
  invariant(address !== undefined, `the math library has no table ${name}`);
  return address;
}

/** What stands there. */
export function tableBytes(name: string): Uint8Array {
  return new Uint8Array(tableImage(mathTable(name), false).buffer);
}

/** Bytes of a page of memory. */
export const pageSize = 65_536;
