/** Arbitrary trees for property tests, in the form that the parser gives them: a run never begins with a run of its kind. */
import fc from 'fast-check';
import type { ExpressionJson, LetJson, ProgramJson } from '../../src/lang/ast-json.ts';

const name = fc.constantFrom('x', 'y', 'é', 'iffy', 'order', '_', 'a1', 'e', 'true', '变量');
const number = fc
  .oneof(
    fc.nat(),
    fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(0, 1, 5e-324, Number.MAX_VALUE, 1e21, 1e-7),
  )
  .map((value) => ({ kind: 'number' as const, value: Object.is(value, -0) ? 0 : value }));

const operatorsOf = {
  sum: ['+', '-'],
  product: ['*', '/', '%'],
} as const;

function run(kind: 'sum' | 'product', operand: fc.Arbitrary<ExpressionJson>): fc.Arbitrary<ExpressionJson> {
  const rest = fc.array(fc.tuple(fc.constantFrom(...operatorsOf[kind]), operand), {
    minLength: 1,
    maxLength: 4,
  });
  return fc
    .tuple(operand, rest)
    .filter(([first]) => first.kind !== kind)
    .map(([first, others]) => ({
      kind,
      operators: others.map(([operator]) => operator),
      operands: [first, ...others.map(([, each]) => each)],
    }));
}

const { expression } = fc.letrec<{ expression: ExpressionJson }>((tie) => {
  const inner = tie('expression');
  const binding: fc.Arbitrary<LetJson> = fc.record({ kind: fc.constant('let'), name, value: inner });
  const logical = (kind: 'and' | 'or') =>
    fc
      .array(inner, { minLength: 2, maxLength: 4 })
      .filter(([first]) => first?.kind !== kind)
      .map((operands): ExpressionJson => ({ kind, operands }));
  return {
    expression: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(number, fc.record({ kind: fc.constant('name' as const), name })),
      fc.record({
        kind: fc.constant('unary' as const),
        operator: fc.constantFrom('-', '+', '!'),
        operand: inner,
      }),
      fc.record({ kind: fc.constant('power' as const), base: inner, exponent: inner }),
      run('sum', inner),
      run('product', inner),
      fc.record({
        kind: fc.constant('comparison' as const),
        operator: fc.constantFrom('<', '<=', '>', '>=', '==', '!='),
        left: inner,
        right: inner,
      }),
      logical('and'),
      logical('or'),
      fc.record({
        kind: fc.constant('conditional' as const),
        test: inner,
        consequent: inner,
        alternate: inner,
      }),
      fc.record({
        kind: fc.constant('call' as const),
        callee: name,
        arguments: fc.array(inner, { maxLength: 3 }),
      }),
      fc.record({
        kind: fc.constant('block' as const),
        bindings: fc.array(binding, { maxLength: 2 }),
        result: inner,
      }),
    ),
  };
});

export const arbitraryProgram: fc.Arbitrary<ProgramJson> = fc.record({
  version: fc.constant(1 as const),
  definitions: fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('let' as const), name, value: expression }),
      fc.record({
        kind: fc.constant('function' as const),
        name,
        parameters: fc.array(name, { maxLength: 3 }),
        body: expression,
      }),
    ),
    { maxLength: 3 },
  ),
  result: fc.option(expression),
});
