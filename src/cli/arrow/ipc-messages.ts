/**
 * The messages of a stream, whole. The library takes a stream that ends within the head of a message for one that ends, so it gets
 * what has been looked at here.
 *
 * A message is the mark ff ff ff ff, the length of its metadata, the metadata, and a body whose length they tell. A length of 0 ends the stream, and so may
 * the end of the input between two messages (Arrow Columnar Format, IPC Streaming Format).
 */
import type { CommandFailure } from '../command.ts';
import { unreadable } from './ipc-failure.ts';
import { MetadataCheck } from './ipc-metadata.ts';

const prefixBytes = 8;

const nothing = new Uint8Array(0);

/** More than any schema or list of buffers takes, and little enough to be held where a length is wrong. */
export const mostMetadata = 2 ** 28;

/** Reads all of the input, also what stands behind the end. */
export async function* ipcMessages(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = new ByteSource(chunks);
  const check = new MetadataCheck();
  for (let at = 0; ; ) {
    const prefix = await source.take(prefixBytes);
    if (prefix.length === 0) return;
    if (prefix.length < prefixBytes) throw cutOff(at);
    const length = prefix.readInt32LE(4);
    if (length < 0 || length > mostMetadata || prefix.readInt32LE(0) !== -1)
      throw unreadable(`there is no message at byte ${at}`);
    if (length === 0) break;
    const metadata = await source.take(length);
    if (metadata.length < length) throw cutOff(at);
    const bodyLength = check.message(metadata);
    const body = await source.take(bodyLength);
    if (body.length < bodyLength) throw cutOff(at);
    at += prefixBytes + length + bodyLength;
    yield prefix;
    yield metadata;
    yield body;
    // The library asks for one piece more than it needs, and the next message may be long in coming.
    yield nothing;
  }
  while ((await source.take(2 ** 16)).length > 0);
}

function cutOff(at: number): CommandFailure {
  return unreadable(`it is cut off within the message at byte ${at}`);
}

class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** So many bytes, in memory of their own; fewer where the input ends. */
  async take(count: number): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    for (let missing = count; missing > 0; ) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#chunks.next();
        if (done === true) break;
        this.#rest = value;
      }
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.length);
      missing -= piece.length;
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  }
}
