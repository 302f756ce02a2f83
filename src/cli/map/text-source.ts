/**
 * Bytes of a table as they come from a file or a pipe: packed by gzip or not, with a byte order mark or not, in UTF-8, in an encoding
 * that has ASCII in it, or in UTF-16, which becomes UTF-8 here and again UTF-16 where it is written.
 */
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { kindBytes } from '../arrow/ipc-kind.ts';
import { CommandFailure } from '../command.ts';
import { type Encoding, latin1, utf8 } from './encoding.ts';

/** What `--encoding` takes. */
export const encodingNames = ['utf-8', 'latin1', 'utf-16le', 'utf-16be'] as const;

export type EncodingName = (typeof encodingNames)[number];

/** Bytes of a piece that is unpacked. */
const pieceSize = 2 ** 18;

/** How a text is bytes. */
export interface TextForm {
  readonly name: EncodingName;
  /** Whether a byte order mark goes before it. */
  readonly isMarked: boolean;
}

export interface TextSource {
  /** UTF-8 where the source is UTF-16; without a mark. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** That of `chunks`. */
  readonly encoding: Encoding;
  readonly form: TextForm;
}

/** A stream that is not packed, of which the first bytes have been looked at. */
export interface ByteSource {
  /** As many as tell what it is, or all. */
  readonly begin: Uint8Array;
  /** All bytes, these too. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Iterating over the source rejects with CommandFailure for what gzip cannot be. */
export async function openBytes(stream: AsyncIterable<Uint8Array>): Promise<ByteSource> {
  const packed = await peek(stream);
  return startsWith(packed.begin, gzipMark) ? peek(unpacked(packed.chunks)) : packed;
}

/**
 * Tells what text a stream is. A mark goes before `named`, which is UTF-8 if left out.
 *
 * Iterating over the source rejects with CommandFailure for what UTF-16 cannot be.
 */
export function openText({ begin, chunks }: ByteSource, named: EncodingName | undefined): TextSource {
  const mark = marks.find(({ bytes }) => startsWith(begin, bytes));
  const name = mark?.name ?? named ?? 'utf-8';
  const rest = mark === undefined ? chunks : withoutFirst(chunks, mark.bytes.length);
  return {
    chunks: isUtf16(name) ? fromUtf16(rest, name) : rest,
    encoding: encodingWithin(name),
    form: { name, isMarked: mark !== undefined },
  };
}

/** That of the chunks of a source. */
export function encodingWithin(name: EncodingName): Encoding {
  return name === 'latin1' ? latin1 : utf8;
}

/** Chunks of a source, or what is made of them, as a text of some form: its mark first, and in UTF-16 where that is what it is. */
export function restoreText(
  chunks: AsyncIterable<Uint8Array>,
  { name, isMarked }: TextForm,
): AsyncIterable<Uint8Array> {
  const mark = isMarked ? marks.find((each) => each.name === name) : undefined;
  return after(Uint8Array.from(mark?.bytes ?? []), isUtf16(name) ? toUtf16(chunks, name) : chunks);
}

type Utf16Name = 'utf-16le' | 'utf-16be';

function isUtf16(name: EncodingName): name is Utf16Name {
  return name === 'utf-16le' || name === 'utf-16be';
}

interface Mark {
  readonly name: EncodingName;
  readonly bytes: readonly number[];
}

const gzipMark = [0x1f, 0x8b] as const;

/** U+FEFF in each encoding. */
const marks: readonly Mark[] = [
  { name: 'utf-8', bytes: [0xef, 0xbb, 0xbf] },
  { name: 'utf-16le', bytes: [0xff, 0xfe] },
  { name: 'utf-16be', bytes: [0xfe, 0xff] },
];

function startsWith(bytes: Uint8Array, begin: readonly number[]): boolean {
  return begin.every((byte, index) => bytes[index] === byte);
}

/** The first bytes of a stream, as many as tell what it is or all, and the stream with them. */
async function peek(stream: AsyncIterable<Uint8Array>): Promise<ByteSource> {
  const iterator = stream[Symbol.asyncIterator]();
  let begin: Uint8Array = new Uint8Array(0);
  while (begin.length < kindBytes) {
    const { done, value } = await iterator.next();
    if (done === true) break;
    begin = begin.length === 0 ? value : Buffer.concat([begin, value]);
  }
  return { begin, chunks: after(begin, { [Symbol.asyncIterator]: () => iterator }) };
}

async function* after(begin: Uint8Array, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (begin.length > 0) yield begin;
  yield* chunks;
}

/** `count` bytes that the first chunk has. */
async function* withoutFirst(chunks: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let skipped = count;
  for await (const chunk of chunks) {
    yield chunk.subarray(skipped);
    skipped = 0;
  }
}

async function* unpacked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = Readable.from(chunks, { objectMode: false });
  const gunzip = createGunzip({ chunkSize: pieceSize });
  source.once('error', (error) => gunzip.destroy(error));
  try {
    yield* source.pipe(gunzip);
  } catch (error) {
    const isPacking = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
    throw isPacking ? new CommandFailure(`what is packed by gzip is damaged: ${error.message}`) : error;
  } finally {
    source.destroy();
  }
}

async function* fromUtf16(chunks: AsyncIterable<Uint8Array>, name: Utf16Name): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(name, { fatal: true, ignoreBOM: true });
  const decode = (chunk?: Uint8Array): Buffer => {
    try {
      return Buffer.from(decoder.decode(chunk, { stream: chunk !== undefined }));
    } catch {
      throw new CommandFailure(`the text is not ${name.toUpperCase()}, as its mark or --encoding says`);
    }
  };
  for await (const chunk of chunks) yield decode(chunk);
  yield decode();
}

/** Chunks end where characters do, since they are whole rows. */
async function* toUtf16(chunks: AsyncIterable<Uint8Array>, name: Utf16Name): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    const text = Buffer.from(utf8.decode(chunk), 'utf16le');
    yield name === 'utf-16le' ? text : text.swap16();
  }
}
