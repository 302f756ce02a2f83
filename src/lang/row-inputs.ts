/**
 * What a formula takes of other rows, as values that one row is given: hidden parameters, which the kernels' planner
 * (`engine/front/row-plan.ts`) computes or finds before the rows go.
 */
import { LocalVariable } from './definitions.ts';
import type { AggregateKind, RollingKind } from './row-functions.ts';
import type { PlaceInput, RowInput, Stage, Variable } from './typed-ast.ts';

/** A row input without its variable. */
type Unnamed<Input> = Input extends RowInput ? Omit<Input, 'variable'> : never;

/** Those of a program, in the order in which they were found. */
export class RowInputs {
  readonly #inputs: RowInput[] = [];
  readonly #variables = new Map<string, LocalVariable>();

  get all(): readonly RowInput[] {
    return this.#inputs;
  }

  neighbour(column: Variable, distance: number): LocalVariable {
    return this.#obtain(`${column.name}[${distance}]`, { kind: 'neighbour', column, distance });
  }

  elements(column: Variable): LocalVariable {
    return this.#obtain(`${column.name}[]`, { kind: 'elements', column });
  }

  previous(output: string | undefined): LocalVariable {
    return this.#obtain(`prev[${output ?? ''}]`, { kind: 'previous', output });
  }

  place(kind: PlaceInput['kind']): LocalVariable {
    return this.#obtain(`$${kind}`, { kind });
  }

  aggregate(aggregate: AggregateKind, stage: Stage, share: Stage | undefined): LocalVariable {
    const name = `${aggregate}[${this.#inputs.length}]`;
    return this.#obtain(name, { kind: 'aggregate', aggregate, stage, share });
  }

  rolling(rolling: RollingKind, stage: Stage, window: Stage): LocalVariable {
    return this.#obtain(`rolling[${this.#inputs.length}]`, { kind: 'rolling', rolling, stage, window });
  }

  /** No name of a source has brackets. */
  #obtain(name: string, input: Unnamed<RowInput>): LocalVariable {
    const known = this.#variables.get(name);
    if (known !== undefined) return known;
    const variable = new LocalVariable(name, 'f64');
    this.#variables.set(name, variable);
    this.#inputs.push({ ...input, variable });
    return variable;
  }
}

/** What stages an input has, whatever stands for one. */
type Staged<S> =
  | { readonly kind: 'aggregate'; readonly stage: S; readonly share: S | undefined }
  | { readonly kind: 'rolling'; readonly stage: S; readonly window: S }
  | { readonly kind: Exclude<RowInput['kind'], 'aggregate' | 'rolling'> };

/** The stages of an input. */
export function stagesOf<S>(input: Staged<S>): readonly S[] {
  if (input.kind === 'aggregate')
    return input.share === undefined ? [input.stage] : [input.stage, input.share];
  return input.kind === 'rolling' ? [input.stage, input.window] : [];
}

/** The IR's name of the function that computes a stage: that of an input, by its number and that of the stage among its own. */
export function stageName(input: number, stage: number): string {
  return `stage$${input}$${stage}`;
}

/** With each stage, its name. */
export function namedStages(inputs: readonly RowInput[]): { readonly name: string; readonly stage: Stage }[] {
  return inputs.flatMap((input, number) =>
    stagesOf(input).map((stage, position) => ({ name: stageName(number, position), stage })),
  );
}
