import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { check } from '../../src/lang/checker.ts';
import type { Diagnostic } from '../../src/lang/diagnostic.ts';
import { type DiagnosticCode, diagnosticCatalogue } from '../../src/lang/diagnostic-catalogue.ts';
import { renderDiagnostic } from '../../src/lang/diagnostic-renderer.ts';
import { readDialect } from '../../src/lang/dialect.ts';
import type { Environment } from '../../src/lang/environment.ts';
import { parse } from '../../src/lang/parser.ts';
import { expectGolden } from '../support/golden.ts';
import { compileError } from './evaluate.ts';

interface Case {
  readonly code: DiagnosticCode;
  /** Each gives the code first; all of them are shown in the golden file. */
  readonly sources: readonly string[];
  readonly environment?: Environment;
}

const rows = { output: 'a', outputs: ['a', 'high'] };

/** The engine reports these; its tests show them. */
const elsewhere: readonly DiagnosticCode[] = ['E_NO_RESULT', 'E_CODE_SIZE', 'E_DIFF_FUNCTION'];

const cases: readonly Case[] = [
  { code: 'E_LENGTH', sources: ['1 + 1'], environment: { limits: { length: 4 } } },
  { code: 'E_TOKENS', sources: ['1 + 1'], environment: { limits: { tokens: 2 } } },
  {
    code: 'E_NESTING',
    sources: ['1 + (2 * (3 - (4)))', '----x', '2^2^2^2^2', 'a ? b : c ? d : e ? f : g'],
    environment: { limits: { nesting: 3 } },
  },
  { code: 'E_NODES', sources: ['1 + 2 * x'], environment: { limits: { nodes: 4 } } },
  {
    code: 'E_PARAMETERS',
    sources: ['f(a, b, c, d) = a', 'a + b + c + d', 'g(x, y) = x * p + q; f(x) = g(x, r); f(1) + g(2, 3)'],
    environment: { limits: { parameters: 3 } },
  },
  {
    code: 'E_UNKNOWN_CHARACTER',
    sources: [
      'x & 1',
      'a | b',
      '"text"',
      '2 × 3',
      'x²',
      'π ≤ 4',
      'a\u200bb',
      '1 + 😀 + 1',
      '5 . 3',
      '~x',
      '@ $',
      'Math.sin(x)',
      'order.price',
      '½',
    ],
  },
  {
    code: 'E_MALFORMED_NUMBER',
    sources: ['2x + 1', '1_', '0x', '0b12', '1.2.3', '1e', '12abc', '1__0', '3.5px'],
  },
  { code: 'E_NUMBER_RANGE', sources: ['1e309', '2 * 1e400'] },
  {
    code: 'E_UNEXPECTED_TOKEN',
    sources: [
      'x y',
      '2 (x + 1)',
      'f(a,,b)',
      'f(a,)',
      'let 3 = x',
      'let if = 3',
      'x * / y',
      '(a ? b)',
      'a ?? b',
      'x if y else z',
      'x := 3',
      'def f(x): x',
      'const x = 3',
      '1,5 + x',
      'x^^2',
      '1 /* one */',
      'if a then b; c',
      '(a; b)',
      'a, b',
      '[1, 2]',
      'x[1, 2]',
      'f(x)[1]',
      '{ 1; 2 }',
      '{ let a = 1 }',
      '()',
      'f(x + 1) = x',
      'let a = let b = 1',
    ],
  },
  {
    code: 'E_UNEXPECTED_END',
    sources: ['1 +', 'let x =', 'x ?', 'if a', 'a ? b', 'let', '1 * # nothing\n', '-'],
  },
  {
    code: 'E_UNCLOSED_BRACKET',
    sources: ['(1 + 2', 'f(1, 2', '{ let a = 1; a', '((1)\n+ 2', 'x[index'],
  },
  {
    code: 'E_UNMATCHED_BRACKET',
    sources: ['1 + 2)', '}', 'f(1)) + 2', '(1 + 2}', 'max(1, {2)', 'x[(1]', 'x]'],
  },
  { code: 'E_CHAINED_COMPARISON', sources: ['0 < x < 10', 'a == b == c', 'a < b + 1 != c'] },
  {
    code: 'E_AMBIGUOUS_PRODUCT',
    sources: ['1/2x', 'a/(b)(c)', 'a % f(x)y', 'a * b / 2 x'],
    environment: { dialect: readDialect({ implicitProducts: true }) },
  },
  { code: 'E_MISPLACED_NOT', sources: ['1 + not x', '-not x', 'a == not b'] },
  { code: 'E_MISPLACED_IF', sources: ['1 + if a then b else c', '-if a then b else c'] },
  {
    code: 'E_MISPLACED_EQUALS',
    sources: [
      'x = 3',
      'if x = 3 then 1 else 2',
      'x != = 3',
      '3 = x',
      '!x = 3',
      '{ f(x) = 1; f(1) }',
      'f(x + 1) + 2 = x',
    ],
  },
  { code: 'E_EXPRESSION_NOT_LAST', sources: ['a\nb', 'x\n+ 1', '1 + 2; let a = 3'] },
  {
    code: 'E_UNKNOWN_NAME',
    sources: [
      'x + lenght',
      'wdith * 2',
      'nowhere',
      'x == null',
      'None',
      'Infinity',
      'E^x',
      '2*π',
      'Pi * r',
      'f(x) = x + w; f(1)',
      'a1',
      'x + the_area_of_a_circle_whose_radius_is_that_of_the_other_circle_in_the_picture_above * 2',
    ],
    environment: { parameters: ['x', 'E_LENGTH', 'width', 'r', 'a2'] },
  },
  {
    code: 'E_UNKNOWN_FUNCTION',
    sources: [
      'sqr(x)',
      'SIN(x)',
      'foo(1)',
      'area(r) = 1; aera(2)',
      'ln(x)',
      'mod(x, 2)',
      'nope(1)',
      'LN(x)',
      'NOW()',
      'lag(x)',
      'cumsum(x)',
    ],
  },
  {
    code: 'E_NOT_A_FUNCTION',
    sources: ['x(2)', 'pi(r / 2)', 'let k = 2; k(x + 1)'],
    environment: { parameters: ['x', 'r'] },
  },
  { code: 'E_NOT_A_VALUE', sources: ['sin + 1', 'f(x) = x; f * 2', 'max'] },
  {
    code: 'E_WRONG_ARITY',
    sources: [
      'sin()',
      'sin(1, 2)',
      'clamp(x)',
      'max()',
      'sum(1, 2, 3)',
      'f(a, b) = a; f(1)',
      'f() = 1; f(2)',
      'host(1)',
      'pow(2)',
    ],
    environment: { hosts: [{ name: 'host', arity: 2 }] },
  },
  {
    code: 'E_DIFF_VARIABLE',
    sources: [
      'diff(x^2, 2)',
      'diff(x^2, x + 1)',
      'diff(x^2, pi)',
      'let isFar = x > 1; diff(x^2, isFar)',
      'f(t) = diff(t*x, x); f(1)',
      'let y = x^2; f(t) = diff(t*y, y); f(1)',
    ],
  },
  { code: 'E_LOOP_VARIABLE', sources: ['sum(1, 2, 3, 4)', 'prod(i + 1, 1, 2, 3)'] },
  {
    code: 'E_DUPLICATE_DEFINITION',
    sources: [
      'let a = 1; let a = 2; a',
      'f(x) = 1; f(y) = 2; f(1)',
      'let f = 1; f(x) = x; f',
      '{ let a = 1; let a = 2; a }',
      'let x = 2; x',
    ],
    environment: { parameters: ['x'] },
  },
  { code: 'E_DUPLICATE_PARAMETER', sources: ['f(x, y, x) = y; f(1, 2, 3)'] },
  {
    code: 'E_RESERVED_NAME',
    sources: [
      'let pi = 3; pi',
      'max(a, b) = a; max(1, 2)',
      'host(x) = 1; host(1)',
      'e(x) = x; e(1)',
      'let g = 1; g',
    ],
    environment: { hosts: [{ name: 'host', arity: 1 }], constants: new Map([['g', 9.81]]) },
  },
  {
    code: 'E_USE_BEFORE_DEFINITION',
    sources: [
      'let a = b; let b = 1; a',
      'let a = a + 1; a',
      'let a = f(1); let k = 2; f(x) = g(x); g(x) = k * x; a',
    ],
  },
  { code: 'E_ROWS_ONLY', sources: ['x[index - 1]', 'mean(x)', 'prev(0, x)', 'x + rolling_sum(x)'] },
  {
    code: 'E_NOT_A_COLUMN',
    sources: [
      'let a = x; a[index]',
      'index[0]',
      'sum(k, 0, 3, k[index])',
      'pi[2]',
      'f(x) = x[index - 1]; f(1)',
    ],
    environment: { rows, provided: ['index'] },
  },
  {
    code: 'E_STAGE_LOCAL',
    sources: [
      '{ let a = x; a - mean(a) }',
      'f(a) = a - mean(a); f(x)',
      'sum(k, 0, 3, rolling_sum(x + k, 3))',
    ],
    environment: { rows },
  },
  {
    code: 'E_MISPLACED_PREV',
    sources: ['f(a) = prev(a); f(x)', 'mean(prev(x))', 'rolling_sum(x, prev(1))'],
    environment: { rows },
  },
  {
    code: 'W_UNUSED_LET',
    sources: ['let a = 1; 2', '{ let a = 1; 2 }', 'let big = 1; f(x) = { let y = 1; x }; f(2)'],
  },
  {
    code: 'W_SIGN_BEGINS_LINE',
    sources: ['let _a = 5\n- 2', 'f(x) = x # of x\n  + 2*f(1)', 'let _a = 1\n\n-2'],
  },
  {
    code: 'W_COMMENT_LIKE_DIVISION',
    sources: ['7 // 2', 'x // (1 + y)', '2 * (x + 1) // 3'],
  },
  { code: 'W_CONSTANT_COMPARISON', sources: ['x == nan', 'nan != x', 'x < nan ? 1 : 2', '1 > 2 ? x : 3'] },
];

function diagnosticsOf(
  source: string,
  environment: Environment | undefined,
  code: DiagnosticCode,
): readonly Diagnostic[] {
  if (diagnosticCatalogue[code].severity === 'error') return compileError(source, environment).diagnostics;
  return check(parse(source, { limits: environment?.limits, dialect: environment?.dialect }), environment)
    .warnings;
}

describe('lang/diagnostics', () => {
  for (const { code, sources, environment } of cases) {
    it(`${code} looks as in its golden file`, () => {
      const shown = sources.map((source) => {
        const diagnostics = diagnosticsOf(source, environment, code);
        expect(diagnostics[0]?.code, source).to.equal(code);
        return `${source}\n----\n${diagnostics.map(renderDiagnostic).join('\n')}`;
      });
      expectGolden(`test/lang/diagnostics/${code}.txt`, shown.join('\n'));
    });
  }

  it('are short, however long a name, a number or a line is', () => {
    const name = 'a'.repeat(40_000);
    for (const source of [
      `${name}(1) + ${name}`,
      `let ${name} = 1; let ${name} = 2; 1`,
      `1${'2'.repeat(200)}${name}`,
      `f(${name}) = 1; f(1, 2) + x`,
      `x = ${name}; 3`,
      `sum(${name} + 1, 1, 2, 3)`,
      `${'x + '.repeat(9999)} $`,
      `if ${name}`,
    ]) {
      const error = compileError(source);
      for (const { message, hint } of error.diagnostics) {
        expect(message).to.have.length.below(200);
        expect(hint ?? '').to.have.length.below(200);
      }
      for (const line of `${error.message}\n${error.render()}`.split('\n'))
        expect(line).to.have.length.below(200);
    }
  });

  it('are all in the catalogue, and all of the catalogue is here', () => {
    const shown = [...cases.map(({ code }) => code), ...elsewhere];
    expect(shown.sort()).to.deep.equal(Object.keys(diagnosticCatalogue).sort());
    const files = readdirSync(fileURLToPath(new URL('diagnostics', import.meta.url)));
    expect(files.sort()).to.deep.equal(cases.map(({ code }) => `${code}.txt`).sort());
  });

  it('have an explanation each', () => {
    for (const { summary } of Object.values(diagnosticCatalogue)) expect(summary).to.match(/^[A-Z`].*\.$/);
  });
});
