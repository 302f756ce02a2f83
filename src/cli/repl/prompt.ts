import { type REPLEval, type REPLServer, Recoverable, start } from 'node:repl';
import { ExitCode, type Terminal } from '../command.ts';
import { formatError, paintDiagnostics } from '../format.ts';
import { screenFor } from '../plot/screen.ts';
import { coloured, paletteFor } from '../style.ts';
import { complete } from './completion.ts';
import { keepHistory } from './history.ts';
import { interruptibleOn } from './interruptible.ts';
import { showOutcome } from './outcome.ts';
import type { ReplContext } from './repl-command.ts';
import { replCommands } from './repl-commands.ts';
import { runCommand } from './run-command.ts';
import { isBlank, isIncomplete, Session } from './session.ts';

/** Runs a prompt on a terminal until it is left. */
export async function runPrompt({ stdin, stdout, env = {} }: Terminal): Promise<number> {
  using session = new Session(interruptibleOn(stdin));
  const palette = paletteFor(stdout, env);
  const context: ReplContext = {
    session,
    palette,
    screen: screenFor(stdout, env),
    get columns() {
      return stdout.columns ?? 80;
    },
    print: (text) => void stdout.write(`${text}\n`),
  };
  const { backend, cpu } = session.statistics;
  context.print(
    `exprjit on ${backend === 'native' ? cpu : backend === 'wasm' ? 'WebAssembly' : 'the interpreter'}. ${palette.dim('.help says what can be typed.')}`,
  );
  const repl = start({
    prompt: '> ',
    input: stdin,
    output: stdout,
    eval: evaluator(context),
    writer: (text: string) => text,
    completer: (line: string) => complete(line, session),
    ignoreUndefined: true,
    preview: false,
    useColors: palette === coloured,
  });
  defineCommands(repl, context);
  const left = new Promise<void>((resolve) => {
    repl.once('exit', resolve);
  });
  await keepHistory(repl, env);
  await left;
  return ExitCode.Success;
}

/** Everything is printed here, since a value and the definitions before it are one answer. */
function evaluator(context: ReplContext): REPLEval {
  const { session, palette, print } = context;
  return (input, _context, _file, callback) => {
    const source = input.replace(/\n$/, '');
    if (isBlank(source)) return callback(null, undefined);
    try {
      for (const { code, message } of session.explain(source).warnings) {
        print(paintDiagnostics(`warning[${code}]: ${message}`, palette));
      }
      showOutcome(session.run(source), context);
      callback(null, undefined);
    } catch (error) {
      if (isIncomplete(error)) return callback(new Recoverable(error as Error), undefined);
      print(formatError(error, palette).trimEnd());
      callback(null, undefined);
    }
  };
}

/** Node's own commands go but for `.exit`, `.break` and `.editor`; ours come. */
function defineCommands(repl: REPLServer, context: ReplContext): void {
  const commands = repl.commands as Record<string, unknown>;
  for (const name of ['clear', 'help', 'load', 'save']) delete commands[name];
  const run = (line: string): void => {
    runCommand(line, context, (text) => context.print(text.trimEnd())).then(
      () => repl.displayPrompt(),
      (error: unknown) => repl.emit('error', error),
    );
  };
  for (const { name, usage, summary } of replCommands) {
    const action = (argument: string) => run(`${name} ${argument}`);
    repl.defineCommand(name.slice(1), { help: `${usage} ${summary}`, action });
  }
  // What Node does not find, it looks for here: so that it is we who say what could have been meant.
  const unknown = { get: (_: object, name: string | symbol) => ({ action: () => run(`.${String(name)}`) }) };
  Object.setPrototypeOf(commands, new Proxy(Object.create(null), unknown));
}
