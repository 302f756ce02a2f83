/**
 * What a program writes, in groups: a call of the host takes as long as some hundred operations, and a program that prints would do
 * little else.
 *
 * A group is a number: a 1, and behind it up to six bytes, of which the first is the uppermost. So a double holds it.
 */
import { IrBuilder, type IrModule, op } from 'exprjit/ir';

export const names = { put: 'put', flush: 'flush' } as const;

const group = 'group';
const largest = 6;
const newLine = 10n;

/** Adds `put(i64): i64`, which takes a byte, and `flush(): i64`, which hands on what is left; with the host `putchars(f64): void`. */
export function addOutput(module: IrModule): void {
  module.hosts.push({ name: 'putchars', parameters: ['f64'], result: 'void' });
  module.globals.push({ name: group, type: 'i64', initial: 1n });
  addFlush(module);
  addPut(module);
}

function addFlush(module: IrModule): void {
  const b = new IrBuilder(module, names.flush, [], 'i64');
  const [some, end] = [b.createBlock(), b.createBlock()];
  const bytes = b.getGlobal(group);
  b.branch(b.emit(op.igt, bytes, b.integer(1n)), some, end);
  b.moveTo(some);
  // First, since the host may throw.
  b.setGlobal(group, b.integer(1n));
  b.callHost('putchars', b.emit(op.itof, bytes));
  b.jump(end);
  b.moveTo(end);
  b.return(b.integer(0n));
}

function addPut(module: IrModule): void {
  const b = new IrBuilder(module, names.put, ['i64'], 'i64');
  const [full, end] = [b.createBlock(), b.createBlock()];
  const [byte] = b.parameters;
  const bytes = b.emit(op.ior, b.emit(op.ishl, b.getGlobal(group), b.integer(8n)), byte);
  b.setGlobal(group, bytes);
  const isFull = b.emit(op.ige, bytes, b.integer(1n << BigInt(8 * largest)));
  b.branch(b.emit(op.bor, isFull, b.emit(op.ieq, byte, b.integer(newLine))), full, end);
  b.moveTo(full);
  b.call(names.flush, 'i64');
  b.jump(end);
  b.moveTo(end);
  b.return(b.integer(0n));
}

/** Writes the bytes of a group. */
export function writeGroup(bytes: number, write: (byte: number) => void): void {
  let unit = 1;
  while (unit * 256 <= bytes) unit *= 256;
  while (unit > 1) {
    unit /= 256;
    write((bytes / unit) & 255);
  }
}
