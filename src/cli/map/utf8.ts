import { isUtf8 } from 'node:buffer';
import { CommandFailure } from '../command.ts';

/**
 * The text of a stream of bytes, a BOM included. Bytes that are not UTF-8 are refused, never replaced: what is
 * written in their place would be lost to whoever writes onto the file that is read.
 *
 * @throws CommandFailure that names the line.
 */
export async function* decodeUtf8(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole = bytes.subarray(0, bytes.length - unfinished(bytes));
    if (!isUtf8(whole)) throw notUtf8(line + linesBeforeFault(whole), whole);
    yield whole.toString('utf8');
    line += newlines(whole);
    rest = bytes.subarray(whole.length);
  }
  if (rest.length > 0) throw notUtf8(line, rest);
}

/** Takes the byte order mark off a text and puts it before another, if there was one. */
export class BomFilter {
  #found = false;

  async *strip(texts: AsyncIterable<string>): AsyncGenerator<string> {
    let isFirst = true;
    for await (const text of texts) {
      if (isFirst && text !== '') {
        isFirst = false;
        this.#found = text.startsWith(bom);
        yield this.#found ? text.slice(1) : text;
      } else {
        yield text;
      }
    }
  }

  async *restore(texts: AsyncIterable<string>): AsyncGenerator<string> {
    let isFirst = true;
    for await (const text of texts) {
      yield isFirst && this.#found ? bom + text : text;
      isFirst = false;
    }
  }
}

const bom = '\ufeff';

/** Bytes at the end that begin a character which the next chunk may complete. */
function unfinished(bytes: Buffer): number {
  for (let count = 1; count <= Math.min(3, bytes.length); count++) {
    const byte = bytes[bytes.length - count] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return byte >= (leadOfLength[count] ?? 0) ? count : 0;
  }
  return 0;
}

/** The least first byte of characters of more than so many bytes. */
const leadOfLength = [0, 0xc0, 0xe0, 0xf0] as const;

/** No byte of a character of several is a newline, so each line can be looked at alone. */
function linesBeforeFault(bytes: Buffer): number {
  let line = 0;
  for (let start = 0; ; line++) {
    const end = bytes.indexOf(newline, start);
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
}

function newlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) count++;
  return count;
}

const newline = 0x0a;

function notUtf8(line: number, bytes: Buffer): CommandFailure {
  const isUtf16 = line === 1 && (bytes.readUInt8(0) === 0xff || bytes.readUInt8(0) === 0xfe);
  const from = isUtf16 ? 'UTF-16' : 'LATIN1';
  return new CommandFailure(
    `line ${line}: the text is not UTF-8; convert it first, for example with 'iconv -f ${from} -t UTF-8'`,
  );
}
