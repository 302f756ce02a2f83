import { type ParseArgsConfig, parseArgs } from 'node:util';
import { suggestName } from '../support/suggest-name.ts';
import { HelpRequest, UsageError } from './command.ts';

type ParseArgsOptionsConfig = NonNullable<ParseArgsConfig['options']>;

type Parsed<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ args: string[]; options: Options }>
>['values'];

/** Options that say which code is to be shown. */
export const codeOptions = {
  cpu: { type: 'string' },
  'fast-math': { type: 'boolean' },
} as const satisfies ParseArgsOptionsConfig;

/**
 * The options and positional arguments of a command. What starts with a minus sign and has not the form of an option
 * (`-1`, `-x + 1`, `--x`) is positional, since formulas do; so is everything after `--`.
 *
 * @throws UsageError for options that the command does not have; HelpRequest.
 */
export function parseCommand<const Options extends ParseArgsOptionsConfig>(
  command: string,
  args: readonly string[],
  options: Options,
): { values: Parsed<Options>; positionals: string[] } {
  const { flags, positionals } = separate(args, options);
  if (flags.includes('--help') || flags.includes('-h')) throw new HelpRequest();
  try {
    return { values: parseArgs({ args: flags, options, allowPositionals: false }).values, positionals };
  } catch (error) {
    throw new UsageError(explain(command, error, options));
  }
}

function separate(args: readonly string[], options: ParseArgsOptionsConfig) {
  const flags: string[] = [];
  const positionals: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === '--') return { flags, positionals: [...positionals, ...args.slice(i + 1)] };
    const name = /^--([a-z][a-z-]+)(=.*)?$/s.exec(arg)?.[1] ?? longNameOf(arg, options);
    if (name === undefined) {
      positionals.push(arg);
      continue;
    }
    const takesValue = options[name]?.type === 'string' && !arg.includes('=');
    // So that a value may start with a minus sign.
    const value = takesValue ? args[++i] : undefined;
    flags.push(value === undefined ? arg : `--${name}=${value}`);
  }
  return { flags, positionals };
}

function longNameOf(arg: string, options: ParseArgsOptionsConfig): string | undefined {
  if (arg === '-h') return 'help';
  return Object.entries(options).find(([, { short }]) => short !== undefined && arg === `-${short}`)?.[0];
}

function explain(command: string, error: unknown, options: ParseArgsOptionsConfig): string {
  const message = error instanceof Error ? error.message : String(error);
  const unknown = /^Unknown option '([^']+)'/.exec(message)?.[1];
  if (unknown !== undefined) {
    const meant = suggestName(unknown.replace(/^--/, ''), Object.keys(options));
    return `${command} has no option '${unknown}'${meant === undefined ? '' : `; did you mean '--${meant}'?`}`;
  }
  const incomplete = /^Option '(?:-\w, )?(--[\w-]+)[^']*' (argument missing|does not take an argument)/.exec(
    message,
  );
  if (incomplete === null) return message;
  return `${incomplete[1]} ${incomplete[2] === 'argument missing' ? 'needs a value' : 'takes no value'}`;
}

/** One of the `choices`. */
export function parseChoice<const T extends string>(option: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((known) => known === text);
  if (choice === undefined)
    throw new UsageError(`--${option} must be one of ${choices.join(', ')}, not '${text}'`);
  return choice;
}

/** A whole number from `least` to `most`; `fallback` if the option is not given. */
export function parseCount(
  option: string,
  text: string | undefined,
  { least, most, fallback }: { least: number; most: number; fallback: number },
): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`--${option} must be a whole number from ${least} to ${most}, not '${text}'`);
}
