/** The package from a CommonJS module. Prints what it computed, as JSON. */
const { compile } = require('exprjit');
const { CodeHolder } = require('exprjit/jit');
const { JitAllocator } = require('exprjit/mem');
const { version } = require('exprjit/package.json');

const allocator = new JitAllocator();
allocator.release(allocator.alloc(100).rx);
console.log(
  JSON.stringify({ value: compile('x + 1', ['x'])(1), holder: new CodeHolder().codeSize, version }),
);
