/** Code that asks for fuel all the time computes what it does with plenty, and runs out where the interpreter does. */
import { expect } from 'chai';
import { IrBuilder } from '../../../src/jit/ir/builder.ts';
import { IrModule, type Value } from '../../../src/jit/ir/function.ts';
import { Interpreter } from '../../../src/jit/ir/interpreter.ts';
import { op, type Type } from '../../../src/jit/ir/opcode.ts';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import { printModule } from '../../../src/jit/ir/printer.ts';
import { TrapError } from '../../../src/jit/ir/trap-error.ts';
import type { KernelOutput, KernelSpec } from '../../../src/jit/kernel/kernel-spec.ts';
import { optimize } from '../../../src/jit/opt/optimize.ts';
import { Trap } from '../../../src/native/frame.ts';
import { elementAt } from '../../../src/support/element.ts';
import { ClobberingHost } from '../../support/clobbering-host.ts';
import { differenceOf, expectedResult, main, moduleOf } from '../../support/kernel-oracle.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { randomModule } from '../../support/random-ir.ts';
import { NativeKernel } from '../../support/run-kernel.ts';
import { hostCallEntry, NativeModule, NativeTrap, nativeLevels } from '../../support/run-native.ts';
import { specialValues } from '../../support/special-values.ts';

const seed = seedFromEnvironment();
const modules = 20;
const host = (x: number, y: number): number => x - 2 * y;
const hosts = [host];

/** What came of a call: its result, or why it did not end and where. */
function outcome(call: () => unknown, names: readonly string[]): unknown {
  try {
    return Number(call());
  } catch (error) {
    if (error instanceof TrapError) return `${error.code} in ${error.functionName}`;
    if (!(error instanceof NativeTrap)) throw error;
    return `${error.trap === Trap.Fuel ? 'E_FUEL' : error.trap} in ${names[error.functionIndex]}`;
  }
}

describe(`fuel of random modules (SEED=${seed})`, () => {
  let clobbering: ClobberingHost;
  before(() => {
    clobbering = new ClobberingHost(hostCallEntry());
  });
  after(() => clobbering?.[Symbol.dispose]());

  for (const level of nativeLevels) {
    for (const isOptimized of [false, true]) {
      it(`lasts as long as the interpreter's, in slices of any size: ${level}${isOptimized ? ', optimised' : ''}`, () => {
        const random = new Random(seed);
        let requests = 0;
        let traps = 0;
        for (let i = 0; i < modules; i++) {
          const module = randomModule(random, { functions: 3, instructions: random.integer(10, 60) });
          if (isOptimized) optimize(module);
          const names = module.functions.map(({ name }) => name);
          for (const fn of module.functions) {
            const args = elementAt(fn.blocks, 0).parameters.map(() => random.pick(specialValues));
            const plenty = new NativeModule(module, { target: { level }, hosts });
            const most = 1_000_000_000n;
            const expected = outcome(() => plenty.call(fn.name, args), names);
            const spent = Number(most - plenty.fuel);
            plenty[Symbol.dispose]();
            for (const fuel of [0, 1, spent - 1, spent, random.integer(0, spent)]) {
              if (fuel < 0) continue;
              const interpreter = new Interpreter(module, { hosts, fuel });
              const wanted = outcome(() => interpreter.run(fn.name, args), names);
              const slice = random.pick([0, 1, 3, random.integer(0, 50)]);
              const options = { target: { level }, hosts, fuel: BigInt(fuel), slice };
              using native = new NativeModule(module, { ...options, hostEntry: clobbering.entry });
              const found = outcome(() => native.call(fn.name, args), names);
              requests += native.requests;
              if (typeof wanted === 'string') traps++;
              const where = `module ${i}, ${fn.name}(${args}), fuel ${fuel} of ${spent}, slices of ${slice}`;
              if (!Object.is(found, wanted)) {
                expect.fail(`${where}: ${found} instead of ${wanted}\n${printModule(module)}`);
              }
              if (fuel >= spent && !Object.is(found, expected)) {
                expect.fail(`${where}: ${found} instead of ${expected}\n${printModule(module)}`);
              }
            }
          }
        }
        expect(requests).to.be.greaterThan(50);
        expect(traps).to.be.greaterThan(25);
      });
    }
  }
});

/**
 * `f(n, p0, …)` keeps numbers, truth values and integers alive across `n` rounds of a loop, and at each round calls `g`,
 * a loop too, with numbers in registers and on the stack. All of them are in the result.
 */
function busyModule(numbers: number, others: number, calls: boolean): IrModule {
  const module = new IrModule();
  const kinds = new Array<Type>(numbers).fill('f64');
  if (calls) {
    const g = new IrBuilder(module, 'g', ['f64', ...kinds], 'f64');
    const [count, ...rest] = g.block.parameters;
    const head = g.createBlock(['f64', 'f64']);
    const [body, after] = [g.createBlock(), g.createBlock()];
    g.jump(head, count as Value, g.number(0));
    g.moveTo(head);
    const [left, sum] = head.parameters as [Value, Value];
    g.branch(g.emit(op.fgt, left, g.number(0)), body, after);
    g.moveTo(body);
    const more = rest.reduce(
      (total, value, i) => g.emit(op.fadd, total, g.emit(op.fmul, value, g.number(i + 1))),
      sum,
    );
    g.jump(head, g.emit(op.fsub, left, g.number(1)), more);
    g.moveTo(after);
    g.return(sum);
  }
  const f = new IrBuilder(module, 'f', ['f64', ...kinds], 'f64');
  const [count, ...given] = f.block.parameters;
  const types = [...kinds, ...Array.from({ length: others }, (_, i): Type => (i % 2 === 0 ? 'i64' : 'bool'))];
  const head = f.createBlock(['f64', ...types]);
  const [body, after] = [f.createBlock(), f.createBlock()];
  const integers = Array.from({ length: others }, (_, i) => {
    const source = elementAt(given, i % given.length);
    return i % 2 === 0 ? f.emit(op.ftoi32, source) : f.emit(op.fgt, source, f.number(i));
  });
  f.jump(head, count as Value, ...given, ...integers);
  f.moveTo(head);
  const [left, ...values] = head.parameters as [Value, ...Value[]];
  f.branch(f.emit(op.fgt, left, f.number(0)), body, after);
  f.moveTo(body);
  const called = calls ? f.call('g', 'f64', f.number(2), ...values.slice(0, numbers)) : f.number(0.5);
  // Each takes the place of its neighbour, so that none keeps its register.
  const turned = (list: readonly Value[], distance: number) =>
    list.map((_, i) => elementAt(list, (i + distance) % list.length));
  const first = elementAt(values, 0);
  const next = [f.emit(op.fadd, first, called), ...values.slice(1, numbers)];
  const rest = values.slice(numbers);
  f.jump(head, f.emit(op.fsub, left, f.number(1)), ...turned(next, 1), ...turned(rest, 2));
  f.moveTo(after);
  let result: Value = f.number(0);
  values.forEach((value, i) => {
    const number = value.type === 'f64' ? value : f.emit(value.type === 'bool' ? op.btof : op.itof, value);
    result = f.emit(op.fadd, f.emit(op.fmul, result, f.number(0.75 + i / 64)), number);
  });
  f.return(result);
  return module;
}

describe('a request for fuel', () => {
  let clobbering: ClobberingHost;
  before(() => {
    clobbering = new ClobberingHost(hostCallEntry());
  });
  after(() => clobbering?.[Symbol.dispose]());

  for (const level of nativeLevels) {
    for (const calls of [false, true]) {
      it(`keeps every register: ${level}, ${calls ? 'with' : 'without'} calls`, () => {
        for (const [numbers, others] of [
          [1, 2],
          [7, 4],
          [14, 4],
          [15, 8],
          [20, 10],
          [40, 20],
        ] as const) {
          const module = busyModule(numbers, others, calls);
          const args = [9, ...Array.from({ length: numbers }, (_, i) => (i - 3) * 1.37)];
          const expected = new Interpreter(module).run('f', args);
          for (const slice of [0, 1, 7, Number.MAX_SAFE_INTEGER]) {
            using native = new NativeModule(module, {
              target: { level },
              fuel: 10_000n,
              slice,
              hostEntry: clobbering.entry,
            });
            expect(native.call('f', args), `${numbers} numbers, slices of ${slice}`).to.equal(expected);
            if (slice < 2) expect(native.requests).to.be.greaterThan(2);
          }
        }
      });
    }

    it(`keeps the arguments of a function that recurses: ${level}`, () => {
      const names = Array.from({ length: 24 }, (_, i) => `p${i}`);
      const turned = [...names.slice(1), names[0]];
      const source = `f(n, ${names}) = n <= 0 ? ${names.map((name, i) => `${name}*${i + 1}`).join(' - ')} : f(n - 1, ${turned}) + n; f(x, ${names})`;
      const module = moduleOf(source, ['x', ...names]);
      const args = [13, ...names.map((_, i) => i * 0.7 - 5)];
      const expected = new Interpreter(module).run(main, args);
      using native = new NativeModule(module, {
        target: { level },
        fuel: 10_000n,
        slice: 1,
        hostEntry: clobbering.entry,
      });
      expect(native.call(main, args)).to.equal(expected);
      expect(native.requests).to.be.greaterThan(10);
    });

    it(`keeps what a kernel converts and reduces: ${level}`, () => {
      const module = moduleOf('f(n) = n <= 0 ? y : 1 + f(n - 1) * 1.5; f(min(x, 20)) + sum(i, 1, 4, i*y)', [
        'x',
        'y',
      ]);
      const outputs: KernelOutput[] = [
        { function: main, type: 'f32' },
        { function: main, reduce: 'sum' },
        { function: main, type: 'mask' },
        { function: main, reduce: 'max' },
        { function: main, type: 'i16' },
      ];
      const columns = [
        Int16Array.from({ length: 700 }, (_, row) => row % 23),
        Float32Array.from({ length: 700 }, (_, row) => Math.fround(row * 0.3 - 40)),
      ];
      const spec: KernelSpec = {
        parameters: [
          { kind: 'column', type: 'i16' },
          { kind: 'column', type: 'f32' },
        ],
        outputs,
      };
      const run = { rows: 700, columns, fuel: 10_000n };
      const expected = expectedResult(module, spec, run);
      using kernel = new NativeKernel(module, spec, { level });
      for (const slice of [0, 1, 40, 1000]) {
        const found = kernel.run({ ...run, slice, hostEntry: clobbering.entry });
        expect(differenceOf(found, expected), `slices of ${slice}`).to.equal(undefined);
        expect(kernel.requests).to.be.greaterThan(1);
      }
    });

    it(`comes from rows of little cost now and then: ${level}`, () => {
      const module = moduleOf('hypot(x, 2) % 3', ['x']);
      const spec: KernelSpec = {
        parameters: [{ kind: 'column', type: 'f64' }],
        outputs: [{ function: main, type: 'f64' }],
      };
      using kernel = new NativeKernel(module, spec, { level });
      const run = { rows: 500, columns: [Float64Array.from({ length: 500 }, (_, row) => row / 3)] };
      const found = kernel.run({ ...run, slice: 100, hostEntry: clobbering.entry });
      expect(differenceOf(found, expectedResult(module, spec, run))).to.equal(undefined);
      expect(kernel.requests).to.be.greaterThan(10);
    });
  }
});

describe('a trap for want of fuel', () => {
  it('leaves code from any depth, and the next call has all of its own', () => {
    const module = parseModule(`
function f(f64): f64 {
b0(v0: f64):
  v1 = fconst 0
  v2 = fle v0, v1
  branch v2, b1(), b2()
b1():
  return v0
b2():
  v3 = fconst 1
  v4 = fsub v0, v3
  v5 : f64 = call f(v4)
  v6 = fadd v5, v0
  return v6
}
`);
    for (const level of nativeLevels) {
      for (const slice of [0, 1, 5, 1000]) {
        using native = new NativeModule(module, { target: { level }, fuel: 100n, slice });
        for (let i = 0; i < 3; i++) {
          expect(() => native.call('f', [100]))
            .to.throw(NativeTrap)
            .with.property('trap', Trap.Fuel);
          expect(native.call('f', [99])).to.equal(4950);
          expect(native.fuel).to.equal(0n);
        }
      }
    }
  });
});
