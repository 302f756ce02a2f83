/** A compiler of its own on top of the memory system and the assembler: `exprjit/jit` and `exprjit/mem` without the language. */
import {
  Assembler,
  CodeHolder,
  formatListing,
  JitRuntime,
  type LoggedInstruction,
  ReleasedError,
} from 'exprjit/jit';
import { JitAllocatorOptions } from 'exprjit/mem';
import { compileWords } from './compile-words.ts';

using runtime = new JitRuntime({
  // Mapped twice, so that no page is writable and executable at once; unmapped as soon as it is empty.
  options: JitAllocatorOptions.UseDualMapping | JitAllocatorOptions.ImmediateRelease,
});

const holder = new CodeHolder();
const log: LoggedInstruction[] = [];
compileWords(': squared dup * ;  squared swap squared + sqrt', 2, new Assembler(holder, { log }));
console.log(formatListing(holder, log));

// From now on the code has an address; the second argument is its name in profilers.
const code = runtime.add(holder, 'hypotenuse');
const hypotenuse = runtime.callable(code, 'main', 2);
console.log(`hypotenuse(3, 4) = ${hypotenuse(3, 4)}`);

// The same CodeHolder again: it keeps its buffers, so a compiler that reuses one allocates next to nothing.
holder.reset();
compileWords('dup if 1 swap / else drop 0 then', 1, new Assembler(holder));
const reciprocal = runtime.callable(runtime.add(holder, 'reciprocal'), 'main', 1);
console.log(`reciprocal(8) = ${reciprocal(8)}, reciprocal(0) = ${reciprocal(0)}`);

try {
  holder.reset();
  compileWords('1 +', 0, new Assembler(holder));
} catch (error) {
  if (!(error instanceof SyntaxError)) throw error;
  console.log(`no program: ${error.message}`);
}

const { codeCount, usedSize, blockCount } = runtime.statistics();
console.log(
  `${codeCount} pieces of code (each function has a way in), ${usedSize} bytes, ${blockCount} block`,
);
runtime.release(code);
try {
  hypotenuse(3, 4);
} catch (error) {
  if (!(error instanceof ReleasedError)) throw error;
  console.log(`after the release: ${error.message}`);
}
