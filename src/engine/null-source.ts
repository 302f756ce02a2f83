/** The null-aware forms of formulas, made of their sources when columns with missing values come. */

import { IrModule } from '../jit/ir/function.ts';
import type { KernelSpec } from '../jit/kernel/kernel-spec.ts';
import { optimize } from '../jit/opt/optimize.ts';
import type { Program } from '../lang/ast.ts';
import { check } from '../lang/checker.ts';
import type { Environment } from '../lang/environment.ts';
import { Derivatives } from '../lang/lower.ts';
import { lowerNulls, type NullFunction } from '../lang/lower-nulls.ts';
import { type NullRoot, nullRootOf, strictParameters } from '../lang/null-root.ts';
import { parse } from '../lang/parser.ts';
import type { NullForm, NullGoal, NullSource } from './columns/null-kernels.ts';
import { putIntoEffect } from './front/lower-program.ts';
import { functionName } from './front/merged-plan.ts';
import { addOutput } from './merge-outputs.ts';
import { type CompileContext, hostImplementations, irOptions, tooLarge } from './pipeline.ts';

/** A formula: a source, and which function of it is meant, if not its result. */
export interface NullOutput {
  readonly name: string;
  readonly source: string | Program;
  readonly environment: Environment;
  readonly functionName: string | undefined;
}

/** Names of the functions of a form, before outputs are merged. */
const valueName = 'value';
const presenceName = 'present';

/**
 * Of formulas with the same parameters. They are checked again, in the environment that they had; so what nobody asks for takes
 * no memory but for that.
 */
export function nullSource(outputs: readonly NullOutput[], context: CompileContext): NullSource {
  return { form: (mayMiss, goal) => makeForm(outputs, context, mayMiss, goal) };
}

function makeForm(
  outputs: readonly NullOutput[],
  context: CompileContext,
  mayMiss: readonly boolean[],
  goal: NullGoal,
): NullForm {
  const wanted = goal.kind === 'presence' ? outputs.slice(0, 1) : outputs;
  const roots = wanted.map((output) => {
    const { source, environment } = output;
    const program = typeof source === 'string' ? parse(source, environment.limits) : source;
    return { ...output, program, root: nullRootOf(check(program, environment), output.functionName) };
  });
  const { groups, isStrict } = groupsOf(
    roots.map(({ root }) => root),
    mayMiss,
  );
  const presenceOf = mayMiss.map((_, index) => groups.findIndex((group) => group.includes(index)));
  const functions = functionsOf(goal);
  const merged = new IrModule();
  for (const { name, root, program } of roots) {
    const nulls = { presenceCount: groups.length, presenceOf };
    const derivatives = new Derivatives();
    const ir = lowerNulls(root, nulls, functions, derivatives, tooLarge(program));
    putIntoEffect(ir, derivatives, program);
    optimize(ir, { ...irOptions(context), roots: functions.map((fn) => fn.name) });
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
    outputs: functions.flatMap((fn) =>
      roots.map(({ name }) => ({ name, function: functionName(name, fn.name) })),
    ),
    load: (spec: KernelSpec) => context.backend.loadKernel(module, spec),
  };
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
  if (!isStrict) return { groups: parameters.map((index) => [index]), isStrict };
  return { groups: first.length === 0 ? [] : [first], isStrict };
}
