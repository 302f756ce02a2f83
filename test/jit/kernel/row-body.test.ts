import { expect } from 'chai';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import type { KernelParameter, KernelSpec } from '../../../src/jit/kernel/kernel-spec.ts';
import { rowBody } from '../../../src/jit/kernel/row-body.ts';
import { isVectorKernel } from '../../support/is-vector-kernel.ts';
import { main, moduleOf } from '../../support/kernel-oracle.ts';
import { Random } from '../../support/random.ts';
import { randomModule } from '../../support/random-ir.ts';
import { expectKernels } from './expect-kernels.ts';

const column: KernelParameter = { kind: 'column', type: 'f64' };
const seed = 20261124;

function specOf(name: string, parameters: number): KernelSpec {
  return {
    parameters: new Array<KernelParameter>(parameters).fill(column),
    outputs: [{ function: name, type: 'f64' }],
  };
}

/** Every combination of four numbers for three columns. */
const numbers = [-1, 0, 2, Number.NaN];
const combinations = numbers.flatMap((x) => numbers.flatMap((y) => numbers.map((z) => [x, y, z] as const)));
const columns = [0, 1, 2].map((at) => Float64Array.from(combinations, (row) => row[at] as number));

describe('full if-conversion', () => {
  for (const source of [
    'x < y ? x : y',
    'x < y && y < z ? 1 : 2',
    'x < y || y < z ? 1 : 2',
    'x < y && (y < z || x == 0) && !(z < 0 || y > 1) ? x : y < z || x < z ? y : z',
    'x < 0 ? (y < 0 ? (z < 0 ? 1 : 2) : (z < 0 ? 3 : 4)) : (y < 0 ? (z < 0 ? 5 : 6) : (z < 0 ? 7 : 8))',
    '(x && y || z) + (x || y && z) * 2 + (x ? y : z) * 4',
    '{ let a = x < y ? z : y; let b = a < z ? x : a; b ? a : b }',
    'f(a, b) = a < b ? (a < 0 ? b : a) : (b < 0 ? a : b); f(f(x, y), f(y, z))',
  ]) {
    for (const level of [0, 1] as const) {
      it(`${source}, optimisation level ${level}`, () => {
        const module = moduleOf(source, ['x', 'y', 'z'], [], level);
        const spec = specOf(main, 3);
        expect(isVectorKernel(module, spec, 'avx2')).to.equal(true);
        expectKernels(module, spec, [{ rows: combinations.length, columns }]);
      });
    }
  }

  it('asks for no condition that the way to a branch has settled', () => {
    const module = moduleOf('x < 0 ? (y < 0 ? 1 : 2) : (z < 0 ? 3 : 4)', ['x', 'y', 'z'], [], 0);
    const body = rowBody(module, specOf(main, 3), true);
    const names = body?.instructions.map(({ op }) => op?.name);
    expect(names?.filter((name) => name === 'select')).to.have.length(3);
    expect(names?.filter((name) => name === 'band' || name === 'bor' || name === 'bnot')).to.deep.equal([]);
  });

  it('takes n - 1 operations for n conditions in a row', () => {
    for (const operator of ['&&', '||']) {
      const names = Array.from({ length: 12 }, (_, i) => `c${i}`);
      const source = `${names.map((name) => `${name} < 3`).join(` ${operator} `)} ? 1 : 2`;
      const body = rowBody(moduleOf(source, names, [], 0), specOf(main, 12), true);
      const result = body?.results[0]?.value;
      const condition = result?.operands[0];
      expect(result?.op?.name).to.equal('select');
      let depth = 0;
      for (let at = condition; at?.op?.name === 'band' || at?.op?.name === 'bor'; depth++) {
        at = at.operands.find(({ op }) => op?.name === at?.op?.name) ?? at.operands[0];
      }
      expect(depth).to.equal(11);
    }
  });

  it('leaves loops and what traps to scalar code', () => {
    for (const source of ['sum(i, 1, 3, x)', 'f(n) = n < 0 ? 0 : f(n - 1) + 1; f(x)']) {
      expect(rowBody(moduleOf(source, ['x']), specOf(main, 1), true)).to.equal(undefined);
    }
  });

  it('takes blocks that many ways lead to, with arguments', () => {
    const module = parseModule(`
function main(f64, f64): f64 {
b0(v0: f64, v1: f64):
  v2 = flt v0, v1
  branch v2, b1, b2
b1():
  v3 = fconst 0
  v4 = flt v0, v3
  branch v4, b3(v0), b4(v1)
b2():
  v5 = fconst 1
  v6 = flt v1, v5
  branch v6, b4(v5), b3(v1)
b3(v7: f64):
  v8 = fadd v7, v0
  jump b5(v8, v7)
b4(v9: f64):
  return v9
b5(v10: f64, v11: f64):
  v12 = fmul v10, v11
  return v12
}`);
    expectKernels(module, specOf('main', 2), [{ rows: combinations.length, columns: columns.slice(0, 2) }]);
  });

  it(`gives the interpreter's results for random functions (seed ${seed})`, () => {
    const random = new Random(seed);
    let vectors = 0;
    for (let round = 0; round < 60; round++) {
      const module = randomModule(random, { functions: 2, instructions: random.integer(2, 16) });
      const values = [0, 1, 2].map(() => Float64Array.from({ length: 19 }, () => random.double()));
      for (const fn of module.functions) {
        const count = fn.blocks[0]?.parameters.length ?? 0;
        const spec = specOf(fn.name, count);
        if (isVectorKernel(module, spec, 'avx2')) vectors++;
        const hosts = [(x: number, y: number) => x - y];
        expectKernels(module, spec, [{ rows: 19, columns: values.slice(0, count) }], { hosts });
      }
    }
    expect(vectors).to.be.greaterThan(15);
  });
});
