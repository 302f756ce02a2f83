/**
 * Runs a Brainfuck program: compiled to IR, and from there to machine code. Without a file it shows what it can do.
 *
 *     node --import=tsx examples/10-brainfuck/main.ts [program.bf] [--cells=30000] [--fuel=1e12] [--eof=0|255|unchanged]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Engine } from 'exprjit';
import { TrapError } from 'exprjit/ir';
import { compileBrainfuck } from './brainfuck.ts';
import { parseSteps } from './steps.ts';
import type { EndOfInput } from './to-ir.ts';
import { toJavaScript } from './to-javascript.ts';

const { values, positionals } = parseArgs({
  options: {
    cells: { type: 'string', default: '30000' },
    fuel: { type: 'string', default: '1e12' },
    eof: { type: 'string', default: '0' },
  },
  allowPositionals: true,
});
const [file] = positionals;
if (file === undefined) demonstrate();
else runFile(file);

function runFile(path: string): void {
  const endOfInput =
    new Map<string, EndOfInput>([
      ['255', 255],
      ['unchanged', 'unchanged'],
    ]).get(values.eof) ?? 0;
  using engine = new Engine({ limits: { fuel: Number(values.fuel) } });
  const options = { engine, cells: Number(values.cells), endOfInput };
  using program = compileBrainfuck(readFileSync(path, 'latin1'), options);
  const input = process.stdin.isTTY ? '' : readFileSync(0);
  let at = 0;
  const output: number[] = [];
  const flush = () => process.stdout.write(Uint8Array.from(output.splice(0)));
  const write = (byte: number) => {
    output.push(byte);
    if (byte === 10) flush();
  };
  try {
    program.run(write, () => Number(input[at++] ?? -1));
  } finally {
    flush();
  }
}

function demonstrate(): void {
  const source = readFileSync(new URL('programs/primes.bf', import.meta.url), 'latin1');
  using program = compileBrainfuck(source);
  const translated = toJavaScript(parseSteps(source));
  const text = { compiled: '', translated: '' };
  const compiled = time(() => program.run((byte) => (text.compiled += String.fromCharCode(byte))));
  const javaScript = time(() =>
    translated(
      new Uint8Array(30_000),
      (byte) => (text.translated += String.fromCharCode(byte)),
      () => -1,
    ),
  );
  console.log(text.compiled.trim());
  console.log(`the same as JavaScript: ${text.compiled === text.translated}`);
  console.log(`${(javaScript / compiled).toFixed(1)} times as fast as V8`);
  for (const wrong of ['+[]', '<+', '+]']) console.log(`${wrong} ${whatIsWrong(wrong)}`);
}

function whatIsWrong(source: string): string {
  try {
    using program = compileBrainfuck(source);
    program.run(() => {});
    return 'nothing';
  } catch (error) {
    if (error instanceof TrapError) return `${error.code}: ${error.message}`;
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
}

/** The shortest of some runs, in milliseconds. */
function time(run: () => void): number {
  const times = [1, 2, 3, 4, 5].map(() => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return Math.min(...times);
}
