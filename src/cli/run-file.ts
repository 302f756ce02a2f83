import { readFileSync } from 'node:fs';
import { CommandFailure, type Terminal } from './command.ts';
import { readEvalArguments } from './eval-arguments.ts';
import { evaluateSource } from './evaluate-source.ts';
import { messageOf } from './format.ts';
import { utf8Text } from './utf8-text.ts';

/** `exprjit file.expr name=value…`: evaluates what is in the file. Gives the exit code. */
export function runFile(file: string, args: readonly string[], terminal: Terminal): number {
  return evaluateSource(readEvalArguments([readSource(file), ...args]), terminal, file);
}

function readSource(file: string): string {
  const text = utf8Text(readBytes(file));
  if (text === undefined) throw new CommandFailure(`${file} is no UTF-8 text`);
  return text;
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const message = messageOf(error);
    throw new CommandFailure(message.startsWith(file) ? message : `${file}: ${message}`);
  }
}
