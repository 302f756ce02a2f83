import { Transform } from 'node:stream';
import type { OutputStream } from '../command.ts';
import { formatBytes, formatCount } from '../format.ts';

/** Milliseconds between two pictures. */
const interval = 100;

const barWidth = 30;

/** How far the reading of a file is, on one line of a terminal; nothing where the output is no terminal. */
export class ProgressBar {
  readonly #output: OutputStream;
  /** Bytes; undefined if not known beforehand. */
  readonly #total: number | undefined;
  readonly #rows: () => number;
  #read = 0;
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor(output: OutputStream, total: number | undefined, rows: () => number) {
    this.#output = output;
    this.#total = total;
    this.#rows = rows;
  }

  /** A stream that passes everything on and counts it. */
  meter(): Transform {
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        this.add(chunk.length);
        done(null, chunk);
      },
    });
  }

  /** Counts bytes that were read. */
  add(bytes: number): void {
    this.#read += bytes;
    this.#show();
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#output.isTTY === true && this.#shownAt > 0) this.#output.write('\r\x1b[K');
  }

  #show(): void {
    const now = performance.now();
    if (this.#output.isTTY !== true || now - this.#shownAt < interval) return;
    this.#shownAt = now;
    this.#output.write(`\r${this.#picture()}\x1b[K`);
  }

  #picture(): string {
    const counts = `${formatCount(this.#rows())} rows, ${formatBytes(this.#read)}`;
    if (this.#total === undefined || this.#total === 0) return counts;
    const share = Math.min(this.#read / this.#total, 1);
    const full = Math.round(share * barWidth);
    return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${String(Math.round(share * 100)).padStart(3)} %  ${counts}`;
  }
}
