import { expect } from 'chai';
import fc from 'fast-check';
import {
  type Analysis,
  analyze,
  CompileError,
  compile,
  Engine,
  type Expression,
  fromJSON,
  type Program,
  parse,
  printProgram,
  toJSON,
} from '../../src/browser.ts';
import { arbitraryProgram } from '../lang/arbitrary-program.ts';
import { seedFromEnvironment } from '../support/random.ts';

/** Objects that hang on a value, itself included. */
function* objectsIn(value: unknown): Iterable<object> {
  if (typeof value !== 'object' || value === null) return;
  yield value;
  for (const each of Object.values(value)) yield* objectsIn(each);
}

const forged: readonly unknown[] = [
  undefined,
  null,
  1,
  [],
  {},
  { ...parse('1') },
  structuredClone(toJSON(parse('1'))),
  new Proxy(parse('1'), {}),
  { kind: 'program', definitions: [], result: { kind: 'name', name: 'x); evil(' } },
];

describe('trees', () => {
  it('have places and kinds', () => {
    const source = 'let k = 2\nf(x) = x^k\nf(3) < tau ? -1 : 1_0';
    const program = parse(source);
    const [k, f] = program.definitions;
    expect(source.slice(k?.start, k?.end)).to.equal('let k = 2');
    expect(source.slice(f?.target.start, f?.target.end)).to.equal('f');
    const test: Expression | undefined =
      program.result?.kind === 'conditional' ? program.result.test : undefined;
    expect(source.slice(test?.start, test?.end)).to.equal('f(3) < tau');
    expect(program.source.position(program.result?.start ?? 0)).to.deep.equal({ line: 3, column: 1 });
    expect(parse('').result).to.equal(undefined);
  });

  it('are frozen, whoever made them', () => {
    const program = parse('f(x) = { let a = x; a + 1 - 2 }; f(1) && g(2, 3)');
    for (const tree of [program, fromJSON(toJSON(program)), analyze('let k = 1; k + x < nan * 3')]) {
      let count = 0;
      for (const each of objectsIn(tree)) {
        expect(Object.isFrozen(each)).to.equal(true);
        count++;
      }
      expect(count).to.be.greaterThan(10);
    }
  });

  it('are refused as sources are when they are compiled', () => {
    for (const source of ['1 +', '1 2\n(', ')', '1e999', '2x']) {
      const errorOf = (run: () => unknown): CompileError => {
        try {
          run();
        } catch (error) {
          if (error instanceof CompileError) return error;
        }
        throw new Error(`${source} was taken`);
      };
      const expected = errorOf(() => compile(source)).render();
      expect(errorOf(() => parse(source)).render()).to.equal(expected);
      expect(errorOf(() => analyze(source)).render()).to.equal(expected);
    }
    expect(() => parse('1 + 1 + 1', { limits: { nodes: 2 } })).to.throw(CompileError, 'nodes');
    expect(() => analyze('1 + 1 + 1', { limits: { nodes: 2 } })).to.throw(CompileError, 'nodes');
    expect(() => fromJSON(toJSON(parse('1 + 1')), { limits: { length: 2 } })).to.throw(CompileError);
    expect(() => parse('1', { limits: { nesting: 1000 } })).to.throw(RangeError, 'nesting');
    for (const source of forged)
      expect(() => parse(source as string)).to.throw(TypeError, 'source must be a string');
  });

  it('are taken back only if they were made here', () => {
    for (const tree of forged as Program[]) {
      expect(() => printProgram(tree)).to.throw(
        TypeError,
        'program must be a tree of parse or fromJSON, not ',
      );
      expect(() => toJSON(tree)).to.throw(TypeError, 'program must be a tree');
      expect(() => analyze(tree)).to.throw(TypeError, 'source must be a string or a tree');
      using engine = new Engine({ backend: 'interpreter' });
      expect(() => engine.analyze(tree)).to.throw(TypeError, 'source must be a string or a tree');
    }
  });

  it('can be changed as JSON, and compiled', () => {
    const json = JSON.parse(JSON.stringify(toJSON(parse('price * 2'))).replaceAll('price', 'net_price'));
    const program = fromJSON(json);
    expect(program.source.text).to.equal('net_price * 2');
    expect(compile(program.source.text)(21)).to.equal(42);
  });

  const seed = seedFromEnvironment();

  it(`print as sources of the same tree (SEED=${seed})`, () => {
    fc.assert(
      fc.property(arbitraryProgram, (json) => {
        const program = fromJSON(json);
        expect(toJSON(parse(printProgram(program)))).to.deep.equal(toJSON(program));
      }),
      { seed, numRuns: 200 },
    );
  });

  it('are analysed as their sources are', () => {
    const analysis: Analysis = analyze(parse('let k = x; k < y'));
    expect(analysis).to.deep.equal(analyze('let k = x; k < y'));
  });
});
