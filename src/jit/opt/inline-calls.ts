/**
 * Replaces calls of small functions by their bodies.
 *
 * Callees are complete before their callers, so each body is copied in its final form, and no chain of copies forms. Not
 * copied are functions that can call themselves, for there would be no end, and those with loops, for a call costs
 * little beside one, and a trap in it shall name the function that the user wrote.
 */
import { elementAt, slots } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { leadsBack } from '../ir/control-flow.ts';
import type { Block, Edge, IrFunction, Terminator, Value } from '../ir/function.ts';
import { op } from '../ir/opcode.ts';
import { Substitution } from './substitution.ts';

/** What is worth copying: about what the code of a call costs, a few times over. */
const maxInstructions = 40;
const maxBlocks = 8;

/** A function grows by copies to this size, or to twice its own if that is more, in instructions. */
const maxCaller = 2000;

/** Is the body, whose blocks stand in reverse postorder, small and free of loops? Whether the function is recursive is for the call graph to say. */
export function isSmall(fn: IrFunction): boolean {
  if (fn.blocks.length > maxBlocks || instructionCount(fn) > maxInstructions) return false;
  return !leadsBack(fn.blocks, fn.blockCount);
}

export function inlineCalls(fn: IrFunction, inlinable: ReadonlyMap<string, IrFunction>): boolean {
  if (inlinable.size === 0) return false;
  const candidate = (value: Value): IrFunction | undefined =>
    value.op === op.call ? inlinable.get(String(value.immediate)) : undefined;
  if (!fn.blocks.some((block) => block.instructions.some(candidate))) return false;
  const substitution = new Substitution(fn);
  const size = instructionCount(fn);
  let room = Math.max(maxCaller - size, size);
  const blocks: Block[] = [];
  for (const block of fn.blocks) {
    let current = block;
    blocks.push(block);
    const { instructions } = block;
    if (!instructions.some(candidate)) continue;
    const { terminator } = block;
    block.instructions = [];
    for (const instruction of instructions) {
      const callee = candidate(instruction);
      const growth = callee === undefined ? 0 : instructionCount(callee);
      if (callee === undefined || growth > room) {
        current.instructions.push(instruction);
        continue;
      }
      room -= growth;
      current = copyBody(fn, callee, instruction, current, blocks, substitution);
    }
    current.terminator = terminator;
  }
  fn.blocks = blocks;
  substitution.apply(fn);
  return substitution.size > 0;
}

function instructionCount(fn: IrFunction): number {
  let count = 0;
  for (const block of fn.blocks) count += block.instructions.length;
  return count;
}

/**
 * Copies the callee to the end of `current`, new blocks to the end of `blocks`. Returns the block in which the caller
 * goes on: the same, if the callee is a single block.
 */
function copyBody(
  fn: IrFunction,
  callee: IrFunction,
  call: Value,
  current: Block,
  blocks: Block[],
  substitution: Substitution,
): Block {
  /** By id in the callee. */
  const values = slots<Value>(callee.valueCount);
  const targets = slots<Block>(callee.blockCount);
  const entry = elementAt(callee.blocks, 0);
  entry.parameters.forEach((parameter, index) => {
    values[parameter.id] = elementAt(call.operands, index);
  });
  const copyOf = (value: Value): Value => elementAt(values, value.id);
  const copyInstructions = (from: Block, to: Block): void => {
    for (const { id, type, op: opcode, operands, immediate } of from.instructions) {
      const copy = fn.newValue(type, opcode, operands.map(copyOf), immediate);
      values[id] = copy;
      to.instructions.push(copy);
    }
  };
  if (entry.terminator?.kind === 'return') {
    copyInstructions(entry, current);
    substitution.replace(call, copyOf(entry.terminator.value));
    return current;
  }
  const after = fn.newBlock();
  const result = fn.newValue(call.type);
  after.parameters.push(result);
  substitution.replace(call, result);
  targets[entry.id] = current;
  for (const block of callee.blocks) {
    if (block === entry) continue;
    const copy = fn.newBlock();
    targets[block.id] = copy;
    for (const { id, type } of block.parameters) {
      const parameter = fn.newValue(type);
      values[id] = parameter;
      copy.parameters.push(parameter);
    }
    blocks.push(copy);
  }
  blocks.push(after);
  for (const block of callee.blocks) {
    const copy = elementAt(targets, block.id);
    copyInstructions(block, copy);
    copy.terminator = copyTerminator(block.terminator, copyOf, targets, after);
  }
  return after;
}

/** A return becomes a jump to where the caller goes on. */
function copyTerminator(
  terminator: Terminator | undefined,
  copyOf: (value: Value) => Value,
  targets: readonly (Block | undefined)[],
  after: Block,
): Terminator {
  const edge = ({ target, args }: Edge): Edge => ({
    target: elementAt(targets, target.id),
    args: args.map(copyOf),
  });
  invariant(terminator !== undefined, 'a callee has a block without terminator');
  invariant(terminator.kind !== 'switch', 'switches are lowered');
  switch (terminator.kind) {
    case 'jump':
      return { kind: 'jump', edge: edge(terminator.edge) };
    case 'branch':
      return {
        kind: 'branch',
        condition: copyOf(terminator.condition),
        whenTrue: edge(terminator.whenTrue),
        whenFalse: edge(terminator.whenFalse),
      };
    case 'return':
      return { kind: 'jump', edge: { target: after, args: [copyOf(terminator.value)] } };
  }
}
