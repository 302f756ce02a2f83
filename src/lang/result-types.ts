/**
 * Which functions give a boolean, found before any body is checked, since functions may call each other in any
 * order.
 *
 * Only what stands in result position matters: the branches of a conditional, the last expression of a block, a
 * call, a name. A definition is boolean unless a number can reach its result, directly or through definitions
 * whose results it gives on. So numbers are spread from where they arise against the direction of these uses; what
 * they do not reach is boolean, also where functions only ever call each other.
 */
import type { Definition, Expression } from './ast.ts';
import { builtins } from './builtins.ts';
import type { ValueType } from './typed-ast.ts';

/** What can come out of an expression. */
interface Results {
  number: boolean;
  /** Definitions whose results are given on. */
  readonly from: Set<Definition>;
}

export interface DefinitionLookup {
  /** The function of the program or its library that is called so. */
  function(name: string): Definition | undefined;
  /** The `let` at top level that is called so. */
  let(name: string): Definition | undefined;
  /** Whether the name stands for a boolean constant. */
  isBooleanConstant(name: string): boolean;
}

export function inferResultTypes(
  definitions: Iterable<Definition>,
  lookup: DefinitionLookup,
): ReadonlyMap<Definition, ValueType> {
  const types = new Map<Definition, ValueType>();
  const users = new Map<Definition, Definition[]>();
  const numbers: Definition[] = [];
  for (const definition of definitions) {
    const results: Results = { number: false, from: new Set() };
    const scope = new Map<string, Results>();
    if (definition.kind === 'function') {
      for (const { name } of definition.parameters) scope.set(name, { number: true, from: new Set() });
      collect(definition.body, scope, lookup, results);
    } else {
      collect(definition.value, scope, lookup, results);
    }
    types.set(definition, 'bool');
    if (results.number) numbers.push(definition);
    for (const used of results.from) {
      const list = users.get(used);
      if (list === undefined) users.set(used, [definition]);
      else list.push(definition);
    }
  }
  for (let next = numbers.pop(); next !== undefined; next = numbers.pop()) {
    if (types.get(next) === 'f64') continue;
    types.set(next, 'f64');
    numbers.push(...(users.get(next) ?? []));
  }
  return types;
}

function collect(
  expression: Expression,
  scope: Map<string, Results>,
  lookup: DefinitionLookup,
  results: Results,
): void {
  switch (expression.kind) {
    case 'comparison':
    case 'and':
    case 'or':
      return;
    case 'unary':
      if (expression.operator !== '!') results.number = true;
      return;
    case 'conditional':
      collect(expression.consequent, scope, lookup, results);
      collect(expression.alternate, scope, lookup, results);
      return;
    case 'block': {
      const inner = new Map(scope);
      for (const { target, value } of expression.bindings) {
        const bound: Results = { number: false, from: new Set() };
        collect(value, inner, lookup, bound);
        inner.set(target.name, bound);
      }
      collect(expression.result, inner, lookup, results);
      return;
    }
    case 'name': {
      const local = scope.get(expression.name);
      const binding = local === undefined ? lookup.let(expression.name) : undefined;
      if (local !== undefined) {
        results.number ||= local.number;
        for (const definition of local.from) results.from.add(definition);
      } else if (binding !== undefined) results.from.add(binding);
      else if (!lookup.isBooleanConstant(expression.name)) results.number = true;
      return;
    }
    case 'call': {
      const callee = lookup.function(expression.callee);
      if (callee !== undefined) results.from.add(callee);
      else if (builtins.get(expression.callee)?.type !== 'bool') results.number = true;
      return;
    }
    default:
      results.number = true;
  }
}
