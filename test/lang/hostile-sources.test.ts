import { expect } from 'chai';
import { check } from '../../src/lang/checker.ts';
import { CompileError } from '../../src/lang/compile-error.ts';
import { lower } from '../../src/lang/lower.ts';
import { parse } from '../../src/lang/parser.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';
import { randomProgram } from '../support/random-program.ts';
import { printSource } from '../support/random-program-source.ts';

const seed = seedFromEnvironment();
const count = 1200;

/** Whatever the source: a module of IR, or a CompileError that can be shown. */
function compileAnything(source: string): 'compiled' | 'refused' {
  try {
    lower(check(parse(source)));
    return 'compiled';
  } catch (error) {
    if (!(error instanceof CompileError)) {
      throw new Error(`${JSON.stringify(source)} (SEED=${seed}) gave ${String(error)}`, { cause: error });
    }
    expect(error.render()).to.include(error.code);
    for (const { start, end, line, column } of error.diagnostics) {
      expect(start <= end && end <= source.length + 1 && line >= 1 && column >= 1, source).to.equal(true);
    }
    return 'refused';
  }
}

const words =
  'let if then else not and or x y f g sum prod max sin pi nan true 0 1 2.5 0x1F 1e3 .5 + - * / % ^ ** < <= == != ! && || ? : = , ( ) { } ; \n # // é 𝑥 _'.split(
    ' ',
  );

function mutate(random: Random, source: string): string {
  const at = random.integer(0, source.length);
  const to = random.integer(at, Math.min(source.length, at + 8));
  switch (random.integer(0, 4)) {
    case 0:
      return source.slice(0, at);
    case 1:
      return source.slice(at);
    case 2:
      return source.slice(0, at) + source.slice(to);
    case 3:
      return `${source.slice(0, at)}${random.pick(words)}${source.slice(at)}`;
    default:
      return `${source.slice(0, to)}${source.slice(at)}`;
  }
}

describe('lang, given anything', () => {
  it(`refuses random characters or compiles them (SEED=${seed})`, () => {
    const random = new Random(seed);
    for (let round = 0; round < count; round++) {
      const units = Array.from({ length: random.integer(0, 40) }, () =>
        random.chance(0.8) ? random.integer(0, 127) : random.integer(0, 0xffff),
      );
      compileAnything(String.fromCharCode(...units));
    }
  });

  it(`refuses random tokens or compiles them (SEED=${seed})`, () => {
    const random = new Random(seed);
    const outcomes = new Set<string>();
    for (let round = 0; round < count; round++) {
      const length = random.chance(0.5) ? random.integer(1, 6) : random.integer(1, 60);
      const glue = random.chance(0.5) ? ' ' : '';
      outcomes.add(compileAnything(Array.from({ length }, () => random.pick(words)).join(glue)));
    }
    expect([...outcomes].sort()).to.deep.equal(['compiled', 'refused']);
  });

  it(`refuses truncated and mutated programs or compiles them (SEED=${seed})`, () => {
    const random = new Random(seed);
    const outcomes = new Set<string>();
    for (let round = 0; round < count; round++) {
      const shape = { size: 20, definitions: 3, loops: true, hosts: false };
      let source = printSource(randomProgram(random, shape));
      for (let times = random.integer(1, 3); times > 0; times--) source = mutate(random, source);
      outcomes.add(compileAnything(source));
    }
    expect([...outcomes].sort()).to.deep.equal(['compiled', 'refused']);
  });

  it('compiles the random programs of the other tests', () => {
    const random = new Random(seed);
    for (let round = 0; round < 200; round++) {
      const program = randomProgram(random, { size: 30, definitions: 4, loops: true, hosts: false });
      const source = printSource(program);
      const { parameters } = program;
      expect(() => lower(check(parse(source), { parameters })), source).not.to.throw();
    }
  });

  it('takes time in proportion to the source, also for errors', () => {
    const long = `${'let a = 1\n'.repeat(4_000)}(`;
    expect(compileAnything(long)).to.equal('refused');
    expect(compileAnything('= '.repeat(20_000))).to.equal('refused');
    expect(compileAnything(`${'f(x) = g(x); '.repeat(3_000)}`)).to.equal('refused');
    const unknown = Array.from({ length: 3_000 }, (_, index) => `name${index}() = unknown${index}()`).join(
      '\n',
    );
    expect(compileAnything(unknown)).to.equal('refused');
    const bindings = Array.from({ length: 4_000 }, (_, index) => `let a${index} = { 1 < 2 };`).join(' ');
    expect(compileAnything(`f(x) = { ${bindings} a3999 }; f(1)`)).to.equal('compiled');
    const chain = Array.from({ length: 3_000 }, (_, index) => `f${index}(x) = f${index + 1}(x)`);
    expect(compileAnything([...chain, 'f3000(x) = x', 'f0(1)'].join('\n'))).to.equal('compiled');
  });
});
