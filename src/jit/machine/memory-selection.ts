/** Selection of loads and stores. */
import type { Value } from '../ir/function.ts';
import type { MemoryType } from '../ir/memory-type.ts';
import { op } from '../ir/opcode.ts';
import { elementOf, lanesOf } from '../ir/type.ts';
import type { MachineFunction } from './machine-function.ts';
import { addressOf, memoryTypeOf, packAccess, storedOf } from './memory-access.ts';
import { MachineOp, RegisterClass } from './operations.ts';

/** Makes machine code of a load or a store; gives the vreg of what was loaded. */
export function selectMemory(
  machine: MachineFunction,
  value: Value,
  vregOf: (value: Value) => number,
): number {
  const type = memoryTypeOf(value.immediate);
  const { base, index, displacement } = addressOf(value);
  const places = index === undefined ? [vregOf(base)] : [vregOf(base), vregOf(index)];
  const append = (operation: number, result: number, vregs: readonly number[], of: MemoryType): number => {
    const [a = -1, b = -1, c = -1] = vregs;
    machine.append(operation, result, a, b, c);
    machine.setImmediate(packAccess(of, displacement));
    return result;
  };
  const hasIndex = index !== undefined;
  /** One register with the address, but for the displacement. */
  const pointer = (): number => {
    if (!hasIndex) return vregOf(base);
    const address = machine.newVreg(RegisterClass.General);
    machine.append(MachineOp.Address, address, vregOf(base), vregOf(index), -1);
    machine.setImmediate(packAccess(type, 0));
    return address;
  };
  if (value.op === op.load) {
    const mask = value.operands.at(2);
    if (type === 'i64') {
      const word = machine.newVreg(RegisterClass.General);
      return append(hasIndex ? MachineOp.LoadWord : MachineOp.LoadWordAt, word, places, type);
    }
    const result = lanesOf(value.type) > 1 ? machine.newLanes() : machine.newVreg(RegisterClass.Vector);
    if (mask !== undefined) return append(MachineOp.LoadMasked, result, [pointer(), vregOf(mask)], type);
    return append(hasIndex ? MachineOp.Load : MachineOp.LoadAt, result, places, type);
  }
  const source = storedOf(value);
  const mask = value.operands.at(3);
  const isWord = lanesOf(source.type) === 1 && elementOf(source.type) !== 'f64';
  const stored = lanesOf(source.type) > 1 && type === 'mask' ? ones(machine, vregOf(source)) : vregOf(source);
  if (mask !== undefined) return append(MachineOp.StoreMasked, -1, [pointer(), stored, vregOf(mask)], type);
  const [withIndex, alone] = isWord
    ? [MachineOp.StoreWord, MachineOp.StoreWordAt]
    : [MachineOp.Store, MachineOp.StoreAt];
  append(hasIndex ? withIndex : alone, -1, [...places, stored], type);
  return stored;
}

/** Makes machine code of an access to the memory of the call, or to a variable; gives the vreg of what was loaded. */
export function selectCallMemory(
  machine: MachineFunction,
  value: Value,
  vregOf: (value: Value) => number,
  globalIndex: (name: string) => number,
): number {
  const { op: opcode, operands, immediate, type } = value;
  const [first, second, third] = operands as [Value, Value, Value];
  const general = (operation: number, third = -1): number => {
    const result = machine.newVreg(RegisterClass.General);
    machine.append(operation, result, -1, -1, third);
    return result;
  };
  switch (opcode) {
    case op.bound:
      machine.append(MachineOp.Bound, -1, vregOf(first), -1, Number(immediate));
      return vregOf(first);
    case op.membase:
      return general(MachineOp.MemoryBase);
    case op.msize:
      return general(MachineOp.MemorySize);
    case op.mread: {
      const isNumber = type === 'f64';
      const result = machine.newVreg(isNumber ? RegisterClass.Vector : RegisterClass.General);
      const operation = isNumber ? MachineOp.LoadBytes : MachineOp.LoadBytesWord;
      machine.append(operation, result, vregOf(first), vregOf(second), -1);
      machine.setImmediate(packAccess(memoryTypeOf(immediate), 0));
      return result;
    }
    case op.mwrite: {
      const operation = third.type === 'f64' ? MachineOp.StoreBytes : MachineOp.StoreBytesWord;
      machine.append(operation, -1, vregOf(first), vregOf(second), vregOf(third));
      machine.setImmediate(packAccess(memoryTypeOf(immediate), 0));
      return vregOf(third);
    }
    case op.getglobal: {
      const address = general(MachineOp.GlobalAddress, globalIndex(String(immediate)));
      const isNumber = type === 'f64';
      const result = machine.newVreg(isNumber ? RegisterClass.Vector : RegisterClass.General);
      machine.append(isNumber ? MachineOp.LoadAt : MachineOp.LoadWordAt, result, address, -1, -1);
      machine.setImmediate(packAccess(isNumber ? 'f64' : 'i64', 0));
      return result;
    }
    default: {
      const address = general(MachineOp.GlobalAddress, globalIndex(String(immediate)));
      const isNumber = type === 'f64';
      machine.append(isNumber ? MachineOp.StoreAt : MachineOp.StoreWordAt, -1, address, vregOf(first), -1);
      machine.setImmediate(packAccess(isNumber ? 'f64' : 'i64', 0));
      return vregOf(first);
    }
  }
}

/** Integers, 1 where a mask is set and 0 elsewhere. */
function ones(machine: MachineFunction, mask: number): number {
  const one = machine.laneConstant(0, 1);
  const result = machine.newLanes();
  if (machine.hasMasks) machine.append(MachineOp.KKeep, result, one, mask, -1);
  else machine.append(MachineOp.And, result, mask, one, -1);
  return result;
}

/** Makes machine code of an access to a table of the math library by lanes; gives the vreg of what was found. */
export function selectTableAccess(
  machine: MachineFunction,
  value: Value,
  vregOf: (value: Value) => number,
): number {
  const result = machine.newLanes();
  const [a = -1, b = -1, c = -1] = value.operands.map(vregOf);
  const offset = value.immediate as number;
  if (value.op === op.permute16) {
    machine.append(MachineOp.Permute16, result, a, b, -1);
    machine.setImmediate(packAccess('f64', offset));
    return result;
  }
  machine.append(c < 0 ? MachineOp.Load : MachineOp.LoadPairs, result, a, b, c);
  machine.setImmediate(packAccess('f64', offset * 8));
  return result;
}
