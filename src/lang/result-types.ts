/**
 * Which definitions give a boolean, found before any body is checked, since functions may call each other in any
 * order.
 *
 * Only what stands in result position matters: the branches of a conditional, the last expression of a block, a
 * call, a name. A definition is boolean unless a number can reach its result, directly or through other results that it
 * gives on. So numbers are spread from where they arise against the direction of these uses; what they do not
 * reach is boolean, also where functions only ever call each other.
 */
import type { Definition, Expression } from './ast.ts';
import { builtins } from './builtins.ts';
import type { ValueType } from './typed-ast.ts';

export interface DefinitionLookup {
  /** The function of the program or its library that is called so. */
  function(name: string): Definition | undefined;
  /** The `let` at top level that is called so. */
  let(name: string): Definition | undefined;
  /** Whether the name stands for a boolean constant. */
  isBooleanConstant(name: string): boolean;
}

export function inferResultTypes(
  definitions: readonly Definition[],
  lookup: DefinitionLookup,
): ReadonlyMap<Definition, ValueType> {
  const inference = new Inference(definitions, lookup);
  for (const definition of definitions) inference.visit(definition);
  inference.spread();
  return new Map(definitions.map((definition) => [definition, inference.typeOf(definition)]));
}

/** The result of a definition, or of a `let` in a block. */
class Result {
  isNumber = false;
  /** Results that are numbers if this is one. */
  readonly givenOnBy: Result[] = [];
}

class Inference {
  readonly #lookup: DefinitionLookup;
  readonly #results: ReadonlyMap<Definition, Result>;
  readonly #numbers: Result[] = [];
  readonly #scope = new Map<string, Result>();

  constructor(definitions: readonly Definition[], lookup: DefinitionLookup) {
    this.#lookup = lookup;
    this.#results = new Map(definitions.map((definition) => [definition, new Result()]));
  }

  visit(definition: Definition): void {
    const result = this.#results.get(definition);
    if (result === undefined) return;
    this.#scope.clear();
    if (definition.kind === 'let') {
      this.#collect(definition.value, result);
      return;
    }
    const parameter = new Result();
    this.#markNumber(parameter);
    for (const { name } of definition.parameters) this.#scope.set(name, parameter);
    this.#collect(definition.body, result);
  }

  spread(): void {
    for (let next = this.#numbers.pop(); next !== undefined; next = this.#numbers.pop()) {
      for (const user of next.givenOnBy) this.#markNumber(user);
    }
  }

  typeOf(definition: Definition): ValueType {
    return this.#results.get(definition)?.isNumber === false ? 'bool' : 'f64';
  }

  #markNumber(result: Result): void {
    if (result.isNumber) return;
    result.isNumber = true;
    this.#numbers.push(result);
  }

  /** Notes what can come out of an expression that gives `result`. */
  #collect(expression: Expression, result: Result): void {
    switch (expression.kind) {
      case 'comparison':
      case 'and':
      case 'or':
        return;
      case 'unary':
        if (expression.operator !== '!') this.#markNumber(result);
        return;
      case 'conditional':
        this.#collect(expression.consequent, result);
        this.#collect(expression.alternate, result);
        return;
      case 'block': {
        const hidden: [name: string, outer: Result | undefined][] = [];
        for (const { target, value } of expression.bindings) {
          const bound = new Result();
          this.#collect(value, bound);
          hidden.push([target.name, this.#scope.get(target.name)]);
          this.#scope.set(target.name, bound);
        }
        this.#collect(expression.result, result);
        // Backwards, since one name may have been bound twice.
        for (const [name, outer] of hidden.reverse()) {
          if (outer === undefined) this.#scope.delete(name);
          else this.#scope.set(name, outer);
        }
        return;
      }
      case 'name': {
        const { name } = expression;
        const given = this.#scope.get(name) ?? this.#resultOf(this.#lookup.let(name));
        if (given !== undefined) given.givenOnBy.push(result);
        else if (!this.#lookup.isBooleanConstant(name)) this.#markNumber(result);
        return;
      }
      case 'call': {
        if (expression.callee === 'coalesce') {
          for (const argument of expression.arguments) this.#collect(argument, result);
          return;
        }
        const given = this.#resultOf(this.#lookup.function(expression.callee));
        if (given !== undefined) given.givenOnBy.push(result);
        else if (builtins.get(expression.callee)?.type !== 'bool') this.#markNumber(result);
        return;
      }
      default:
        this.#markNumber(result);
    }
  }

  #resultOf(definition: Definition | undefined): Result | undefined {
    return definition === undefined ? undefined : this.#results.get(definition);
  }
}
