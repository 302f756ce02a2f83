/** The plans of several outputs, whose functions are to have the same parameters, as one. */
import type { IrFunction, IrModule, Value } from '../../jit/ir/function.ts';
import { firstName, mainName } from '../../lang/lower.ts';
import { stagesOf } from '../../lang/row-inputs.ts';
import type { RowInput } from '../../lang/typed-ast.ts';
import { elementAt } from '../../support/element.ts';
import { orderedInputs, type PlannedInput, type PlannedStage, type RowPlan } from './row-plan.ts';

/** The name of an output's function in the module of all; `$` cannot occur in names of a source. */
export function functionName(output: string, name: string): string {
  return `${output}$${name}`;
}

/** The name of a hidden parameter among those of all outputs: stages are computed for one alone; what is of single rows has a name that says which. */
export function hiddenName(output: string, name: string, input: PlannedInput | RowInput): string {
  return stagesOf<unknown>(input).length > 0 ? `${output} ${name}` : name;
}

/** A function whose hidden parameters are not those of all outputs yet. */
interface Pending {
  readonly fn: IrFunction;
  /** By own hidden parameter: its number among those of all. */
  readonly numbers: readonly number[];
}

export class MergedPlan {
  readonly #parameters: readonly string[];
  readonly #inputs: PlannedInput[] = [];
  readonly #names: string[] = [];
  readonly #pending: Pending[] = [];
  readonly #uses = new Set<number>();
  readonly #nullUses = new Set<number>();
  readonly #firsts: string[] = [];

  /** `parameters` are those of callers, which all outputs have. */
  constructor(parameters: readonly string[]) {
    this.#parameters = parameters;
  }

  /** Of each function, once plans are complete. */
  get parameterCount(): number {
    return this.#parameters.length + this.#names.length;
  }

  /** Undefined if no output has a plan. */
  get plan(): (RowPlan & { readonly firsts: readonly string[] }) | undefined {
    if (this.#inputs.length === 0) return undefined;
    const ownCount = this.#parameters.length;
    return {
      parameters: [...this.#parameters, ...this.#names],
      ownCount,
      inputs: this.#inputs,
      uses: [...this.#uses],
      nullUses: [...this.#nullUses],
      order: orderedInputs(this.#inputs, ownCount),
      firsts: this.#firsts,
    };
  }

  /** Takes the plan of an output, whose functions are in the module of all already. */
  add(output: string, plan: RowPlan, ir: IrModule): void {
    const ownCount = this.#parameters.length;
    const own = plan.parameters.slice(ownCount);
    const numbers = own.map((name, index) => {
      const input = elementAt(plan.inputs, index);
      const shared = hiddenName(output, name, input);
      const known = this.#names.indexOf(shared);
      if (known >= 0) return known;
      this.#inputs.push(input);
      return this.#names.push(shared) - 1;
    });
    const positionOf = (position: number): number =>
      position < ownCount ? position : ownCount + elementAt(numbers, position - ownCount);
    const moved = (stage: PlannedStage): PlannedStage => ({
      function: functionName(output, stage.function),
      uses: stage.uses.map(positionOf),
      nullUses: stage.nullUses.map(positionOf),
    });
    for (const number of numbers) {
      const input = elementAt(this.#inputs, number);
      if (input.kind === 'aggregate')
        this.#inputs[number] = {
          ...input,
          stage: moved(input.stage),
          share: input.share && moved(input.share),
        };
      else if (input.kind === 'rolling') {
        this.#inputs[number] = { ...input, stage: moved(input.stage), window: moved(input.window) };
      }
    }
    for (const position of plan.uses) this.#uses.add(positionOf(position));
    for (const position of plan.nullUses) this.#nullUses.add(positionOf(position));
    const stages = plan.inputs.flatMap((input) => stagesOf(input).map((stage) => stage.function));
    const roots = [mainName, firstName, ...stages].map((name) => functionName(output, name));
    for (const fn of ir.functions) if (roots.includes(fn.name)) this.#pending.push({ fn, numbers });
    const first = functionName(output, firstName);
    const hasFirst = ir.functions.some(({ name }) => name === first);
    this.#firsts.push(hasFirst ? first : functionName(output, mainName));
  }

  /** Gives the functions that were taken the hidden parameters of all outputs. */
  complete(): void {
    const ownCount = this.#parameters.length;
    for (const { fn, numbers } of this.#pending) {
      const { parameters } = elementAt(fn.blocks, 0);
      const hidden: Value[] = this.#inputs.map((_, number) => {
        const own = numbers.indexOf(number);
        return own < 0 ? fn.newValue('f64') : elementAt(parameters, ownCount + own);
      });
      parameters.splice(ownCount, parameters.length, ...hidden);
    }
  }
}
