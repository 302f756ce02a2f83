/**
 * Conditions under which control reaches a place, where all places are computed whatever the conditions say.
 *
 * Each place has a *guard*, and where ways meet, a parameter is a chain of selections among what they pass, by their guards.
 * Guards are paths in a tree, so that what two ways have in common is seen: the two sides of a branch together are what the
 * branch itself was, and inside a conditional nobody asks for its condition again.
 */
import { elementAt } from '../../../support/element.ts';
import type { Value } from '../../ir/function.ts';
import { type Opcode, op, type Type } from '../../ir/opcode.ts';

interface Literal {
  readonly value: Value;
  readonly isNegated: boolean;
}

/** A literal that holds in addition to the parent's. Undefined stands for what always holds. */
export interface Guard extends Literal {
  readonly parent: Guard | undefined;
  readonly depth: number;
}

/** One way to a place, and what it passes. */
export interface Arrival {
  readonly guard: Guard | undefined;
  readonly args: readonly Value[];
}

/** Steps over guards that a function may take: chains of conditions take more for each block the longer they are. */
const mostSteps = 2 ** 20;
/** What an instruction that selects or combines guards counts for. */
const stepsOfInstruction = 64;

/** The function has too many conditions within conditions, or a loop or itself no end. */
export class TooBranched extends Error {}

export class Guards {
  readonly #emit: (opcode: Opcode, type: Type, operands: Value[]) => Value;
  #stepsLeft = mostSteps;

  /** `emit` appends an instruction where the guards are needed. */
  constructor(emit: (opcode: Opcode, type: Type, operands: Value[]) => Value) {
    this.#emit = emit;
  }

  /**
   * All arrivals as one, whose arguments are selections among theirs. Two become one at a time: the deepest, and that of
   * its neighbours, in the order of the branches, which has more in common with it.
   *
   * @throws TooBranched
   */
  join(arrivals: readonly Arrival[]): Arrival {
    const left = [...arrivals];
    while (left.length > 1) {
      this.#spend(left.length);
      let deepest = 0;
      for (let i = 1; i < left.length; i++) {
        if (depthOf(elementAt(left, i).guard) > depthOf(elementAt(left, deepest).guard)) deepest = i;
      }
      const { guard } = elementAt(left, deepest);
      const sharedDepth = (neighbour: Arrival | undefined): number =>
        neighbour === undefined ? -1 : depthOf(this.#commonAncestor(guard, neighbour.guard));
      const before = deepest > 0 ? left[deepest - 1] : undefined;
      const first = sharedDepth(before) >= sharedDepth(left.at(deepest + 1)) ? deepest - 1 : deepest;
      left.splice(first, 2, this.#merge(elementAt(left, first), elementAt(left, first + 1)));
    }
    return elementAt(left, 0);
  }

  /** The guard as one value; undefined if it always holds. */
  valueOf(guard: Guard | undefined): Value | undefined {
    return guard === undefined ? undefined : this.#plain(this.#and(pathFrom(undefined, guard)));
  }

  #merge(a: Arrival, b: Arrival): Arrival {
    const [short, long] = depthOf(a.guard) <= depthOf(b.guard) ? [a, b] : [b, a];
    const common = this.#commonAncestor(a.guard, b.guard);
    const args = short.args.map((first, index) => {
      const second = elementAt(long.args, index);
      return first === second ? first : this.#select(this.#and(pathFrom(common, short.guard)), first, second);
    });
    return { guard: this.#either(a.guard, b.guard), args };
  }

  #select(condition: Literal, whenTrue: Value, whenFalse: Value): Value {
    const [first, second] = condition.isNegated ? [whenFalse, whenTrue] : [whenTrue, whenFalse];
    return this.#make(op.select, first.type, [condition.value, first, second]);
  }

  #either(first: Guard | undefined, second: Guard | undefined): Guard | undefined {
    const common = this.#commonAncestor(first, second);
    if (first === common || second === common) return common;
    const [a, b] = [pathFrom(common, first), pathFrom(common, second)];
    const [x, y] = [elementAt(a, 0), elementAt(b, 0)];
    const areOpposite = x.value === y.value && x.isNegated !== y.isNegated;
    if (!areOpposite) return extend(common, this.#or(this.#and(a), this.#and(b)));
    if (a.length === 1 && b.length === 1) return common;
    // not p, or p and q: the same as not p, or q.
    if (a.length === 1) return extend(common, this.#or(x, this.#and(b.slice(1))));
    if (b.length === 1) return extend(common, this.#or(y, this.#and(a.slice(1))));
    return extend(common, this.#or(this.#and(a), this.#and(b)));
  }

  /** Guards are paths, and this walks both to where they part. */
  #commonAncestor(first: Guard | undefined, second: Guard | undefined): Guard | undefined {
    let [a, b] = [first, second];
    while (a !== b) {
      this.#spend(1);
      if (depthOf(a) >= depthOf(b)) a = a?.parent;
      else b = b?.parent;
    }
    return a;
  }

  #spend(steps: number): void {
    this.#stepsLeft -= steps;
    if (this.#stepsLeft < 0) throw new TooBranched();
  }

  #and(literals: readonly Literal[]): Literal {
    return literals.reduce((x, y) => {
      if (x.isNegated && y.isNegated) {
        return { value: this.#make(op.bor, 'bool', [x.value, y.value]), isNegated: true };
      }
      return { value: this.#make(op.band, 'bool', [this.#plain(x), this.#plain(y)]), isNegated: false };
    });
  }

  #or(x: Literal, y: Literal): Literal {
    const { value, isNegated } = this.#and([opposite(x), opposite(y)]);
    return { value, isNegated: !isNegated };
  }

  #plain({ value, isNegated }: Literal): Value {
    return isNegated ? this.#make(op.bnot, 'bool', [value]) : value;
  }

  #make(opcode: Opcode, type: Type, operands: Value[]): Value {
    this.#spend(stepsOfInstruction);
    return this.#emit(opcode, type, operands);
  }
}

export function extend(parent: Guard | undefined, { value, isNegated }: Literal): Guard {
  return { parent, value, isNegated, depth: depthOf(parent) + 1 };
}

function opposite({ value, isNegated }: Literal): Literal {
  return { value, isNegated: !isNegated };
}

function depthOf(guard: Guard | undefined): number {
  return guard?.depth ?? 0;
}

/** The literals that `guard` adds to its ancestor, outermost first. */
function pathFrom(ancestor: Guard | undefined, guard: Guard | undefined): Literal[] {
  const path: Literal[] = [];
  for (let at = guard; at !== undefined && at !== ancestor; at = at.parent) path.push(at);
  return path.reverse();
}
