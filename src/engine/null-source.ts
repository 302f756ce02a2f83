/** The null-aware forms of formulas, made of their sources when columns with missing values come. */

import { IrModule } from '../jit/ir/function.ts';
import type { KernelSpec } from '../jit/kernel/kernel-spec.ts';
import { optimize } from '../jit/opt/optimize.ts';
import type { Program } from '../lang/ast.ts';
import { check } from '../lang/checker.ts';
import { CompileError } from '../lang/compile-error.ts';
import { LocalVariable } from '../lang/definitions.ts';
import { createDiagnostic } from '../lang/diagnostic.ts';
import type { Environment } from '../lang/environment.ts';
import { Derivatives } from '../lang/lower.ts';
import { lowerNulls, type NullFunction } from '../lang/lower-nulls.ts';
import { type NullRoot, nullRootOf, nullRootsOfRows, strictParameters } from '../lang/null-root.ts';
import { parse } from '../lang/parser.ts';
import type { Edges } from '../lang/row-functions.ts';
import type { CheckedProgram, Variable } from '../lang/typed-ast.ts';
import { maxKernelColumns } from '../native/kernel-request.ts';
import { elementAt, maybeAt } from '../support/element.ts';
import { invariant } from '../support/invariant.ts';
import type {
  FormulaNulls,
  NullForm,
  NullGoal,
  NullPartial,
  NullSource,
  PresenceGroup,
} from './columns/null-kernels.ts';
import { putIntoEffect } from './front/lower-program.ts';
import { functionName, hiddenName } from './front/merged-plan.ts';
import { addOutput } from './merge-outputs.ts';
import { addNullPartials, derivable } from './null-partials.ts';
import { type CompileContext, hostImplementations, irOptions, tooLarge } from './pipeline.ts';

/** A formula: a source, and which function of it is meant, if not its result. */
export interface NullOutput {
  readonly name: string;
  readonly source: string | Program;
  readonly environment: Environment;
  readonly functionName: string | undefined;
}

/** What is made null-aware, of which program, and what it is called. */
interface NamedRoot {
  readonly name: string;
  readonly program: Program;
  readonly root: NullRoot;
}

/** Names of the functions of a form, before outputs are merged. */
const valueName = 'value';
const presenceName = 'present';

/** An output, checked. */
interface CheckedOutput extends NullOutput {
  readonly checked: CheckedProgram;
}

/**
 * Of formulas with the same parameters. They are checked again, in the environment that they had; so what nobody asks for takes
 * no memory but for that.
 */
export function nullSource(outputs: readonly NullOutput[], context: CompileContext): NullSource {
  return sourceOf(checkedOnUse(outputs), context);
}

/** As {@link nullSource}, of one formula, which may have derivatives. */
export function formulaNulls(output: NullOutput, context: CompileContext): FormulaNulls {
  const outputs = checkedOnUse([output]);
  const source = sourceOf(outputs, context);
  return {
    ...source,
    gradient: (partials) => ({
      ...source,
      form: (mayMiss, goal) => makeForm(outputs().map(rootOf), partials, context, mayMiss, goal),
    }),
  };
}

function sourceOf(outputs: CheckedOnUse, context: CompileContext): NullSource {
  return {
    form: (mayMiss, goal) => makeForm(outputs().map(rootOf), [], context, mayMiss, goal),
    ofRows: (parameters, functions, edges) => ({
      form: (mayMiss, goal) =>
        makeForm(rootsOfRows(outputs(edges), parameters, functions), [], context, mayMiss, goal),
    }),
  };
}

/** Where there is that beyond the rows. */
type CheckedOnUse = (edges?: Edges) => readonly CheckedOutput[];

/** One run may ask for a form of each stage; so trees stay while it lasts. */
function checkedOnUse(outputs: readonly NullOutput[]): CheckedOnUse {
  const last = new Map<Edges, WeakRef<readonly CheckedOutput[]>>();
  return (edges = 'nan') => {
    const known = last.get(edges)?.deref() ?? outputs.map((output) => checkedOutput(output, edges));
    last.set(edges, new WeakRef(known));
    return known;
  };
}

function rootOf({ name, checked, functionName }: CheckedOutput): NamedRoot {
  return { name, program: checked.program, root: nullRootOf(checked, functionName) };
}

/** The functions of formulas that look at other rows, by their names in the IR. */
function rootsOfRows(
  outputs: readonly CheckedOutput[],
  parameters: readonly string[],
  functions: readonly string[],
): NamedRoot[] {
  const known = new Map<string, NamedRoot>();
  for (const { name: outputName, checked } of outputs) {
    const { program, rowInputs } = checked;
    const hidden = new Map<string, Variable>();
    for (const input of rowInputs) {
      const { name } = input.variable;
      hidden.set(name, input.variable).set(hiddenName(outputName, name, input), input.variable);
    }
    const variables = parameters.map(
      (name, position) =>
        maybeAt(checked.parameters, position) ?? hidden.get(name) ?? new LocalVariable(name, 'f64'),
    );
    for (const { name, root } of nullRootsOfRows(checked, variables)) {
      // Outputs of one formula keep the names that its functions have there; several are told apart.
      for (const each of [name, functionName(outputName, name)]) {
        known.set(each, { name: each, program, root });
      }
    }
  }
  return functions.map((name) => {
    const root = known.get(name);
    invariant(root !== undefined, `${name} is a function of the plan`);
    return root;
  });
}

function checkedOutput(output: NullOutput, edges: Edges): CheckedOutput {
  const { source } = output;
  const { rows } = output.environment;
  const environment = { ...output.environment, rows: rows && { ...rows, edges } };
  const program = typeof source === 'string' ? parse(source, environment) : source;
  return { ...output, checked: check(program, environment) };
}

/** `partials` are derivatives of the only output. */
function makeForm(
  all: readonly NamedRoot[],
  partials: readonly NullPartial[],
  context: CompileContext,
  mayMiss: readonly boolean[],
  goal: NullGoal,
): NullForm {
  const roots = goal.kind === 'presence' ? all.slice(0, 1) : all;
  const { groups, isStrict } = groupsOf(
    roots.map(({ root }) => root),
    mayMiss,
  );
  const count = mayMiss.length + groups.length;
  if (count > maxKernelColumns) throw tooManyParameters(elementAt(roots, 0).program, groups.length, count);
  const presenceOf = mayMiss.map((_, index) =>
    groups.findIndex(({ parameters }) => parameters.includes(index)),
  );
  const functions = functionsOf(goal);
  const isDerived = partials.length > 0 && goal.kind !== 'presence';
  const made = isDerived ? [...functions, derivable] : functions;
  let derivatives: NullForm['outputs'] = [];
  const merged = new IrModule();
  for (const { name, root, program } of roots) {
    const nulls = { presenceCount: groups.length, presenceOf };
    const inFormula = new Derivatives();
    const ir = lowerNulls(root, nulls, made, inFormula, tooLarge(program));
    putIntoEffect(ir, inFormula, program);
    const names = functions.map((fn) => fn.name);
    optimize(ir, { ...irOptions(context), roots: made.map((fn) => fn.name) });
    if (isDerived) {
      const places = partials.map(({ place }) => place);
      const added = addNullPartials(ir, places, mayMiss.length + groups.length, program);
      optimize(ir, { ...irOptions(context), roots: [...names, ...added] });
      derivatives = partials.map((partial, index) => ({
        name: partial.name,
        function: functionName(name, elementAt(added, index)),
      }));
    }
    addOutput(merged, name, ir);
  }
  const module = {
    source: roots.map(({ program }) => program.source.text).join('; '),
    ir: merged,
    hosts: hostImplementations(merged, context),
    tooLarge: tooLarge(roots[0]?.program as Program),
  };
  return {
    groups,
    isStrict,
    outputs: functions.flatMap((fn) => {
      const own = roots.map(({ name }) => ({ name, function: functionName(name, fn.name) }));
      if (fn.gives !== 'presence') return [...own, ...derivatives];
      // Derivatives are there where their formula is.
      const ofAll = derivatives.flatMap(({ name }) => own.map((presence) => ({ ...presence, name })));
      return [...own, ...ofAll];
    }),
    load: (spec: KernelSpec) => context.backend.loadKernel(module, spec),
  };
}

function tooManyParameters(program: Program, presences: number, count: number): CompileError {
  const message = `with ${presences} columns that say what is missing, the formula takes ${count} values; at most ${maxKernelColumns} are allowed`;
  return new CompileError([createDiagnostic(program.source, 'E_PARAMETERS', program, message)]);
}

function functionsOf(goal: NullGoal): NullFunction[] {
  const presence: NullFunction = { name: presenceName, gives: 'presence' };
  if (goal.kind === 'presence') return [presence];
  const missing = goal.kind === 'values' ? goal.missing : Number.NaN;
  const value: NullFunction = { name: valueName, gives: { missing } };
  return goal.kind === 'values' ? [value] : [value, presence];
}

/** One group where all outputs are missing together, else one for each parameter. */
function groupsOf(
  roots: readonly NullRoot[],
  mayMiss: readonly boolean[],
): Pick<NullForm, 'groups' | 'isStrict'> {
  const parameters = mayMiss.flatMap((may, index) => (may ? index : []));
  const sets = roots.map((root) => {
    const strict = strictParameters(root);
    return strict && parameters.filter((index) => strict.has(index));
  });
  const [first] = sets;
  const isStrict = first !== undefined && sets.every((set) => set?.join() === first.join());
  if (isStrict) return { groups: first.length === 0 ? [] : [{ parameters: first, of: 'columns' }], isStrict };
  return { groups: parameters.map((index) => ({ parameters: [index], of: kindOf(index, roots) })), isStrict };
}

/** What a parameter is. */
function kindOf(index: number, roots: readonly NullRoot[]): PresenceGroup['of'] {
  for (const { parameters, rowInputs } of roots) {
    const variable = elementAt(parameters, index);
    const kind = rowInputs.find((input) => input.variable === variable)?.kind;
    if (kind === 'elements' || kind === 'previous') return kind;
  }
  return 'columns';
}
