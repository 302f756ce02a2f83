/**
 * Runs a program in JavaScript and on every side, and says where they differ: in a bit of the result, or in which
 * host functions were called with what, and in which order.
 */
import { CompileError } from '../../src/lang/compile-error.ts';
import { hostArity, type Program } from '../support/random-program.ts';
import { compileTwin, type Library, OutOfSteps } from '../support/random-program-javascript.ts';
import { type Failure, shrink } from '../support/random-program-shrink.ts';
import { printSource } from '../support/random-program-source.ts';
import { createReferenceLibrary, type MathFunctions } from '../support/reference-library.ts';
import { hexBits, sameBits } from '../support/ulp.ts';
import { createSides, type Hosts, type Side } from './side.ts';

/** What one run did. */
interface Outcome {
  readonly result: number;
  /** For each host call its position in {@link hostArity} and its arguments. */
  readonly trace: readonly number[];
}

export interface Mismatch extends Failure {
  readonly side: string;
  readonly description: string;
}

/** Calls and iterations that the twin may take; what takes more is not run on any side. */
const maxSteps = 3000;

export class Differential {
  readonly sides: readonly Side[];
  /** Evaluations that were compared, and those that were given up for their length. */
  compared = 0;
  abandoned = 0;
  readonly #trace: number[] = [];
  readonly #hosts: Hosts;
  readonly #libraries: ReadonlyMap<MathFunctions, Library>;

  constructor() {
    const record = (name: keyof Hosts, result: (...args: number[]) => number) => {
      const index = Object.keys(hostArity).indexOf(name);
      return (...args: number[]) => {
        this.#trace.push(index, ...args);
        return result(...args);
      };
    };
    this.#hosts = {
      hostConstant: record('hostConstant', () => 4.25),
      hostHalf: record('hostHalf', (x) => x / 2),
      hostMix: record('hostMix', (x, y) => x - 3 * y),
      hostPick: record('hostPick', (x, y, z) => (x > 0 ? y : z)),
    };
    this.sides = createSides(this.#hosts);
    this.#libraries = new Map(
      this.sides.map(({ math }) => [math, { ...createReferenceLibrary(math), ...this.#hosts }]),
    );
  }

  /** The first difference between JavaScript and one of the sides, or undefined if there is none. */
  compare(
    program: Program,
    argLists: readonly (readonly number[])[],
    sides = this.sides,
  ): Mismatch | undefined {
    const source = printSource(program);
    const expected = new Map<MathFunctions, (Outcome | undefined)[]>();
    for (const { name, math, compile } of sides) {
      const outcomes = expected.get(math) ?? this.#twinOutcomes(program, argLists, math);
      expected.set(math, outcomes);
      if (outcomes.every((outcome) => outcome === undefined)) continue;
      let compiled: ReturnType<typeof compile>;
      try {
        compiled = compile(source, program.parameters);
      } catch (error) {
        return { program, args: argLists[0] ?? [], side: name, description: describeError(error) };
      }
      for (const [index, args] of argLists.entries()) {
        const twin = outcomes[index];
        if (twin === undefined) continue;
        const description = this.#difference(twin, compiled.call, args);
        if (description !== undefined) return { program, args, side: name, description };
        this.compared++;
      }
      compiled.release();
    }
    return undefined;
  }

  /** The mismatch with its program made as small as it can be, as a text that tells all. */
  explain(mismatch: Mismatch, seed: number): string {
    const sides = this.sides.filter(({ name }) => name === mismatch.side);
    let smallest = mismatch;
    shrink(mismatch, ({ program, args }) => {
      const candidate = this.#tryCompare(program, args, sides);
      if (candidate === undefined) return false;
      smallest = candidate;
      return true;
    });
    const { program, args, side, description } = smallest;
    const inputs = program.parameters.map((name, index) => {
      const value = args[index] ?? Number.NaN;
      return `  ${name} = ${Object.is(value, -0) ? '-0' : value} (${hexBits(value)})`;
    });
    return [
      `${side} differs from JavaScript; SEED=${seed} repeats the run`,
      'program (made smaller):',
      ...printSource(program)
        .split('\n')
        .map((line) => `  ${line}`),
      ...(inputs.length > 0 ? ['arguments:', ...inputs] : []),
      description,
      'program as it was found:',
      ...printSource(mismatch.program)
        .split('\n')
        .map((line) => `  ${line}`),
      `arguments: ${mismatch.args.map(String).join(', ')}`,
    ].join('\n');
  }

  dispose(): void {
    for (const side of this.sides) side.dispose();
  }

  #tryCompare(program: Program, args: readonly number[], sides: readonly Side[]): Mismatch | undefined {
    try {
      const mismatch = this.compare(program, [args], sides);
      // What does not compile is another matter than what computes wrongly.
      return mismatch?.description.startsWith('CompileError') ? undefined : mismatch;
    } catch {
      // The twin refers to something that an earlier step took away.
      return undefined;
    }
  }

  #twinOutcomes(
    program: Program,
    argLists: readonly (readonly number[])[],
    math: MathFunctions,
  ): (Outcome | undefined)[] {
    const twin = compileTwin(program, this.#libraries.get(math) ?? {}, maxSteps);
    return argLists.map((args) => {
      try {
        return this.#run(twin, args);
      } catch (error) {
        if (!(error instanceof OutOfSteps)) throw error;
        this.abandoned++;
        return undefined;
      }
    });
  }

  #difference(
    twin: Outcome,
    call: (...args: number[]) => number,
    args: readonly number[],
  ): string | undefined {
    let outcome: Outcome;
    try {
      outcome = this.#run(call, args);
    } catch (error) {
      return describeError(error);
    }
    if (!sameBits(outcome.result, twin.result)) {
      const [expected, found] = [twin.result, outcome.result].map(
        (x) => `${Object.is(x, -0) ? '-0' : x} (${hexBits(x)})`,
      );
      return `JavaScript gives ${expected}, this side gives ${found}`;
    }
    if (!sameTrace(outcome.trace, twin.trace)) {
      return `host calls in JavaScript: ${twin.trace.join(' ')}\nhost calls on this side: ${outcome.trace.join(' ')}`;
    }
    return undefined;
  }

  #run(call: (...args: number[]) => number, args: readonly number[]): Outcome {
    this.#trace.length = 0;
    const result = +call(...args);
    return { result, trace: [...this.#trace] };
  }
}

function sameTrace(first: readonly number[], second: readonly number[]): boolean {
  return first.length === second.length && first.every((x, index) => sameBits(x, second[index] as number));
}

function describeError(error: unknown): string {
  if (error instanceof CompileError) return `CompileError: ${error.render()}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
