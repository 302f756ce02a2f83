/**
 * The functions by which a module is entered that has everything with it: they fill frames, so that callers need know no address
 * but those of their own arrays (`docs/wasm.md`).
 *
 *     evaluate(x, y)                   the function; a trap of the host's if it ends at a limit
 *     map(rows, x, y, out)             the kernel: addresses of columns, numbers that are uniforms, addresses of outputs
 *     trap() → i32                     why the last call ended: 0 it did not, 1 the stack, 2 fuel
 *     setFuel(units)                   what each call may spend from now on
 */
import { Trap } from '../../native/frame.ts';
import { KernelFrameSlot, kernelFrameLength } from '../../native/kernel-frame.ts';
import { alignUp } from '../../support/alignment.ts';
import { ByteSink } from './byte-sink.ts';
import { FunctionSink } from './function-sink.ts';
import { firstFreeAddress, slotAddress } from './memory-layout.ts';
import { type DataSegment, type DefinedFunction, finishedFunction, type Signature } from './module-writer.ts';
import { ValueType } from './value-type.ts';

/** Units that a call may spend, if nobody says otherwise. */
const defaultFuel = 100_000_000;
/** Bytes that activations of recursive functions may take: engines differ in what they have. */
const stackBudget = 400_000;

/** Where the fuel of a call stands: in a slot that code does not use there. */
const fuelAddress = slotAddress('FuelSlice');

/** The fuel of a call, in memory before the first. */
export function fuelSegment(): DataSegment {
  const sink = new ByteSink();
  sink.word(BigInt(defaultFuel));
  return { address: fuelAddress, bytes: sink.bytes.slice() };
}

/** Calls a function of numbers; what it gives is a number, 1 or 0 for a truth value. */
export function encodeEvaluate(
  { parameters, results }: Signature,
  number: number,
  mayTrap: boolean,
): DefinedFunction {
  const sink = new FunctionSink(new ByteSink(), parameters.length);
  if (mayTrap) emitStart(sink);
  parameters.forEach((_, index) => {
    sink.get(index);
  });
  sink.opWith('call', number);
  if (results[0] === ValueType.i32) sink.op('f64.convert_i32_u');
  if (mayTrap) emitEnd(sink);
  return finishedFunction('evaluate', { parameters, results: [ValueType.f64] }, sink);
}

export type EntryParameter = 'column' | 'uniform' | 'index' | 'length';

/** Where the kernel frame of a module stands, and what of memory is free. */
export interface KernelPlaces {
  readonly frame: number;
  readonly pointers: number;
  readonly uniforms: number;
  /** The first byte that is the caller's. */
  readonly base: number;
}

const baseAlignment = 64;

export function kernelPlaces(
  parameters: readonly EntryParameter[],
  outputCount: number,
  stackBytes: number,
): KernelPlaces {
  const count = (kind: EntryParameter): number => parameters.filter((parameter) => parameter === kind).length;
  const frame = firstFreeAddress;
  const pointers = alignUp(frame + kernelFrameLength * 8 + stackBytes, 8);
  const uniforms = pointers + (count('column') + outputCount) * 8;
  return { frame, pointers, uniforms, base: alignUp(uniforms + count('uniform') * 8, baseAlignment) };
}

/** Runs the kernel over rows from the first on. Its own parameters are in the order of the kernel's. */
export function encodeMap(
  kinds: readonly EntryParameter[],
  outputCount: number,
  places: KernelPlaces,
  number: number,
  mayTrap: boolean,
): DefinedFunction {
  const taken = kinds.filter((kind) => kind === 'column' || kind === 'uniform');
  const parameters = [
    ValueType.i32,
    ...taken.map((kind) => (kind === 'column' ? ValueType.i32 : ValueType.f64)),
    ...new Array<ValueType>(outputCount).fill(ValueType.i32),
  ];
  const sink = new FunctionSink(new ByteSink(), parameters.length);
  if (mayTrap) emitStart(sink);
  const { frame } = places;
  const columnCount = taken.filter((kind) => kind === 'column').length;
  sink.storeAt('i64.store', slotAt(frame, 'FirstRow'), () => sink.long(0n));
  for (const slot of ['RowCount', 'Length'] as const) {
    sink.storeAt('i64.store', slotAt(frame, slot), () => {
      sink.get(0);
      sink.op('i64.extend_i32_u');
    });
  }
  sink.storeAt('i64.store', slotAt(frame, 'Frame'), () => sink.long(0n));
  sink.storeAt('i64.store', slotAt(frame, 'Columns'), () => sink.long(BigInt(places.pointers)));
  sink.storeAt('i64.store', slotAt(frame, 'Outputs'), () =>
    sink.long(BigInt(places.pointers + columnCount * 8)),
  );
  sink.storeAt('i64.store', slotAt(frame, 'Uniforms'), () => sink.long(BigInt(places.uniforms)));
  let [pointer, uniform] = [places.pointers, places.uniforms];
  parameters.slice(1).forEach((type, index) => {
    if (type === ValueType.f64) {
      sink.storeAt('f64.store', uniform, () => sink.get(index + 1));
      uniform += 8;
      return;
    }
    sink.storeAt('i64.store', pointer, () => {
      sink.get(index + 1);
      sink.op('i64.extend_i32_u');
    });
    pointer += 8;
  });
  sink.int(frame);
  sink.opWith('call', number);
  if (mayTrap) emitEnd(sink);
  return finishedFunction('map', { parameters, results: [] }, sink);
}

/** Gives the address of the first byte that is the caller's. */
export function encodeBase({ base }: KernelPlaces): DefinedFunction {
  const sink = new FunctionSink(new ByteSink(), 0);
  sink.int(base);
  return finishedFunction('base', { parameters: [], results: [ValueType.i32] }, sink);
}

export function encodeTrap(): DefinedFunction {
  const sink = new FunctionSink(new ByteSink(), 0);
  sink.loadAt('i32.load', slotAddress('Trap'));
  return finishedFunction('trap', { parameters: [], results: [ValueType.i32] }, sink);
}

export function encodeSetFuel(): DefinedFunction {
  const sink = new FunctionSink(new ByteSink(), 1);
  sink.storeAt('i64.store', fuelAddress, () => {
    sink.get(0);
    sink.op('i64.trunc_sat_f64_s');
  });
  return finishedFunction('setFuel', { parameters: [ValueType.f64], results: [] }, sink);
}

/** A call begins: with all its fuel, all of the stack, and no trap. */
function emitStart(sink: FunctionSink): void {
  sink.storeAt('i64.store', slotAddress('Trap'), () => sink.long(BigInt(Trap.None)));
  sink.storeAt('i64.store', slotAddress('Fuel'), () => sink.loadAt('i64.load', fuelAddress));
  sink.storeAt('i64.store', slotAddress('StackLimit'), () => sink.long(BigInt(stackBudget)));
}

/** Ends in a trap if the call did. */
function emitEnd(sink: FunctionSink): void {
  sink.loadAt('i32.load', slotAddress('Trap'));
  sink.opens('if');
  sink.op('unreachable');
  sink.op('end');
}

function slotAt(frame: number, slot: keyof typeof KernelFrameSlot): number {
  return frame + KernelFrameSlot[slot] * 8;
}
