/**
 * Prints trees as sources that parse to the same trees again, with brackets only where they are needed.
 * Conditionals are printed with `?`, negation with `!`, powers with `^`.
 */
import { elementAt } from '../support/element.ts';
import type { Definition, Expression, LetBinding, Program } from './ast.ts';
import { Precedence } from './operators.ts';

/** One statement a line, the result last. */
export function printProgram(program: Pick<Program, 'definitions' | 'result'>): string {
  const statements = program.definitions.map(printDefinition);
  if (program.result !== undefined) statements.push(printExpression(program.result));
  return statements.join('\n');
}

function printDefinition(definition: Definition): string {
  if (definition.kind === 'let') return printLet(definition);
  const parameters = definition.parameters.map(({ name }) => name).join(', ');
  return `${definition.target.name}(${parameters}) = ${printExpression(definition.body)}`;
}

function printExpression(expression: Expression): string {
  return print(expression, Precedence.Conditional);
}

function printLet({ target, value }: LetBinding): string {
  return `let ${target.name} = ${printExpression(value)}`;
}

/** In brackets if the expression binds less tightly than its place asks for. */
function print(expression: Expression, least: number): string {
  const text = printBare(expression);
  return precedenceOf(expression) < least ? `(${text})` : text;
}

function printBare(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return String(expression.value);
    case 'name':
      return expression.name;
    case 'unary':
      return `${expression.operator}${print(expression.operand, Precedence.Unary)}`;
    case 'power':
      return `${print(expression.base, Precedence.Atom)}^${print(expression.exponent, Precedence.Unary)}`;
    case 'sum':
    case 'product':
      return printRun(expression.operands, expression.operators, precedenceOf(expression));
    case 'comparison': {
      const left = print(expression.left, Precedence.Sum);
      return `${left} ${expression.operator} ${print(expression.right, Precedence.Sum)}`;
    }
    case 'and':
      return printRun(expression.operands, ['&&'], Precedence.And);
    case 'or':
      return printRun(expression.operands, ['||'], Precedence.Or);
    case 'conditional': {
      const branches = `${printExpression(expression.consequent)} : ${printExpression(expression.alternate)}`;
      return `${print(expression.test, Precedence.Or)} ? ${branches}`;
    }
    case 'call':
      return `${expression.callee}(${expression.arguments.map(printExpression).join(', ')})`;
    case 'element':
      return `${expression.column}[${printExpression(expression.index)}]`;
    case 'block':
      return `{ ${[...expression.bindings.map(printLet), printExpression(expression.result)].join('; ')} }`;
  }
}

/** Operators group to the left; where there are fewer than needed, the first stands for all. */
function printRun(operands: readonly Expression[], operators: readonly string[], precedence: number): string {
  const parts = [print(elementAt(operands, 0), precedence)];
  for (let i = 1; i < operands.length; i++) {
    parts.push(operators.at(i - 1) ?? elementAt(operators, 0), print(elementAt(operands, i), precedence + 1));
  }
  return parts.join(' ');
}

function precedenceOf(expression: Expression): number {
  switch (expression.kind) {
    case 'conditional':
      return Precedence.Conditional;
    case 'or':
      return Precedence.Or;
    case 'and':
      return Precedence.And;
    case 'comparison':
      return Precedence.Comparison;
    case 'sum':
      return Precedence.Sum;
    case 'product':
      return Precedence.Product;
    case 'unary':
      return Precedence.Unary;
    case 'power':
      return Precedence.Power;
    default:
      return Precedence.Atom;
  }
}
