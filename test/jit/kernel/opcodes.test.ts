import { expect } from 'chai';
import { IrBuilder } from '../../../src/jit/ir/builder.ts';
import { IrModule, type Value } from '../../../src/jit/ir/function.ts';
import { type Opcode, op, opcodes, type Type } from '../../../src/jit/ir/opcode.ts';
import type { KernelParameter, KernelSpec } from '../../../src/jit/kernel/kernel-spec.ts';
import { featureLevels } from '../../../src/jit/machine/feature-level.ts';
import { elementAt } from '../../../src/support/element.ts';
import { isVectorKernel } from '../../support/is-vector-kernel.ts';
import { specialValues } from '../../support/special-values.ts';
import { expectKernels } from './expect-kernels.ts';

/** Each special value with itself and a third of the others, in a pattern that meets all kinds; the third operand is one of the two. */
const pairs = specialValues.flatMap((x, i) =>
  specialValues.flatMap((y, j): [number, number][] => (i === j || (i + j) % 3 === 0 ? [[x, y]] : [])),
);
const columns = [
  Float64Array.from(pairs, ([x]) => x),
  Float64Array.from(pairs, ([, y]) => y),
  Float64Array.from(pairs, ([x, y], row) => (row % 3 === 0 ? x : y)),
];
const specialColumns = [Float64Array.from(specialValues), Float64Array.from(specialValues)];
const specialRun = [{ rows: specialValues.length, columns: specialColumns }];
const column: KernelParameter = { kind: 'column', type: 'f64' };

/** A parameter as an operand of another type. */
function operand(builder: IrBuilder, value: Value, type: Type): Value {
  if (type === 'f64') return value;
  if (type === 'i64') return builder.emit(op.ftoi32, value);
  return builder.emit(op.flt, value, builder.number(1.5));
}

function result(builder: IrBuilder, value: Value): Value {
  if (value.type === 'f64') return value;
  return builder.emit(value.type === 'bool' ? op.btof : op.itof, value);
}

/** `main(x, y, z)`: the opcode on parameters. */
function opcodeModule(opcode: Opcode, operands: readonly Type[]): IrModule {
  const module = new IrModule();
  const builder = new IrBuilder(module, 'main', ['f64', 'f64', 'f64'], 'f64');
  const values = operands.map((type, index) =>
    operand(builder, elementAt(builder.block.parameters, index), type),
  );
  const sign = values[1];
  if (opcode === op.fcopysign && sign !== undefined) {
    // The sign of NaN is unspecified.
    const ordered = builder.emit(op.feq, sign, sign);
    values[1] = builder.select(ordered, sign, builder.number(0));
  }
  const [condition, first, second] = values as [Value, Value, Value];
  const value =
    opcode === op.select ? builder.select(condition, first, second) : builder.emit(opcode, ...values);
  builder.return(result(builder, value));
  return module;
}

const spec = (parameters: readonly KernelParameter[]): KernelSpec => ({
  parameters,
  outputs: [{ function: 'main', type: 'f64' }],
});

/** Kernels on vectors are made of what is not legalised. */
const candidates = opcodes.filter(({ primitive }) => !primitive);

const withOperands = candidates.flatMap((opcode): [string, Opcode, readonly Type[]][] => {
  if (opcode === op.select) {
    const types: Type[] = ['f64', 'bool', 'i64'];
    return types.map((type) => [`select of ${type}`, opcode, ['bool', type, type]]);
  }
  const { operands, evaluate } = opcode;
  const isTested =
    operands !== undefined && operands.length > 0 && evaluate !== undefined && opcode !== op.frem;
  return isTested ? [[opcode.name, opcode, operands]] : [];
});

/** Vector units do not have them, or integers of such a width. */
const withoutLanes: ReadonlySet<Opcode> = new Set([
  ...[op.imul, op.imulu32, op.idiv, op.irem, op.iudiv, op.iurem, op.idiv32, op.irem32, op.iadd32, op.isub32],
  ...[op.iult, op.iule, op.ishl, op.ishr, op.isar, op.isext8, op.isext16, op.izext32, op.ftoi, op.fasi],
]);

describe('kernels: operations', () => {
  for (const [name, opcode, operands] of withOperands) {
    it(`${name} gives what the interpreter gives, on vectors`, () => {
      const module = opcodeModule(opcode, operands);
      const inputs = spec([column, column, column]);
      for (const level of featureLevels) {
        // There is no fused multiply-add in SSE.
        const isMissing = (opcode === op.ffma && level.startsWith('sse')) || withoutLanes.has(opcode);
        expect(isVectorKernel(module, inputs, level), level).to.equal(!isMissing);
      }
      expectKernels(module, inputs, [{ rows: pairs.length, columns }], { capacity: pairs.length * 8 });
    });

    it(`${name} does so with operands that no row changes`, () => {
      const module = opcodeModule(opcode, operands);
      for (const uniform of [0, 1]) {
        const inputs = spec([0, 1, 2].map((at) => (at === uniform ? { kind: 'uniform' } : column)));
        const runs = [0, -1.5, 40, 2 ** 32 + 5, Number.NaN].map((value) => ({
          rows: specialValues.length,
          columns: specialColumns,
          uniforms: [value],
        }));
        expectKernels(module, inputs, runs);
      }
    });
  }

  for (const opcode of [op.ishl32, op.isar32, op.ishr32]) {
    it(`${opcode.name} by constants`, () => {
      for (const count of [0n, 1n, 31n, 32n, 45n, -1n]) {
        const module = new IrModule();
        const builder = new IrBuilder(module, 'main', ['f64'], 'f64');
        const word = operand(builder, elementAt(builder.block.parameters, 0), 'i64');
        builder.return(result(builder, builder.emit(opcode, word, builder.integer(count))));
        expectKernels(module, spec([column]), specialRun);
      }
    });
  }

  const onPairs = candidates.filter(
    ({ operands, evaluate }) => evaluate !== undefined && operands?.length === 2 && operands[0] === 'f64',
  );
  for (const opcode of onPairs.filter((candidate) => candidate !== op.frem)) {
    it(`${opcode.name} with constants on either side`, () => {
      for (const constant of [0, -0, 1, -1.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        for (const isFirst of [true, false]) {
          const module = new IrModule();
          const builder = new IrBuilder(module, 'main', ['f64'], 'f64');
          const pair = [elementAt(builder.block.parameters, 0), builder.number(constant)];
          if (opcode === op.fcopysign && !isFirst) {
            // The sign of NaN is unspecified, and the first operand gives only the magnitude.
            const ordered = builder.emit(op.feq, elementAt(pair, 0), elementAt(pair, 0));
            pair[0] = builder.select(ordered, elementAt(pair, 0), builder.number(1));
          }
          builder.return(result(builder, builder.emit(opcode, ...(isFirst ? pair : pair.reverse()))));
          expectKernels(module, spec([column]), specialRun);
        }
      }
    });
  }

  it('multiplies integers whose product a double has exactly', () => {
    const module = new IrModule();
    const builder = new IrBuilder(module, 'main', ['f64'], 'f64');
    const word = operand(builder, elementAt(builder.block.parameters, 0), 'i64');
    const factor = builder.emit(op.iand, builder.emit(op.iclz32, word), builder.integer(15n));
    builder.return(result(builder, builder.emit(op.imul, factor, builder.integer(-77n))));
    expect(isVectorKernel(module, spec([column]), 'sse2')).to.equal(true);
    expectKernels(module, spec([column]), specialRun);
  });

  it('computes integers that have no lanes where no row changes them', () => {
    const module = new IrModule();
    const builder = new IrBuilder(module, 'main', ['f64', 'f64', 'f64'], 'f64');
    const [x, ...shared] = builder.block.parameters as [Value, Value, Value];
    const [n, m] = shared.map((value) => operand(builder, value, 'i64')) as [Value, Value];
    let sum = x;
    for (const opcode of withoutLanes) {
      if (opcode.operands?.[0] !== 'i64') continue;
      const made = builder.emit(opcode, ...[n, m].slice(0, opcode.operands.length));
      sum = builder.emit(op.fadd, sum, result(builder, made));
    }
    builder.return(sum);
    const inputs = spec([column, { kind: 'uniform' }, { kind: 'uniform' }]);
    const runs = [
      [7, -3],
      [2 ** 31, -1],
      [-100, 0],
      [12, 100],
    ].map((uniforms) => ({
      rows: specialValues.length,
      columns: [Float64Array.from(specialValues)],
      uniforms,
    }));
    expectKernels(module, inputs, runs);
  });
});
