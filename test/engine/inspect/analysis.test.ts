import { expect } from 'chai';
import {
  type AnalyzeOptions,
  analyze,
  CompileError,
  Engine,
  parse,
  ReleasedError,
} from '../../../src/index.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { hostArity, randomProgram } from '../../support/random-program.ts';
import { printSource } from '../../support/random-program-source.ts';

/** Names with the texts at their places, as `price x2` for two. */
function names(found: readonly { readonly name: string; readonly uses: readonly unknown[] }[]): string[] {
  return found.map(({ name, uses }) => (uses.length === 1 ? name : `${name} x${uses.length}`));
}

const hosts = { noise: (x: number) => x, pick: { arity: 2, call: (a: number) => a } };
const options: AnalyzeOptions = { functions: hosts, constants: { vat: 0.19, strict: true } };

describe('analyze', () => {
  it('tells whether a formula is of columns', () => {
    for (const source of ['x[index - 1]', 'x - mean(x)', 'prev(0) + x']) {
      expect(analyze(source).ofColumns, source).to.equal(true);
      expect(analyze(source).functions.map(({ kind }) => kind)).to.not.include('host');
    }
    expect(analyze('min(x, y)').ofColumns).to.equal(false);
  });

  it('tells what a program takes, uses and defines', () => {
    const source = 'let k = net * vat; twice(v) = 2 * v * k\nok(v) = v < e && strict; twice(gross) + net';
    expect(analyze(source, options)).to.deep.equal({
      program: parse(source),
      freeNames: [
        {
          name: 'net',
          type: 'number',
          uses: [
            { start: 8, end: 11 },
            { start: 80, end: 83 },
          ],
        },
        { name: 'gross', type: 'number', uses: [{ start: 71, end: 76 }] },
      ],
      functions: [{ name: 'twice', kind: 'defined', uses: [{ start: 65, end: 70 }] }],
      constants: [
        { name: 'vat', kind: 'host', value: 0.19, uses: [{ start: 14, end: 17 }] },
        { name: 'e', kind: 'builtin', value: Math.E, uses: [{ start: 52, end: 53 }] },
        { name: 'strict', kind: 'host', value: true, uses: [{ start: 57, end: 63 }] },
      ],
      definitions: [
        {
          kind: 'let',
          name: 'k',
          target: { start: 4, end: 5 },
          parameters: [],
          type: 'number',
          recursive: false,
          uses: [{ start: 38, end: 39 }],
          start: 0,
          end: 17,
        },
        {
          kind: 'function',
          name: 'twice',
          target: { start: 19, end: 24 },
          parameters: [{ name: 'v', type: 'number', start: 25, end: 26 }],
          type: 'number',
          recursive: false,
          uses: [{ start: 65, end: 70 }],
          start: 19,
          end: 39,
        },
        {
          kind: 'function',
          name: 'ok',
          target: { start: 40, end: 42 },
          parameters: [{ name: 'v', type: 'number', start: 43, end: 44 }],
          type: 'boolean',
          recursive: false,
          uses: [],
          start: 40,
          end: 63,
        },
      ],
      resultType: 'number',
      ofColumns: false,
      warnings: [],
    });
  });

  it('knows parameters, loops and blocks from names of the outside', () => {
    const source = 'f(x, pi) = { let e = x + y; sum(tau, 1, e, tau * pi) }; f(x, e) + prod(x, 1, x, x)';
    const { freeNames, constants, functions } = analyze(source);
    expect(names(freeNames)).to.deep.equal(['y', 'x x2']);
    expect(names(constants)).to.deep.equal(['e']);
    expect(functions.map(({ name, kind }) => `${kind} ${name}`)).to.deep.equal([
      'builtin sum',
      'defined f',
      'builtin prod',
    ]);
  });

  it('sees a constant as the parameter that shadows it', () => {
    const { freeNames, constants } = analyze('e * pi', { parameters: ['unused', 'e'] });
    expect([names(freeNames), names(constants)]).to.deep.equal([['e'], ['pi']]);
    expect(() => analyze('e * x', { parameters: ['e'] })).to.throw(CompileError, '`x` is not defined');
    expect(() => analyze('x', { parameters: ['not a name'] })).to.throw(TypeError);
  });

  it('spells names as one, however they are composed', () => {
    const { freeNames } = analyze('e\u0301 + \u00e9');
    expect(freeNames).to.deep.equal([
      {
        name: '\u00e9',
        type: 'number',
        uses: [
          { start: 0, end: 2 },
          { start: 5, end: 6 },
        ],
      },
    ]);
  });

  it('gives types and warnings, also of what only defines', () => {
    const { resultType, warnings, definitions } = analyze('let a = 1 < 2; b() = a; c() = c(); d() = -a');
    expect(resultType).to.equal(undefined);
    expect(definitions.map(({ name, type }) => `${name} ${type}`)).to.deep.equal([
      'a boolean',
      'b boolean',
      'c boolean',
      'd number',
    ]);
    expect(warnings.map(({ code }) => code)).to.deep.equal(['W_CONSTANT_COMPARISON']);
    expect(analyze('x > 1 || y').resultType).to.equal('boolean');
    const nothing = analyze('# nothing');
    expect([nothing.resultType, nothing.definitions, nothing.freeNames]).to.deep.equal([undefined, [], []]);
  });

  it('throws what compiling would', () => {
    for (const [source, code] of [
      ['f(1)', 'E_UNKNOWN_FUNCTION'],
      ['sin(1, 2)', 'E_WRONG_ARITY'],
      ['noise(1, 2)', 'E_WRONG_ARITY'],
      ['let vat = 1; vat', 'E_RESERVED_NAME'],
      ['a + b; 1', 'E_EXPRESSION_NOT_LAST'],
    ] as const) {
      expect(() => analyze(source, options))
        .to.throw(CompileError)
        .with.property('code', code);
    }
    expect(() => analyze('x', ['x'] as never)).to.throw(TypeError, 'options must be an object, not an array');
    expect(() => analyze('x', { functions: { sin: Math.sin } })).to.throw(TypeError, 'built-in');
  });

  it('is a method of engines, which know their hosts and limits', () => {
    const engine = new Engine({ backend: 'interpreter', ...options, limits: { nodes: 4 } });
    const { functions, freeNames } = engine.analyze('noise(x) + vat');
    expect(functions).to.deep.equal([{ name: 'noise', kind: 'host', uses: [{ start: 0, end: 5 }] }]);
    expect(names(freeNames)).to.deep.equal(['x']);
    expect(engine.analyze(parse('pick(x, y)'), ['x', 'y']).freeNames).to.have.length(2);
    expect(() => engine.analyze('noise(x)', [])).to.throw(CompileError, '`x` is not defined');
    expect(() => engine.analyze('noise(x) + vat + 1')).to.throw(CompileError, 'nodes');
    expect(engine.statistics().compileCount).to.equal(0);
    engine.dispose();
    expect(() => engine.analyze('1')).to.throw(ReleasedError);
  });

  it('calls no function of the host, and keeps nothing of the options', () => {
    let reads = 0;
    const once = Object.defineProperty({}, 'functions', {
      get: () => {
        reads++;
        return { h: () => expect.fail('it was called') };
      },
      enumerable: true,
    });
    expect(analyze('h()', once).functions[0]?.kind).to.equal('host');
    expect(reads).to.equal(1);
  });

  const seed = seedFromEnvironment();

  it(`finds the parameters that compile gives, and the right places (SEED=${seed})`, () => {
    const random = new Random(seed);
    const functions = Object.fromEntries(
      Object.entries(hostArity).map(([name, arity]) => [name, { arity, call: () => 0 }]),
    );
    using engine = new Engine({ backend: 'interpreter', functions });
    for (let round = 0; round < 150; round++) {
      const source = printSource(
        randomProgram(random, { size: 30, definitions: 4, loops: true, hosts: true }),
      );
      const analysis = engine.analyze(source);
      using f = engine.compile(source);
      expect(
        analysis.freeNames.map(({ name }) => name),
        source,
      ).to.deep.equal(f.parameters);
      expect(analysis.resultType, source).to.equal(f.resultType);
      const { freeNames, functions: called, constants, definitions } = analysis;
      for (const { name, uses } of [...freeNames, ...called, ...constants, ...definitions]) {
        for (const { start, end } of uses) expect(source.slice(start, end)).to.equal(name);
      }
    }
  });

  it(`knows what is recursive (SEED=${seed})`, () => {
    const random = new Random(seed);
    for (let round = 0; round < 100; round++) {
      const count = random.integer(1, 7);
      const callees = Array.from({ length: count }, () =>
        Array.from({ length: random.integer(0, 2) }, () => random.integer(0, count - 1)),
      );
      const source = callees.map(
        (list, index) => `f${index}() = ${[0, ...list.map((to) => `f${to}()`)].join(' + ')}`,
      );
      const reached = (from: number): ReadonlySet<number> => {
        const found = new Set(callees[from]);
        for (const index of found) for (const to of callees[index] ?? []) found.add(to);
        return found;
      };
      const recursive = analyze(source.join('\n')).definitions.map((definition) => definition.recursive);
      expect(recursive, source.join('\n')).to.deep.equal(
        callees.map((_, index) => reached(index).has(index)),
      );
    }
  });

  it('takes time in proportion to the source', () => {
    const chain = Array.from({ length: 5_000 }, (_, index) => `f${index}()=f${index + 1}()`);
    const { definitions } = analyze([...chain, 'f5000()=f0()'].join('\n'));
    expect(definitions.every(({ recursive }) => recursive)).to.equal(true);
    const { freeNames } = analyze(Array(20_000).fill('x').join('+'));
    expect(freeNames[0]?.uses).to.have.length(20_000);
  });
});
