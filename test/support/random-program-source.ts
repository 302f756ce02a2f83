import { elementAt } from '../../src/support/element.ts';
import type { Definition, Node, Program } from './random-program.ts';

/**
 * How tightly each form binds, loosest first, as the grammar's productions nest. A printed tree has brackets only
 * where the grammar needs them, so that the parser's precedence is under test too.
 */
const Level = Object.freeze({
  Conditional: 0,
  Or: 1,
  And: 2,
  Not: 3,
  Comparison: 4,
  Sum: 5,
  Product: 6,
  Unary: 7,
  Power: 8,
  Atom: 9,
});

const infixLevel: Readonly<Record<string, number>> = {
  '||': Level.Or,
  or: Level.Or,
  '&&': Level.And,
  and: Level.And,
  '<': Level.Comparison,
  '<=': Level.Comparison,
  '>': Level.Comparison,
  '>=': Level.Comparison,
  '==': Level.Comparison,
  '!=': Level.Comparison,
  '+': Level.Sum,
  '-': Level.Sum,
  '*': Level.Product,
  '/': Level.Product,
  '%': Level.Product,
  '^': Level.Power,
  '**': Level.Power,
};

/** The program as a user would type it; its parameters are not part of the source. */
export function printSource(program: Program): string {
  return [...program.definitions.map(printDefinition), printExpression(program.result)].join('\n');
}

function printDefinition({ name, parameters, body }: Definition): string {
  const head = parameters === undefined ? `let ${name}` : `${name}(${parameters.join(', ')})`;
  return `${head} = ${printExpression(body)}`;
}

function printExpression(node: Node, least: number = Level.Conditional): string {
  const [text, level] = print(node);
  return level < least ? `(${text})` : text;
}

function print(node: Node): [text: string, level: number] {
  const { operands, text } = node;
  const at = (index: number, level: number) => printExpression(elementAt(operands, index), level);
  const list = () => operands.map((operand) => printExpression(operand)).join(', ');
  switch (node.kind) {
    case 'number':
    case 'name':
      return [text, Level.Atom];
    case 'prefix':
      return text === 'not'
        ? [`not ${at(0, Level.Not)}`, Level.Not]
        : [`${text}${at(0, Level.Unary)}`, Level.Unary];
    case 'infix': {
      const level = infixLevel[text] as number;
      if (level === Level.Power) return [`${at(0, Level.Atom)} ${text} ${at(1, Level.Unary)}`, level];
      const left = level === Level.Comparison ? level + 1 : level;
      return [`${at(0, left)} ${text} ${at(1, level + 1)}`, level];
    }
    case 'conditional':
      return text === 'if'
        ? [
            `if ${at(0, Level.Conditional)} then ${at(1, Level.Conditional)} else ${at(2, Level.Conditional)}`,
            Level.Conditional,
          ]
        : [
            `${at(0, Level.Or)} ? ${at(1, Level.Conditional)} : ${at(2, Level.Conditional)}`,
            Level.Conditional,
          ];
    case 'builtin':
    case 'user':
    case 'host':
      return [`${text}(${list()})`, Level.Atom];
    case 'loop':
      return [`${text}(${node.names[0]}, ${list()})`, Level.Atom];
    case 'block': {
      const lets = node.names.map((name, index) => `let ${name} = ${at(index, Level.Conditional)}; `);
      return [`{ ${lets.join('')}${at(operands.length - 1, Level.Conditional)} }`, Level.Atom];
    }
  }
}
