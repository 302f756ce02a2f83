import { isUtf8 } from 'node:buffer';
import { CommandFailure } from '../command.ts';
import { Byte } from './byte.ts';

/** How the bytes of a table are text. ASCII is itself in each, so that structure and numbers are read as bytes. */
export interface Encoding {
  readonly name: 'utf-8' | 'latin1';
  /** What is no text in this encoding comes out replaced: for names and messages, after {@link requireText}. */
  decode(bytes: Uint8Array): string;
  /** @throws CommandFailure for a text that this encoding cannot write. */
  encode(text: string): Buffer;
}

export const utf8: Encoding = {
  name: 'utf-8',
  decode: (bytes) => asBuffer(bytes).toString('utf8'),
  encode: (text) => Buffer.from(text, 'utf8'),
};

export const latin1: Encoding = {
  name: 'latin1',
  decode: (bytes) => asBuffer(bytes).toString('latin1'),
  encode(text) {
    if (/[^\0-\xff]/.test(text)) throw new CommandFailure(`latin1 cannot write ${JSON.stringify(text)}`);
    return Buffer.from(text, 'latin1');
  },
};

/**
 * Throws if `bytes` are no text in an encoding; `line` is that of the first of them, if it is known.
 *
 * @throws CommandFailure that names the line.
 */
export function requireText(bytes: Uint8Array, encoding: Encoding, line: number | undefined): void {
  if (encoding.name === 'latin1' || isUtf8(bytes)) return;
  const place = line === undefined ? '' : `line ${line + linesBeforeFault(bytes)}: `;
  throw new CommandFailure(`${place}the text is not UTF-8; if it is ISO 8859-1, say --encoding latin1`);
}

/** No byte of a character of several is a line feed, so each line can be looked at alone. */
function linesBeforeFault(bytes: Uint8Array): number {
  let line = 0;
  for (let start = 0; ; line++) {
    const end = bytes.indexOf(Byte.LineFeed, start);
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
