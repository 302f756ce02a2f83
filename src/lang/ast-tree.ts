/** Draws trees for people, a node a line, with the operators of a chain in front of the operands they apply to. */
import type { Definition, Expression, Program } from './ast.ts';

/** A program as a tree; the recursion is as deep as the source is nested, which is bounded. */
export function drawProgram(program: Pick<Program, 'definitions' | 'result'>): string {
  const roots = program.definitions.map(definitionNode);
  if (program.result !== undefined) roots.push(expressionNode(program.result));
  const lines: string[] = [];
  for (const root of roots) draw(root, '', '', lines);
  return lines.join('\n');
}

interface TreeNode {
  readonly label: string;
  readonly children: readonly TreeNode[];
}

function draw({ label, children }: TreeNode, first: string, rest: string, lines: string[]): void {
  lines.push(first + label);
  for (const [index, child] of children.entries()) {
    const isLast = index === children.length - 1;
    draw(child, rest + (isLast ? '└─ ' : '├─ '), rest + (isLast ? '   ' : '│  '), lines);
  }
}

function definitionNode(definition: Definition): TreeNode {
  const { name } = definition.target;
  if (definition.kind === 'let') return node(`let ${name}`, expressionNode(definition.value));
  const parameters = definition.parameters.map((parameter) => parameter.name).join(', ');
  return node(`${name}(${parameters}) =`, expressionNode(definition.body));
}

function expressionNode(expression: Expression): TreeNode {
  switch (expression.kind) {
    case 'number':
      return node(String(expression.value));
    case 'name':
      return node(expression.name);
    case 'unary':
      return node(`unary ${expression.operator}`, expressionNode(expression.operand));
    case 'power':
      return node('power', expressionNode(expression.base), prefixed('^', expression.exponent));
    case 'sum':
    case 'product':
      return chain(expression.kind, expression.operands, (index) => expression.operators[index] ?? '');
    case 'comparison':
      return node(
        'comparison',
        expressionNode(expression.left),
        prefixed(expression.operator, expression.right),
      );
    case 'and':
      return chain('and', expression.operands, () => '&&');
    case 'or':
      return chain('or', expression.operands, () => '||');
    case 'conditional':
      return node(
        'conditional',
        prefixed('if', expression.test),
        prefixed('then', expression.consequent),
        prefixed('else', expression.alternate),
      );
    case 'call':
      return node(`call ${expression.callee}`, ...expression.arguments.map(expressionNode));
    case 'element':
      return node(`element of ${expression.column}`, expressionNode(expression.index));
    case 'block':
      return node('block', ...expression.bindings.map(definitionNode), expressionNode(expression.result));
  }
}

/** `operatorBefore(i)` stands between operand `i` and the next. */
function chain(
  label: string,
  operands: readonly Expression[],
  operatorBefore: (index: number) => string,
): TreeNode {
  const children = operands.map((operand, index) =>
    index === 0 ? expressionNode(operand) : prefixed(operatorBefore(index - 1), operand),
  );
  return { label, children };
}

function prefixed(prefix: string, expression: Expression): TreeNode {
  const { label, children } = expressionNode(expression);
  return { label: `${prefix} ${label}`, children };
}

function node(label: string, ...children: TreeNode[]): TreeNode {
  return { label, children };
}
