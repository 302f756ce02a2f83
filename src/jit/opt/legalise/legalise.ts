/**
 * Legalisation: operations that no instruction of the target does become *primitive* ones, which one instruction does.
 *
 * `Math.min`, `Math.round`, ToInt32 and their like are written here once, as IR, for one value and for lanes and for every
 * back end. The optimiser before it sees the operations whole. Both sides give the same bits; the interpreter runs either.
 */
import { elementAt, slots } from '../../../support/element.ts';
import { invariant } from '../../../support/invariant.ts';
import { Block, type Edge, IrFunction, type Terminator, Value } from '../../ir/function.ts';
import { type Opcode, op, opcodes } from '../../ir/opcode.ts';
import { lanesOf } from '../../ir/type.ts';
import { elementOfColumn } from './elements.ts';
import { addProduct, exactMultiplyAdd, productError, subProduct } from './exact-arithmetic.ts';
import { Expander, type LegalTarget } from './expander.ts';
import { largest, smallest } from './extremes.ts';
import { toInt32 } from './integers.ts';
import {
  comparedAsDoubles,
  isShiftOfWord,
  leadingZeros32,
  product,
  product32,
  shiftLeft32,
  shiftRight32,
  shiftRightSigned32,
  toDouble,
  toInt32OfLanes,
  toInteger,
} from './lane-integers.ts';
import { callOnLanes, callVariadic, isVariadic } from './math-calls.ts';
import { roundHalfUp, roundTo } from './rounding.ts';
import { chosenBits, copySign, isChoiceOfBits, magnitude, negate, secondAndNotFirst, sign } from './signs.ts';
import { lookUp } from './table-lookup.ts';

type Expansion = (value: Value, expander: Expander) => void;

/** By opcode; undefined for what every target has. */
const always: (Expansion | undefined)[] = opcodes.map(() => undefined);
const withoutRound = [...always];
const withoutFma = [...always];
const withoutNumbers = [...always];
/** For lanes, before all others. */
const lanes = [...always];
const lanesWithoutMasks = [...always];

function define(table: (Expansion | undefined)[], opcode: Opcode, expansion: Expansion): void {
  table[opcode.index] = expansion;
}

define(withoutNumbers, op.fneg, negate);
define(withoutNumbers, op.fabs, magnitude);
define(withoutNumbers, op.fcopysign, copySign);
define(always, op.fsign, sign);
define(withoutNumbers, op.fmin, smallest);
define(withoutNumbers, op.fmax, largest);
define(always, op.fround, roundHalfUp);
define(always, op.ftoi32, toInt32);
define(always, op.frem, (value, expander) => expander.become(value, op.callmath, value.operands, 'rem'));
define(always, op.faddproduct, addProduct);
define(always, op.fsubproduct, subProduct);
define(always, op.fexactma, exactMultiplyAdd);
define(always, op.fproducterror, productError);
define(always, op.ftable, lookUp);
define(always, op.element, elementOfColumn);
define(withoutRound, op.ffloor, roundTo('down'));
define(withoutRound, op.fceil, roundTo('up'));
define(withoutRound, op.ftrunc, roundTo('zero'));
define(withoutFma, op.ffma, (value, expander) => expander.become(value, op.callmath, value.operands, 'fma'));
define(withoutFma, op.ffms, (value, expander) => fusedWithout(value, 2, expander));
define(withoutFma, op.ffnma, (value, expander) => fusedWithout(value, 0, expander));
define(lanes, op.callmath, callOnLanes);
define(lanes, op.fcopysign, copySign);
define(lanes, op.ftoi32, toInt32OfLanes);
define(lanes, op.imul, product);
define(lanes, op.imul32, product32);
define(lanes, op.ishl32, shiftLeft32);
define(lanes, op.ishr32, shiftRight32);
define(lanes, op.iclz32, leadingZeros32);
define(lanes, op.ieq, comparedAsDoubles(op.feq));
define(lanes, op.ine, comparedAsDoubles(op.fne));
define(lanes, op.ilt, comparedAsDoubles(op.flt));
define(lanes, op.ile, comparedAsDoubles(op.fle));
define(lanes, op.igt, comparedAsDoubles(op.fgt));
define(lanes, op.ige, comparedAsDoubles(op.fge));
define(lanesWithoutMasks, op.itof, toDouble);
define(lanesWithoutMasks, op.ftoi, toInteger);

/** The addon's `fma` of operands of which one is negated. */
function fusedWithout(value: Value, negated: number, expander: Expander): void {
  const operands = value.operands.map((operand, position) =>
    position === negated ? expander.legal('f64', op.fneg, [operand]) : operand,
  );
  expander.become(value, op.callmath, operands, 'fma');
}

function expansionOf(value: Value, target: LegalTarget): Expansion | undefined {
  const opcode = value.op;
  if (opcode === undefined) return undefined;
  const isOnLanes = lanesOf(value.type) > 1;
  if (opcode === op.bandnot) return isOnLanes ? undefined : secondAndNotFirst;
  if (opcode === op.callmath && isVariadic(value)) return callVariadic;
  if (opcode === op.select) return isChoiceOfBits(value, target) ? chosenBits : undefined;
  if (opcode === op.isar32) return isOnLanes && !isShiftOfWord(value) ? shiftRightSigned32 : undefined;
  const { index } = opcode;
  return (
    (isOnLanes ? lanes[index] : undefined) ??
    (isOnLanes && !target.hasMasks ? lanesWithoutMasks[index] : undefined) ??
    always[index] ??
    (target.hasRound ? undefined : withoutRound[index]) ??
    (target.hasFma ? undefined : withoutFma[index]) ??
    (target.hasNumbers ? undefined : withoutNumbers[index])
  );
}

/** The function for the target: itself if all of its operations are there, else a copy with the same ids of blocks. */
export function legalise(fn: IrFunction, target: LegalTarget): IrFunction {
  for (const { instructions } of fn.blocks) {
    for (let i = 0; i < instructions.length; i++) {
      if (expansionOf(instructions[i] as Value, target) !== undefined) return new Legaliser(fn, target).run();
    }
  }
  return fn;
}

class Legaliser {
  readonly #source: IrFunction;
  readonly #target: LegalTarget;
  readonly #copy: IrFunction;
  /** By value id and by block id of the source. */
  readonly #values: (Value | undefined)[];
  readonly #blocks: (Block | undefined)[];

  constructor(fn: IrFunction, target: LegalTarget) {
    this.#source = fn;
    this.#target = target;
    this.#copy = new IrFunction(fn.name, fn.result);
    this.#copy.valueCount = fn.valueCount;
    this.#copy.blockCount = fn.blockCount;
    this.#values = slots(fn.valueCount);
    this.#blocks = slots(fn.blockCount);
  }

  run(): IrFunction {
    const { blocks } = this.#source;
    // All values first: those of later blocks may be arguments of jumps back.
    for (const block of blocks) {
      const copy = new Block(block.id);
      this.#blocks[block.id] = copy;
      this.#copy.blocks.push(copy);
      for (const parameter of block.parameters) copy.parameters.push(this.#declare(parameter));
      for (const value of block.instructions) this.#declare(value);
    }
    for (const block of blocks) this.#block(block, this.#blockOf(block));
    return this.#copy;
  }

  #declare({ id, type, op: opcode, immediate }: Value): Value {
    const copy = new Value(id, type, opcode, [], immediate);
    this.#values[id] = copy;
    return copy;
  }

  #block(block: Block, copy: Block): void {
    const { instructions } = copy;
    const expand = (value: Value, expander: Expander): void => {
      const expansion = expansionOf(value, this.#target);
      if (expansion === undefined) {
        instructions.push(value);
        return;
      }
      expander.lanes = lanesOf(value.type);
      expansion(value, expander);
    };
    const expander = new Expander(this.#copy, instructions, expand);
    expander.target = this.#target;
    for (const value of block.instructions) {
      const own = this.#valueOf(value);
      own.operands = value.operands.map(this.#valueOf);
      expand(own, expander);
    }
    copy.terminator = this.#terminator(block.terminator);
  }

  #terminator(terminator: Terminator | undefined): Terminator {
    switch (terminator?.kind) {
      case 'jump':
        return { kind: 'jump', edge: this.#edge(terminator.edge) };
      case 'branch':
        return {
          kind: 'branch',
          condition: this.#valueOf(terminator.condition),
          whenTrue: this.#edge(terminator.whenTrue),
          whenFalse: this.#edge(terminator.whenFalse),
        };
      case 'return':
        return { kind: 'return', value: this.#valueOf(terminator.value) };
      default:
        invariant(false, 'blocks end, and switches are lowered');
    }
  }

  #edge({ target, args }: Edge): Edge {
    return { target: this.#blockOf(target), args: args.map(this.#valueOf) };
  }

  #blockOf(block: Block): Block {
    const copy = elementAt(this.#blocks, block.id);
    invariant(copy !== undefined, `b${block.id} is a block of ${this.#source.name}`);
    return copy;
  }

  readonly #valueOf = (value: Value): Value => {
    const copy = elementAt(this.#values, value.id);
    invariant(copy !== undefined, `v${value.id} is defined in ${this.#source.name}`);
    return copy;
  };
}
