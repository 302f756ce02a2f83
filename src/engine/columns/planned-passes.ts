/** The functions of a plan, each with its kernels and with what it takes of all parameters. */
import type { Edges } from '../../lang/row-functions.ts';
import { stagesOf } from '../../lang/row-inputs.ts';
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import type { AheadPlan } from '../front/ahead-plan.ts';
import type { PlannedStage, RowPlan } from '../front/row-plan.ts';
import { KernelSet } from './kernel-set.ts';
import type { NullSource } from './null-kernels.ts';
import type { PlannedProgram } from './planned-program.ts';
import type { Reach } from './row-segments.ts';

/** The parameters that functions use, and how far they look by these. */
interface Footprint extends Reach {
  /** By position of a parameter: do they use it? */
  readonly uses: readonly boolean[];
}

/** Functions that go over all rows together. */
export interface Pass {
  readonly footprint: Footprint;
  /** Where something may be missing. */
  readonly nullFootprint: Footprint;
  readonly kernels: KernelSet;
  /** Of the first row, where that is one of its own, and rows need the one before. */
  readonly first: KernelSet | undefined;
}

/** What of a run says whether anything may be missing. */
interface Missing {
  readonly missing: readonly unknown[] | undefined;
}

export function footprintOf({ footprint, nullFootprint }: Pass, { missing }: Missing): Footprint {
  return missing === undefined ? footprint : nullFootprint;
}

/** Do all rows go together? */
export function isWhole(pass: Pass, run: Missing): boolean {
  const { before, after } = footprintOf(pass, run);
  return before === 0 && after === 0 && pass.first === undefined;
}

/** The outputs, in two steps: see `front/ahead-plan.ts`. */
export interface SplitPass {
  readonly ahead: Pass;
  /** Its kernels take what `ahead` gives behind the parameters of the plan. */
  readonly rest: Pass;
  readonly plan: AheadPlan;
  /** Of the rest. */
  readonly parameters: readonly string[];
}

export class PlannedPasses {
  /** Of the outputs. */
  readonly main: Pass;
  readonly split: SplitPass | undefined;
  /** Does a row need the one before? */
  readonly hasPrevious: boolean;
  readonly #load: PlannedProgram['load'];
  readonly #plan: RowPlan;
  readonly #nulls: NullSource | undefined;
  readonly #edges: Edges;
  readonly #stages = new Map<PlannedStage, Pass>();

  constructor({ plan, ahead, outputs, firsts, load, nulls, edges }: PlannedProgram) {
    this.#load = load;
    this.#nulls = nulls;
    this.#edges = edges;
    this.#plan = plan;
    this.hasPrevious = plan.inputs.some(({ kind }) => kind === 'previous');
    const names = outputs.map((output) => output.function);
    this.main = this.#passOf(names, plan, this.hasPrevious ? firsts : undefined);
    this.split = ahead && this.#splitOf(ahead);
    for (const input of plan.inputs) {
      for (const stage of stagesOf(input)) {
        this.#stages.set(stage, this.#passOf([stage.function], stage, undefined));
      }
    }
  }

  release(): void {
    const { split } = this;
    const halves = split === undefined ? [] : [split.ahead, split.rest];
    for (const { kernels, first } of [this.main, ...halves, ...this.#stages.values()]) {
      kernels.release();
      first?.release();
    }
  }

  ofStage(stage: PlannedStage): Pass {
    const pass = this.#stages.get(stage);
    invariant(pass !== undefined, `${stage.function} is a stage of the plan`);
    return pass;
  }

  #splitOf(plan: AheadPlan): SplitPass {
    const names = [...this.#plan.parameters, ...plan.stages];
    const ahead = this.#passOf(plan.stages, { uses: plan.stageUses, nullUses: [] }, undefined);
    const rest = this.#passOf(plan.rests, { uses: plan.restUses, nullUses: [] }, undefined, names);
    const { before, after } = ahead.footprint;
    // Both halves of a row are near the edge where one is.
    const reach = {
      before: Math.max(before, rest.footprint.before),
      after: Math.max(after, rest.footprint.after),
    };
    return {
      ahead,
      rest: { ...rest, footprint: { ...rest.footprint, ...reach } },
      plan,
      parameters: names,
    };
  }

  #passOf(
    functions: readonly string[],
    used: Pick<PlannedStage, 'uses' | 'nullUses'>,
    firsts: readonly string[] | undefined,
    parameters = this.#plan.parameters,
  ): Pass {
    const { inputs, ownCount } = this.#plan;
    const carried = new Map<number, number>();
    const wholes = new Set(
      inputs.flatMap(({ kind }, number) => (kind === 'elements' ? [ownCount + number] : [])),
    );
    for (const position of [...used.uses, ...used.nullUses]) {
      const input = position < ownCount ? undefined : elementAt(inputs, position - ownCount);
      if (input?.kind === 'previous') carried.set(position, input.output);
    }
    return {
      footprint: this.#footprintOf(used.uses),
      nullFootprint: this.#footprintOf(used.nullUses),
      kernels: this.#kernelsOf(functions, wholes, carried, parameters),
      first: firsts && this.#kernelsOf(firsts, wholes, new Map(), parameters),
    };
  }

  #footprintOf(used: readonly number[]): Footprint {
    const { parameters, inputs, ownCount } = this.#plan;
    const uses: boolean[] = new Array(parameters.length).fill(false);
    let [before, after] = [0, 0];
    for (const position of used) {
      uses[position] = true;
      const input = position < ownCount ? undefined : elementAt(inputs, position - ownCount);
      if (input?.kind !== 'neighbour') continue;
      before = Math.max(before, -input.distance);
      after = Math.max(after, input.distance);
    }
    return { uses, before, after };
  }

  #kernelsOf(
    functions: readonly string[],
    wholes: ReadonlySet<number>,
    carried: ReadonlyMap<number, number>,
    parameters: readonly string[],
  ): KernelSet {
    const load = this.#load;
    const outputs = functions.map((name) => ({ name, function: name }));
    return new KernelSet({
      parameters,
      outputs,
      wholes,
      carried,
      timeout: undefined,
      nulls: this.#nulls?.ofRows(parameters, functions, this.#edges),
      load,
    });
  }
}
