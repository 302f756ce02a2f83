import { vocabulary } from '../../index.ts';
import { formatResult } from '../format-result.ts';
import { textWidth } from '../text-width.ts';
import { promptCommands } from './prompt-commands.ts';
import { BadArgument, commandNamed, type ReplCommand, type ReplContext } from './repl-command.ts';

/** What can be typed, or what one name stands for: a command, a definition, or what the language knows by itself. */
export function help(topic: string, context: ReplContext, commands: readonly ReplCommand[]): void {
  if (topic === '') overview(context, commands);
  else about(topic, context, commands);
}

function about(topic: string, context: ReplContext, commands: readonly ReplCommand[]): void {
  const { palette, print } = context;
  const bare = topic.replace(/\(.*$/s, '');
  // Without a dot a command gives way: `.help plot` has nothing else to mean, `.help time` may have.
  const lines = topic.startsWith('.')
    ? aboutCommand(topic, context, commands)
    : (aboutDefinition(bare, context) ?? aboutBuiltin(bare) ?? aboutCommand(topic, context, commands));
  if (lines === undefined) throw new BadArgument(nothingKnown(topic));
  const [head = '', ...rest] = lines;
  print(palette.bold(head));
  for (const line of rest) print(`  ${line}`);
}

function aboutCommand(
  topic: string,
  { palette }: ReplContext,
  commands: readonly ReplCommand[],
): string[] | undefined {
  const own = promptCommands.find(({ name }) => name === topic || name === `.${topic}`);
  if (own !== undefined) return [own.name, own.summary];
  const command = commandNamed(topic, commands);
  if (command === undefined) return undefined;
  const { name, usage, summary, example } = command;
  return [`${name} ${usage}`.trimEnd(), summary, `for example: ${palette.cyan(example)}`];
}

function aboutDefinition(name: string, { session }: ReplContext): string[] | undefined {
  const own = session.definitions.find((definition) => definition.name === name);
  if (own !== undefined) {
    const { kind, parameters, source, value } = own;
    if (kind === 'let') return [name, `${session.typeOf(own)} ${formatResult(value ?? Number.NaN)}`];
    return [`${name}(${parameters.join(', ')})`, `gives a ${session.typeOf(own)}`, ...source.split('\n')];
  }
  const { answer } = session;
  if (name !== 'ans') return undefined;
  return [
    'ans',
    `the last value${answer === undefined ? '; there is none yet' : `: ${formatResult(answer)}`}`,
  ];
}

function aboutBuiltin(name: string): string[] | undefined {
  const { functions, columnFunctions, constants, keywords } = vocabulary();
  const found = functions.filter((candidate) => candidate.name === name);
  const ofColumns = columnFunctions.filter((candidate) => candidate.name === name);
  const constant = constants.find((candidate) => candidate.name === name);
  if (constant !== undefined) return [name, `a constant: ${formatResult(constant.value)}`];
  if (keywords.includes(name)) return [name, 'a word of the language'];
  const [first] = [...found, ...ofColumns];
  if (first === undefined) return undefined;
  const lines = [
    ...found.map((each) => ({ ...each, where: '' })),
    ...ofColumns.map((each) => ({ ...each, where: ' (over columns)' })),
  ].map((each) => [`${each.name}(${each.parameters.join(', ')})${each.where}`, each.summary]);
  return lines.flat();
}

function nothingKnown(topic: string): string {
  if (topic.startsWith('.')) return `there is no command '${topic}'`;
  const { functions, constants } = vocabulary();
  const near = [...functions, ...constants]
    .map(({ name }) => name)
    .filter((name) => name.startsWith(topic.slice(0, 3)));
  const hint = near.length > 0 ? `; did you mean ${near.slice(0, 5).join(', ')}?` : '';
  return `there is no command '${topic}', and nothing else of that name${hint}`;
}

function overview({ palette, columns, print }: ReplContext, commands: readonly ReplCommand[]): void {
  print(`Type an expression, or define something:

  ${palette.cyan('let r = 2')}              a value
  ${palette.cyan('area(x) = pi * x^2')}     a function; what uses it follows when it is defined again
  ${palette.cyan('area(r)')}                an expression; ${palette.cyan('ans')} is the last value
  ${palette.cyan('2·π·r²')}                 signs: π ∞ · × ÷ ² ³ √ ≤ ≥ ≠, also as \\pi, \\cdot, \\^2 and Tab

What ends in the middle of something goes on in the next line. Tab completes, Up recalls, Ctrl-R searches. Ctrl-C stops what \
runs or gives up what is typed; two on an empty line leave, as does Ctrl-D there.
`);
  const all = [...commands, ...promptCommands.map((each) => ({ ...each, example: '' }))];
  const width = Math.max(...all.map(({ name, usage }) => textWidth(`${name} ${usage}`))) + 2;
  for (const { name, usage, summary, example } of all) {
    const head = `  ${palette.bold(name)} ${usage}`;
    // Side by side where a summary has room for a few words a line.
    if (columns - width - 2 < 30) {
      print(`${head}\n      ${summary}`);
      continue;
    }
    const gap = ' '.repeat(width - name.length - usage.length - 1);
    const [first = '', ...rest] = wrapped(summary, columns - width - 2);
    print(head + gap + first);
    for (const line of rest) print(' '.repeat(width + 2) + line);
    if (usage !== '') print(palette.dim(' '.repeat(width + 2) + example));
  }
}

function wrapped(text: string, columns: number): string[] {
  return text.match(new RegExp(`.{1,${columns}}(?:\\s+|$)`, 'g'))?.map((line) => line.trimEnd()) ?? [text];
}
