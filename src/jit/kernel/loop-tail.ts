/** The tail of a kernel's loops: the rows that remain and fill no vector. Nothing beyond them is read or written. */
import { elementAt } from '../../support/element.ts';
import type { IrBuilder } from '../ir/builder.ts';
import type { Block, Value } from '../ir/function.ts';
import { op } from '../ir/opcode.ts';
import { type LaneCount, withLanes } from '../ir/type.ts';
import type { IterationPlace } from './kernel-inputs.ts';

/** Rows one by one from `first` to `end`, goes on at `after`. */
export function rowByRow(
  b: IrBuilder,
  first: Value,
  end: Value,
  after: Block,
  emit: (place: IterationPlace) => void,
  usesIndex: boolean,
): void {
  const [head, body] = [b.createBlock(['i64']), b.createBlock()];
  b.jump(head, first);
  b.moveTo(head);
  const row = elementAt(head.parameters, 0);
  b.branch(b.emit(op.ilt, row, end), body, after);
  b.moveTo(body);
  const index = usesIndex ? b.emit(op.itof, row) : undefined;
  emit({ row, index, mask: undefined, lanes: 1, strands: 1, together: 1 });
  b.jump(head, b.emit(op.iadd, row, b.integer(1n)));
}

/** All at once, as the lanes of one vector that exist, where the target has masks. */
export function asPartOfVector(
  b: IrBuilder,
  place: Pick<IterationPlace, 'row' | 'index'> & { readonly lanes: LaneCount },
  end: Value,
  after: Block,
  emit: (place: IterationPlace) => void,
): void {
  const body = b.createBlock();
  b.branch(b.emit(op.ilt, place.row, end), body, after);
  b.moveTo(body);
  const count = b.emit(op.isub, end, place.row);
  const mask = b.append(withLanes('bool', place.lanes), op.firstlanes, [count]);
  emit({ ...place, mask, strands: 1, together: 1 });
  b.jump(after);
}
