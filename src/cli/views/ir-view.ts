import type { IrStage } from '../../index.ts';
import type { Palette } from '../style.ts';

/** The IR before the optimiser and after each pass that changed it, lines that a pass brought in set off. */
export function irView(stages: readonly IrStage[], palette: Palette): string {
  const shown = new Map<string, string>();
  const parts: string[] = [];
  for (const { pass, function: name, text } of stages) {
    if (pass === 'optimized' && [...shown.values()].join('\n\n') === text) continue;
    const before = name === undefined ? undefined : shown.get(name);
    for (const [fn, body] of functionsOf(text)) shown.set(fn, body);
    const title = name === undefined || shown.size === 1 ? pass : `${pass} of ${name}`;
    parts.push(`${palette.bold(palette.cyan(`── ${title}`))}\n${paintIr(text, before, palette)}`);
  }
  return parts.join('\n\n');
}

/** The functions of a module's text by name. */
function functionsOf(text: string): [name: string, body: string][] {
  return text
    .split(/\n(?=function )/)
    .map((body): [string, string] => [/^function ([^(]+)/.exec(body)?.[1] ?? '', body.trim()]);
}

function paintIr(text: string, before: string | undefined, palette: Palette): string {
  const known = before === undefined ? undefined : new Set(before.split('\n'));
  return text
    .split('\n')
    .map((line) => {
      if (/^(function|\}|host)/.test(line)) return palette.bold(line);
      if (/^b\d+\(/.test(line)) return palette.yellow(line);
      return known === undefined || known.has(line) ? line : palette.green(line);
    })
    .join('\n');
}
