import type { Screen } from '../plot/screen.ts';
import type { Palette } from '../style.ts';
import type { Session } from './session.ts';

/** What a command works with. */
export interface ReplContext {
  readonly session: Session;
  readonly palette: Palette;
  /** What plots can be made of. */
  readonly screen: Screen;
  /** Characters across. */
  readonly columns: number;
  /** Writes text and a newline. */
  print(text: string): void;
}

/** What completion offers for the first argument of a command. */
export type ArgumentKind = 'names' | 'files' | 'topics';

/** A text of which a line is a command, from `start` on. */
export interface CommandPlace {
  readonly text: string;
  readonly file?: string;
  readonly start: number;
}

/** Runs one line that starts with a dot, and tells what fails; false if something did. */
export type RunCommandLine = (line: string, place?: CommandPlace) => Promise<boolean>;

/** One command of the prompt: help, completion and documentation are made of this. */
export interface ReplCommand {
  /** With the dot. */
  readonly name: string;
  /** Arguments as help shows them; empty if there are none. */
  readonly usage: string;
  readonly summary: string;
  readonly example: string;
  readonly argument?: ArgumentKind;
  /** Throws {@link BadArgument} and what the session throws; the prompt goes on. `runLine` runs another command. */
  run(argument: string, context: ReplContext, runLine: RunCommandLine): void | Promise<void>;
}

/** The command of that name, with or without its dot. */
export function commandNamed(name: string, commands: readonly ReplCommand[]): ReplCommand | undefined {
  const dotted = name.startsWith('.') ? name : `.${name}`;
  return commands.find((command) => command.name === dotted);
}

/** A command that was not given what it needs; its usage is shown. */
export class BadArgument extends Error {
  override readonly name = 'BadArgument';
}

/** A part of what follows a command, without its quotes. */
export interface Word {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** Blank-separated words; what is in quotes stays together. */
export function wordsOf(argument: string): Word[] {
  return Array.from(argument.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g), ([, double, single, bare]) => ({
    text: double ?? single ?? bare ?? '',
    isQuoted: bare === undefined,
  }));
}

export function words(argument: string): string[] {
  return wordsOf(argument).map(({ text }) => text);
}
