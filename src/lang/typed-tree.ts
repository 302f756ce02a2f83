/** Walks over typed expressions. */
import type { TypedExpression, Variable } from './typed-ast.ts';

/** The expressions that stand in one, in the order of their evaluation; those of called functions aside. */
export function childrenOf(expression: TypedExpression): readonly TypedExpression[] {
  switch (expression.kind) {
    case 'constant':
    case 'variable':
      return [];
    case 'negate':
    case 'convert':
    case 'not':
    case 'isnull':
    case 'derivative':
      return [expression.operand];
    case 'arithmetic':
    case 'and':
    case 'or':
    case 'coalesce':
      return expression.operands;
    case 'power':
      return [expression.base, expression.exponent];
    case 'comparison':
      return [expression.left, expression.right];
    case 'conditional':
      return [expression.test, expression.consequent, expression.alternate];
    case 'block':
      return [...expression.bindings.map(({ value }) => value), expression.result];
    case 'builtin':
    case 'call':
    case 'hostCall':
      return expression.arguments;
    case 'element':
      return [expression.row];
    case 'previous':
      return [expression.seed];
    case 'loop':
      return [expression.from, expression.to, expression.body];
  }
}

/** Calls `visit` with each variable that the expression, or a function which it calls, refers to. */
export function eachVariable(expression: TypedExpression, visit: (variable: Variable) => void): void {
  if (expression.kind === 'variable') visit(expression.variable);
  if (expression.kind === 'call') expression.callee.captures.forEach(visit);
  if (expression.kind === 'element') {
    visit(expression.column);
    visit(expression.count);
  }
  if (expression.kind === 'previous') visit(expression.variable);
  for (const child of childrenOf(expression)) eachVariable(child, visit);
}
