import { readdirSync } from 'node:fs';
// On Windows too: what is typed has these separators.
import { basename, dirname, join } from 'node:path/posix';
import { vocabulary } from '../../index.ts';
import type { Completion } from './editor/line-editor.ts';
import { promptCommands } from './prompt-commands.ts';
import type { ArgumentKind } from './repl-command.ts';
import { findCommand, replCommands } from './repl-commands.ts';
import type { Session } from './session.ts';
import { signNames } from './typed-symbols.ts';

interface Candidate {
  /** What is inserted where it is the only one. */
  readonly text: string;
  /** What is listed beside others. */
  readonly shown: string;
}

/** Completes commands, names of functions and values, and file names; behind `f(` it shows what `f` takes. */
export function complete(line: string, session: Session): Completion {
  const command = /^\s*(\.\w*)$/.exec(line)?.[1];
  if (command !== undefined) return offer(commandCandidates(), command);
  const [, name, argument] = /^\s*(\.\w+)\s+(.*)$/s.exec(line) ?? [];
  return completeArgument(name && findCommand(name)?.argument, argument ?? line, session);
}

function completeArgument(kind: ArgumentKind | undefined | '', text: string, session: Session): Completion {
  if (kind === 'files') return offer(fileCandidates(text), text);
  if (kind === 'topics' && text.startsWith('.')) return offer(commandCandidates(), text);
  const sign = /\\(?:\w*|\^[\d+-]?)$/.exec(text)?.[0];
  if (sign !== undefined) return completeSign(sign);
  const [word = ''] = /[\p{L}_][\p{L}\p{M}\p{N}_]*$/u.exec(text) ?? [];
  if (word !== '') return offer(nameCandidates(session), word);
  const callee = /([\p{L}_][\p{L}\p{M}\p{N}_]*)\($/u.exec(text)?.[1];
  return callee === undefined ? [[], ''] : [signature(callee, session), ''];
}

/** `\pi` becomes π; a beginning of such a name, the name. */
function completeSign(name: string): Completion {
  const whole = signNames.get(name);
  if (whole !== undefined) return [[whole], name];
  const names = [...signNames].filter(([candidate]) => candidate.startsWith(name));
  return offer(
    names.map(([text, sign]) => ({ text, shown: `${text} ${sign}` })),
    name,
  );
}

function offer(candidates: readonly Candidate[], word: string): Completion {
  const fitting = candidates.filter(({ text }) => text.startsWith(word));
  const [only] = fitting;
  if (fitting.length === 1 && only !== undefined) return [[only.text], word];
  return [fitting.map(({ shown }) => shown).sort(), word];
}

function commandCandidates(): Candidate[] {
  return [...replCommands, ...promptCommands].map(({ name, usage }) => ({
    text: usage === '' ? name : `${name} `,
    shown: `${name} ${usage}`.trimEnd(),
  }));
}

function nameCandidates(session: Session): Candidate[] {
  const { functions, constants, keywords } = vocabulary();
  const own = session.definitions;
  const callables = [...own.filter(({ kind }) => kind === 'function'), ...functions].map(
    ({ name, parameters }) => ({ text: `${name}(`, shown: `${name}(${parameters.join(', ')})` }),
  );
  const answer = session.answer === undefined ? [] : [{ name: 'ans' }];
  const values = [...own.filter(({ kind }) => kind === 'let'), ...answer, ...constants].map(
    ({ name }) => name,
  );
  return [...callables, ...[...values, ...keywords].map((text) => ({ text, shown: text }))];
}

/** Two lines that have no beginning in common, so that readline lists them and inserts nothing. */
function signature(name: string, session: Session): string[] {
  const own = session.definitions.find((definition) => definition.name === name);
  if (own?.kind === 'function') {
    const body = own.source.slice(own.source.indexOf('=')).replace(/\s+/g, ' ');
    return [`${name}(${own.parameters.join(', ')})`, body];
  }
  const builtin = vocabulary().functions.find((candidate) => candidate.name === name);
  if (builtin === undefined) return [];
  return [`${name}(${builtin.parameters.join(', ')})`, `— ${builtin.summary}`];
}

function fileCandidates(text: string): Candidate[] {
  const folder = text.endsWith('/') ? text : dirname(text);
  const prefix = text.endsWith('/') || !text.includes('/') ? text : join(dirname(text), basename(text));
  try {
    return readdirSync(folder, { withFileTypes: true })
      .map((entry) => {
        const path = text.includes('/') ? join(folder, entry.name) : entry.name;
        return entry.isDirectory() ? `${path}/` : path;
      })
      .filter((path) => path.startsWith(prefix))
      .map((path) => ({ text: path, shown: path }));
  } catch {
    // A folder that cannot be read has nothing to offer.
    return [];
  }
}
