import { elementAt, slots } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { Block, type Edge, IrFunction, type Terminator, Value } from './function.ts';
import type { Type } from './type.ts';

/** A function of another name that shares nothing with `fn`; values and blocks keep their numbers. */
export function copyFunction(fn: IrFunction, name: string, result: Type = fn.result): IrFunction {
  const copy = new IrFunction(name, result, fn.displayName);
  const values = slots<Value>(fn.valueCount);
  const blocks = slots<Block>(fn.blockCount);
  const declare = ({ id, type, op, immediate }: Value): Value => {
    const value = new Value(id, type, op, [], immediate);
    values[id] = value;
    return value;
  };
  const copyOf = ({ id }: Value): Value => elementAt(values, id);
  const edgeOf = ({ target, args }: Edge): Edge => ({
    target: elementAt(blocks, target.id),
    args: args.map(copyOf),
  });
  for (const block of fn.blocks) {
    const twin = new Block(block.id);
    for (const parameter of block.parameters) twin.parameters.push(declare(parameter));
    twin.instructions = block.instructions.map(declare);
    blocks[block.id] = twin;
    copy.blocks.push(twin);
  }
  copy.valueCount = fn.valueCount;
  copy.blockCount = fn.blockCount;
  for (const block of fn.blocks) {
    for (const { id, operands } of block.instructions) elementAt(values, id).operands = operands.map(copyOf);
    elementAt(blocks, block.id).terminator = copyTerminator(block.terminator, copyOf, edgeOf);
  }
  return copy;
}

function copyTerminator(
  terminator: Terminator | undefined,
  copyOf: (value: Value) => Value,
  edgeOf: (edge: Edge) => Edge,
): Terminator {
  invariant(terminator !== undefined, 'a block has no terminator');
  switch (terminator.kind) {
    case 'jump':
      return { kind: 'jump', edge: edgeOf(terminator.edge) };
    case 'branch': {
      const { condition, whenTrue, whenFalse } = terminator;
      return {
        kind: 'branch',
        condition: copyOf(condition),
        whenTrue: edgeOf(whenTrue),
        whenFalse: edgeOf(whenFalse),
      };
    }
    case 'switch': {
      const { value, cases, otherwise } = terminator;
      return {
        kind: 'switch',
        value: copyOf(value),
        cases: cases.map((each) => ({ value: each.value, edge: edgeOf(each.edge) })),
        otherwise: edgeOf(otherwise),
      };
    }
    case 'return':
      return { kind: 'return', value: copyOf(terminator.value) };
  }
}
