import { unreachable } from '../support/invariant.ts';
import type { Definition, Expression, Program } from './ast.ts';

/**
 * The names that a part of a program may take from outside. Those it binds itself are among them, so this says
 * rather too much than too little. The depth of recursion is bounded by the nesting limit of the parser.
 */
export function referencesOf(node: Expression | Definition | Program): Set<string> {
  const found = new Set<string>();
  collect(node, found);
  return found;
}

function collect(node: Expression | Definition | Program, found: Set<string>): void {
  switch (node.kind) {
    case 'number':
      return;
    case 'name':
      found.add(node.name);
      return;
    case 'call':
      found.add(node.callee);
      for (const argument of node.arguments) collect(argument, found);
      return;
    case 'element':
      found.add(node.column);
      collect(node.index, found);
      return;
    case 'unary':
      collect(node.operand, found);
      return;
    case 'power':
      collect(node.base, found);
      collect(node.exponent, found);
      return;
    case 'comparison':
      collect(node.left, found);
      collect(node.right, found);
      return;
    case 'sum':
    case 'product':
    case 'and':
    case 'or':
      for (const operand of node.operands) collect(operand, found);
      return;
    case 'conditional':
      collect(node.test, found);
      collect(node.consequent, found);
      collect(node.alternate, found);
      return;
    case 'block':
      for (const binding of node.bindings) collect(binding, found);
      collect(node.result, found);
      return;
    case 'let':
      collect(node.value, found);
      return;
    case 'function':
      collect(node.body, found);
      return;
    case 'program':
      for (const definition of node.definitions) collect(definition, found);
      if (node.result !== undefined) collect(node.result, found);
      return;
    default:
      unreachable(node);
  }
}

/** `changed`, and all names that refer to one of these, directly or not. `references` says to what a name refers. */
export function dependentsOf(
  changed: readonly string[],
  references: Iterable<readonly [name: string, references: ReadonlySet<string>]>,
): ReadonlySet<string> {
  const users = new Map<string, string[]>();
  for (const [name, used] of references) {
    for (const other of used) {
      const list = users.get(other);
      if (list === undefined) users.set(other, [name]);
      else list.push(name);
    }
  }
  const affected = new Set(changed);
  // A set iterates over what is added on the way.
  for (const name of affected) for (const user of users.get(name) ?? []) affected.add(user);
  return affected;
}

/** `names`, and all names that these refer to, directly or not, as far as `referencesOf` knows. */
export function reachableFrom(
  names: Iterable<string>,
  referencesOf: (name: string) => ReadonlySet<string> | undefined,
): ReadonlySet<string> {
  const reached = new Set(names);
  // A set iterates over what is added on the way.
  for (const name of reached) for (const other of referencesOf(name) ?? []) reached.add(other);
  return reached;
}
