import { codeOptions, parseCommand } from './arguments.ts';
import type { Command, Terminal } from './command.ts';
import { codeOf, explained } from './explained.ts';
import { type Palette, paletteFor } from './style.ts';
import { irView } from './views/ir-view.ts';

const help = `Prints the intermediate representation of a formula, as it is lowered and after each pass that changes it.

Usage: exprjit ir [options] <formula>

  --cpu <level>   sse2, sse4.1, avx2 or avx512; the best that this CPU has if left out
  --fast-math     allow results that differ in rounding
  --last          only what comes out in the end
  --ast           the syntax tree first
  --machine       machine IR after it, before and after registers are allocated
  --json          print {"parameters", "ast", "passes": [{"pass", "function", "text"}], "machine": [{"stage", "text"}]}

  exprjit ir 'x < 0 ? 0 : x^2 + 2*3'
`;

const options = {
  ...codeOptions,
  last: { type: 'boolean' },
  ast: { type: 'boolean' },
  machine: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

function run(args: readonly string[], terminal: Terminal): number {
  const request = parseCommand('ir', args, options);
  const { last, ast: showAst, machine: showMachine, json } = request.values;
  return explained('ir', request, terminal, (explanation) => {
    const { parameters, ast, ir } = explanation;
    const passes = last === true ? ir.slice(-1) : ir;
    const { stdout, env } = terminal;
    if (json === true) {
      const machine = explanation.code?.machine;
      stdout.write(`${JSON.stringify({ parameters, ast, passes, machine })}\n`);
      return;
    }
    const palette = paletteFor(stdout, env);
    const parts = [irView(passes, palette)];
    if (showAst === true) parts.unshift(section('syntax tree', ast, palette));
    if (showMachine === true) {
      for (const { stage, text } of codeOf(explanation).machine) parts.push(section(stage, text, palette));
    }
    stdout.write(`${parts.join('\n\n')}\n`);
  });
}

function section(title: string, text: string, palette: Palette): string {
  return `${palette.bold(palette.cyan(`── ${title}`))}\n${text}`;
}

export const command: Command = { help, run };
