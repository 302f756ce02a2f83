import { readFileSync } from 'node:fs';
import { CommandFailure, type Terminal } from './command.ts';
import { readEvalArguments } from './eval-arguments.ts';
import { evaluateSource } from './evaluate-source.ts';
import { messageOf } from './format.ts';

/** `exprjit file.expr name=value…`: evaluates what is in the file. Gives the exit code. */
export function runFile(file: string, args: readonly string[], terminal: Terminal): number {
  return evaluateSource(readEvalArguments([readSource(file), ...args]), terminal, file);
}

function readSource(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    if (error instanceof TypeError) throw new CommandFailure(`${file} is no UTF-8 text`);
    const message = messageOf(error);
    throw new CommandFailure(message.startsWith(file) ? message : `${file}: ${message}`);
  }
}
