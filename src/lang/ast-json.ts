/**
 * Trees as JSON, in a form that stays readable across versions: `{ "version": 1, "definitions": […], "result": … }`.
 *
 * Nodes are those of `ast.ts` without their places; names that are defined are plain strings. What is read is
 * foreign: all of it is checked, and then printed and parsed, so that the tree obeys every rule and limit of the
 * language and has places in a source that can be shown.
 */
import { CodedError } from '../support/coded-error.ts';
import type { Definition, Expression, LetBinding, Program } from './ast.ts';
import { printProgram } from './ast-printer.ts';
import { resolveLimits, type SourceLimits } from './limits.ts';
import { parse } from './parser.ts';
import { isName, normalizeName } from './tokens.ts';

export const astJsonVersion = 1;

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
  | { kind: 'block'; bindings: LetJson[]; result: ExpressionJson };

export interface LetJson {
  kind: 'let';
  name: string;
  value: ExpressionJson;
}

export interface FunctionJson {
  kind: 'function';
  name: string;
  parameters: string[];
  body: ExpressionJson;
}

export interface ProgramJson {
  version: typeof astJsonVersion;
  definitions: (LetJson | FunctionJson)[];
  result: ExpressionJson | null;
}

/** JSON that is no tree of the language. `path` is where, for example `$.result.operands[1]`. */
export class AstJsonError extends CodedError<'E_AST_JSON'> {
  override readonly name = 'AstJsonError';
  readonly path: string;

  constructor(path: string, message: string) {
    super('E_AST_JSON', `${path} ${message}`);
    this.path = path;
  }
}

export function toJSON(program: Program): ProgramJson {
  return {
    version: astJsonVersion,
    definitions: program.definitions.map(definitionToJson),
    result: program.result === undefined ? null : expressionToJson(program.result),
  };
}

/**
 * The program that {@link toJSON} made the JSON of. Its source is printed afresh.
 *
 * @throws AstJsonError if it is no such JSON; CompileError if the printed source exceeds a limit.
 */
export function fromJSON(json: unknown, limits?: Partial<SourceLimits>): Program {
  const reader = new Reader(resolveLimits(limits));
  return parse(printProgram(reader.program(json)), limits);
}

function definitionToJson(definition: Definition): LetJson | FunctionJson {
  if (definition.kind === 'let') return letToJson(definition);
  const parameters = definition.parameters.map(({ name }) => name);
  return {
    kind: 'function',
    name: definition.target.name,
    parameters,
    body: expressionToJson(definition.body),
  };
}

function letToJson({ target, value }: LetBinding): LetJson {
  return { kind: 'let', name: target.name, value: expressionToJson(value) };
}

function expressionToJson(expression: Expression): ExpressionJson {
  const list = (expressions: readonly Expression[]) => expressions.map(expressionToJson);
  switch (expression.kind) {
    case 'number':
      return { kind: 'number', value: expression.value };
    case 'name':
      return { kind: 'name', name: expression.name };
    case 'unary':
      return { kind: 'unary', operator: expression.operator, operand: expressionToJson(expression.operand) };
    case 'power': {
      const base = expressionToJson(expression.base);
      return { kind: 'power', base, exponent: expressionToJson(expression.exponent) };
    }
    case 'sum':
    case 'product': {
      const { kind, operators, operands } = expression;
      return { kind, operators: [...operators], operands: list(operands) };
    }
    case 'comparison': {
      const { kind, operator, left, right } = expression;
      return { kind, operator, left: expressionToJson(left), right: expressionToJson(right) };
    }
    case 'and':
    case 'or':
      return { kind: expression.kind, operands: list(expression.operands) };
    case 'conditional':
      return {
        kind: 'conditional',
        test: expressionToJson(expression.test),
        consequent: expressionToJson(expression.consequent),
        alternate: expressionToJson(expression.alternate),
      };
    case 'call':
      return { kind: 'call', callee: expression.callee, arguments: list(expression.arguments) };
    case 'block': {
      const { bindings, result } = expression;
      return { kind: 'block', bindings: bindings.map(letToJson), result: expressionToJson(result) };
    }
  }
}

const nowhere = Object.freeze({ start: 0, end: 0 });

const unaryOperators = ['-', '+', '!'] as const;
const sumOperators = ['+', '-'] as const;
const productOperators = ['*', '/', '%'] as const;
const comparisonOperators = ['<', '<=', '>', '>=', '==', '!='] as const;

type Fields = Readonly<Record<string, unknown>>;

/** Builds trees without places; each method takes a value and the path that leads to it. */
class Reader {
  readonly #limits: SourceLimits;
  #depth = 0;
  #nodes = 0;

  constructor(limits: SourceLimits) {
    this.#limits = limits;
  }

  program(json: unknown): Pick<Program, 'definitions' | 'result'> {
    const fields = record(json, '$', ['version', 'definitions', 'result']);
    if (fields['version'] !== astJsonVersion) {
      throw new AstJsonError('$.version', `must be ${astJsonVersion}, not ${show(fields['version'])}`);
    }
    const definitions = array(fields['definitions'], '$.definitions').map((each, index) =>
      this.#definition(each, `$.definitions[${index}]`),
    );
    const result = fields['result'] === null ? undefined : this.#expression(fields['result'], '$.result');
    return { definitions, result };
  }

  #definition(json: unknown, path: string): Definition {
    return kindOf(json, path) === 'function' ? this.#function(json, path) : this.#let(json, path);
  }

  #function(json: unknown, path: string): Definition {
    const fields = record(json, path, ['kind', 'name', 'parameters', 'body']);
    return {
      kind: 'function',
      target: identifier(fields['name'], `${path}.name`),
      parameters: array(fields['parameters'], `${path}.parameters`).map((each, index) =>
        identifier(each, `${path}.parameters[${index}]`),
      ),
      body: this.#expression(fields['body'], `${path}.body`),
      ...nowhere,
    };
  }

  #let(json: unknown, path: string): LetBinding {
    const fields = record(json, path, ['kind', 'name', 'value']);
    oneOf(fields['kind'], ['let'], `${path}.kind`);
    return {
      kind: 'let',
      target: identifier(fields['name'], `${path}.name`),
      value: this.#expression(fields['value'], `${path}.value`),
      ...nowhere,
    };
  }

  #expression(json: unknown, path: string): Expression {
    // Brackets leave no node, so a tree this deep could never be parsed; a cycle ends here too.
    if (++this.#depth > this.#limits.nesting) {
      throw new AstJsonError(path, `is nested more than ${this.#limits.nesting} levels deep`);
    }
    if (++this.#nodes > this.#limits.nodes) {
      throw new AstJsonError(path, `is beyond the limit of ${this.#limits.nodes} nodes`);
    }
    const expression = this.#node(json, path);
    this.#depth--;
    return expression;
  }

  #node(json: unknown, path: string): Expression {
    const kind = kindOf(json, path);
    const child = (fields: Fields, name: string) => this.#expression(fields[name], `${path}.${name}`);
    switch (kind) {
      case 'number': {
        const { value } = record(json, path, ['kind', 'value']) as { value: unknown };
        if (typeof value !== 'number' || !Number.isFinite(value) || value < 0 || Object.is(value, -0)) {
          throw new AstJsonError(`${path}.value`, `must be a finite number from 0 up, not ${show(value)}`);
        }
        return { kind, value, ...nowhere };
      }
      case 'name': {
        const fields = record(json, path, ['kind', 'name']);
        return { kind, ...identifier(fields['name'], `${path}.name`) };
      }
      case 'unary': {
        const fields = record(json, path, ['kind', 'operator', 'operand']);
        const operator = oneOf(fields['operator'], unaryOperators, `${path}.operator`);
        return { kind, operator, operand: child(fields, 'operand'), ...nowhere };
      }
      case 'power': {
        const fields = record(json, path, ['kind', 'base', 'exponent']);
        return { kind, base: child(fields, 'base'), exponent: child(fields, 'exponent'), ...nowhere };
      }
      case 'sum': {
        const { operators, operands } = this.#run(json, path, sumOperators);
        return { kind, operators, operands, ...nowhere };
      }
      case 'product': {
        const { operators, operands } = this.#run(json, path, productOperators);
        return { kind, operators, operands, ...nowhere };
      }
      case 'comparison': {
        const fields = record(json, path, ['kind', 'operator', 'left', 'right']);
        const operator = oneOf(fields['operator'], comparisonOperators, `${path}.operator`);
        return { kind, operator, left: child(fields, 'left'), right: child(fields, 'right'), ...nowhere };
      }
      case 'and':
      case 'or': {
        const fields = record(json, path, ['kind', 'operands']);
        return { kind, operands: this.#operands(fields, path), ...nowhere };
      }
      case 'conditional': {
        const fields = record(json, path, ['kind', 'test', 'consequent', 'alternate']);
        const test = child(fields, 'test');
        const consequent = child(fields, 'consequent');
        return { kind, test, consequent, alternate: child(fields, 'alternate'), ...nowhere };
      }
      case 'call': {
        const fields = record(json, path, ['kind', 'callee', 'arguments']);
        const { name } = identifier(fields['callee'], `${path}.callee`);
        const args = this.#list(fields['arguments'], `${path}.arguments`);
        return { kind, callee: name, calleeSpan: nowhere, arguments: args, ...nowhere };
      }
      case 'block': {
        const fields = record(json, path, ['kind', 'bindings', 'result']);
        const bindings = array(fields['bindings'], `${path}.bindings`).map((each, index) =>
          this.#let(each, `${path}.bindings[${index}]`),
        );
        return { kind, bindings, result: child(fields, 'result'), ...nowhere };
      }
      default:
        throw new AstJsonError(`${path}.kind`, `must be a kind of expression, not ${show(kind)}`);
    }
  }

  #run<Symbol extends string>(
    json: unknown,
    path: string,
    symbols: readonly Symbol[],
  ): { operators: Symbol[]; operands: Expression[] } {
    const fields = record(json, path, ['kind', 'operators', 'operands']);
    const operands = this.#operands(fields, path);
    const operators = array(fields['operators'], `${path}.operators`).map((each, index) =>
      oneOf(each, symbols, `${path}.operators[${index}]`),
    );
    if (operators.length !== operands.length - 1) {
      throw new AstJsonError(
        `${path}.operators`,
        `must have ${operands.length - 1} elements, one less than operands`,
      );
    }
    return { operators, operands };
  }

  #operands(fields: Fields, path: string): Expression[] {
    const operands = this.#list(fields['operands'], `${path}.operands`);
    if (operands.length < 2) throw new AstJsonError(`${path}.operands`, 'must have at least two elements');
    return operands;
  }

  #list(json: unknown, path: string): Expression[] {
    return array(json, path).map((each, index) => this.#expression(each, `${path}[${index}]`));
  }
}

function record(json: unknown, path: string, keys: readonly string[]): Fields {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new AstJsonError(path, `must be an object, not ${show(json)}`);
  }
  for (const key of keys) {
    if (!Object.hasOwn(json, key)) throw new AstJsonError(path, `lacks the property "${key}"`);
  }
  for (const key of Object.keys(json)) {
    if (!keys.includes(key)) throw new AstJsonError(path, `has the unknown property ${show(key)}`);
  }
  return json as Fields;
}

function kindOf(json: unknown, path: string): unknown {
  if (typeof json !== 'object' || json === null || !Object.hasOwn(json, 'kind')) {
    throw new AstJsonError(path, `must be an object with a "kind", not ${show(json)}`);
  }
  return (json as Fields)['kind'];
}

function array(json: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(json)) throw new AstJsonError(path, `must be an array, not ${show(json)}`);
  const { length } = json;
  const elements: unknown[] = [];
  for (let i = 0; i < length; i++) {
    if (!Object.hasOwn(json, i)) throw new AstJsonError(`${path}[${i}]`, 'is missing');
    elements.push(json[i]);
  }
  return elements;
}

function identifier(json: unknown, path: string): { name: string; start: number; end: number } {
  if (typeof json !== 'string' || !isName(json))
    throw new AstJsonError(path, `must be a name, not ${show(json)}`);
  return { name: normalizeName(json), ...nowhere };
}

function oneOf<Text extends string>(json: unknown, allowed: readonly Text[], path: string): Text {
  const found = allowed.find((each) => each === json);
  if (found === undefined)
    throw new AstJsonError(path, `must be one of ${allowed.join(' ')}, not ${show(json)}`);
  return found;
}

/** Short, whatever it is. */
function show(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
