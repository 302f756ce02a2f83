/** What a tree refers to but does not define: for those who keep definitions and must know who depends on whom. */
import type { Definition, Expression } from './ast.ts';
import { builtins } from './builtins.ts';

export interface FreeNames {
  /** In order of first appearance; constants are among them, since they may be shadowed. */
  readonly values: ReadonlySet<string>;
  /** Called functions other than built-in ones, in order of first appearance. */
  readonly functions: ReadonlySet<string>;
}

/** Free names of a definition, which may include its own if it recurses, or of an expression. */
export function freeNames(tree: Definition | Expression): FreeNames {
  const values = new Set<string>();
  const functions = new Set<string>();
  const found = { values, functions };
  if (tree.kind === 'function') visit(tree.body, new Set(tree.parameters.map(({ name }) => name)), found);
  else visit(tree.kind === 'let' ? tree.value : tree, new Set(), found);
  return found;
}

function visit(
  expression: Expression,
  bound: ReadonlySet<string>,
  found: { values: Set<string>; functions: Set<string> },
): void {
  const each = (expressions: readonly Expression[]) => {
    for (const expression of expressions) visit(expression, bound, found);
  };
  switch (expression.kind) {
    case 'number':
      return;
    case 'name':
      if (!bound.has(expression.name)) found.values.add(expression.name);
      return;
    case 'unary':
      visit(expression.operand, bound, found);
      return;
    case 'power':
      each([expression.base, expression.exponent]);
      return;
    case 'comparison':
      each([expression.left, expression.right]);
      return;
    case 'conditional':
      each([expression.test, expression.consequent, expression.alternate]);
      return;
    case 'call': {
      const builtin = builtins.get(expression.callee);
      if (builtin === undefined) found.functions.add(expression.callee);
      const [counter, from, to, body] = expression.arguments;
      if (builtin?.group === 'loop' && counter?.kind === 'name' && from && to && body) {
        each([from, to]);
        visit(body, new Set(bound).add(counter.name), found);
      } else {
        each(expression.arguments);
      }
      return;
    }
    case 'block': {
      const inner = new Set(bound);
      for (const { target, value } of expression.bindings) {
        visit(value, inner, found);
        inner.add(target.name);
      }
      visit(expression.result, inner, found);
      return;
    }
    default:
      each(expression.operands);
  }
}
