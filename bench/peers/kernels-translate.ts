import type { Expression } from '../../src/lang/ast.ts';
import { parse } from '../../src/lang/parser.ts';
import { elementAt } from '../../src/support/element.ts';
import { InvariantError, invariant } from '../../src/support/invariant.ts';

/** How a target language, or a code generator, builds each form out of its parts. */
export interface Dialect<T> {
  number(value: number): T;
  name(name: string): T;
  negate(operand: T): T;
  /** An arithmetic operator, a comparison, `and` or `or`. */
  binary(operator: string, left: T, right: T): T;
  conditional(test: T, consequent: T, alternate: T): T;
  call(callee: string, args: readonly T[]): T;
}

/** Carries an expression of a workload over into another language. */
export function translate<T>(source: string, dialect: Dialect<T>): T {
  const { result } = parse(source);
  invariant(result !== undefined, `${source} is no expression`);
  return visit(result, dialect);
}

function visit<T>(expression: Expression, dialect: Dialect<T>): T {
  const inner = (operand: Expression): T => visit(operand, dialect);
  switch (expression.kind) {
    case 'number':
      return dialect.number(expression.value);
    case 'name':
      return dialect.name(expression.name);
    case 'unary':
      invariant(expression.operator === '-', `no workload uses unary ${expression.operator}`);
      return dialect.negate(inner(expression.operand));
    case 'sum':
    case 'product': {
      const { operators } = expression;
      const [first, ...others] = expression.operands.map(inner) as [T, ...T[]];
      return others.reduce((left, right, at) => dialect.binary(elementAt(operators, at), left, right), first);
    }
    case 'comparison':
      return dialect.binary(expression.operator, inner(expression.left), inner(expression.right));
    case 'and':
    case 'or':
      return expression.operands
        .map(inner)
        .reduce((left, right) => dialect.binary(expression.kind, left, right));
    case 'conditional':
      return dialect.conditional(
        inner(expression.test),
        inner(expression.consequent),
        inner(expression.alternate),
      );
    case 'call':
      return dialect.call(expression.callee, expression.arguments.map(inner));
    default:
      throw new InvariantError(`no workload uses a ${expression.kind}`);
  }
}

/** Infix languages differ in the rest only. */
export const infixForms: Pick<Dialect<string>, 'number' | 'name' | 'negate'> = {
  number: (value) => (Number.isInteger(value) ? value.toFixed(1) : String(value)),
  name: (name) => name,
  negate: (operand) => `(-${operand})`,
};
