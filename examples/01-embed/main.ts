/** Compile a formula, call it, look at its code, give its memory back. */
import { CompileError, compile, Engine } from 'exprjit';

const hypotenuse = compile('sqrt(x^2 + y^2)', ['x', 'y']);
console.log(`hypotenuse(3, 4) = ${hypotenuse(3, 4)}`);
console.log(`${hypotenuse.code?.size ?? 0} bytes of machine code:`);
console.log(hypotenuse.code?.listing());
hypotenuse.release();

// With an engine of your own: names, limits, and memory that goes when the engine goes.
using engine = new Engine({
  constants: { gravity: 9.81 },
  functions: { wobble: (t) => Math.sin(t) / 10 },
  limits: { length: 1000, fuel: 1_000_000 },
});
using fall = engine.compile('gravity / 2 * t^2 + wobble(t)', ['t']);
console.log(`after 3 s: ${fall(3).toFixed(2)} m`);

// What users type may be wrong. They are told where and why.
try {
  engine.compile('gravitiy * t', ['t']);
} catch (error) {
  if (!(error instanceof CompileError)) throw error;
  console.log(error.render());
}
const { functionCount, memory } = engine.statistics();
console.log(`${functionCount} function alive, ${memory.usedSize} bytes in use`);
