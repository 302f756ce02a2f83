/**
 * A kernel whose rows need what the rows before them gave, as IR: one loop, row by row, in which that stays in a register.
 */
import { elementAt } from '../../support/element.ts';
import { IrBuilder } from '../ir/builder.ts';
import { DominatorTree } from '../ir/dominators.ts';
import { type IrFunction, IrModule } from '../ir/function.ts';
import { findLoops } from '../ir/loops.ts';
import { op } from '../ir/opcode.ts';
import { hoistInvariants } from '../opt/hoist-invariants.ts';
import { keepConstants } from '../opt/keep-constants.ts';
import { legalise } from '../opt/legalise/legalise.ts';
import { numberValues } from '../opt/number-values.ts';
import { removeDeadCode } from '../opt/remove-dead-code.ts';
import { pressure } from '../opt/vectorise/pressure.ts';
import type { VectorTarget } from '../opt/vectorise/vectorise.ts';
import { KernelInputs } from './kernel-inputs.ts';
import type { KernelSpec } from './kernel-spec.ts';
import { type RowBody, rowBody } from './row-body.ts';
import { RowEmitter } from './row-emitter.ts';

/** The kernel as a function of the address of its frame; undefined if a row is no straight line of operations. */
export function sequentialKernel(
  name: string,
  module: IrModule,
  spec: KernelSpec,
  target: VectorTarget,
): IrFunction | undefined {
  const body = rowBody(module, spec, target.hasFma);
  if (body === undefined) return undefined;
  const kernel = legalise(sequentialLoop(name, body, spec), target);
  numberValues(kernel);
  hoistInvariants(kernel);
  removeDeadCode(kernel);
  const nest = findLoops(new DominatorTree(kernel));
  keepConstants(kernel, nest, target.registers - pressure(kernel, nest, target.hasMasks));
  return kernel;
}

function sequentialLoop(name: string, body: RowBody, spec: KernelSpec): IrFunction {
  const b = new IrBuilder(new IrModule(), name, ['i64'], 'i64');
  const inputs = new KernelInputs(b, spec);
  /** By position of a parameter: its number among those that are carried. */
  const carried = new Map<number, number>();
  for (const [position, { kind }] of spec.parameters.entries()) {
    if (kind === 'carried') carried.set(position, carried.size);
  }
  const firsts = Array.from(carried.keys(), (position) => inputs.shared(position));
  const usesIndex = spec.parameters.some(({ kind }) => kind === 'index');
  const first = inputs.word('FirstRow');
  const end = b.emit(op.iadd, first, inputs.word('RowCount'));
  const loop = b.createBlock(['i64', ...firsts.map(({ type }) => type)]);
  const exit = b.createBlock();
  const emitter = new RowEmitter(b, body, inputs, (position, strand, place) => {
    const number = carried.get(position);
    return number === undefined
      ? inputs.value(position, strand, place)
      : elementAt(loop.parameters, number + 1);
  });
  b.branch(b.emit(op.ilt, first, end), loop, exit, [first, ...firsts]);
  b.moveTo(loop);
  const row = elementAt(loop.parameters, 0);
  const index = usesIndex ? b.emit(op.itof, row) : undefined;
  emitter.emit({ row, index, mask: undefined, lanes: 1, strands: 1, together: 1 }, []);
  const given = spec.parameters.flatMap((parameter) => {
    if (parameter.kind !== 'carried') return [];
    const value = emitter.givenTo(parameter.output);
    return value.type === 'bool' ? b.emit(op.btof, value) : value;
  });
  const next = b.emit(op.iadd, row, b.integer(1n));
  b.branch(b.emit(op.ilt, next, end), loop, exit, [next, ...given]);
  b.moveTo(exit);
  b.return(b.integer(0n));
  return b.function;
}
