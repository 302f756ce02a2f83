/**
 * Trees as JSON, in a form that stays readable across versions: `{ "version": 1, "definitions": […], "result": … }`.
 *
 * Nodes are those of `ast.ts` without their places; names that are defined are plain strings. What is read is
 * foreign: all of it is checked, and then printed and parsed, so that the tree obeys every rule and limit of the
 * language and has places in a source that can be shown.
 *
 * It may be no JSON at all but objects with getters, proxies, cycles, or a few objects that stand in many places. So each
 * property is read once, after `kind`, and what is read is counted as it would be printed: as levels, nodes, tokens and letters.
 */
import { describeValue } from '../support/describe-value.ts';
import { isObject } from '../support/own.ts';
import { settings } from '../support/settings.ts';
import type { Definition, Expression, Identifier, Program } from './ast.ts';
import { AstJsonError } from './ast-json-error.ts';
import { printProgram } from './ast-printer.ts';
import { resolveLimits, type SourceLimits } from './limits.ts';
import { parse } from './parser.ts';
import { isName, normalizeName } from './tokens.ts';

export const astJsonVersion = 1;

/** An {@link Expression} as JSON. */
export type ExpressionJson =
  | { kind: 'number'; value: number }
  | { kind: 'name'; name: string }
  | { kind: 'unary'; operator: string; operand: ExpressionJson }
  | { kind: 'power'; base: ExpressionJson; exponent: ExpressionJson }
  | { kind: 'sum' | 'product'; operators: string[]; operands: ExpressionJson[] }
  | { kind: 'comparison'; operator: string; left: ExpressionJson; right: ExpressionJson }
  | { kind: 'and' | 'or'; operands: ExpressionJson[] }
  | { kind: 'conditional'; test: ExpressionJson; consequent: ExpressionJson; alternate: ExpressionJson }
  | { kind: 'call'; callee: string; arguments: ExpressionJson[] }
  | { kind: 'element'; column: string; index: ExpressionJson }
  | { kind: 'block'; bindings: LetJson[]; result: ExpressionJson };

/** A `let` as JSON. */
export interface LetJson {
  kind: 'let';
  name: string;
  value: ExpressionJson;
}

/** A definition of a function as JSON. */
export interface FunctionJson {
  kind: 'function';
  name: string;
  parameters: string[];
  body: ExpressionJson;
}

/** A {@link Program} as JSON. */
export interface ProgramJson {
  version: typeof astJsonVersion;
  definitions: (LetJson | FunctionJson)[];
  result: ExpressionJson | null;
}

export function toJSON(program: Program): ProgramJson {
  return {
    version: astJsonVersion,
    definitions: program.definitions.map((definition) => nodeToJson(definition) as LetJson | FunctionJson),
    result: program.result === undefined ? null : (nodeToJson(program.result) as ExpressionJson),
  };
}

/**
 * The program that {@link toJSON} made the JSON of. Its source is printed afresh.
 *
 * @throws AstJsonError if it is no such JSON; CompileError if the printed source exceeds a limit.
 */
export function fromJSON(json: unknown, limits?: Partial<SourceLimits>): Program {
  const reader = new Reader(resolveLimits(limits));
  let source: string;
  try {
    source = printProgram(reader.program(json));
  } catch (cause) {
    if (cause instanceof AstJsonError) throw cause;
    // Of a getter or a proxy, or the stack is exhausted.
    throw new AstJsonError(reader.path, 'cannot be read', { cause });
  }
  return parse(source, settings({ limits }));
}

type NodeJson = ExpressionJson | LetJson | FunctionJson;

/** What a property of a node is: a target is a name in JSON and an identifier in the tree, as parameters are; symbols are operators. */
type Part =
  | 'expression'
  | 'expressions'
  | 'operands'
  | 'bindings'
  | 'target'
  | 'parameters'
  | 'name'
  | 'number'
  | keyof typeof symbols;

const symbols = {
  unary: ['-', '+', '!'],
  comparison: ['<', '<=', '>', '>=', '==', '!='],
  sum: ['+', '-'],
  product: ['*', '/', '%'],
} as const;

type JsonOf<Kind, Node = NodeJson> = Node extends { kind: infer Kinds }
  ? Kind extends Kinds
    ? Node
    : never
  : never;

/** By kind of node, its properties in JSON. */
const shapes: {
  readonly [Kind in NodeJson['kind']]: Readonly<Record<Exclude<keyof JsonOf<Kind>, 'kind'>, Part>>;
} = {
  let: { name: 'target', value: 'expression' },
  function: { name: 'target', parameters: 'parameters', body: 'expression' },
  number: { value: 'number' },
  name: { name: 'name' },
  unary: { operator: 'unary', operand: 'expression' },
  power: { base: 'expression', exponent: 'expression' },
  sum: { operators: 'sum', operands: 'operands' },
  product: { operators: 'product', operands: 'operands' },
  comparison: { operator: 'comparison', left: 'expression', right: 'expression' },
  and: { operands: 'operands' },
  or: { operands: 'operands' },
  conditional: { test: 'expression', consequent: 'expression', alternate: 'expression' },
  call: { callee: 'name', arguments: 'expressions' },
  element: { column: 'name', index: 'expression' },
  block: { bindings: 'bindings', result: 'expression' },
};

const propertiesOf = new Map(
  Object.entries(shapes).map(([kind, shape]) => [kind, Object.entries<Part>(shape)] as const),
);

const bindingKinds = ['let'];
const definitionKinds = ['let', 'function'];
const expressionKinds = [...propertiesOf.keys()].filter((kind) => !definitionKinds.includes(kind));

type Fields = Readonly<Record<string, unknown>>;

function nodeToJson(node: Expression | Definition): NodeJson {
  const entries: [string, unknown][] = [['kind', node.kind]];
  for (const [property, part] of propertiesOf.get(node.kind) ?? []) {
    const given = (node as unknown as Fields)[part === 'target' ? part : property];
    entries.push([property, Array.isArray(given) ? given.map(partToJson) : partToJson(given)]);
  }
  return Object.fromEntries(entries) as unknown as NodeJson;
}

function partToJson(part: unknown): unknown {
  if (!isObject(part)) return part;
  return Object.hasOwn(part, 'kind') ? nodeToJson(part as Expression) : (part as Identifier).name;
}

/** Builds trees without places, to be printed; each method takes a value and the path that leads to it. */
class Reader {
  /** Of the node that is being read. */
  path = '$';
  readonly #limits: SourceLimits;
  #depth = 0;
  #nodes = 0;
  #tokens = 0;
  #letters = 0;

  constructor(limits: SourceLimits) {
    this.#limits = limits;
  }

  program(json: unknown): Pick<Program, 'definitions' | 'result'> {
    const { version, definitions, result } = record(json, '$', ['version', 'definitions', 'result']);
    if (version !== astJsonVersion) {
      throw new AstJsonError('$.version', `must be ${astJsonVersion}, not ${describeValue(version)}`);
    }
    return {
      definitions: this.#list(definitions, '$.definitions', (each, path) =>
        this.#node<Definition>(each, path, definitionKinds),
      ),
      result: result === null ? undefined : this.#expression(result, '$.result'),
    };
  }

  #expression(json: unknown, path: string): Expression {
    // Brackets leave no node, so a tree this deep could never be parsed; a cycle ends here too.
    if (++this.#depth > this.#limits.nesting) {
      throw new AstJsonError(path, `is nested more than ${this.#limits.nesting} levels deep`);
    }
    this.#count(++this.#nodes, 'nodes', path);
    const expression = this.#node<Expression>(json, path, expressionKinds);
    this.#depth--;
    return expression;
  }

  #node<Node>(json: unknown, path: string, kinds: readonly string[]): Node {
    this.path = path;
    if (!isObject(json) || !Object.hasOwn(json, 'kind')) {
      throw new AstJsonError(path, `must be an object with a "kind", not ${describeValue(json)}`);
    }
    const kind = oneOf((json as Fields)['kind'], kinds, `${path}.kind`);
    const properties = propertiesOf.get(kind) ?? [];
    const fields = record(json, path, ['kind', ...properties.map(([property]) => property)]);
    const node: Record<string, unknown> = Object.create(null);
    node['kind'] = kind;
    for (const [property, part] of properties) {
      node[part === 'target' ? part : property] = this.#part(part, fields[property], `${path}.${property}`);
    }
    const { operators, operands } = node;
    if (Array.isArray(operators) && Array.isArray(operands) && operators.length !== operands.length - 1) {
      const count = operands.length - 1;
      throw new AstJsonError(`${path}.operators`, `must have ${count} elements, one less than operands`);
    }
    return node as Node;
  }

  #part(part: Part, json: unknown, path: string): unknown {
    switch (part) {
      case 'expression':
        return this.#expression(json, path);
      case 'expressions':
      case 'operands': {
        const list = this.#list(json, path, (each, at) => this.#expression(each, at));
        if (part === 'operands' && list.length < 2)
          throw new AstJsonError(path, 'must have at least two elements');
        return list;
      }
      case 'bindings':
        return this.#list(json, path, (each, at) => this.#node(each, at, bindingKinds));
      case 'target':
        return this.#identifier(json, path);
      case 'parameters':
        return this.#list(json, path, (each, at) => this.#identifier(each, at));
      case 'name':
        return this.#identifier(json, path).name;
      case 'number':
        if (typeof json === 'number' && Number.isFinite(json) && !(json < 0 || Object.is(json, -0)))
          return json;
        throw new AstJsonError(path, `must be a finite number from 0 up, not ${describeValue(json)}`);
      case 'unary':
      case 'comparison':
        return this.#operator(json, symbols[part], path);
      default:
        return this.#list(json, path, (each, at) => this.#operator(each, symbols[part], at));
    }
  }

  /** Reads elements until one is wrong or beyond a limit, which ends lists that claim to have no end. */
  #list<Element>(json: unknown, path: string, read: (each: unknown, path: string) => Element): Element[] {
    if (!Array.isArray(json)) throw new AstJsonError(path, `must be an array, not ${describeValue(json)}`);
    const { length } = json;
    const elements: Element[] = [];
    for (let i = 0; i < length; i++) {
      const at = `${path}[${i}]`;
      if (!Object.hasOwn(json, i)) throw new AstJsonError(at, 'is missing');
      elements.push(read(json[i], at));
    }
    return elements;
  }

  #identifier(json: unknown, path: string): Pick<Identifier, 'name'> {
    this.#count(++this.#tokens, 'tokens', path);
    this.#letters += typeof json === 'string' ? json.length : 0;
    this.#count(this.#letters, 'length', path);
    if (typeof json !== 'string' || !isName(json)) {
      throw new AstJsonError(path, `must be a name, not ${describeValue(json)}`);
    }
    return { name: normalizeName(json) };
  }

  #operator(json: unknown, allowed: readonly string[], path: string): string {
    this.#count(++this.#tokens, 'tokens', path);
    return oneOf(json, allowed, path);
  }

  #count(count: number, limit: 'nodes' | 'tokens' | 'length', path: string): void {
    const most = this.#limits[limit];
    if (count > most) throw new AstJsonError(path, `is beyond the limit of ${most} ${unitOf[limit]}`);
  }
}

const unitOf = { nodes: 'nodes', tokens: 'tokens', length: 'letters' } as const;

function oneOf(json: unknown, allowed: readonly string[], path: string): string {
  const found = allowed.find((each) => each === json);
  if (found !== undefined) return found;
  throw new AstJsonError(path, `must be one of ${allowed.join(' ')}, not ${describeValue(json)}`);
}

/** Each of the properties, which are all that there are. */
function record(json: unknown, path: string, keys: readonly string[]): Fields {
  if (!isObject(json) || Array.isArray(json)) {
    throw new AstJsonError(path, `must be an object, not ${describeValue(json)}`);
  }
  for (const key of keys) {
    if (!Object.hasOwn(json, key)) throw new AstJsonError(path, `lacks the property "${key}"`);
  }
  for (const key of Object.keys(json)) {
    if (!keys.includes(key)) throw new AstJsonError(path, `has the unknown property ${describeValue(key)}`);
  }
  const fields: Record<string, unknown> = Object.create(null);
  for (const key of keys) fields[key] = (json as Fields)[key];
  return fields;
}
