/** Runs a program, `main.ts program.lox`, or what is typed. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Engine } from 'exprjit';
import { TrapError } from 'exprjit/ir';
import { Session } from './session.ts';

using engine = new Engine();
using session = new Session({ compile: { engine } });
const [file] = process.argv.slice(2);
if (file === undefined) await repl();
else session.run(readFileSync(file, 'utf8'));

async function repl(): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: '> ' });
  let text = '';
  lines.prompt();
  for await (const line of lines) {
    if (line === '.code') console.log(`compiled: ${session.compiled.join(', ')}`);
    else text = evaluate(`${text}${line}\n`);
    lines.setPrompt(text === '' ? '> ' : '… ');
    lines.prompt();
  }
}

/** Gives what has to be finished on the next line. What ends in neither `;` nor `}` is an expression to print. */
function evaluate(text: string): string {
  if (text.split('{').length > text.split('}').length) return text;
  try {
    session.run(/^\s*$|[;}]\s*$/.test(text) ? text : `print ${text.trim()};`);
  } catch (error) {
    if (![SyntaxError, RangeError, TrapError].some((kind) => error instanceof kind)) throw error;
    console.log((error as Error).message);
  }
  return '';
}
