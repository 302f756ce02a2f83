import { expect } from 'chai';
import { planKernel } from '../../../src/jit/kernel/kernel-plan.ts';
import type { KernelParameter, KernelSpec } from '../../../src/jit/kernel/kernel-spec.ts';
import { checkLaneAllocation } from '../../../src/jit/kernel/lane-allocation-checker.ts';
import {
  allocateLanes,
  home,
  type LaneAllocation,
  type LaneAllocationOptions,
  type LaneStep,
} from '../../../src/jit/kernel/lane-allocator.ts';
import type { LaneProgram } from '../../../src/jit/kernel/lane-program.ts';
import { selectLanes } from '../../../src/jit/kernel/lane-selection.ts';
import { type FeatureLevel, featureLevels } from '../../../src/jit/machine/feature-level.ts';
import { invariant } from '../../../src/support/invariant.ts';
import { main, moduleOf } from '../../support/kernel-oracle.ts';
import { Random } from '../../support/random.ts';

const names = ['x', 'y', 'z'];
const column: KernelParameter = { kind: 'column', type: 'f64' };

type Output = { readonly type: 'f64' } | { readonly reduce: 'sum' };

function programOf(source: string, level: FeatureLevel, output: Output = { type: 'f64' }): LaneProgram {
  const spec: KernelSpec = { parameters: [column, column, column], outputs: [{ function: main, ...output }] };
  const program = selectLanes(moduleOf(source, names), spec, level);
  invariant(program !== undefined, `${source} runs on vectors`);
  return program;
}

function optionsOf(registers: number, overrides: Partial<LaneAllocationOptions> = {}): LaneAllocationOptions {
  return {
    vectors: Array.from({ length: registers }, (_, id) => id),
    masks: [33, 34, 35],
    pinned: new Map(),
    foldsColumns: true,
    maySpill: true,
    ...overrides,
  };
}

function allocate(program: LaneProgram, options: LaneAllocationOptions): LaneAllocation | undefined {
  const allocation = allocateLanes(program.body, program, options);
  if (allocation !== undefined) checkLaneAllocation(program.body, program, options, allocation);
  return allocation;
}

/** A long expression over few columns: many values are alive at a time. */
const wide = `{ ${Array.from({ length: 24 }, (_, i) => `let a${i} = sqrt(x * ${i} + y) - z / ${i + 1}`).join('; ')};
  ${Array.from({ length: 24 }, (_, i) => `a${i} * a${(i * 7 + 5) % 24}`).join(' + ')} }`;

describe('lane allocation', () => {
  it('takes columns and constants from memory where instructions can', () => {
    const program = programOf('x * 3 + y', 'avx2');
    const steps = allocate(program, optionsOf(16))?.steps ?? [];
    const moves = steps.filter(({ kind }) => kind === 'move');
    expect(moves, 'only one of the factors is loaded').to.have.length(1);
    const operations = steps.flatMap((step) => (step.kind === 'operation' ? [step] : []));
    expect(operations.map(({ operands }) => operands.includes(home))).to.deep.equal([true, true, false]);
  });

  it('loads columns first in plain SSE, whose operands must be aligned', () => {
    const steps = allocate(programOf('x * 3 + y', 'sse2'), optionsOf(16))?.steps ?? [];
    const loads = steps.flatMap((step) =>
      step.kind === 'operation' ? [step.instruction.operation.name] : [],
    );
    expect(loads.filter((name) => name === 'load')).to.have.length(2);
  });

  it('gives up where it would have to spill and may not', () => {
    const program = programOf(wide, 'avx2');
    expect(allocate(program, optionsOf(16, { maySpill: false }))).to.equal(undefined);
    expect(allocate(program, optionsOf(16))?.spillSlots).to.be.greaterThan(0);
    const roomy = programOf('x * 3 + y', 'avx2');
    expect(allocate(roomy, optionsOf(2, { maySpill: false }))?.temporaries.vectors).to.be.at.most(2);
  });

  const seed = 20261125;
  it(`holds for random programs in few registers (seed ${seed})`, () => {
    const random = new Random(seed);
    const term = (depth: number): string => {
      if (depth === 0 || random.chance(0.15)) return random.pick([...names, '2.5', '-1', '0']);
      const [a, b, c] = [term(depth - 1), term(depth - 1), term(depth - 1)];
      const shapes = [
        `(${a} + ${b})`,
        `(${a} / ${b})`,
        `max(${a}, ${b})`,
        `(${a} < ${b} ? ${c} : ${a})`,
        `round(${a})`,
      ];
      return random.pick([...shapes, `fma(${a}, ${b}, ${c})`, `bitand(${a}, ${b})`]);
    };
    for (let round = 0; round < 40; round++) {
      const source = term(4);
      for (const level of ['avx2', 'avx512'] as const) {
        for (const registers of [4, 5, 8, 16]) allocate(programOf(source, level), optionsOf(registers));
      }
    }
  });

  it('is proved by a checker that notices what is broken', () => {
    const program = programOf(wide, 'sse2');
    const options = optionsOf(8);
    const { steps, ...rest } = allocate(program, options) as LaneAllocation;
    const broken = (change: (step: LaneStep, index: number) => LaneStep | undefined): (() => void) => {
      const changed = steps.flatMap((step, index) => change(step, index) ?? []);
      return () => checkLaneAllocation(program.body, program, options, { ...rest, steps: changed });
    };
    const firstSpill = steps.findIndex((step) => step.kind === 'move' && step.from !== home);
    const middle = steps.findIndex((step, index) => step.kind === 'operation' && index > 20);
    expect(broken((step) => step)).not.to.throw();
    expect(broken((step, index) => (index === firstSpill ? undefined : step))).to.throw('is not at');
    expect(broken((step, index) => (index === middle ? undefined : step))).to.throw();
    const misplaced = broken((step, index) =>
      index === middle && step.kind === 'operation' ? { ...step, result: (step.result + 1) % 8 } : step,
    );
    expect(misplaced).to.throw();
    const outside = broken((step, index) =>
      index === middle && step.kind === 'operation' ? { ...step, result: 12 } : step,
    );
    expect(outside).to.throw('may not be at');
  });
});

describe('kernel plans', () => {
  it('keep constants in registers, and interleave copies of a short body', () => {
    for (const level of featureLevels) {
      const plan = planKernel(programOf('(x * 3 - 2) * x + 5', level), true);
      expect(plan.pinned.size, level).to.equal(3);
      expect([plan.copies, plan.strands], level).to.deep.equal([4, 4]);
      expect(plan.whole.spillSlots).to.equal(0);
    }
  });

  it('give a sum a register for each virtual accumulator', () => {
    const registers = { sse2: 8, 'sse4.1': 8, avx2: 4, avx512: 2 };
    for (const level of featureLevels) {
      const plan = planKernel(programOf('x * y', level, { reduce: 'sum' }), true);
      expect(plan.copies, level).to.equal(registers[level]);
      expect(plan.accumulators, level).to.have.length(1);
    }
  });

  it('keep accumulators in memory where the body needs the registers', () => {
    const plan = planKernel(programOf(wide, 'sse2', { reduce: 'sum' }), true);
    expect(plan.accumulators).to.equal(undefined);
  });

  it('spill only in bodies that fit no other way', () => {
    expect(planKernel(programOf(wide, 'avx2'), true).spillSlots).to.be.greaterThan(0);
    expect(planKernel(programOf('x*y + z*x - y*z + x/y + y/z', 'sse2'), true).spillSlots).to.equal(0);
  });
});
