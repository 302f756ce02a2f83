import { expect } from 'chai';
import { Interpreter } from '../../../src/jit/ir/interpreter.ts';
import type { Datum } from '../../../src/jit/ir/opcode.ts';
import { verifyModule } from '../../../src/jit/ir/verifier.ts';
import { arithmeticRules } from '../../../src/jit/opt/rules/arithmetic-rules.ts';
import { contractionRules, fastMathRules } from '../../../src/jit/opt/rules/fast-math-rules.ts';
import { integerRules } from '../../../src/jit/opt/rules/integer-rules.ts';
import { logicRules } from '../../../src/jit/opt/rules/logic-rules.ts';
import type { Rule } from '../../../src/jit/opt/rules/rule.ts';
import { powerRules, strengthRules } from '../../../src/jit/opt/rules/strength-rules.ts';
import { ruleTable, simplify } from '../../../src/jit/opt/simplify.ts';
import { elementAt } from '../../../src/support/element.ts';
import { buildExpression, showExpression, variables, variablesOf } from '../../support/ir-expression.ts';
import { specialValues } from '../../support/special-values.ts';
import {
  arithmeticCases,
  fastMathCases,
  integerCases,
  logicCases,
  type RuleCase,
  strengthCases,
} from './rule-cases.ts';

/** Where two or more numbers vary at once: a selection, so that all combinations can be tried. */
const fewNumbers = [
  0,
  1,
  2,
  3,
  0.5,
  1.5,
  5e-324,
  2 ** -1022,
  1e300,
  2 ** 53,
  Number.MAX_VALUE,
  Number.POSITIVE_INFINITY,
]
  .flatMap((x) => [x, -x])
  .concat(Number.NaN);
const integers = [
  0n,
  1n,
  -1n,
  31n,
  1n << 31n,
  -(1n << 31n),
  (1n << 31n) - 7n,
  (1n << 32n) - 1n,
  -(1n << 40n) - 9n,
  1n << 53n,
  -(1n << 63n),
  (1n << 63n) - 1n,
];

function dataFor(names: readonly string[]): Datum[][] {
  const numbers = names.filter((name) => variables[name] === 'f64').length > 1 ? fewNumbers : specialValues;
  const choices = names.map((name): readonly Datum[] => {
    const type = variables[name];
    return type === 'bool' ? [false, true] : type === 'i64' ? integers : numbers;
  });
  return choices.reduce<Datum[][]>(
    (rows, list) => rows.flatMap((row) => list.map((datum) => [...row, datum])),
    [[]],
  );
}

function testRules(rules: readonly Rule[], cases: readonly RuleCase[], exact: boolean): void {
  it('has a case for each rule', () => {
    expect([...new Set(cases.map(([algebra]) => algebra))]).to.have.members(
      rules.map((rule) => rule.algebra),
    );
  });
  for (const [algebra, before, after] of cases) {
    it(`${algebra}: ${before} → ${after}`, () => {
      const module = buildExpression(before);
      const original = buildExpression(before);
      const fired: string[] = [];
      const recording = rules.map(
        (rule): Rule => ({
          ...rule,
          apply: (value, rewriter) => {
            const result = rule.apply(value, rewriter);
            if (result !== undefined) fired.push(rule.algebra);
            return result;
          },
        }),
      );
      const fn = elementAt(module.functions, 0);
      simplify(fn, ruleTable(recording));
      const names = variablesOf(before);
      expect(showExpression(fn, names)).to.equal(after);
      expect(fired).to.include(algebra);
      expect(verifyModule(module)).to.deep.equal([]);
      if (!exact) return;
      const [first, second] = [new Interpreter(original), new Interpreter(module)];
      for (const data of dataFor(names)) {
        const [left, right] = [first.run('f', data), second.run('f', data)];
        if (!Object.is(left, right))
          expect.fail(`for ${data.map(String)}: ${String(left)} became ${String(right)}`);
      }
    });
  }
}

describe('rules hold for all special values', () => {
  describe('arithmetic', () => testRules(arithmeticRules, arithmeticCases, true));
  describe('logic', () => testRules(logicRules, logicCases, true));
  describe('integers', () => testRules(integerRules, integerCases, true));
  describe('strength', () => testRules([...powerRules, ...strengthRules], strengthCases, true));
  describe('fastMath, which changes results', () =>
    testRules([...fastMathRules, ...contractionRules], fastMathCases, false));
});
