/** What of a program is made null-aware, and when its result is missing as soon as anything in it is. */
import { invariant } from '../support/invariant.ts';
import { firstName, hasFirst, mainName } from './lower.ts';
import type { Edges } from './row-functions.ts';
import { namedStages } from './row-inputs.ts';
import type {
  CheckedFunction,
  CheckedProgram,
  RowInput,
  TypedBinding,
  TypedExpression,
  Variable,
} from './typed-ast.ts';
import { childrenOf, eachVariable } from './typed-tree.ts';

/** An expression over parameters. */
export interface NullRoot {
  readonly parameters: readonly Variable[];
  readonly bindings: readonly TypedBinding[];
  readonly result: TypedExpression;
  /** Those that it may call. */
  readonly functions: readonly CheckedFunction[];
  /** What it takes of other rows: parameters too. */
  readonly rowInputs: readonly RowInput[];
  readonly edges: Edges;
  /** Is it the first row, which has none before it? */
  readonly isFirst: boolean;
}

/** The result of a program, or a call of the function that is named. */
export function nullRootOf(program: CheckedProgram, functionName?: string): NullRoot {
  const { parameters, bindings, result, functions, rowInputs, edges } = program;
  if (functionName === undefined) {
    invariant(result !== undefined, 'the program has a result');
    return { parameters, bindings, result, functions, rowInputs, edges, isFirst: false };
  }
  const callee = functions.find(({ name }) => name === functionName);
  invariant(callee !== undefined, `the program has no function '${functionName}'`);
  const args = callee.parameters.map(
    (variable): TypedExpression => ({ kind: 'variable', type: variable.type, variable }),
  );
  return {
    parameters: [...callee.parameters, ...callee.captures],
    bindings: [],
    result: { kind: 'call', type: callee.type, callee, arguments: args },
    functions,
    rowInputs: [],
    edges,
    isFirst: false,
  };
}

/** The functions of a program that looks at other rows: its result, also for the first row, and its stages, by their names in the IR. Hidden parameters are among theirs. */
export function nullRootsOfRows(
  program: CheckedProgram,
  parameters: readonly Variable[],
): { readonly name: string; readonly root: NullRoot }[] {
  const { rowInputs, bindings, result, functions, edges } = program;
  invariant(result !== undefined, 'the program has a result');
  const common = { parameters, functions, rowInputs, edges, isFirst: false };
  const stages = namedStages(rowInputs).map(({ name, stage: { expression, bindingCount } }) => ({
    name,
    root: { ...common, bindings: bindings.slice(0, bindingCount), result: expression },
  }));
  const main = { name: mainName, root: { ...common, bindings, result } };
  const first = { name: firstName, root: { ...main.root, isFirst: true } };
  return [main, ...(hasFirst(program) ? [first] : []), ...stages];
}

/** The parameters by position that anything in a root refers to, whatever becomes of it; of what places rows all. */
export function usedVariables({ parameters, rowInputs, bindings, result }: NullRoot): number[] {
  const used = new Set<Variable>();
  const values = new Map(bindings.map(({ variable, value }) => [variable, value]));
  const visit = (variable: Variable): void => {
    if (used.has(variable)) return;
    used.add(variable);
    const value = values.get(variable);
    if (value !== undefined) eachVariable(value, visit);
  };
  eachVariable(result, visit);
  for (const { kind, variable } of rowInputs) {
    if (kind === 'firstRow' || kind === 'rowCount') used.add(variable);
  }
  return parameters.flatMap((parameter, position) => (used.has(parameter) ? position : []));
}

const strictKinds: ReadonlySet<TypedExpression['kind']> = new Set([
  'constant',
  'variable',
  'negate',
  'convert',
  'not',
  'arithmetic',
  'power',
  'comparison',
  'block',
  'builtin',
  'derivative',
]);

/**
 * The parameters of which one alone makes the result missing, if the others do not matter: that is so of arithmetic. Undefined where
 * there is more to it, as with conditionals.
 */
export function strictParameters({
  parameters,
  bindings,
  result,
}: NullRoot): ReadonlySet<number> | undefined {
  const known = new Map<Variable, ReadonlySet<Variable> | undefined>();
  const ofExpression = (expression: TypedExpression): ReadonlySet<Variable> | undefined => {
    if (!strictKinds.has(expression.kind)) return undefined;
    if (expression.kind === 'variable') {
      const { variable } = expression;
      return known.has(variable) ? known.get(variable) : new Set([variable]);
    }
    if (expression.kind === 'block') {
      for (const { variable, value } of expression.bindings) known.set(variable, ofExpression(value));
      return ofExpression(expression.result);
    }
    const all = new Set<Variable>();
    for (const child of childrenOf(expression)) {
      const found = ofExpression(child);
      if (found === undefined) return undefined;
      for (const variable of found) all.add(variable);
    }
    return all;
  };
  for (const { variable, value } of bindings) known.set(variable, ofExpression(value));
  const found = ofExpression(result);
  return found && new Set(Array.from(found, (variable) => parameters.indexOf(variable)));
}
