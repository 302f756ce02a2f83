/** A compiler of its own on top of the IR: `exprjit/ir` without the language. */
import { Engine } from 'exprjit';
import { compileIr, printModule, ReleasedError } from 'exprjit/ir';
import { compileWords } from './compile-words.ts';

using engine = new Engine();

const module = compileWords(': squared dup * ;  squared swap squared + sqrt', 2);
console.log(printModule(module));

const code = compileIr(module, {
  engine,
  exports: { main: { parameters: ['f64', 'f64'], result: 'f64' } },
  // What profilers and listings call it.
  name: 'hypotenuse',
});
console.log(code.listing() ?? `no machine code, but ${code.backend}`);
const hypotenuse = code.functions.main;
console.log(`hypotenuse(3, 4) = ${hypotenuse(3, 4)}`);

{
  // Released at the end of the block.
  using other = compileIr(compileWords('dup if 1 swap / else drop 0 then', 1), {
    engine,
    exports: { main: { parameters: ['f64'], result: 'f64' } },
  });
  const reciprocal = other.functions.main;
  console.log(`reciprocal(8) = ${reciprocal(8)}, reciprocal(0) = ${reciprocal(0)}`);
}

try {
  compileWords('1 +', 0);
} catch (error) {
  if (!(error instanceof SyntaxError)) throw error;
  console.log(`no program: ${error.message}`);
}

const { functionCount, memory } = engine.statistics();
console.log(`${functionCount} function, ${memory.usedSize} bytes`);
code.release();
try {
  hypotenuse(3, 4);
} catch (error) {
  if (!(error instanceof ReleasedError)) throw error;
  console.log(`after the release: ${error.message}`);
}
