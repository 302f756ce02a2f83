/**
 * The JavaScript twin of a program: generated code whose meaning is JavaScript's own, held against ours.
 *
 * JavaScript's conversions do the work: a boolean is 0 or 1 in arithmetic, and a number as a condition is true
 * when it is neither 0 nor NaN. Only `===` and the arguments of functions need an explicit conversion.
 */
import { elementAt } from '../../src/support/element.ts';
import type { Definition, Node, Program } from './random-program.ts';
import type { ReferenceFunction } from './reference-library.ts';

const constants: Readonly<Record<string, string>> = {
  pi: 'Math.PI',
  e: 'Math.E',
  tau: '(2 * Math.PI)',
  inf: 'Infinity',
  nan: 'NaN',
  true: 'true',
  false: 'false',
};

/** Thrown by a twin that took more steps (calls and iterations) than it was granted. */
export class OutOfSteps extends Error {
  override readonly name = 'OutOfSteps';
}

export type Library = Readonly<Record<string, ReferenceFunction>>;

/**
 * Makes the program callable.
 *
 * @param library the built-ins and the host functions, by name
 * @param steps how many calls and iterations one evaluation may take; beyond, {@link OutOfSteps} is thrown
 */
export function compileTwin(
  program: Program,
  library: Library,
  steps: number,
): (...args: number[]) => number {
  let left = 0;
  const tick = () => {
    if (--left < 0) throw new OutOfSteps();
  };
  const main = new Function('lib', 'tick', printJavaScript(program))(library, tick) as (
    ...args: number[]
  ) => number;
  return (...args) => {
    left = steps;
    return main(...args);
  };
}

/** The body of a function of `lib` and `tick` that returns the twin. Functions see the program's parameters and `let`s. */
function printJavaScript(program: Program): string {
  const { definitions, parameters, result } = program;
  const lets = definitions.filter((definition) => definition.parameters === undefined);
  const scope = new Set([...parameters, ...lets.map(({ name }) => name)]);
  return [
    `return (${parameters.map((name) => `$${name}`).join(', ')}) => {`,
    ...definitions.map((definition) => printDefinition(definition, scope)),
    `  return +${print(result, scope)};`,
    '};',
  ].join('\n');
}

function printDefinition({ name, parameters, body }: Definition, scope: ReadonlySet<string>): string {
  if (parameters === undefined) return `  const $${name} = ${print(body, scope)};`;
  const list = parameters.map((parameter) => `$${parameter}`).join(', ');
  return `  function $${name}(${list}) { tick(); return ${print(body, new Set([...scope, ...parameters]))}; }`;
}

/** Every compound form comes out in brackets. */
function print(node: Node, scope: ReadonlySet<string>): string {
  const { operands, text } = node;
  const at = (index: number) => print(elementAt(operands, index), scope);
  const numbers = () => operands.map((operand) => `+${print(operand, scope)}`);
  switch (node.kind) {
    case 'number':
      return text;
    case 'name':
      return (scope.has(text) ? undefined : constants[text]) ?? `$${text}`;
    case 'prefix':
      return text === '!' || text === 'not' ? `(!${at(0)})` : `(${text} ${at(0)})`;
    case 'infix':
      return printInfix(text, at(0), at(1));
    case 'conditional':
      return `(${at(0)} ? ${at(1)} : ${at(2)})`;
    case 'builtin':
    case 'host':
      return `lib.${text}(${numbers().join(', ')})`;
    case 'user':
      return `$${text}(${operands.map((operand) => print(operand, scope)).join(', ')})`;
    case 'loop':
      return printLoop(node, scope);
    case 'block':
      return printBlock(node, scope);
  }
}

function printInfix(operator: string, left: string, right: string): string {
  switch (operator) {
    case '^':
    case '**':
      return `lib.pow(+${left}, +${right})`;
    case 'and':
    case '&&':
      return `(!!${left} && !!${right})`;
    case 'or':
    case '||':
      return `(!!${left} || !!${right})`;
    case '==':
      return `(+${left} === +${right})`;
    case '!=':
      return `(+${left} !== +${right})`;
    case '+':
      // Of numbers: booleans that meet here are added as numbers in JavaScript too.
      return `(+${left} + +${right})`;
    default:
      return `(${left} ${operator} ${right})`;
  }
}

function printLoop(node: Node, scope: ReadonlySet<string>): string {
  const [from, to, body] = node.operands as [Node, Node, Node];
  const index = `$${node.names[0]}`;
  const inner = new Set([...scope, ...node.names]);
  const [start, operator] = node.text === 'sum' ? [0, '+'] : [1, '*'];
  return (
    `((first, last) => { const rounds = Math.floor(last - first) + 1; let total = ${start}; ` +
    `for (let k = 0; k < rounds; k++) { const ${index} = first + k; tick(); ` +
    `total = total ${operator} ${print(body, inner)}; } return total; })(+${print(from, scope)}, +${print(to, scope)})`
  );
}

function printBlock(node: Node, scope: ReadonlySet<string>): string {
  const inner = new Set(scope);
  const statements = node.names.map((name, index) => {
    const value = print(elementAt(node.operands, index), inner);
    inner.add(name);
    return `const $${name} = ${value};`;
  });
  return `(() => { ${statements.join(' ')} return ${print(elementAt(node.operands, node.operands.length - 1), inner)}; })()`;
}
