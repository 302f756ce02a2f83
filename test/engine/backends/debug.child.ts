/**
 * Compiles and runs a little, in a process whose environment or console is as the argument says. Prints
 * results.
 */
const [way = ''] = process.argv.slice(2);

const refuse = (): never => {
  throw new Error('refused');
};
const changes: Readonly<Record<string, () => void>> = {
  // Node itself has to find its own variables.
  hostile() {
    const guard = (env: object, name: string | symbol) =>
      String(name).startsWith('EXPRJIT_') ? refuse() : Reflect.getOwnPropertyDescriptor(env, name);
    const value = new Proxy({ ...process.env }, { getOwnPropertyDescriptor: guard });
    Object.defineProperty(process, 'env', { value });
  },
  // Nobody asked for anything: what all objects have is no variable, and what is no text says nothing.
  inherited() {
    Object.defineProperty(process, 'env', { value: {} });
    Object.defineProperty(Object.prototype, 'EXPRJIT_DEBUG', { value: 'all', configurable: true });
  },
  object: () =>
    Object.defineProperty(process, 'env', { value: { EXPRJIT_DEBUG: { toString: () => 'all' } } }),
  mute() {
    console.error = refuse;
  },
};

if (Object.hasOwn(changes, way)) changes[way]?.();
const { Engine } = await import('../../../src/index.ts');
if (way === 'frozen') {
  const { pollute } = await import('../../support/prototypes.ts');
  pollute('frozen');
}

const engine = new Engine({ functions: { noise: (x) => x } });
const f = engine.compile('x*y + 2*3', ['x', 'y']);
const g = engine.compile('sum(i, 1, 2, noise(i*x))', ['x']);
const kernel = engine.kernel({ outputs: { a: 'x + 1', b: 'x + 2*4' } }, ['x']);
const results = [
  f(2, 3),
  f.map({ x: [1, 2], y: [3, 4] }),
  g(1),
  g.map({ x: new Int32Array([1, 2]) }),
  kernel.map({ x: [1] }).b,
].map(String);
console.log(results.join(' '));
