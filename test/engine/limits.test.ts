import { expect } from 'chai';
import { CompileError, type EngineLimits, TrapError } from '../../src/index.ts';
import { eachBackend } from './each-backend.ts';

describe('limits', () => {
  eachBackend((createEngine) => {
    const codeOf = (source: string, limits: Partial<EngineLimits> = {}): string => {
      try {
        createEngine({ limits }).compile(source);
      } catch (error) {
        if (error instanceof CompileError) return error.code;
        throw error;
      }
      return 'none';
    };

    it('end hostile sources with a CompileError', () => {
      expect(codeOf(`${'('.repeat(10_000)}1${')'.repeat(10_000)}`)).to.equal('E_NESTING');
      expect(codeOf('('.repeat(10_000))).to.equal('E_NESTING');
      expect(codeOf(`${'-'.repeat(10_000)}1`)).to.equal('E_NESTING');
      expect(codeOf(`${'!'.repeat(10_000)}1`)).to.equal('E_NESTING');
      expect(codeOf(`${'1^'.repeat(10_000)}1`)).to.equal('E_NESTING');
      expect(codeOf(`${'sin('.repeat(10_000)}1${')'.repeat(10_000)}`)).to.equal('E_NESTING');
      expect(codeOf(`${'x ? 1 : '.repeat(10_000)}2`)).to.equal('E_NESTING');
      expect(codeOf('x'.repeat(200_000))).to.equal('E_LENGTH');
      expect(codeOf('1 '.repeat(49_999))).to.equal('E_UNEXPECTED_TOKEN');
      expect(codeOf('1+'.repeat(30_000))).to.equal('E_TOKENS');
    });

    it('let long sources through', () => {
      const terms = Array.from({ length: 10_000 }, () => '1').join('+');
      expect(createEngine().compile(terms, [])()).to.equal(10_000);
      const products = Array.from({ length: 10_000 }, () => 'x').join('*');
      expect(createEngine().compile(products, ['x'])(1)).to.equal(1);
      const mixed = Array.from({ length: 5_000 }, (_, index) => `x*${index}`).join('-');
      expect(createEngine().compile(mixed, ['x'])(1)).to.equal(-(5_000 * 4_999) / 2);
    });

    it('can be set', () => {
      expect(codeOf('x + 1', { length: 5 })).to.equal('none');
      expect(codeOf('x + 10', { length: 5 })).to.equal('E_LENGTH');
      expect(codeOf('x + 1', { tokens: 2 })).to.equal('E_TOKENS');
      expect(codeOf('(((x)))', { nesting: 2 })).to.equal('E_NESTING');
      expect(codeOf('x + 1 + y', { nodes: 3 })).to.equal('E_NODES');
      expect(codeOf('x + y', { parameters: 1 })).to.equal('E_PARAMETERS');
      const terms = Array.from({ length: 100_000 }, () => '1').join('+');
      const limits = { length: 200_000, tokens: 200_000, nodes: 200_000 };
      expect(createEngine({ limits }).compile(terms, [])()).to.equal(100_000);
    });

    it('bound the size of machine code', () => {
      const engine = createEngine({ limits: { codeSize: 500 } });
      expect(engine.compile('x + 1', ['x'])(1)).to.equal(2);
      const large = Array.from({ length: 100 }, (_, index) => `sin(x * ${index})`).join(' + ');
      if (engine.statistics().backend === 'interpreter') return;
      expect(() => engine.compile(large, ['x']))
        .to.throw(CompileError)
        .that.includes({ code: 'E_CODE_SIZE', start: 0, end: large.length });
    });

    it('must make sense', () => {
      expect(() => createEngine({ limits: { fuel: 0 } })).to.throw(RangeError, 'limits.fuel');
      expect(() => createEngine({ limits: { fuel: 2 ** 52 } })).to.throw(RangeError, 'limits.fuel');
      expect(() => createEngine({ limits: { codeSize: 1.5 } })).to.throw(RangeError, 'limits.codeSize');
      expect(() => createEngine({ limits: { nesting: 257 } })).to.throw(RangeError, 'limits.nesting');
      expect(() => createEngine({ limits: { parameters: 513 } })).to.throw(RangeError, 'limits.parameters');
      expect(() => createEngine({ limits: { nodes: Number.NaN } })).to.throw(RangeError, 'limits.nodes');
      // @ts-expect-error not a number
      expect(() => createEngine({ limits: { fuel: '5' } })).to.throw(TypeError, 'limits.fuel');
    });

    it('end what runs away with a TrapError that names the function', () => {
      const engine = createEngine({ limits: { fuel: 10_000 } });
      const runaways: readonly (readonly [source: string, code: string, functionName: string])[] = [
        ['f(n) = f(n + 1); f(0)', 'E_FUEL', 'f'],
        ['g(n) = n > 0 ? g(n - 1) : n; g(x)', 'E_FUEL', 'g'],
        ['sum(i, 1, 1e18, i)', 'E_FUEL', 'main'],
      ];
      for (const [source, code, functionName] of runaways) {
        const f = engine.compile(source);
        for (let i = 0; i < 3; i++) {
          expect(() => f(1e9))
            .to.throw(TrapError)
            .that.includes({ code, functionName });
        }
      }
      const deep = createEngine().compile('f(n) = 1 + f(n + 1); f(0)', []);
      expect(() => deep())
        .to.throw(TrapError)
        .that.includes({ code: 'E_STACK', functionName: 'f' });
      expect(engine.compile('sum(i, 1, 9000, i)', [])()).to.equal(40504500);
    });

    it('count fuel anew in each call', () => {
      const f = createEngine({ limits: { fuel: 1000 } }).compile('sum(i, 1, 900, i)', []);
      for (let i = 0; i < 5; i++) expect(f()).to.equal(405450);
    });
  });
});
