import { CompileError } from '../../index.ts';
import { formatError } from '../format.ts';
import { relocate } from '../relocate.ts';
import { BadArgument, type CommandPlace, type ReplContext } from './repl-command.ts';
import { findCommand, replCommands } from './repl-commands.ts';

/** Files that may load one another. */
const mostNested = 16;

/** Runs one line that starts with a dot. Whatever fails is told and gives false; nothing is thrown. */
export async function runCommand(
  line: string,
  context: ReplContext,
  printError: (text: string) => void,
  place: CommandPlace = { text: line, start: 0 },
  depth = 0,
): Promise<boolean> {
  const [, name = '', argument = ''] = /^\s*(\S+)\s*(.*?)\s*$/s.exec(line) ?? [];
  const command = findCommand(name);
  try {
    if (command === undefined) throw unknownCommand(name);
    if (command.usage === '' && argument !== '') throw new BadArgument(`${command.name} takes no argument`);
    if (depth > mostNested) throw new RangeError('files load one another without end');
    await command.run(argument, context, (next, at) => runCommand(next, context, printError, at, depth + 1));
    return true;
  } catch (error) {
    printError(formatError(within(error, line, place), context.palette, context.columns));
    if (error instanceof BadArgument && command !== undefined) {
      printError(`usage: ${command.name} ${command.usage}`.trimEnd());
      printError(`for example: ${command.example}\n`);
    }
    return false;
  }
}

/** An error in what a command was given, as one of the text in which the command stands. */
function within(error: unknown, line: string, { text, file, start }: CommandPlace): unknown {
  if (!(error instanceof CompileError)) return error;
  return relocate(error, (compiled) => {
    const offset = line.lastIndexOf(compiled);
    if (offset < 0) return undefined;
    const base = start + offset;
    return { text, name: file, place: (from, to) => ({ start: base + from, end: base + to }) };
  });
}

function unknownCommand(name: string): BadArgument {
  const near = replCommands.filter((command) => command.name.startsWith(name.slice(0, 3)));
  const hint =
    near.length > 0 ? `did you mean ${near.map((command) => command.name).join(' or ')}?` : 'see .help';
  return new BadArgument(`there is no command '${name}'; ${hint}`);
}
