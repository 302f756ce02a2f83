/** How the interpreter accesses the memory of a call and the variables of a module. */
import { invariant } from '../../support/invariant.ts';
import type { Value } from './function.ts';
import { high, low, type Registers, type Step } from './interpreter-steps.ts';
import { type AccessType, accessedType, sizeOf } from './memory-type.ts';
import { type Datum, op } from './opcode.ts';
import { TrapError } from './trap-error.ts';

/** Memory that code accesses. It may grow, and never shrinks. */
export interface InterpretedMemory {
  /** All bytes, as they are at the moment. */
  readonly view: DataView;
}

/** What the steps of one interpreter share. */
export interface MemoryState {
  /** That of the run that is under way. */
  memory: InterpretedMemory | undefined;
  /** Values of the module's variables, by their names. */
  readonly globals: Map<string, Datum>;
  /** Columns of the run that is under way: their numbers stand for their addresses. */
  columns: readonly ArrayLike<number>[];
}

/** An element of a column; all but `d` are registers of doubles. */
export function makeElementStep(
  d: number,
  column: number,
  count: number,
  row: number,
  state: MemoryState,
): Step {
  return ({ numbers }, n) => {
    const whole = Math.trunc(numbers[n + row] as number);
    const isRow = whole >= 0 && whole < (numbers[n + count] as number);
    const elements = state.columns[numbers[n + column] as number];
    numbers[n + d] = (isRow ? elements?.[whole] : undefined) ?? Number.NaN;
  };
}

/** The step of an operation on memory or on a variable; undefined for others. `a` and `b` are the last operands' registers. */
export function makeMemoryStep(
  value: Value,
  d: number,
  operands: readonly number[],
  state: MemoryState,
  functionName: string,
): Step | undefined {
  const { op: opcode, immediate, type } = value;
  const [first = 0, second = 0, third = 0] = operands;
  switch (opcode) {
    case op.mload:
      return makeLoad(immediate as AccessType, d, first, state, functionName);
    case op.mread:
      return makeLoad(immediate as AccessType, d, second, state, functionName);
    case op.mstore:
      return makeStore(immediate as AccessType, d, first, second, state, functionName);
    case op.mwrite:
      return makeStore(immediate as AccessType, d, second, third, state, functionName);
    case op.bound: {
      const size = Number(immediate);
      return (registers, n) => {
        placeOf(registers, n + first, size, viewOf(state).byteLength, functionName);
        registers.copy('i64', n + d, n + first);
      };
    }
    case op.msize:
      return ({ integers }, n) => {
        integers[n + d] = BigInt(viewOf(state).byteLength);
      };
    case op.membase:
      return ({ integers }, n) => {
        integers[n + d] = 0n;
      };
    case op.getglobal: {
      const name = String(immediate);
      return (registers, n) => {
        registers.write(n + d, state.globals.get(name) ?? 0);
      };
    }
    case op.setglobal: {
      const name = String(immediate);
      return (registers, n) => {
        state.globals.set(name, registers.read(type, n + first));
        registers.copy(type, n + d, n + first);
      };
    }
    default:
      return undefined;
  }
}

function viewOf({ memory }: MemoryState): DataView {
  invariant(memory !== undefined, 'a function that accesses memory was given one');
  return memory.view;
}

/** Where an access of so many bytes is; throws unless it is inside of memory. */
function placeOf(
  { halves }: Registers,
  register: number,
  size: number,
  byteLength: number,
  functionName: string,
): number {
  const offset =
    (halves[2 * register + high] as number) * 2 ** 32 + ((halves[2 * register + low] as number) >>> 0);
  if (offset < 0 || offset > byteLength - size) throw new TrapError('E_BOUNDS', functionName);
  return offset;
}

type Load = (view: DataView, place: number) => number;
type Store = (view: DataView, place: number, value: number) => void;

/** What a register of 64 bits does not take whole: numbers, and integers of at most 32 bits. */
const loads: Readonly<Record<Exclude<AccessType, 'i64'>, Load>> = {
  f64: (view, place) => view.getFloat64(place, true),
  f32: (view, place) => view.getFloat32(place, true),
  i8: (view, place) => view.getInt8(place),
  u8: (view, place) => view.getUint8(place),
  i16: (view, place) => view.getInt16(place, true),
  u16: (view, place) => view.getUint16(place, true),
  i32: (view, place) => view.getInt32(place, true),
  u32: (view, place) => view.getUint32(place, true),
};

const stores: Readonly<Record<Exclude<AccessType, 'i64'>, Store>> = {
  f64: (view, place, value) => view.setFloat64(place, value, true),
  f32: (view, place, value) => view.setFloat32(place, value, true),
  i8: (view, place, value) => view.setInt8(place, value),
  u8: (view, place, value) => view.setInt8(place, value),
  i16: (view, place, value) => view.setInt16(place, value, true),
  u16: (view, place, value) => view.setInt16(place, value, true),
  i32: (view, place, value) => view.setInt32(place, value, true),
  u32: (view, place, value) => view.setInt32(place, value, true),
};

function makeLoad(type: AccessType, d: number, a: number, state: MemoryState, functionName: string): Step {
  const size = sizeOf(type);
  if (type === 'i64') {
    return (registers, n) => {
      const view = viewOf(state);
      const place = placeOf(registers, n + a, size, view.byteLength, functionName);
      registers.integers[n + d] = view.getBigInt64(place, true);
    };
  }
  const load = loads[type];
  const isNumber = accessedType(type) === 'f64';
  return (registers, n) => {
    const view = viewOf(state);
    const loaded = load(view, placeOf(registers, n + a, size, view.byteLength, functionName));
    if (isNumber) {
      registers.numbers[n + d] = loaded;
      return;
    }
    registers.halves[2 * (n + d) + low] = loaded;
    registers.halves[2 * (n + d) + high] = loaded < 0 ? -1 : 0;
  };
}

function makeStore(
  type: AccessType,
  d: number,
  a: number,
  b: number,
  state: MemoryState,
  functionName: string,
): Step {
  const size = sizeOf(type);
  if (type === 'i64') {
    return (registers, n) => {
      const view = viewOf(state);
      const place = placeOf(registers, n + a, size, view.byteLength, functionName);
      view.setBigInt64(place, registers.integers[n + b] as bigint, true);
      registers.copy('i64', n + d, n + b);
    };
  }
  const store = stores[type];
  const isNumber = accessedType(type) === 'f64';
  return (registers, n) => {
    const view = viewOf(state);
    const place = placeOf(registers, n + a, size, view.byteLength, functionName);
    const { numbers, halves } = registers;
    store(view, place, isNumber ? (numbers[n + b] as number) : (halves[2 * (n + b) + low] as number));
    registers.copy(isNumber ? 'f64' : 'i64', n + d, n + b);
  };
}
