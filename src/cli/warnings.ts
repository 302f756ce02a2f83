import type { Diagnostic } from '../index.ts';
import type { Terminal } from './command.ts';
import { paintDiagnostics } from './format.ts';
import type { Palette } from './style.ts';

/** Says on standard error what is odd about a source, though it is right. */
export function printWarnings(
  warnings: readonly Diagnostic[],
  stderr: Terminal['stderr'],
  palette: Palette,
): void {
  for (const { code, message, hint } of warnings) {
    const advice = hint === undefined ? '' : `  = hint: ${hint}\n`;
    stderr.write(paintDiagnostics(`warning[${code}]: ${message}\n${advice}`, palette));
  }
}
