import type { Diagnostic } from '../index.ts';
import type { Terminal } from './command.ts';
import { paintDiagnostics } from './format.ts';
import type { Palette } from './style.ts';

/** Says on standard error what is odd about a source, though it is right; `file` is where it stands. */
export function printWarnings(
  warnings: readonly Diagnostic[],
  stderr: Terminal['stderr'],
  palette: Palette,
  file?: string,
): void {
  for (const { code, message, line, column, hint } of warnings) {
    const place = ` --> ${file === undefined ? '' : `${file}:`}${line}:${column}\n`;
    const advice = hint === undefined ? '' : `  = hint: ${hint}\n`;
    stderr.write(paintDiagnostics(`warning[${code}]: ${message}\n${place}${advice}`, palette));
  }
}
