/**
 * What random programs come to where values are missing, by walking their trees: `null` is a missing value. Written from the language's
 * definition, and from nothing of the compiler.
 */
import { elementAt, maybeAt } from '../../src/support/element.ts';
import type { Random } from './random.ts';
import { type Definition, type Node, node, type Program } from './random-program.ts';
import { type Library, OutOfSteps } from './random-program-javascript.ts';

export type Maybe = number | boolean | null;

const constants: Readonly<Record<string, number | boolean>> = {
  pi: Math.PI,
  e: Math.E,
  tau: 2 * Math.PI,
  inf: Number.POSITIVE_INFINITY,
  nan: Number.NaN,
  true: true,
  false: false,
};

/** The program with calls of `isnull` and `coalesce` strewn in. */
export function withNullFunctions(random: Random, program: Program): Program {
  const change = (given: Node): Node => {
    const changed = { ...given, operands: given.operands.map(change) };
    if (!random.chance(0.12)) return changed;
    if (random.chance(0.3)) return node('builtin', 'isnull', [changed]);
    const others = program.parameters.length > 0 ? [node('name', random.pick(program.parameters))] : [];
    const last = random.chance(0.5) ? [node('number', String(random.integer(0, 9)))] : [];
    return node('builtin', 'coalesce', [changed, ...others, ...last]);
  };
  return {
    ...program,
    definitions: program.definitions.map((definition) => ({ ...definition, body: change(definition.body) })),
    result: change(program.result),
  };
}

type Scope = ReadonlyMap<string, Maybe>;

export class NullOracle {
  readonly #program: Program;
  readonly #library: Library;
  readonly #functions = new Map<string, Definition>();
  readonly #captures = new Map<string, readonly string[] | undefined>();
  readonly #mostSteps: number;
  #steps = 0;

  /** Beyond so many steps {@link OutOfSteps} is thrown. */
  constructor(program: Program, library: Library, mostSteps: number) {
    this.#program = program;
    this.#library = library;
    this.#mostSteps = mostSteps;
    for (const definition of program.definitions)
      if (definition.parameters !== undefined) this.#functions.set(definition.name, definition);
  }

  /** The result for these arguments. */
  run(args: readonly Maybe[]): number | null {
    this.#steps = 0;
    const scope = new Map<string, Maybe>(
      this.#program.parameters.map((name, index) => [name, args[index] ?? null]),
    );
    for (const { name, parameters, body } of this.#program.definitions)
      if (parameters === undefined) scope.set(name, this.#evaluate(body, scope, scope));
    return numberOf(this.#evaluate(this.#program.result, scope, scope));
  }

  #evaluate(given: Node, scope: Scope, globals: Scope): Maybe {
    if (++this.#steps > this.#mostSteps) throw new OutOfSteps();
    const { operands, text } = given;
    const at = (index: number) => this.#evaluate(elementAt(operands, index), scope, globals);
    switch (given.kind) {
      case 'number':
        return Number(text);
      case 'name':
        return valueNamed(text, scope);
      case 'prefix': {
        const operand = at(0);
        if (operand === null) return null;
        if (text === '!' || text === 'not') return !isTrue(operand);
        return text === '-' ? -Number(operand) : Number(operand);
      }
      case 'infix':
        return this.#infix(
          text,
          () => at(0),
          () => at(1),
        );
      case 'conditional': {
        const test = at(0);
        return test !== null && isTrue(test) ? at(1) : at(2);
      }
      case 'builtin':
        if (text === 'isnull') return at(0) === null;
        if (text === 'coalesce') {
          for (let i = 0; i < operands.length; i++) {
            const value = at(i);
            if (value !== null) return value;
          }
          return null;
        }
        return this.#strict(
          text,
          operands.map((_, index) => at(index)),
        );
      case 'host':
        return this.#strict(
          text,
          operands.map((_, index) => at(index)),
        );
      case 'user':
        return this.#call(
          text,
          operands.map((_, index) => numberOf(at(index))),
          globals,
        );
      case 'loop':
        return this.#loop(given, at(0), at(1), scope, globals);
      case 'block': {
        const inner = new Map(scope);
        for (const [index, name] of given.names.entries())
          inner.set(name, this.#evaluate(elementAt(operands, index), inner, globals));
        return this.#evaluate(elementAt(operands, operands.length - 1), inner, globals);
      }
    }
  }

  #infix(operator: string, left: () => Maybe, right: () => Maybe): Maybe {
    if (operator === '&&' || operator === 'and') return three(left(), right, false);
    if (operator === '||' || operator === 'or') return three(left(), right, true);
    const x = left();
    const y = right();
    if (x === null || y === null) return null;
    const [a, b] = [Number(x), Number(y)];
    switch (operator) {
      case '+':
        return a + b;
      case '-':
        return a - b;
      case '*':
        return a * b;
      case '/':
        return a / b;
      case '%':
        return a % b;
      case '<':
        return a < b;
      case '<=':
        return a <= b;
      case '>':
        return a > b;
      case '>=':
        return a >= b;
      case '==':
        return a === b;
      case '!=':
        return a !== b;
      default:
        return this.#strict('pow', [a, b]);
    }
  }

  #strict(name: string, args: readonly Maybe[]): Maybe {
    if (args.includes(null)) return null;
    const call = this.#library[name];
    if (call === undefined) throw new Error(`no ${name}`);
    const result = call(...args.map(Number));
    return name === 'isnan' || name === 'isfinite' ? result !== 0 : result;
  }

  /** Recursive functions get no missing values, neither as arguments nor from outside. */
  #call(name: string, args: readonly Maybe[], globals: Scope): Maybe {
    const { parameters = [], body } = this.#functions.get(name) as Definition;
    const captures = this.#capturesOf(name);
    if (captures !== undefined) {
      const captured = captures.filter((each) => globals.has(each)).map((each) => valueNamed(each, globals));
      if (args.includes(null) || captured.includes(null)) return null;
    }
    const scope = new Map(globals);
    for (const [index, parameter] of parameters.entries()) scope.set(parameter, args[index] as Maybe);
    return this.#evaluate(body, scope, globals);
  }

  /** Names from outside that a recursive function uses; undefined for all others. */
  #capturesOf(name: string): readonly string[] | undefined {
    if (this.#captures.has(name)) return this.#captures.get(name);
    const calls = this.#calledFrom(name);
    const free = [name, ...calls].flatMap((each) => {
      const { body, parameters } = this.#functions.get(each) as Definition;
      return [...freeNames(body, new Set(parameters))];
    });
    const captures = calls.has(name) ? free : undefined;
    this.#captures.set(name, captures);
    return captures;
  }

  #calledFrom(name: string): Set<string> {
    const found = new Set<string>();
    const visit = ({ kind, text, operands }: Node): void => {
      if (kind === 'user' && !found.has(text)) {
        found.add(text);
        visit((this.#functions.get(text) as Definition).body);
      }
      operands.forEach(visit);
    };
    visit((this.#functions.get(name) as Definition).body);
    return found;
  }

  #loop({ text, names, operands }: Node, from: Maybe, to: Maybe, scope: Scope, globals: Scope): Maybe {
    if (from === null || to === null) return null;
    const rounds = Math.floor(Number(to) - Number(from)) + 1;
    let total: number | null = text === 'sum' ? 0 : 1;
    for (let k = 0; k < rounds; k++) {
      const inner = new Map(scope).set(elementAt(names, 0), Number(from) + k);
      const term = this.#evaluate(elementAt(operands, 2), inner, globals);
      if (total === null || term === null) total = null;
      else total = text === 'sum' ? total + Number(term) : total * Number(term);
    }
    return total;
  }
}

function valueNamed(name: string, scope: Scope): Maybe {
  const value = scope.has(name) ? scope.get(name) : constants[name];
  if (value === undefined) throw new Error(`${name} has no value`);
  return value;
}

function freeNames({ kind, text, names, operands }: Node, bound: ReadonlySet<string>): Set<string> {
  const free = new Set<string>();
  if (kind === 'name' && !bound.has(text)) free.add(text);
  const inner = new Set(bound);
  for (const [index, operand] of operands.entries()) {
    // The bounds of a loop are outside of its counter's scope; each `let` of a block is in that of those before it.
    if (kind === 'loop' && index === 2) inner.add(elementAt(names, 0));
    for (const name of freeNames(operand, inner)) free.add(name);
    const name = maybeAt(names, index);
    if (kind === 'block' && name !== undefined) inner.add(name);
  }
  return free;
}

/** SQL's `and` (false decides) and `or` (true does). */
function three(left: Maybe, right: () => Maybe, decisive: boolean): boolean | null {
  if (left !== null && isTrue(left) === decisive) return decisive;
  const other = right();
  if (other !== null && isTrue(other) === decisive) return decisive;
  return left === null || other === null ? null : !decisive;
}

function isTrue(value: number | boolean): boolean {
  return Number(value) !== 0 && !Number.isNaN(value);
}

function numberOf(value: Maybe): number | null {
  return value === null ? null : Number(value);
}
