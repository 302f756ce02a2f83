import { CompileError } from '../index.ts';
import { type Palette, plain } from './style.ts';

/** Any failure of a source for a terminal so wide, ending in a newline. */
export function formatError(error: unknown, palette: Palette = plain, columns = 88): string {
  // In front of the source stands its line number.
  const width = Math.max(Math.min(columns, 88) - 8, 8);
  if (error instanceof CompileError) return paintDiagnostics(error.render(width), palette);
  return `${palette.bold(palette.red('error:'))} ${messageOf(error)}\n`;
}

/** What went wrong, and of files which one. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { path, code, message } = error as NodeJS.ErrnoException;
  if (path === undefined || code === undefined) return message;
  return `${path}: ${message.replace(`${code}: `, '').replace(/, \w+ '.*$/, '')}`;
}

/** Rendered diagnostics in colour: what is wrong, where, and what to do about it. */
export function paintDiagnostics(text: string, { bold, red, yellow, cyan, blue }: Palette): string {
  return text
    .replace(/^error\[[\w-]+\]:.*$/gm, (line) => line.replace(/^[^:]*:/, (head) => bold(red(head))))
    .replace(/^warning\[[\w-]+\]:.*$/gm, (line) => line.replace(/^[^:]*:/, (head) => bold(yellow(head))))
    .replace(/^( *-->)/gm, (arrow) => blue(arrow))
    .replace(/^( *\| *)(\^+)$/gm, (_, margin: string, carets: string) => margin + bold(red(carets)))
    .replace(/^( *= )(hint:)/gm, (_, margin: string, hint: string) => margin + cyan(hint));
}

/** Bytes in the unit that keeps the number short: `92 bytes`, `64 KiB`, `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  const [size, unit] = bytes < 1024 ** 2 ? [bytes / 1024, 'KiB'] : [bytes / 1024 ** 2, 'MiB'];
  return `${trimZeros(size.toFixed(1))} ${unit}`;
}

/** With commas between thousands. */
export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

/** Nanoseconds in the unit that keeps the number short, to three digits. */
export function formatDuration(nanoseconds: number): string {
  const units = [
    [1e9, 's'],
    [1e6, 'ms'],
    [1e3, 'µs'],
  ] as const;
  const [factor, unit] = units.find(([least]) => nanoseconds >= least) ?? [1, 'ns'];
  const value = nanoseconds / factor;
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${unit}`;
}

export function formatAddress(address: number): string {
  return `0x${address.toString(16).padStart(12, '0')}`;
}

function trimZeros(text: string): string {
  return text.replace(/\.0$/, '');
}
