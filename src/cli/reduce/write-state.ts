import { createHash } from 'node:crypto';
import { CommandFailure } from '../command.ts';
import type { MergeableAccumulator } from './accumulator.ts';
import { inOrder } from './group-table.ts';
import type { GroupKey } from './groups.ts';
import { asciiJson, longestLine, type StateForm, writeForm } from './state-form.ts';

/** Lines that are written together. */
const pieceSize = 1024;

/**
 * A state as text. Equal states are equal texts.
 *
 * @throws CommandFailure if a line would be too long.
 */
export function* writeState(
  form: StateForm,
  keys: readonly GroupKey[],
  accumulators: readonly MergeableAccumulator[],
): Generator<Uint8Array> {
  const hash = createHash('sha256');
  let lines = lineOf(writeForm(form));
  let count = 0;
  const piece = (): Buffer => {
    const bytes = Buffer.from(lines, 'latin1');
    hash.update(bytes);
    lines = '';
    return bytes;
  };
  for (const group of inOrder(keys)) {
    const saved = accumulators.map((accumulator) => accumulator.save(group));
    lines += lineOf(`[${asciiJson(keys[group])},[${saved.join()}]]`);
    if (++count % pieceSize === 0) yield piece();
  }
  yield piece();
  yield Buffer.from(`${asciiJson({ groups: count, sha256: hash.digest('hex') })}\n`, 'latin1');
}

function lineOf(text: string): string {
  if (text.length > longestLine)
    throw new CommandFailure('a group or its aggregates take too much room for a state');
  return `${text}\n`;
}
