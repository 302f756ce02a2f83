import { expect } from 'chai';
import { type IrFunction, IrModule } from '../../../src/jit/ir/function.ts';
import { Interpreter } from '../../../src/jit/ir/interpreter.ts';
import type { Datum } from '../../../src/jit/ir/opcode.ts';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import { printModule } from '../../../src/jit/ir/printer.ts';
import { type LaneCount, lanesOf } from '../../../src/jit/ir/type.ts';
import { assertVerified } from '../../../src/jit/ir/verifier.ts';
import { traitsOf } from '../../../src/jit/machine/feature-level.ts';
import { legalise } from '../../../src/jit/opt/legalise/legalise.ts';
import { optimize } from '../../../src/jit/opt/optimize.ts';
import { inlineAll } from '../../../src/jit/opt/vectorise/inline-all.ts';
import { predicate } from '../../../src/jit/opt/vectorise/predicate.ts';
import { vectorise } from '../../../src/jit/opt/vectorise/vectorise.ts';
import { elementAt } from '../../../src/support/element.ts';
import { main, moduleOf } from '../../support/kernel-oracle.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { randomModule } from '../../support/random-ir.ts';
import { specialValues } from '../../support/special-values.ts';

const seed = seedFromEnvironment();
const moduleCount = 150;

const targets = [
  { ...traitsOf('sse2'), lanes: 2, registers: 15 },
  { ...traitsOf('sse4.1'), lanes: 2, registers: 15 },
  { ...traitsOf('avx2'), lanes: 4, registers: 15 },
] as const;

/** The function alone in a module of its own, verified; as text and back, so that printer and parser know all of it. */
function alone(fn: IrFunction, when: string): IrModule {
  const module = new IrModule();
  module.functions.push(fn);
  assertVerified(module, when);
  const text = printModule(module);
  const again = parseModule(text);
  assertVerified(again, `${when}, read back`);
  expect(printModule(again)).to.equal(text);
  return again;
}

/** Modules of functions that call no host, optimised or not, and arguments for them. */
function* randomFunctions(random: Random): Generator<{ module: IrModule; fn: IrFunction }> {
  for (let i = 0; i < moduleCount; i++) {
    const module = randomModule(random, { functions: 2, instructions: random.integer(5, 40) });
    if (random.chance(0.5)) optimize(module);
    for (const fn of module.functions) {
      if (!printModule(module).includes('= callhost')) yield { module, fn };
    }
  }
}

function argumentsFor(fn: IrFunction, random: Random): number[] {
  return elementAt(fn.blocks, 0).parameters.map(() => random.pick(specialValues));
}

const same = (x: unknown, y: unknown): boolean => Object.is(Number(x), Number(y));

describe(`legalise (SEED=${seed})`, () => {
  for (const target of targets) {
    it(`keeps what functions compute, with ${target.hasRound ? '' : 'no '}rounding and ${target.hasFma ? '' : 'no '}VEX`, () => {
      const random = new Random(seed);
      let copies = 0;
      for (const { module, fn } of randomFunctions(random)) {
        const before = printModule(module);
        const legal = legalise(fn, target);
        expect(printModule(module), 'the source stays as it is').to.equal(before);
        if (legal === fn) continue;
        copies++;
        const changed = new IrModule();
        changed.functions.push(...module.functions.map((each) => (each === fn ? legal : each)));
        assertVerified(changed, 'after legalisation');
        const [old, now] = [new Interpreter(module), new Interpreter(changed)];
        for (let i = 0; i < 8; i++) {
          const args = argumentsFor(fn, random);
          const wanted = old.run(fn.name, args);
          const found = now.run(fn.name, args);
          if (!same(found, wanted))
            expect.fail(`${fn.name}(${args}): ${found}, not ${wanted}\n${printModule(changed)}`);
        }
      }
      expect(copies).to.be.above(20);
    });
  }
});

describe(`predicate (SEED=${seed})`, () => {
  it('keeps what functions compute, and leaves them no branches but those of loops', () => {
    const random = new Random(seed);
    let loops = 0;
    for (const { module, fn } of randomFunctions(random)) {
      const whole = inlineAll(module, fn);
      if (whole === undefined) continue;
      const varies = elementAt(whole.function.blocks, 0).parameters.map(() => random.chance(0.7));
      const predicated = predicate(whole.function, varies);
      if (predicated === undefined) continue;
      loops += predicated.heads.size;
      const branches = predicated.function.blocks.filter(({ terminator }) => terminator?.kind === 'branch');
      expect(branches.length).to.equal(predicated.heads.size);
      const changed = alone(predicated.function, 'after if-conversion');
      const [old, now] = [new Interpreter(module), new Interpreter(changed)];
      for (let i = 0; i < 8; i++) {
        const args = argumentsFor(fn, random);
        const wanted = old.run(fn.name, args);
        const found = now.run(whole.function.name, args);
        if (!same(found, wanted))
          expect.fail(`${fn.name}(${args}): ${found}, not ${wanted}\n${printModule(module)}`);
      }
    }
    expect(loops).to.be.above(20);
  });
});

/** Runs a function on lanes over so many rows; varying arguments are lists, the others numbers. */
function runLanes(fn: IrFunction, args: readonly (readonly number[] | number)[]): readonly Datum[] {
  const interpreter = new Interpreter(alone(fn, 'after vectorisation'));
  return interpreter.runLanes(fn.name, args.flat()).flat();
}

describe(`vectorise (SEED=${seed})`, () => {
  for (const target of targets) {
    for (const strands of [1, 2]) {
      it(`computes each row as one alone: ${target.lanes} lanes, ${strands} strands`, () => {
        const random = new Random(seed);
        let vectorisedCount = 0;
        for (const { module, fn } of randomFunctions(random)) {
          const { parameters } = elementAt(fn.blocks, 0);
          const varies = parameters.map((_, index) => index === 0 || random.chance(0.7));
          const vectorised = vectorise(module, fn, varies, target, [strands]);
          if (vectorised === undefined) continue;
          vectorisedCount++;
          const rows = target.lanes * strands;
          const args = varies.map((isVarying) =>
            isVarying
              ? Array.from({ length: rows }, () => random.pick(specialValues))
              : random.pick(specialValues),
          );
          const results = runLanes(vectorised.function, args);
          const scalar = new Interpreter(module);
          for (let row = 0; row < rows; row++) {
            const own = args.map((argument) =>
              typeof argument === 'number' ? argument : elementAt(argument, row),
            );
            const wanted = scalar.run(fn.name, own);
            if (!same(results[row], wanted)) {
              expect.fail(
                `${fn.name}(${own}): ${results[row]}, not ${wanted}, in row ${row}\n${printModule(module)}`,
              );
            }
          }
        }
        expect(vectorisedCount).to.be.above(5);
      });
    }
  }

  const vectoriseSource = (
    source: string,
    parameters: readonly string[],
    strands: number,
    lanes: LaneCount = 4,
  ) => {
    const module = moduleOf(source, parameters);
    const fn = module.functions.find(({ name }) => name === main) as IrFunction;
    const target = { ...traitsOf('avx2'), lanes, registers: 15 } as const;
    return {
      module,
      fn,
      vectorised: vectorise(
        module,
        fn,
        parameters.map(() => true),
        target,
        [strands],
      ),
    };
  };

  it('leaves one value what is the same for all rows', () => {
    const { vectorised } = vectoriseSource('sum(i, 1, 20, x * i)', ['x'], 2);
    const head = vectorised?.function.blocks.find(({ parameters }) => parameters.length > 2);
    const types = head?.parameters.map(({ type }) => type);
    expect(types, 'a counter, and a sum for each strand').to.deep.equal(['f64', 'f64x4', 'f64x4']);
  });

  it('divides with a rest where multiplication can be fused', () => {
    const { vectorised } = vectoriseSource('sum(i, 1, x, y % i)', ['x', 'y'], 1);
    expect(vectorised).not.to.equal(undefined);
    const module = moduleOf('x % y', ['x', 'y']);
    const target = { ...traitsOf('sse4.1'), lanes: 2, registers: 15 } as const;
    expect(vectorise(module, elementAt(module.functions, 0), [true, true], target, [1])).to.equal(undefined);
  });

  it('gives up before it copies what would become too long', () => {
    const lines = Array.from({ length: 40 }, (_, at) => `c${at + 1}(x) = c${at}(x) + c${at}(x + 1)`);
    const source = `c0(x) = sum(i, 1, x, i); ${lines.join('; ')}; x < 0 ? c40(x) : x`;
    expect(vectoriseSource(source, ['x'], 1).vectorised).to.equal(undefined);
  });

  it('gives up what has no lanes', () => {
    const source = 'fib(n) = n < 2 ? n : fib(n - 1) + fib(n - 2); sum(i, 1, x, fib(i))';
    expect(vectoriseSource(source, ['x'], 1).vectorised).to.equal(undefined);
  });

  it('counts lanes in the types of values', () => {
    const { vectorised } = vectoriseSource('sum(i, 1, x, i)', ['x'], 1, 2);
    const { parameters } = elementAt(vectorised?.function.blocks ?? [], 0);
    expect(parameters.map(({ type }) => lanesOf(type))).to.deep.equal([2]);
  });
});
