/**
 * Turns self calls in tail position into jumps, so that such recursion runs in constant stack. The language promises
 * this, so it is done at every level.
 *
 *     b1: v4 = call f(v2, v3); jump b3(v4)          b1: jump b0'(v2, v3)
 *     b3(v5): return v5
 *
 * A call is in tail position when its result is returned at once, or is passed on to an empty block that returns it,
 * through any number of such blocks. The old entry becomes the head of the loop; a new one leads to it.
 */
import { elementAt } from '../../support/element.ts';
import { successorAt } from '../ir/control-flow.ts';
import type { Block, IrFunction } from '../ir/function.ts';
import { op } from '../ir/opcode.ts';

export function tailCalls(fn: IrFunction): boolean {
  const candidates = fn.blocks.filter((block) => endsInSelfCall(block, fn));
  if (candidates.length === 0) return false;
  const returned = returnedParameters(fn);
  const tails = candidates.filter((block) => isReturned(block, returned));
  if (tails.length === 0) return false;
  const head = elementAt(fn.blocks, 0);
  for (const block of tails) {
    const call = block.instructions.pop();
    block.terminator = { kind: 'jump', edge: { target: head, args: call?.operands ?? [] } };
  }
  const entry = fn.newBlock(head.parameters.map(({ type }) => type));
  entry.terminator = { kind: 'jump', edge: { target: head, args: [...entry.parameters] } };
  fn.blocks.unshift(entry);
  return true;
}

function endsInSelfCall(block: Block, fn: IrFunction): boolean {
  const last = block.instructions.at(-1);
  return last?.op === op.call && last.immediate === fn.name;
}

/** Does the last instruction's result leave the function, and is that all that happens after it? */
function isReturned(block: Block, returned: Int32Array): boolean {
  const call = block.instructions.at(-1);
  const terminator = block.terminator;
  if (terminator?.kind === 'return') return terminator.value === call;
  if (terminator?.kind !== 'jump') return false;
  const { target, args } = terminator.edge;
  const position = returned[target.id] as number;
  return position >= 0 && args[position] === call;
}

/** By block id: which parameter of the block it does nothing but return; -1 if it does anything else. */
function returnedParameters(fn: IrFunction): Int32Array {
  const unknown = -2;
  const result = new Int32Array(fn.blockCount).fill(unknown);
  for (const start of fn.blocks) {
    // Empty blocks form chains; the walk goes to the end of one and settles it on the way back.
    const chain: Block[] = [];
    for (let block: Block | undefined = start; block !== undefined && result[block.id] === unknown; ) {
      result[block.id] = -1;
      chain.push(block);
      const empty: boolean = block.instructions.length === 0 && block.terminator?.kind === 'jump';
      block = empty ? successorAt(block, 0)?.target : undefined;
    }
    for (let block = chain.pop(); block !== undefined; block = chain.pop()) {
      result[block.id] = returnedParameter(block, result);
    }
  }
  return result;
}

function returnedParameter(block: Block, returned: Int32Array): number {
  const terminator = block.terminator;
  if (block.instructions.length > 0) return -1;
  if (terminator?.kind === 'return') return block.parameters.indexOf(terminator.value);
  if (terminator?.kind !== 'jump') return -1;
  const { target, args } = terminator.edge;
  const position = returned[target.id] as number;
  return position < 0 ? -1 : block.parameters.indexOf(elementAt(args, position));
}
