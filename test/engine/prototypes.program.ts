/**
 * A bit of everything that the package does, under prototypes that somebody has changed: `node … KIND WHEN`, where the
 * kind is none of `pollutions` for none, and they are changed `before` or `after` the package is loaded. Prints a
 * result a line, and last the reads of shared prototypes that the package made.
 */
// Node.js finds the names that a CommonJS module exports by properties of plain objects.
import 'fastest-levenshtein';
import { everySwitch } from '../support/every-switch.ts';
import { type Pollution, pollute, pollutions, reads } from '../support/prototypes.ts';

const [, , kind, when] = process.argv;
const change = () => {
  const known = pollutions.find((each) => each === kind);
  if (known !== undefined) pollute(known satisfies Pollution, true);
};

if (when === 'before') change();
const { compile, Engine, featureLevels } = await import('../../src/index.ts');
const { Assembler, CodeHolder, JitRuntime, xmm } = await import('../../src/jit/index.ts');
const { JitAllocator } = await import('../../src/mem/index.ts');
const { fromJSON, toJSON } = await import('../../src/lang/ast-json.ts');
const { parse } = await import('../../src/lang/parser.ts');
if (when !== 'before') change();

/** What callers give may inherit: this does not. */
function alone<Options extends object>(options: Options): Options {
  return Object.assign(Object.create(null), options);
}

const lines: string[] = [];
function say(what: string, value: () => unknown): void {
  let text: string;
  try {
    const result = value();
    text = ArrayBuffer.isView(result) ? (result as Float64Array).join(' ') : String(result);
  } catch (error) {
    text = `${(error as Error).name}: ${(error as Error).message}`;
  }
  lines.push(`${what}: ${text}`);
}

const x = Float64Array.from({ length: 40 }, (_, i) => i - 7.5);
const y = Int16Array.from({ length: 40 }, (_, i) => i * 3 - 50);
const formulas = [
  'x * y + 3.25',
  'let a = x * 2.5; let b = y * a; a > b ? a - 0.125 : b + 77.5',
  'f(n) = n < 2 ? 1 : n * f(n - 1); f(5) + x',
  'even(n) = n == 0 ? 1 : odd(n - 1); odd(n) = n == 0 ? 0 : even(n - 1); even(floor(abs(x))) + y',
  'sum(i, 1, 10, (i * x + y) % 7) + prod(k, 1, 3, k + 0.5)',
  'sum(i, 1, 3, sum(j, 1, i, i * j * 2.5 + x))',
  'hypot(x, y, 3) + max(x, y, 1, 2) - min(x, 9.75)',
  '{ let p = sin(x); let q = cos(y); p * q + p - q } && x > 1 || y < 0.5',
  'if x > 0 then (if y > 0 then 1.5 else 2.5) else (if y > x then 3.5 else 4.5)',
  'clz32(x * 1000) + bitand(y, 255) + shl(1, 3) + log(abs(x) + 1)',
];
const dialect = alone(everySwitch);
const inDialect = new Engine(alone({ dialect, prelude: 'Twice(v) = 2v' }));
for (const formula of [
  '2X! + twice(y)',
  'x & 6 | ~Y << 1',
  '0 < x + 1 < 50 div 2',
  'F(v) = 2v v; F(x) = y',
  'x xor 30%',
]) {
  say(formula, () => inDialect.compile(formula, ['x', 'y'])(3.5, -2));
  say(`map ${formula}`, () => inDialect.compile(formula, ['x', 'y']).map({ x, y }));
}
say('2x in the language', () => new Engine().compile('2x', ['x']));
for (const backend of ['native', 'wasm', 'interpreter'] as const) {
  for (const options of [{ backend }, { backend, fastMath: true, cache: 4 }]) {
    const engine = new Engine(options);
    for (const formula of formulas) {
      say(formula, () => engine.compile(formula, ['x', 'y'])(3.5, -2));
      say(`map ${formula}`, () => engine.compile(formula, ['x', 'y']).map({ x, y }));
      say(`reduce ${formula}`, () => engine.compile(formula, ['x', 'y']).reduce('sum', { x, y }));
      say(`count ${formula}`, () => engine.compilePredicate(formula, ['x', 'y']).reduce('count', { x, y }));
    }
    say('uniform', () => engine.compile('x * y').map({ x, y: 3 }, alone({ type: 'f32' as const })));
    say('index', () => engine.compile('x + index + length').map({ x }));
    say('select', () => engine.compile('x > 3').select({ x }));
    say('filter', () => engine.compile('x > 3').filter({ x }, 'x'));
    say('missing', () => engine.compile('x * k').map({ x } as never));
    say('unknown', () => engine.compile('x * 2').map({ x, z: 1 } as never));
    const kernel = engine.kernel({ outputs: { r: 'sqrt(x*x + y*y)', a: 'x > y' } });
    say('kernel r', () => kernel.map({ x, y }).r);
    say('kernel a', () => kernel.map({ x, y }, alone({ type: { a: 'mask' } as const })).a);
    const module = engine.module('let k = 3; f(x) = k * x; g(x, y) = f(x) + f(y)');
    say('module', () => module.functions['g']?.(1, 2));
    const workspace = engine.workspace();
    say('workspace', () => workspace.run('let t = 4; h(x) = x * t; h(2)').value);
    const live = workspace.compile('h(x) + t', ['x']);
    say('live', () => live(1));
    workspace.run('let t = 5');
    say('live again', () => live(1));
    say('too large', () => new Engine({ backend, limits: { nodes: 3 } }).compile('1 + 2 + 3 + 4'));
    say('fuel', () => new Engine({ backend, limits: { fuel: 10 } }).compile('sum(i, 1, 1e6, i)')());
    say('host', () => new Engine({ backend, functions: { h: (v) => v * 2 } }).compile('h(x) + 1')(4));
    say('constant', () => new Engine({ backend, constants: { c: 9 } }).compile('c * 2')());
    engine.dispose();
  }
}
for (const source of [
  'x +',
  '1 2',
  '(x',
  'f(',
  'x $ 2',
  '2x',
  'foo(1)',
  'x = 2',
  'sin(1, 2)',
  'a < b < c',
  ')',
]) {
  say(`refused ${source}`, () => compile(source));
}
const engine = new Engine();
// Addresses of libraries differ from run to run, so nothing that calls one.
const plain = formulas.filter((each) => !/[%^]|hypot|sin/.test(each)).slice(0, 6);
for (const cpu of featureLevels) {
  for (const formula of plain) {
    say(`code ${cpu} ${formula}`, () => engine.explain(formula, ['x', 'y'], { cpu }).code?.listing);
  }
}
for (const formula of plain) {
  say(`ir ${formula}`, () =>
    engine
      .explain(formula)
      .ir.map(({ pass, text }) => `${pass} ${text}`)
      .join('\n'),
  );
}
say('json', () => fromJSON(toJSON(parse('f(x) = x + 1; let a = f(2); a * 3'))).source.text);

const runtime = new JitRuntime();
const code = new CodeHolder();
const assembler = new Assembler(code);
assembler.bind(code.newLabel('add'));
assembler.addsd(xmm[0] as never, xmm[1] as never);
assembler.ret();
say('assembler', () => runtime.callable(runtime.add(code), 'add', 2)(1.5, 2));
say('no form', () => assembler.addsd(xmm[0] as never, 3 as never));
const allocator = new JitAllocator();
const spans = Array.from({ length: 50 }, (_, i) => allocator.alloc(64 + i * 32));
spans.forEach((span, i) => {
  if (i % 2 === 0) allocator.release(span.rx);
});
say('allocator', () => allocator.statistics().usedSize);
say('foreign', () => allocator.query(1024 as never));
for (const [i, span] of spans.entries()) if (i % 2 === 1) say('query', () => allocator.query(span.rx)?.size);

for (const line of lines) process.stdout.write(`${line.replaceAll('\n', '\\n')}\n`);
process.stdout.write(`reads: ${reads.join('; ') || 'none'}\n`);
