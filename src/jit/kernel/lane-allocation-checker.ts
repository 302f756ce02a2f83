/**
 * Proves an allocation: follows the steps with the values that registers and spill slots then hold, and finds each
 * operand of each instruction where the allocation says it is. Independent of how the allocator thinks.
 */
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import {
  accumulatorPlace,
  firstMask,
  firstSpill,
  home,
  type LaneAllocation,
  type LaneAllocationOptions,
  type LaneStep,
  type Place,
} from './lane-allocator.ts';
import type { LaneInstruction, LaneProgram, LaneValue } from './lane-program.ts';

/** Fails an invariant if the allocation is wrong. */
export function checkLaneAllocation(
  code: readonly LaneInstruction[],
  program: LaneProgram,
  options: LaneAllocationOptions,
  allocation: LaneAllocation,
): void {
  new Checker(code, program, options, allocation).run();
}

class Checker {
  readonly #code: readonly LaneInstruction[];
  readonly #options: LaneAllocationOptions;
  readonly #program: LaneProgram;
  readonly #allocation: LaneAllocation;
  readonly #held = new Map<Place, LaneValue>();
  readonly #defined: ReadonlySet<LaneValue | undefined>;
  readonly #loads = new Set<LaneValue>();
  /** What has been defined by now. */
  readonly #done = new Set<LaneValue>();

  constructor(
    code: readonly LaneInstruction[],
    program: LaneProgram,
    options: LaneAllocationOptions,
    allocation: LaneAllocation,
  ) {
    this.#code = code;
    this.#program = program;
    this.#options = options;
    this.#allocation = allocation;
    this.#defined = new Set(code.map(({ result }) => result));
    for (const { operation, result } of code) {
      if (operation.name === 'load' && result !== undefined && options.foldsColumns) this.#loads.add(result);
    }
    for (const [value, place] of options.pinned) this.#held.set(place, value);
    program.accumulations.forEach(({ before }, number) => {
      this.#held.set(accumulatorPlace + number, before);
    });
  }

  run(): void {
    for (const step of this.#allocation.steps) {
      if (step.kind === 'move') this.#move(step);
      else this.#operation(step);
    }
    for (const [value, place] of this.#options.pinned) {
      invariant(this.#held.get(place) === value, `v${value.id} loses its register`);
    }
    for (const { operation, result } of this.#code) {
      if (result === undefined || (operation.name === 'load' && this.#options.foldsColumns)) continue;
      invariant(this.#done.has(result), `v${result.id} is never computed`);
    }
    this.#program.accumulations.forEach(({ after }, number) => {
      const isThere = this.#held.get(accumulatorPlace + number) === after;
      invariant(isThere, `accumulator ${number} does not hold v${after.id} in the end`);
    });
  }

  #move({ value, from, to }: LaneStep & { kind: 'move' }): void {
    if (from === home) this.#expectHome(value);
    else this.#expect(value, from);
    this.#write(to, value);
  }

  #operation({ instruction, operands, result }: LaneStep & { kind: 'operation' }): void {
    const { operation } = instruction;
    instruction.operands.forEach((value, index) => {
      const place = elementAt(operands, index);
      if (place !== home && place < firstSpill) {
        this.#expect(value, place);
        return;
      }
      const mayBeInMemory = index === operation.fold || index === operation.tied;
      invariant(mayBeInMemory, `operand ${index} of ${operation.name} cannot be in memory`);
      if (place === home) this.#expectHome(value);
      else this.#expect(value, place);
    });
    const { tied } = operation;
    if (tied >= 0 && elementAt(operands, tied) !== result) {
      const isOverwritten = operands.some((place, index) => index !== tied && place === result);
      invariant(!isOverwritten, `${operation.name} overwrites an operand before it reads it`);
    }
    if (instruction.result === undefined) return;
    this.#write(result, instruction.result);
    this.#done.add(instruction.result);
  }

  #expect(value: LaneValue, place: Place): void {
    invariant(this.#held.get(place) === value, `v${value.id} is not at ${place}`);
  }

  #expectHome(value: LaneValue): void {
    const hasHome = value.isInvariant ? !this.#defined.has(value) : this.#loads.has(value);
    invariant(hasHome, `v${value.id} has no home`);
  }

  #write(place: Place, value: LaneValue): void {
    const { vectors, masks } = this.#options;
    const isAllowed =
      place >= firstSpill ||
      (place >= accumulatorPlace
        ? this.#program.accumulations.at(place - accumulatorPlace)?.after === value
        : (value.class === 'mask') === place >= firstMask && [...vectors, ...masks].includes(place));
    invariant(isAllowed, `v${value.id} may not be at ${place}`);
    this.#held.set(place, value);
  }
}
