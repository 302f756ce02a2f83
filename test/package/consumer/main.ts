/** What users may write in TypeScript, with what must not compile among it. Prints what it computed, as JSON. */
import {
  analyze,
  type CompiledFunction,
  CompileError,
  compile,
  Engine,
  type Expression,
  parse,
  TrapError,
} from 'exprjit';
import { Assembler, CodeHolder, JitRuntime, k1, ptr, rax, xmm0, xmm1, xmm2, ymm1 } from 'exprjit/jit';
import { JitAllocator, JitAllocatorOptions, type Span, VirtMem } from 'exprjit/mem';

const f = compile('x^2 + 2*y', ['x', 'y']);
const typed: (x: number, y: number) => number = f;
const result: number = typed(3, f(1, 2));
// @ts-expect-error one argument is too much
f(1, 2, 3);
const free: CompiledFunction = compile('x + y');
const many: number = free(1, 2, 3);

/** Names in an expression, by its kinds. */
const namesIn = (node: Expression): readonly string[] =>
  node.kind === 'name' ? [node.name] : node.kind === 'sum' ? node.operands.flatMap(namesIn) : [];
const tree = parse('p + q');
const taken = [tree.result && namesIn(tree.result), analyze(tree).freeNames.map(({ name }) => name)];

const engine = new Engine({
  functions: { h: (x) => x, most: { arity: 2, call: (...xs) => Math.max(...xs) } },
  constants: { k: 1 },
  limits: { fuel: 10 },
  cache: 5,
});
const yes: boolean = engine.compilePredicate('a > b', ['a', 'b'])(2, 1);
const names: readonly string[] = ['p', 'q'];
const g: (...args: number[]) => number = engine.compile('p + q', names);
/** Mnemonics of each table, written out and of families. */
export function assemble(a: Assembler): void {
  a.mov(rax, ptr(rax));
  a.jne(a.code.newLabel());
  a.movupd(xmm0, ptr(rax));
  a.paddd(xmm0, xmm1);
  a.vpshufd(ymm1, ymm1, 3);
  a.vfmadd231pd(ymm1, ymm1, ptr(rax));
  a.vgatherdpd(xmm0, ptr(rax, xmm1, 8), xmm2);
  a.k(k1).vgatherdpd(xmm0, ptr(rax, xmm1, 8));
  a.lock().xadd(ptr(rax), rax);
  a.rep().movsb();
}
const mistakes = [
  // @ts-expect-error a general register where a vector register is due
  (a: Assembler) => a.paddd(xmm0, rax),
  // @ts-expect-error too few operands
  (a: Assembler) => a.vfmadd231pd(ymm1, ymm1),
  // @ts-expect-error no such instruction
  (a: Assembler) => a.vaddqq(xmm0, xmm0, xmm0),
  // @ts-expect-error one argument is missing
  () => f(1),
  // @ts-expect-error not a number
  () => f(1, 'a'),
  // @ts-expect-error a promise is no number
  () => new Engine({ functions: { h: async (x) => x } }),
  // @ts-expect-error no such option
  () => new Engine({ cach: 5 }),
  // @ts-expect-error no such backend
  () => new Engine({ backend: 'webassembly' }),
];
const value: number | boolean = engine.workspace().evaluate('1 + 1');
try {
  g(1, 2);
} catch (error) {
  if (error instanceof CompileError) console.log(error.render(), error.line, error.code);
  if (error instanceof TrapError) console.log(error.functionName);
}

const holder = new CodeHolder();
const a = new Assembler(holder);
a.bind(holder.newLabel('add'));
a.addsd(xmm0, xmm1);
a.ret();
const runtime = new JitRuntime();
const sum: number = runtime.callable(runtime.add(holder), 'add', 2)(1, 2);

const allocator = new JitAllocator({ options: JitAllocatorOptions.UseDualMapping });
const span: Span = allocator.alloc(100);
allocator.release(span.rx);
const pageSize = VirtMem.info().pageSize > 0;
console.log(JSON.stringify({ mistakes: mistakes.length, result, many, yes, value, sum, pageSize, taken }));
