/**
 * Random programs of the language, as trees from which both a source and its JavaScript twin are printed.
 *
 * Problem: a program that is merely well-formed seldom ends or does anything interesting. Strategy: grow it from
 * the outside in with a budget of nodes, and let only what ends come about:
 *
 * - A function calls those defined before it freely. Members of one recursive group call each other too, but only
 *   where their first parameter, the measure, is above zero, and with a smaller measure; from outside it is cut
 *   to a few steps with `min`.
 * - Loops run from and to small numbers, cut likewise.
 *
 * Costs still multiply (a loop in a recursion in a loop), so the JavaScript twin counts its steps and gives up on
 * programs that take too many; nobody runs those.
 */
import type { Random } from './random.ts';
import { builtinArity, transcendentals } from './reference-library.ts';

export interface Node {
  readonly kind:
    | 'number'
    | 'name'
    | 'prefix'
    | 'infix'
    | 'conditional'
    | 'builtin'
    | 'user'
    | 'host'
    | 'loop'
    | 'block';
  /** The number, name, operator or callee as the source spells it; of a conditional `?` or `if`. */
  readonly text: string;
  readonly operands: readonly Node[];
  /** What a loop or the bindings of a block name; a block has one operand more than names. */
  readonly names: readonly string[];
}

export interface Definition {
  readonly name: string;
  /** Undefined for a `let`. */
  readonly parameters: readonly string[] | undefined;
  readonly body: Node;
}

export interface Program {
  readonly parameters: readonly string[];
  readonly definitions: readonly Definition[];
  readonly result: Node;
}

/** Host functions that programs may call, with their numbers of arguments. */
export const hostArity = Object.freeze({ hostConstant: 0, hostHalf: 1, hostMix: 2, hostPick: 3 });

export interface Shape {
  /** Nodes of the result expression, about. */
  readonly size: number;
  /** Definitions of functions and `let`s: at most so many. */
  readonly definitions: number;
  readonly loops: boolean;
  readonly hosts: boolean;
}

const parameterNames = [
  'x',
  'y',
  'z',
  'w',
  'e',
  'größe',
  'θ',
  'iffy',
  'order',
  'notion',
  '_a',
  'x1',
  'x2',
  'π2',
];
const infixOdds = Object.freeze({
  '+': 12,
  '-': 12,
  '*': 12,
  '/': 5,
  '%': 2,
  '^': 1,
  '**': 1,
  '<': 0.5,
  '<=': 0.5,
  '>': 0.5,
  '>=': 0.5,
  '==': 0.5,
  '!=': 0.5,
  '&&': 0.5,
  and: 0.5,
  '||': 0.5,
  or: 0.5,
});
const chains = [
  ['+', '-'],
  ['+', '-'],
  ['*', '/', '%'],
  ['+'],
  ['*'],
  ['*', '/'],
  ['&&', 'and'],
  ['||', 'or'],
];
const constants = ['pi', 'e', 'tau', 'inf', 'nan', 'true', 'false'];
const exactBuiltins = Object.keys(builtinArity).filter((name) => !(name in transcendentals));
const transcendentalBuiltins = Object.keys(transcendentals);

interface Callable {
  readonly name: string;
  readonly parameters: number;
  /** How far the measure, its first argument, may start; undefined if it does not recurse. */
  readonly measure: number | undefined;
}

interface Scope {
  readonly names: readonly string[];
  readonly callables: readonly Callable[];
  /** Inside the recursive part of a function: its group, and the name of its measure. */
  readonly recursion: { readonly group: readonly Callable[]; readonly measure: string } | undefined;
}

export function randomProgram(random: Random, shape: Shape): Program {
  return new Generator(random, shape).program();
}

export function node(
  kind: Node['kind'],
  text: string,
  operands: readonly Node[] = [],
  names: readonly string[] = [],
): Node {
  return { kind, text, operands, names };
}

class Generator {
  readonly #random: Random;
  readonly #shape: Shape;
  #fresh = 0;

  constructor(random: Random, shape: Shape) {
    this.#random = random;
    this.#shape = shape;
  }

  program(): Program {
    const random = this.#random;
    const count = random.chance(0.1) ? random.integer(9, 14) : random.pick([0, 1, 1, 2, 2, 3, 4]);
    const parameters = random.shuffle(parameterNames).slice(0, count);
    const definitions: Definition[] = [];
    const callables: Callable[] = [];
    const names = [...parameters];
    while (definitions.length < this.#shape.definitions && random.chance(0.7)) {
      const kind = random.weighted({ let: 1, plain: 2, recursive: 3 });
      if (kind === 'let') {
        const value = this.#expression(random.integer(1, 8), { names, callables, recursion: undefined });
        const name = this.#name('v');
        names.push(name);
        definitions.push({ name, parameters: undefined, body: value });
      } else {
        const group = kind === 'plain' ? [this.#plain()] : this.#group();
        const scope: Scope = { names, callables, recursion: undefined };
        for (const member of group) definitions.push(this.#definition(member, group, scope));
        callables.push(...group);
      }
    }
    // Small ones keep what a rewrite does to a zero's sign visible in the result.
    const size = random.integer(1, random.chance(0.5) ? 6 : this.#shape.size);
    return {
      parameters,
      definitions,
      result: this.#expression(size, { names, callables, recursion: undefined }),
    };
  }

  #plain(): Callable {
    const random = this.#random;
    const parameters = random.chance(0.1) ? random.integer(9, 12) : random.integer(0, 4);
    return { name: this.#name('f'), parameters, measure: undefined };
  }

  #group(): Callable[] {
    const random = this.#random;
    return Array.from({ length: random.pick([1, 1, 2, 3]) }, () => ({
      name: this.#name('r'),
      parameters: random.chance(0.05) ? 10 : random.integer(1, 4),
      measure: random.pick([3, 4, 6, 20]),
    }));
  }

  #definition(callable: Callable, group: readonly Callable[], outer: Scope): Definition {
    const random = this.#random;
    const parameters = Array.from({ length: callable.parameters }, () => this.#name('p'));
    // Mostly its own parameters; from time to time a value of the program around it.
    const outside = random.chance(0.3) ? outer.names : [];
    const scope: Scope = { ...outer, names: [...outside, ...parameters, ...parameters] };
    const [measure] = parameters;
    if (callable.measure === undefined || measure === undefined) {
      return { name: callable.name, parameters, body: this.#expression(random.integer(1, 12), scope) };
    }
    const inner: Scope = { ...scope, recursion: { group, measure } };
    const again = random.chance(0.5)
      ? this.#recursiveCall(4, inner)
      : this.#expression(random.integer(3, 12), inner);
    const base = this.#expression(random.integer(1, 5), scope);
    const above = node('infix', '>', [node('name', measure), node('number', '0')]);
    const style = random.pick(['?', 'if']);
    const body = random.chance(0.7)
      ? node('conditional', style, [above, again, base])
      : node('conditional', style, [node('prefix', random.pick(['!', 'not']), [above]), base, again]);
    return { name: callable.name, parameters, body };
  }

  #name(prefix: string): string {
    return `${prefix}${this.#fresh++}`;
  }

  #expression(budget: number, scope: Scope): Node {
    const random = this.#random;
    if (budget <= 1) return this.#leaf(scope);
    const rest = budget - 1;
    const kind = random.weighted({
      infix: 50,
      chain: 3,
      prefix: 8,
      conditional: 10,
      exact: 16,
      transcendental: 5,
      user: scope.callables.length > 0 ? 8 : 0,
      recursive: scope.recursion === undefined ? 0 : 14,
      host: this.#shape.hosts ? 4 : 0,
      loop: this.#shape.loops ? 3 : 0,
      block: 4,
      crowd: budget > 20 ? 2 : 0,
    });
    switch (kind) {
      case 'infix':
        return node('infix', random.weighted(infixOdds), this.#operands(rest, scope));
      case 'chain':
        return this.#chain(rest, scope);
      case 'prefix':
        return node('prefix', random.pick(['-', '-', '-', '-', '-', '-', '+', '!', 'not']), [
          this.#expression(rest, scope),
        ]);
      case 'conditional':
        return this.#conditional(rest, scope);
      case 'exact':
        return this.#builtin(random.pick(exactBuiltins), rest, scope);
      case 'transcendental':
        return this.#builtin(random.pick(transcendentalBuiltins), rest, scope);
      case 'user':
        return this.#userCall(rest, scope);
      case 'recursive':
        return this.#recursiveCall(rest, scope);
      case 'host': {
        const name = random.pick(Object.keys(hostArity) as (keyof typeof hostArity)[]);
        return node('host', name, this.#split(hostArity[name], rest, scope));
      }
      case 'loop':
        return this.#loop(rest, scope);
      case 'block':
        return this.#block(random.integer(1, 3), rest, scope);
      case 'crowd':
        return this.#crowd(rest, scope);
    }
  }

  #leaf(scope: Scope): Node {
    const random = this.#random;
    if (scope.names.length > 0 && random.chance(0.65)) return node('name', random.pick(scope.names));
    if (random.chance(0.15)) return node('name', random.pick(constants));
    if (random.chance(0.3)) return this.#landmark();
    if (random.chance(0.6)) return node('number', String(random.integer(0, 40) / random.pick([1, 1, 4, 8])));
    const magnitude = Math.abs(random.double());
    return node('number', String(Number.isFinite(magnitude) ? magnitude : random.integer(0, 9)));
  }

  /** A constant that algebra knows. */
  #landmark(): Node {
    const random = this.#random;
    const name = random.pick(['0', '0', '1', '1', '2', '0.5', 'inf', 'nan', 'true']);
    const constant = node(/\d/.test(name) ? 'number' : 'name', name);
    return random.chance(0.35) ? node('prefix', '-', [constant]) : constant;
  }

  /** Often what algebra has a rule for: the same operand twice, its opposite, or a constant beside it. */
  #operands(budget: number, scope: Scope): Node[] {
    const random = this.#random;
    const kind = random.weighted({ any: 6, twice: 1, opposite: 1, constant: 2 });
    if (kind === 'any') return this.#split(2, budget, scope);
    const first = this.#expression(kind === 'constant' ? budget : budget / 2, scope);
    if (kind === 'twice') return [first, first];
    const second =
      kind === 'opposite'
        ? node('prefix', '-', [random.chance(0.5) ? first : this.#leaf(scope)])
        : this.#landmark();
    return random.chance(0.5) ? [first, second] : [second, first];
  }

  /** `count` expressions that share the budget unevenly. */
  #split(count: number, budget: number, scope: Scope): Node[] {
    const shares = Array.from({ length: count }, () => this.#random.fraction() ** 2 + 0.05);
    const total = shares.reduce((sum, share) => sum + share, 0);
    return shares.map((share) => this.#expression(Math.round((budget * share) / total), scope));
  }

  #conditional(budget: number, scope: Scope): Node {
    const random = this.#random;
    const [test, ...arms] = this.#split(3, budget, scope) as [Node, Node, Node];
    const comparison = random.pick(['<', '<=', '>', '>=', '==', '!=']);
    const condition = random.chance(0.7) ? node('infix', comparison, [test, this.#leaf(scope)]) : test;
    return node('conditional', random.pick(['?', 'if']), [condition, ...arms]);
  }

  /** A run of one level of operators, as parsers see one node. */
  #chain(budget: number, scope: Scope): Node {
    const random = this.#random;
    const operators = random.pick(chains);
    const [first, ...others] = this.#split(random.integer(3, 8), budget, scope) as [Node, ...Node[]];
    return others.reduce((left, right) => node('infix', random.pick(operators), [left, right]), first);
  }

  #builtin(name: string, budget: number, scope: Scope): Node {
    const [fewest, most] = builtinArity[name] as readonly [number, number];
    // Of one argument these are of a whole column where there are columns.
    const least = name === 'min' || name === 'max' ? 2 : fewest;
    const count = this.#random.integer(least, Math.max(least, Math.min(most, 4)));
    return node('builtin', name, this.#split(count, budget, scope));
  }

  #userCall(budget: number, scope: Scope): Node {
    const random = this.#random;
    // The latest most often: it has the earlier ones below it.
    const callee = random.pick(random.chance(0.6) ? scope.callables.slice(-1) : scope.callables);
    const args = this.#split(callee.parameters, budget, scope);
    if (callee.measure === undefined) return node('user', callee.name, args);
    const [first, ...others] = args as [Node, ...Node[]];
    const limit = node('number', String(random.integer(0, callee.measure)));
    return node('user', callee.name, [node('builtin', 'min', [first, limit]), ...others]);
  }

  #recursiveCall(budget: number, scope: Scope): Node {
    const random = this.#random;
    const { group, measure } = scope.recursion as NonNullable<Scope['recursion']>;
    const callee = random.pick(group);
    const smaller = node('infix', '-', [
      node('name', measure),
      node('number', random.pick(['1', '1', '2', '1.5'])),
    ]);
    return node('user', callee.name, [smaller, ...this.#split(callee.parameters - 1, budget, scope)]);
  }

  #loop(budget: number, scope: Scope): Node {
    const random = this.#random;
    const [first, last] = this.#split(2, budget / 3, scope) as [Node, Node];
    const from = random.chance(0.7)
      ? node('number', random.pick(['0', '1', '2', '0.5']))
      : node('builtin', 'max', [first, node('prefix', '-', [node('number', '2')])]);
    const to = random.chance(0.5)
      ? node('number', String(random.integer(0, 6)))
      : node('builtin', 'min', [last, node('number', '5')]);
    const name = this.#name('i');
    const body = this.#expression((budget * 2) / 3, { ...scope, names: [...scope.names, name, name] });
    return node('loop', random.pick(['sum', 'sum', 'prod']), [from, to, body], [name]);
  }

  #block(count: number, budget: number, scope: Scope): Node {
    const names: string[] = [];
    const values: Node[] = [];
    let inner = scope;
    for (let index = 0; index < count; index++) {
      values.push(this.#expression(budget / (count + 1), inner));
      const name = this.#name('v');
      names.push(name);
      inner = { ...inner, names: [...inner.names, name] };
    }
    return node('block', '', [...values, this.#expression(budget / (count + 1), inner)], names);
  }

  /** More values alive at once than there are registers, used in another order than they were made. */
  #crowd(budget: number, scope: Scope): Node {
    const random = this.#random;
    const count = random.integer(17, 24);
    const names = Array.from({ length: count }, () => this.#name('v'));
    const values = names.map(() =>
      node('infix', random.pick(['+', '*', '-']), this.#split(2, Math.max(budget / count, 2), scope)),
    );
    const [first, ...others] = random.shuffle(names).map((name) => node('name', name)) as [Node, ...Node[]];
    const result = others.reduce(
      (left, right) => node('infix', random.pick(['+', '-', '*']), [left, right]),
      first,
    );
    return node('block', '', [...values, result], names);
  }
}
