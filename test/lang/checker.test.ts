import { expect } from 'chai';
import { check } from '../../src/lang/checker.ts';
import type { Environment } from '../../src/lang/environment.ts';
import { parse } from '../../src/lang/parser.ts';
import { SourceText } from '../../src/lang/source-text.ts';
import { compileError } from './evaluate.ts';

function parametersOf(source: string, environment?: Environment): string[] {
  return check(parse(source), environment).parameters.map(({ name }) => name);
}

function typesOf(source: string): Record<string, string> {
  const { functions, result } = check(parse(source));
  return {
    ...Object.fromEntries(functions.map(({ name, type }) => [name, type])),
    result: result?.type ?? 'none',
  };
}

describe('lang/checker', () => {
  describe('parameters', () => {
    it('are the free names in order of first appearance, if they are left out', () => {
      expect(parametersOf('b * a + b - c')).to.deep.equal(['b', 'a', 'c']);
      expect(parametersOf('f(x) = x * k; let m = q; f(m) + z + k')).to.deep.equal(['k', 'q', 'z']);
      expect(parametersOf('sum(i, a, b, i * c) + { let d = e0; d }')).to.deep.equal(['a', 'b', 'c', 'e0']);
      expect(parametersOf('pi * e * tau')).to.deep.equal([]);
      expect(parametersOf('i + sum(i, 1, 2, i)')).to.deep.equal(['i']);
    });

    it('are those given, used or not', () => {
      expect(parametersOf('x', { parameters: ['y', 'x'] })).to.deep.equal(['y', 'x']);
      expect(parametersOf('1', { parameters: [] })).to.deep.equal([]);
    });

    it('may have the names of constants and of functions', () => {
      expect(parametersOf('e + max', { parameters: ['e', 'max'] })).to.deep.equal(['e', 'max']);
    });

    it('are compared in composed form', () => {
      expect(parametersOf('\u00e9', { parameters: ['e\u0301'] })).to.deep.equal(['\u00e9']);
    });
  });

  it('reports all errors at once, in the order of the source', () => {
    const source =
      'f(x) = x + unknwon\nlet a = later; let later = 1\nlet pi = 3\ng(x, x) = sin()\nf(1, 2) + nowhere(3) + x(1)';
    const { diagnostics } = compileError(source, { parameters: ['unknown', 'x'] });
    expect(diagnostics.map(({ code, line, column }) => `${line}:${column} ${code}`)).to.deep.equal([
      '1:12 E_UNKNOWN_NAME',
      '2:9 E_USE_BEFORE_DEFINITION',
      '3:5 E_RESERVED_NAME',
      '4:6 E_DUPLICATE_PARAMETER',
      '4:11 E_WRONG_ARITY',
      '5:1 E_WRONG_ARITY',
      '5:11 E_UNKNOWN_FUNCTION',
      '5:24 E_NOT_A_FUNCTION',
    ]);
  });

  it('gives the code, place and hint of the first error', () => {
    const error = compileError('1 + lenght', { parameters: ['length'] });
    expect(error).to.include({
      code: 'E_UNKNOWN_NAME',
      start: 4,
      end: 10,
      line: 1,
      column: 5,
      name: 'CompileError',
    });
    expect(error.hint).to.equal('did you mean `length`?');
    expect(error.message).to.equal(
      [
        '1:5: `lenght` is not defined',
        '  |',
        '1 | 1 + lenght',
        '  |     ^^^^^^',
        '  = hint: did you mean `length`?',
      ].join('\n'),
    );
    expect(compileError('a + b', { parameters: [] }).message).to.equal(
      ['1:1: `a` is not defined (and 1 more)', '  |', '1 | a + b', '  | ^'].join('\n'),
    );
  });

  it('gives at most a hundred errors', () => {
    expect(compileError(`${'f(1)+'.repeat(500)}1`).diagnostics).to.have.length(100);
  });

  describe('types', () => {
    for (const [source, types] of [
      ['x < 1', { result: 'bool' }],
      ['x < 1 ? 1 : true', { result: 'f64' }],
      ['x < 1 ? false : isnan(x)', { result: 'bool' }],
      ['!x', { result: 'bool' }],
      ['-true', { result: 'f64' }],
      ['+true', { result: 'f64' }],
      ['{ let a = true; a }', { result: 'bool' }],
      ['f(x) = x < 1; f(2)', { f: 'bool', result: 'bool' }],
      ['f(x) = g(x); g(x) = x < 1 || f(x - 1); f(2)', { f: 'bool', g: 'bool', result: 'bool' }],
      ['f(x) = x < 1 ? g(x) : true; g(x) = x < 2 ? f(x) : 0; f(2)', { f: 'f64', g: 'f64', result: 'f64' }],
      ['f(x) = f(x); f(1)', { f: 'bool', result: 'bool' }],
      ['let t = f(1); f(x) = t0(x); t0(x) = { let a = x; a }; t', { f: 'f64', t0: 'f64', result: 'f64' }],
      ['let t = true; f() = t; g() = { let t = 1; t }; f() && g()', { f: 'bool', g: 'f64', result: 'bool' }],
      ['f(true) = true; f(1)', { f: 'f64', result: 'f64' }],
      ['f(x) = sum(i, 1, 2, true); f(1)', { f: 'f64', result: 'f64' }],
    ] as const) {
      it(`of ${source}`, () => {
        expect(typesOf(source)).to.deep.equal(types);
      });
    }
  });

  describe('captures', () => {
    it('are spread from callees to callers, through recursion', () => {
      const { functions } = check(
        parse('let a = 1; let b = 2; f(x) = x > 0 ? g(x - 1) : a; g(x) = f(x) + h(x); h(x) = b * q; f(1)'),
      );
      const captured = Object.fromEntries(
        functions.map(({ name, captures }) => [name, captures.map((v) => v.name).sort()]),
      );
      expect(captured).to.deep.equal({ f: ['a', 'b', 'q'], g: ['a', 'b', 'q'], h: ['b', 'q'] });
    });

    it('do not include what a function defines itself', () => {
      const { functions } = check(parse('let x = 1; f(x) = { let y = x; sum(i, 1, y, i) }; f(x)'));
      expect(functions[0]?.captures).to.deep.equal([]);
    });
  });

  describe('warnings', () => {
    it('are about lets that nothing uses', () => {
      const warned = (source: string) =>
        check(parse(source)).warnings.map(({ code, start }) => `${code}@${start}`);
      expect(warned('let a = 1; let b = a; 2')).to.deep.equal(['W_UNUSED_LET@15']);
      expect(warned('let _a = 1; 2')).to.deep.equal([]);
      expect(warned('let a = 1')).to.deep.equal([]);
      expect(warned('let a = 1; f(x) = a; f(1)')).to.deep.equal([]);
      expect(warned('x == nan || x < 1')).to.deep.equal(['W_CONSTANT_COMPARISON@0']);
      expect(warned('x > 1 && 1 <= 1 && v == 1')).to.deep.equal(['W_CONSTANT_COMPARISON@9']);
      expect(warned('f(nan) = nan == 1; f(1)')).to.deep.equal([]);
    });
  });

  describe('libraries', () => {
    it('may have errors of their own, which name their source', () => {
      const library = [parse(new SourceText('area(r) = pi * square(r)', 'shapes'))];
      const { diagnostics } = compileError('area(1) + area(2, 3)', { library, parameters: [] });
      expect(diagnostics.map(({ code, source }) => [code, source.name])).to.deep.equal([
        ['E_WRONG_ARITY', undefined],
        ['E_UNKNOWN_FUNCTION', 'shapes'],
      ]);
      expect(compileError('area(1)', { library, parameters: [] }).render()).to.include('--> shapes:1:16');
    });

    it('are not looked at where nothing calls them', () => {
      const library = [parse('broken(r) = nowhere(r)')];
      expect(check(parse('1 + 1'), { library }).functions).to.deep.equal([]);
    });
  });

  describe('environments', () => {
    const refused: readonly (readonly [environment: unknown, type: ErrorConstructor, message: string])[] = [
      [{ parameters: ['x', 'x'] }, TypeError, 'parameters[1] repeats the name "x"'],
      [{ parameters: ['if'] }, TypeError, 'parameters[0] must be a name'],
      [{ parameters: ['a b'] }, TypeError, 'parameters[0] must be a name'],
      [{ parameters: [''] }, TypeError, 'not ""'],
      [{ parameters: [3] }, TypeError, 'not 3'],
      [{ parameters: ['\u00e9', 'e\u0301'] }, TypeError, 'repeats'],
      [{ constants: new Map([['pi', 3]]) }, TypeError, '"pi" is a built-in constant'],
      [{ constants: new Map([['g', '9']]) }, TypeError, '"g" must be a number or a boolean, not "9"'],
      [{ variables: new Map([['1', 1]]) }, TypeError, 'each name in variables must be a name'],
      [{ hosts: [{ name: 'sin', arity: 1 }] }, TypeError, '"sin" has the name of a built-in'],
      [
        {
          hosts: [
            { name: 'h', arity: 1 },
            { name: 'h', arity: 2 },
          ],
        },
        TypeError,
        'two host functions',
      ],
      [
        { hosts: [{ name: 'h', arity: -1 }] },
        RangeError,
        'the arity of "h" must be an integer from 0 to 512',
      ],
      [{ hosts: [{ name: 'h', arity: 1.5 }] }, RangeError, 'not 1.5'],
      [{ provided: ['index', 'index'] }, TypeError, 'provided[1]'],
      [{ limits: { nesting: 1000 } }, RangeError, 'limits.nesting must be an integer from 1 to 256'],
    ];
    for (const [environment, type, message] of refused) {
      it(`are refused: ${message}`, () => {
        expect(() => check(parse('1'), environment as Environment)).to.throw(type, message);
      });
    }
  });
});
