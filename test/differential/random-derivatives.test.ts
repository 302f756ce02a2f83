import { expect } from 'chai';
import { CompileError, TrapError } from '../../src/index.ts';
import { elementAt } from '../../src/support/element.ts';
import { prepare } from '../lang/evaluate.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';
import { node, type Program, randomProgram, type Shape } from '../support/random-program.ts';
import { printSource } from '../support/random-program-source.ts';
import { hexBits, sameBits } from '../support/ulp.ts';
import { Differential } from './differential.ts';
import { randomArguments } from './program-shape.ts';

const programCount = 500;
const programShape: Shape = { size: 14, definitions: 3, loops: true, hosts: false };

/** The derivative of the result by a parameter, so many times. */
function derived(program: Program, name: string, order: number): Program {
  let { result } = program;
  for (let i = 0; i < order; i++) result = node('builtin', 'diff', [result, node('name', name)]);
  return { ...program, result };
}

/** Undefined where it does not end within the fuel of the tests, or takes more than an engine takes. */
function outcome<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof TrapError || error instanceof CompileError) return undefined;
    throw error;
  }
}

interface Found {
  /** With smaller and smaller steps. */
  readonly steps: readonly number[];
  readonly derivative: number;
  readonly value: number;
}

describe('derivatives of random programs', () => {
  const seed = seedFromEnvironment();
  let differential: Differential;

  before(() => {
    differential = new Differential();
  });

  after(() => differential?.dispose());

  it(`have the same bits on every side (SEED=${seed})`, () => {
    const random = new Random(seed);
    const { sides } = differential;
    let compared = 0;
    for (let index = 0; index < programCount; index++) {
      const program = randomProgram(random, programShape);
      if (program.parameters.length === 0) continue;
      const source = printSource(derived(program, random.pick(program.parameters), random.pick([1, 1, 2])));
      const { parameters } = program;
      const run = outcome(() => prepare(source, { parameters }));
      if (run === undefined) continue;
      const side = elementAt(sides, index % sides.length);
      const compiled = outcome(() => side.compile(source, parameters));
      for (const args of randomArguments(random, program, 4)) {
        const expected = outcome<number>((): number => Number(run(...args)));
        if (expected === undefined || compiled === undefined) continue;
        const actual = compiled.call(...args);
        compared++;
        if (!sameBits(actual, expected))
          expect.fail(
            `${side.name} gives ${actual} (${hexBits(actual)}), not ${expected}, for ${args.join(', ')}:\n${source}`,
          );
      }
      compiled?.release();
    }
    expect(compared).to.be.greaterThan(programCount);
  });

  it(`are what differences come to, where these converge (SEED=${seed})`, () => {
    const random = new Random(seed);
    let compared = 0;
    let unseen = 0;
    const wrong = new Map<string, string>();
    /** Differences go over many teeth of a remainder, as of y % 1e-44. */
    const blurred = new Map<string, string>();
    for (let index = 0; index < programCount; index++) {
      const program = randomProgram(random, programShape);
      const { parameters } = program;
      if (parameters.length === 0) continue;
      const place = random.integer(0, parameters.length - 1);
      const source = printSource(program);
      // Differences of float32 numbers are differences of steps, which agree by chance.
      if (source.includes('fround')) continue;
      const run = prepare(source, { parameters });
      const diff = outcome(() =>
        prepare(printSource(derived(program, elementAt(parameters, place), 1)), { parameters }),
      );
      if (diff === undefined) continue;
      for (let round = 0; round < 4; round++) {
        const args = parameters.map(() => (random.fraction() - 0.4) * 4);
        const slope = (step: number) => {
          const moved = (h: number) => Number(run(...args.map((x, at) => (at === place ? x + h : x))));
          return (moved(step) - moved(-step)) / (2 * step);
        };
        const found = outcome<Found>(
          (): Found => ({
            steps: [2 ** -12, 2 ** -13, 2 ** -14].map(slope),
            derivative: Number(diff(...args)),
            value: Math.abs(Number(run(...args))),
          }),
        );
        if (found === undefined) continue;
        const { derivative, value } = found;
        const [a, b, c] = [elementAt(found.steps, 0), elementAt(found.steps, 1), elementAt(found.steps, 2)];
        // Smooth, neither rounded away nor beyond a step or a kink: errors go down by four.
        const scale = Math.max(Math.abs(c), 1e-3);
        const isSmooth = Math.abs(a - c) < 1e-4 * scale && Math.abs(b - c) < 2e-5 * scale;
        if (!isSmooth || !(value < 1e3) || !(value > 1e-3 || value === 0)) continue;
        compared++;
        // Of 0 times an infinity, as that of (0 * x) ^ (0 * x), or of a number whose turns are rounded away, as in sinpi(exp2(deg(x))).
        if (!(Math.abs(derivative) < 1e9)) {
          unseen++;
          continue;
        }
        if (!(Math.abs(derivative - (4 * c - b) / 3) < 1e-4 * scale))
          (source.includes('%') ? blurred : wrong).set(
            source,
            `${derivative}, not ${c}, by ${parameters[place]} at ${args.join(', ')}:\n${source}`,
          );
      }
    }
    expect(compared).to.be.greaterThan(programCount / 4);
    expect(unseen).to.be.lessThan(compared / 20);
    expect(blurred.size, [...blurred.values()].join('\n\n')).to.be.lessThan(compared / 100);
    // Differences do not see what is added to numbers as large as 1e20, as in sinpi(1e154 + x): one program in ten thousands.
    expect(wrong.size, [...wrong.values()].join('\n\n')).to.be.at.most(1);
  });
});
