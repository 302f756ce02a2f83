import { expect } from 'chai';
import { Engine } from '../../src/index.ts';
import { Assembler, CodeHolder, JitRuntime } from '../../src/jit/index.ts';
import { JitAllocator } from '../../src/mem/index.ts';
import { eachBackend } from './each-backend.ts';

/** An array whose elements differ from one look to the next. */
function fickle(...answers: string[][]): readonly string[] {
  let reads = 0;
  const list = ['', ''];
  for (const index of list.keys()) {
    const get = () => answers[Math.min(reads++ >> 1, answers.length - 1)]?.[index];
    Object.defineProperty(list, index, { get });
  }
  return list;
}

describe('what a caller passed', () => {
  eachBackend((createEngine) => {
    const a = [10, 20];
    const b = [1, 2];

    it('as parameters may change afterwards', () => {
      const engine = createEngine({ cache: 10 });
      const workspace = engine.workspace();
      workspace.run('let k = 1');
      const names = ['a', 'b'];
      const f = engine.compile('a - b', names);
      const isLarger = engine.compilePredicate('a - b > 5', names);
      const kernel = engine.kernel({ outputs: { d: 'a - b' } }, names);
      const live = workspace.compile('(a - b) * k', names);
      names.reverse();
      names.push('c');
      workspace.run('let k = 2');
      expect(f(10, 1)).to.equal(9);
      expect(isLarger(10, 1)).to.equal(true);
      expect(live(10, 1)).to.equal(18);
      for (const map of [f.map({ a, b } as never), kernel.map({ a, b } as never).d]) {
        expect(map).to.deep.equal(Float64Array.of(9, 18));
      }
      expect(f.reduce('sum', { a, b } as never)).to.equal(27);
      expect(live.map({ a, b } as never)).to.deep.equal(Float64Array.of(18, 36));
      expect(f.code?.listing() ?? '').to.equal(engine.compile('a - b', ['a', 'b']).code?.listing() ?? '');
      for (const { parameters } of [f, kernel, live]) expect(parameters).to.deep.equal(['a', 'b']);
    });

    it('as parameters is read once', () => {
      const engine = createEngine({ cache: 10 });
      const f = engine.compile('a - b', fickle(['a', 'b'], ['b', 'a'], ['x', 'y']));
      expect(f(10, 1)).to.equal(9);
      expect(f.map({ a, b } as never)).to.deep.equal(Float64Array.of(9, 18));
      const kernel = engine.kernel({ outputs: { d: 'a - b' } }, fickle(['a', 'b'], ['b', 'a']));
      expect(kernel.map({ a, b } as never).d).to.deep.equal(Float64Array.of(9, 18));
    });

    it('as parameters must be names, none left out', () => {
      const engine = createEngine();
      const wrong: readonly [given: unknown, error: typeof TypeError | typeof RangeError, message: string][] =
        [
          ['ab', TypeError, 'parameters must be an array of names, not "ab"'],
          [new Set(['a']), TypeError, 'parameters must be an array'],
          [{ 0: 'a', length: 1 }, TypeError, 'parameters must be an array'],
          [['a', 5], TypeError, 'parameters[1] must be a name'],
          [['a', { toString: () => 'b' }], TypeError, 'parameters[1] must be a name'],
          [['a', undefined], TypeError, 'parameters[1] must be a name'],
          [new Array(2), TypeError, 'parameters[0] must be a name'],
          [new Array(2 ** 32 - 1), RangeError, 'parameters must be at most'],
        ];
      for (const [given, error, message] of wrong) {
        const names = given as string[];
        expect(() => engine.compile('1', names)).to.throw(error, message);
        expect(() => engine.compilePredicate('1', names)).to.throw(error, message);
        expect(() => engine.kernel({ outputs: { x: '1' } }, names)).to.throw(error, message);
        expect(() => engine.explain('1', names)).to.throw(error, message);
        expect(() => engine.workspace().compile('1', names)).to.throw(error, message);
        expect(() => engine.workspace().explain('1', names)).to.throw(error, message);
      }
      Object.defineProperty(Array.prototype, 1, { value: 'b', configurable: true, writable: true });
      try {
        const names = ['a'];
        names.length = 2;
        expect(() => engine.compile('a', names)).to.throw(TypeError, 'parameters[1] must be a name');
      } finally {
        Reflect.deleteProperty(Array.prototype, 1);
      }
    });

    it('as a source must be a string', () => {
      const workspace = createEngine().workspace();
      const source = { toString: () => '1', length: 1 } as unknown as string;
      for (const call of [
        () => workspace.run(source),
        () => workspace.define(source),
        () => workspace.evaluate(source),
        () => workspace.compile(source, []),
        () => workspace.explain(source),
      ]) {
        expect(call).to.throw(TypeError, 'source must be a string, not an object');
      }
    });

    it('as options of an engine may change afterwards', () => {
      const constants: Record<string, number> = { k: 2 };
      const functions: Record<string, { arity: number; call: (x: number) => number }> = {
        h: { arity: 1, call: (x) => x + 1 },
      };
      const limits: Record<string, number> = { fuel: 1000, tokens: 20, length: 30 };
      const pools = [{ granularity: 64 }];
      const allocator = { pools };
      const options = { constants, functions, limits, allocator, fastMath: false, cache: 2 };
      const engine = createEngine(options);
      Object.assign(constants, { k: 3, extra: 4 });
      Object.assign(functions['h'] as object, { arity: 2, call: () => -1 });
      functions['g'] = { arity: 0, call: () => 1 };
      Object.assign(limits, { fuel: 1, tokens: 1, length: 1 });
      Object.assign(pools[0] as object, { granularity: 4096 });
      pools.push({ granularity: 16 });
      Object.assign(options, { fastMath: true, cache: 9, constants: {}, functions: {} });
      expect(engine.compile('h(x) * k', ['x'])(1)).to.equal(4);
      expect(engine.compile('sum(i, 1, 9, i)', [])()).to.equal(45);
      expect(() => engine.compile('extra', [])).to.throw('extra');
      expect(() => engine.compile('g()', [])).to.throw('g');
      expect(() => engine.compile(`1${' + 1'.repeat(9)}`, [])).to.throw('at most');
      expect(engine.statistics().cache.capacity).to.equal(2);
      const { backend } = engine.statistics();
      expect(engine.memory().pools).to.deep.equal(backend === 'native' ? [{ granularity: 64 }] : []);
    });

    it('as a definition of a kernel may change afterwards', () => {
      const outputs: Record<string, string> = { sum: 'a + b' };
      const kernel = createEngine().kernel({ outputs }, ['a', 'b']);
      outputs['sum'] = 'a - b';
      outputs['more'] = '1';
      expect(kernel.map({ a, b })).to.deep.equal({ sum: Float64Array.of(11, 22) });
    });

    it('and what it gets back is not what is used', () => {
      const engine = createEngine();
      const f = engine.compile('a - b', ['a', 'b']);
      const kernel = engine.kernel({ outputs: { d: 'a - b' } }, ['a', 'b']);
      for (const list of [f.parameters, kernel.parameters, kernel.outputs, engine.memory().pools]) {
        try {
          (list as unknown[]).reverse();
          (list as unknown[]).push('c');
        } catch {}
      }
      expect(f.map({ a, b })).to.deep.equal(Float64Array.of(9, 18));
      expect(kernel.map({ a, b }).d).to.deep.equal(Float64Array.of(9, 18));
      expect(f.parameters).to.deep.equal(['a', 'b']);
      expect(engine.memory().pools).to.have.length.at.most(1);
    });
  });

  it('as bytes is copied, as many as there really are', () => {
    const lies = (length: number) =>
      Object.defineProperty(Uint8Array.of(0xc3, 0x90), 'length', { value: length });
    for (const claimed of [0, 1, 100, 2 ** 32]) {
      const code = new CodeHolder();
      const a = new Assembler(code);
      a.embed(lies(claimed));
      expect(code.codeSize).to.equal(2);
      expect(() => code.constant(lies(claimed))).to.throw(RangeError, 'not 2');
      code.text.append(lies(claimed));
      expect([...code.relocate(0 as never)]).to.deep.equal([0xc3, 0x90, 0xc3, 0x90]);

      using allocator = new JitAllocator();
      const span = allocator.alloc(64);
      allocator.write(span, (w) => {
        expect(w.bytes(lies(claimed)).offset).to.equal(2);
        expect(w.patch(0, lies(claimed)).offset).to.equal(2);
        expect(() => w.patch(1, lies(claimed))).to.throw(RangeError);
      });
    }
    const bytes = Uint8Array.of(0xc3);
    const code = new CodeHolder();
    new Assembler(code).embed(bytes);
    bytes[0] = 0;
    expect([...code.relocate(0 as never)]).to.deep.equal([0xc3]);
    for (const fake of [[0xc3], Object.create(Uint8Array.prototype), '\xc3', null]) {
      expect(() => new Assembler(new CodeHolder()).embed(fake)).to.throw(
        TypeError,
        'bytes must be a Uint8Array',
      );
      expect(() => new CodeHolder().constant(fake)).to.throw(TypeError, 'bytes must be a Uint8Array');
    }
  });

  it('as parameters of an allocator is read once', () => {
    const params = () => {
      const reads = { granularity: 0, blockSize: 0 };
      return {
        reads,
        given: {
          get granularity() {
            return reads.granularity++ === 0 ? 64 : 3;
          },
          get blockSize() {
            return reads.blockSize++ === 0 ? 65536 : 1;
          },
        },
      };
    };
    const once = { granularity: 1, blockSize: 1 };
    const ofRuntime = params();
    using runtime = new JitRuntime(ofRuntime.given);
    expect(ofRuntime.reads).to.deep.equal(once);
    expect(runtime.allocator.granularity).to.equal(64);
    const ofAllocator = params();
    expect(new JitAllocator(ofAllocator.given).granularity).to.equal(64);
    expect(ofAllocator.reads).to.deep.equal(once);
    const ofEngine = params();
    using engine = new Engine({ allocator: ofEngine.given, backend: 'native' });
    expect(engine.memory().pools).to.deep.equal([{ granularity: 64 }]);
    expect(ofEngine.reads).to.deep.equal(once);
  });

  it('as a name must be a string', () => {
    const name = { toString: () => 'f' } as unknown as string;
    expect(() => new CodeHolder().newLabel(name)).to.throw(TypeError, 'the name of a label must be a string');
    const code = new CodeHolder();
    new Assembler(code).ret();
    using runtime = new JitRuntime();
    expect(() => runtime.add(code, name)).to.throw(TypeError, 'name must be a string');
  });
});
