/** What `compile.bench.ts` runs in a process of its own: a thousand sources after the first; prints milliseconds. */
import { Engine } from 'exprjit';
import { compile as compileWithMathjs } from 'mathjs';
import { ofAnotherShape, withOtherConstants } from './compile.sources.ts';

const [way, kind] = process.argv.slice(2);
const sourceOf = kind === 'constants' ? withOtherConstants : ofAnotherShape;
const engine = new Engine({ backend: 'native' });
let sink = 0;

function compileOne(source: string): void {
  if (way === 'mathjs') {
    sink += Object.keys(compileWithMathjs(source)).length;
    return;
  }
  const f = engine.compile(source, ['x', 'y', 'z']);
  sink += f(0.5, 1.5, 2.5);
  f.release();
}

compileOne('x + y + z');
const start = performance.now();
for (let index = 0; index < 1000; index++) compileOne(sourceOf(index));
console.log(performance.now() - start);
if (Number.isNaN(sink)) throw new Error('the benchmark computed nonsense');
