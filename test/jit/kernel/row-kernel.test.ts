import { expect } from 'chai';
import { fuelUnit } from '../../../src/jit/ir/cost.ts';
import { generateKernel } from '../../../src/jit/kernel/generate-kernel.ts';
import type { KernelOutput, KernelParameter, KernelSpec } from '../../../src/jit/kernel/kernel-spec.ts';
import { featureLevels } from '../../../src/jit/machine/feature-level.ts';
import { hostTarget } from '../../../src/jit/machine/host-target.ts';
import { Trap } from '../../../src/native/frame.ts';
import { requireAddon } from '../../../src/native/loader.ts';
import { elementAt } from '../../../src/support/element.ts';
import { isVectorKernel } from '../../support/is-vector-kernel.ts';
import { differenceOf, expectedResult, main, moduleOf } from '../../support/kernel-oracle.ts';
import { KernelTrap } from '../../support/run-kernel.ts';
import { anyKernel, simulateKernel } from '../../support/simulator/simulated-kernel.ts';
import { expectKernels } from './expect-kernels.ts';

const kernelOf = (...outputs: readonly KernelOutput[]): KernelSpec => ({
  parameters: [{ kind: 'column', type: 'f64' }],
  outputs,
});
const asArray = kernelOf({ function: main, type: 'f64' });
const counting = Float64Array.from({ length: 30 }, (_, row) => row);
const fibonacci = 'fib(n) = n < 2 ? n : fib(n - 1) + fib(n - 2); fib(min(x, 12))';

describe('kernels that run row by row', () => {
  for (const source of [
    fibonacci,
    'gcd(a, b) = b == 0 ? a : gcd(b, a % b); gcd(x, 12)',
    'sum(i, 1, 10, i * x)',
    'even(n) = n == 0 ? true : odd(n - 1); odd(n) = n == 0 ? false : even(n - 1); even(x)',
  ]) {
    it(`compute ${source}`, () => {
      const module = moduleOf(source, ['x']);
      expect(isVectorKernel(module, asArray, 'avx512')).to.equal(false);
      const runs = [0, 1, 7, 30].map((rows) => ({ rows, columns: [counting] }));
      expectKernels(module, asArray, runs);
      expectKernels(module, kernelOf({ function: main, type: 'mask' }), runs);
      expectKernels(module, kernelOf({ function: main, reduce: 'sum' }), runs);
    });
  }

  // They are spilled, 256 bits each; the simulator lets nothing be called with upper halves in use.
  it('pass more arguments than registers can', () => {
    const names = Array.from({ length: 20 }, (_, i) => `p${i}`);
    const module = moduleOf(`hypot(${names.join(', ')}) + p19 % 3`, names);
    const parameters = names.map(
      (_, i): KernelParameter => (i % 3 === 0 ? { kind: 'uniform' } : { kind: 'column', type: 'f64' }),
    );
    const columns = names.flatMap((_, i) => (i % 3 === 0 ? [] : [counting.map((value) => value * i)]));
    const uniforms = names.flatMap((_, i) => (i % 3 === 0 ? [i * 1.5] : []));
    const spec: KernelSpec = { parameters, outputs: [{ function: main, type: 'f64' }] };
    const run = { rows: 30, columns, uniforms };
    expectKernels(module, spec, [run]);
    using simulated = simulateKernel(module, spec, { level: 'avx2' });
    expect(differenceOf(simulated.run(run), expectedResult(module, spec, run))).to.equal(undefined);
  });

  it('give every row all the fuel, and say at which row it ends', () => {
    const module = moduleOf('sum(i, 1, x, 1)', ['x']);
    for (const level of featureLevels) {
      using kernel = anyKernel(module, asArray, { level });
      const enough = { rows: 30, columns: [counting], fuel: 31n };
      expect(differenceOf(kernel.run(enough), expectedResult(module, asArray, enough))).to.equal(undefined);
      const few = { rows: 30, columns: [counting], fuel: 17n };
      expect(() => kernel.run(few))
        .to.throw(KernelTrap)
        .with.property('trap', Trap.Fuel);
      expect(() => kernel.run(few))
        .to.throw(KernelTrap)
        .with.property('row', 17);
    }
  });

  it('give each function of a row all the fuel', () => {
    const module = moduleOf('f(n) = n <= 0 ? 0 : 1 + f(n - 1); f(x)', ['x']);
    const recursive = elementAt(
      module.functions.filter(({ name }) => name !== main),
      0,
    ).name;
    const spec = kernelOf({ function: recursive, type: 'f64' }, { function: main, type: 'f64' });
    for (const level of featureLevels) {
      using kernel = anyKernel(module, spec, { level });
      const run = { rows: 9, columns: [counting], fuel: 10n, slice: 3 };
      expect(differenceOf(kernel.run(run), expectedResult(module, spec, run))).to.equal(undefined);
    }
  });

  it('let every row pay for what it calls', () => {
    const module = moduleOf('f(n) = n <= 0 ? 0 : 1 + f(n - 1); f(x)', ['x']);
    using kernel = anyKernel(module, asArray);
    const run = { rows: 5, columns: [counting], fuel: 6n };
    expect(differenceOf(kernel.run(run), expectedResult(module, asArray, run))).to.equal(undefined);
    expect(() => kernel.run({ ...run, fuel: 5n }))
      .to.throw(KernelTrap)
      .with.property('row', 4);
  });

  it('end where the stack does', () => {
    const module = moduleOf('f(n) = 1 + f(n + 1) * 2; x < 3 ? x : f(x)', ['x']);
    for (const level of featureLevels) {
      using kernel = anyKernel(module, asArray, { level, target: { fuel: false } });
      const run = { rows: 30, columns: [counting] };
      expect(() => kernel.run(run))
        .to.throw(KernelTrap)
        .with.property('trap', Trap.Stack);
      expect(() => kernel.run(run))
        .to.throw(KernelTrap)
        .with.property('row', 3);
    }
  });

  it('call the host, and pass on what it throws', () => {
    const module = moduleOf('host(x) + sum(i, 1, 3, host(i))', ['x'], ['host']);
    const columns = [counting];
    const hosts = [(x: number) => x * 2];
    expectKernels(module, asArray, [{ rows: 30, columns }], { hosts });
    for (const level of featureLevels) {
      const failing = (x: number): number => {
        if (x === 20) throw new Error('twenty');
        return x;
      };
      using kernel = anyKernel(module, asArray, { level, hosts: [failing] });
      expect(() => kernel.run({ rows: 30, columns })).to.throw('twenty');
      expect(kernel.run({ rows: 20, columns }).outputs[0]).to.have.length(20);
    }
  });

  it('are told apart by what their rows can do', () => {
    const factsOf = (source: string) => {
      const module = moduleOf(source, ['x'], ['host'], 0);
      const { code, ...facts } = generateKernel(module, asArray, hostTarget(requireAddon()));
      expect(code.codeSize).to.be.greaterThan(0);
      return facts;
    };
    const rows = { onVectors: false, mayTrap: false, callsHost: false };
    expect(factsOf('x * 2'))
      .to.include({ ...rows, onVectors: true })
      .and.have.property('rowCost')
      .that.is.below(100);
    expect(factsOf('sin(x)'))
      .to.include({ ...rows, onVectors: true })
      .and.have.property('rowCost')
      .that.is.within(100, 1000);
    expect(factsOf('f(n) = n * 2; f(x) + f(x + 1)')).to.include({ ...rows, onVectors: true });
    expect(factsOf(fibonacci)).to.include({ ...rows, mayTrap: true, rowCost: Number.POSITIVE_INFINITY });
    expect(factsOf('host(x)')).to.include({ ...rows, mayTrap: true, callsHost: true });
    const recursive = 'f(n) = n > 3 ? host(n) : f(n + 1) * 2; f(x)';
    expect(factsOf(recursive)).to.include({ ...rows, mayTrap: true, callsHost: true });
  });

  it('are those on vectors whose rows no call could pay for', () => {
    const module = moduleOf(Array.from({ length: 60 }, (_, i) => `x / (x + ${i})`).join(' + '), ['x']);
    const target = hostTarget(requireAddon());
    const { onVectors, rowCost } = generateKernel(module, asArray, target);
    expect(onVectors).to.equal(true);
    const units = Math.ceil(rowCost / fuelUnit);
    expect(generateKernel(module, asArray, target, { fuel: units })).to.include({ onVectors: true });
    expect(generateKernel(module, asArray, target, { fuel: units - 1 })).to.include({
      onVectors: false,
      rowCost,
    });
  });
});
