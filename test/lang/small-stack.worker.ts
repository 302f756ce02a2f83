/** Compiles the deepest sources that the nesting limit admits; posts what went wrong, which should be nothing. */
import { parentPort } from 'node:worker_threads';
import { fromJSON, toJSON } from '../../src/lang/ast-json.ts';
import { printProgram } from '../../src/lang/ast-printer.ts';
import { check } from '../../src/lang/checker.ts';
import { lower } from '../../src/lang/lower.ts';
import { parse } from '../../src/lang/parser.ts';

const wrappings: readonly (readonly [before: string, after: string, levels: number])[] = [
  ['(', ')', 256],
  ['sin(', ')', 255],
  ['{', '}', 255],
  ['-', '', 255],
  ['2^', '', 255],
  ['not ', '', 255],
  ['a ? b : ', '', 255],
  ['a ? ', ' : b', 255],
  ['if a then ', ' else b', 255],
  ['if ', ' then a else b', 255],
  ['{ let q = ', '; q }', 255],
  ['sum(i, 1, 2, ', ')', 255],
  ['1 + (', ')', 255],
  ['1 || 1 && !(1 < 1 + 1 * -1^(', '))', 31],
  ['max(a, b ? c : ', ')', 127],
  ['{ let q = if a then max(1, -(1 + 2 * ', ')) else 3; q }', 40],
];

const problems: string[] = [];
for (const [before, after, levels] of wrappings) {
  const source = `${before.repeat(levels)}x${after.repeat(levels)}`;
  try {
    const program = parse(source);
    lower(check(program));
    const copy = fromJSON(JSON.parse(JSON.stringify(toJSON(program))));
    if (printProgram(copy) !== printProgram(program)) problems.push(`${before}: printed otherwise`);
  } catch (error) {
    problems.push(`${before}: ${String(error)}`);
  }
}
parentPort?.postMessage(problems);
