import { expect } from 'chai';
import type { IrModule } from '../../../src/jit/ir/function.ts';
import { type HostImplementation, Interpreter } from '../../../src/jit/ir/interpreter.ts';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import { printModule } from '../../../src/jit/ir/printer.ts';
import { verifyModule } from '../../../src/jit/ir/verifier.ts';
import { type OptimizeOptions, optimize } from '../../../src/jit/opt/optimize.ts';
import { elementAt } from '../../../src/support/element.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { randomModule } from '../../support/random-ir.ts';

const seed = seedFromEnvironment();

/** Runs the last function of the module and records what the host sees, in order. */
function run(module: IrModule, args: readonly number[]): string {
  const seen: string[] = [];
  const host: HostImplementation = (x, y) => {
    seen.push(`${show(x)} ${show(y)}`);
    return x + y;
  };
  const last = elementAt(module.functions, module.functions.length - 1);
  const parameters = elementAt(last.blocks, 0).parameters;
  const interpreter = new Interpreter(module, { hosts: [host], fuel: 200_000 });
  const result = interpreter.run(
    last.name,
    parameters.map((_, index) => args[index] ?? 0),
  );
  return [show(Number(result)), ...seen].join('; ');
}

function show(x: number): string {
  return Object.is(x, -0) ? '-0' : String(x);
}

function check(random: Random, options: OptimizeOptions, round: number): void {
  const text = printModule(
    randomModule(random, {
      functions: random.integer(1, 4),
      instructions: random.integer(1, 60),
      switches: true,
    }),
  );
  const original = parseModule(text);
  const where = `SEED=${seed}, module ${round}:\n${text}`;
  expect(verifyModule(original), where).to.deep.equal([]);
  const optimized = parseModule(text);
  try {
    optimize(optimized, { ...options, verify: true });
  } catch (cause) {
    throw new Error(where, { cause });
  }
  for (let i = 0; i < 8; i++) {
    const args = [random.double(), random.double(), random.double()];
    expect(run(optimized, args), `${where}\nbecame\n${printModule(optimized)}\nfor ${args}`).to.equal(
      run(original, args),
    );
  }
}

describe(`optimize on random modules (SEED=${seed})`, () => {
  it('keeps every bit of every result and the order of host calls, and each pass leaves correct IR', () => {
    const random = new Random(seed);
    for (let round = 0; round < 150; round++) check(random, {}, round);
  });

  it('does so with unlimited speculation', () => {
    const random = new Random(seed + 1);
    for (let round = 0; round < 60; round++) check(random, { speculation: 'all' }, round);
  });

  it('does so at level 0', () => {
    const random = new Random(seed + 2);
    for (let round = 0; round < 60; round++) check(random, { level: 0 }, round);
  });

  it('leaves correct IR with fastMath', () => {
    const random = new Random(seed + 3);
    for (let round = 0; round < 60; round++) {
      const module = randomModule(random, { functions: 3, instructions: 40, switches: true });
      optimize(module, { fastMath: true, fma: true, verify: true });
    }
  });
});
