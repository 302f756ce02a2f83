import { createHash, type Hash } from 'node:crypto';
import { CommandFailure, isCommandFailure } from '../command.ts';
import { openBytes, openText } from '../map/text-source.ts';
import type { GroupKey } from './groups.ts';
import { damaged, isRecord, isTexts, longestLine, readForm, type StateForm } from './state-form.ts';

/** Gets what states have. */
export interface StateSink {
  /** Groups after it are of this form. */
  begin(form: StateForm): void;
  /** One value for each aggregate, as JSON has been read. */
  add(key: GroupKey, saved: readonly unknown[]): void;
}

/**
 * Reads a text of one state or of several, packed by gzip or not. Line ends may have become those of another system on the way.
 *
 * Rejects with CommandFailure, which names the line, for what was not written as a state, is cut off or was changed.
 */
export async function readStates(stream: AsyncIterable<Uint8Array>, sink: StateSink): Promise<void> {
  const reader = new StateReader(sink);
  const { chunks } = openText(await openBytes(stream), undefined);
  let rest = '';
  for await (const chunk of chunks) {
    const text = rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      reader.line(text.slice(start, end));
      start = end + 1;
    }
    rest = text.slice(start);
    reader.requireShort(rest);
  }
  if (rest !== '') reader.line(rest);
  reader.end();
}

/** Takes line after line. */
class StateReader {
  readonly #sink: StateSink;
  /** Of the state that is being read. */
  #current: { readonly form: StateForm; readonly hash: Hash; groups: number } | undefined;
  #states = 0;
  #lines = 0;

  constructor(sink: StateSink) {
    this.#sink = sink;
  }

  line(text: string): void {
    this.#lines++;
    try {
      this.#take(text.endsWith('\r') ? text.slice(0, -1) : text);
    } catch (error) {
      if (isCommandFailure(error)) throw new CommandFailure(`line ${this.#lines}: ${error.message}`);
      throw error;
    }
  }

  requireShort(text: string): void {
    if (text.length > longestLine)
      throw new CommandFailure(`line ${this.#lines + 1} is too long for a state`);
  }

  end(): void {
    if (this.#current !== undefined) throw new CommandFailure('the state is cut off');
    if (this.#states === 0) throw new CommandFailure('there is no state in it');
  }

  #take(text: string): void {
    this.requireShort(text);
    const current = this.#current;
    if (current === undefined) {
      if (text.trim() === '') return;
      const form = readForm(parse(text));
      this.#current = { form, hash: createHash('sha256'), groups: 0 };
      this.#states++;
      this.#current.hash.update(`${text}\n`, 'latin1');
      this.#sink.begin(form);
      return;
    }
    const value = parse(text);
    if (isRecord(value)) {
      const { groups, sha256 } = value;
      if ('exprjit' in value) throw new CommandFailure('the state before it is cut off');
      if (groups !== current.groups || sha256 !== current.hash.digest('hex')) throw damaged();
      this.#current = undefined;
      return;
    }
    current.hash.update(`${text}\n`, 'latin1');
    current.groups++;
    const [key, saved] = Array.isArray(value) ? (value as unknown[]) : [];
    const { by, aggregates } = current.form;
    const isGroup =
      isTexts(key) && key.length === by.length && key.every((cell) => /^[\0-\xff]*$/.test(cell));
    if (!isGroup || !Array.isArray(saved) || saved.length !== aggregates.length) throw damaged();
    this.#sink.add(key, saved);
  }
}

/** Undefined for what is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
