import { expect } from 'chai';
import { analyze, Engine, fromJSON, inspectEngines, KernelError, parse } from '../../src/index.ts';
import { Assembler, CodeHolder, JitRuntime } from '../../src/jit/index.ts';
import { JitAllocator } from '../../src/mem/index.ts';
import { NativeUnavailableError } from '../../src/native/native-unavailable-error.ts';
import { eachBackend } from './each-backend.ts';

/** As JavaScript passes it, whatever the types say. */
const untyped = (value: unknown): never => value as never;

/** What is called, with a name that is misspelt, and what it should have been. */
const doors: readonly [what: string, call: (engine: Engine) => unknown, name: string, meant: string][] = [
  ['an engine', () => new Engine(untyped({ constnats: {} })), 'constnats', 'constants'],
  ['limits', () => new Engine({ limits: untyped({ feul: 10 }) }), 'feul', 'fuel'],
  ['allocator', () => new Engine({ allocator: untyped({ blokSize: 1 }) }), 'blokSize', 'blockSize'],
  ['a host function', () => new Engine({ functions: untyped({ f: { airty: 1 } }) }), 'airty', 'arity'],
  ['JitAllocator', () => new JitAllocator(untyped({ granulrity: 64 })), 'granulrity', 'granularity'],
  ['JitRuntime', () => new JitRuntime(untyped({ blokSize: 65536 })), 'blokSize', 'blockSize'],
  [
    'pools',
    () => new JitAllocator({ pools: untyped([{ granularity: 64 }, { granularty: 128 }]) }),
    'granularty',
    'granularity',
  ],
  ['Assembler', () => new Assembler(new CodeHolder(), untyped({ featurs: [] })), 'featurs', 'features'],
  ['map', (engine) => engine.compile('x').map({ x: [1] }, untyped({ typ: 'f32' })), 'typ', 'type'],
  [
    'map with an out',
    (engine) => engine.compile('x').map({ x: [1] }, untyped({ out: new Float64Array(1), tipe: 'f32' })),
    'tipe',
    'type',
  ],
  [
    'mapAsync',
    (engine) => engine.compile('x').mapAsync({ x: [1] }, untyped({ thread: 2 })),
    'thread',
    'threads',
  ],
  [
    'reduce',
    (engine) => engine.compile('x').reduce('sum', { x: [1] }, untyped({ lenght: 1 })),
    'lenght',
    'length',
  ],
  [
    'reduceAsync',
    (engine) => engine.compile('x').reduceAsync('sum', { x: [1] }, untyped({ signl: 1 })),
    'signl',
    'signal',
  ],
  ['select', (engine) => engine.compile('x').select({ x: [1] }, untyped({ lenth: 1 })), 'lenth', 'length'],
  ['a kernel', (engine) => engine.kernel(untyped({ output: { a: '1' } })), 'output', 'outputs'],
  [
    'map of a kernel',
    (engine) => engine.kernel({ outputs: { a: 'x' } }).map({ x: [1] }, untyped({ outt: {} })),
    'outt',
    'out',
  ],
  [
    'mapAsync of a kernel',
    (engine) => engine.kernel({ outputs: { a: 'x' } }).mapAsync({ x: [1] }, untyped({ onProgres: 1 })),
    'onProgres',
    'onProgress',
  ],
  ['explain', (engine) => engine.explain('x', ['x'], untyped({ fastMaht: true })), 'fastMaht', 'fastMath'],
  [
    'explain of a workspace',
    (engine) => engine.workspace().explain('x', ['x'], untyped({ cqu: 'sse2' })),
    'cqu',
    'cpu',
  ],
  ['parse', () => parse('x', untyped({ limts: {} })), 'limts', 'limits'],
  ['limits of fromJSON', () => fromJSON(null, { limits: untyped({ noodes: 1 }) }), 'noodes', 'nodes'],
  ['analyze', () => analyze('x', untyped({ functons: {} })), 'functons', 'functions'],
  ['inspect', (engine) => engine.inspect(untyped({ prt: 0 })), 'prt', 'port'],
  ['inspectEngines', () => inspectEngines(untyped({ prot: 0 })), 'prot', 'port'],
];

describe('names that are unknown', () => {
  eachBackend((createEngine) => {
    for (const [what, call, name, meant] of doors) {
      it(`are refused by ${what}`, async () => {
        let thrown: unknown;
        try {
          await call(createEngine());
        } catch (error) {
          if (error instanceof NativeUnavailableError) throw error;
          thrown = error;
        }
        expect(thrown).to.be.instanceOf(TypeError);
        expect((thrown as Error).message).to.match(
          new RegExp(`^unknown name '${name}' in .*; did you mean '${meant}'\\?$`),
        );
      });
    }

    it('are refused among columns and outputs, also with a suggestion', () => {
      const f = createEngine().compile('price * amount', ['price', 'amount']);
      expect(() => f.map({ price: [1], amount: [1], amonut: [1] } as never))
        .to.throw(KernelError, "did you mean 'amount'?")
        .with.property('code', 'E_UNKNOWN_COLUMN');
      expect(() => f.filter({ price: [1], amount: [1] }, 'pirce' as 'price')).to.throw(
        KernelError,
        "did you mean 'price'?",
      );
      const kernel = createEngine().kernel({ outputs: { total: 'x' } }, ['x']);
      expect(() => kernel.map({ x: [1] }, { out: { totel: new Float64Array(1) } as never })).to.throw(
        KernelError,
        "did you mean 'total'?",
      );
    });

    it('do not come from Object.prototype', () => {
      const given = { type: 'u8', length: 7, fastMath: 5, fuel: 1, typ: 'f32' };
      const found: unknown[] = [];
      for (const [name, value] of Object.entries(given)) {
        const property = { value, configurable: true, enumerable: true, writable: true };
        Object.defineProperty(Object.prototype, name, property);
      }
      try {
        const engine = createEngine({ limits: { tokens: 100 } });
        const f = engine.compile('sum(i, 1, 9, x)', ['x']);
        const x = Float64Array.of(1.5);
        found.push(f(1), f.map({ x }, { out: new Float64Array(1) }), f.map({ x }, {}));
        found.push(engine.explain('x').parameters);
      } finally {
        for (const name of Object.keys(given)) Reflect.deleteProperty(Object.prototype, name);
      }
      expect(found).to.deep.equal([9, Float64Array.of(13.5), Float64Array.of(13.5), ['x']]);
    });

    it('and options that change from one look to the next are read once', () => {
      const engine = createEngine();
      const reads: string[] = [];
      const out = new Float64Array(1);
      const options = {
        get out() {
          reads.push('out');
          return reads.length > 1 ? 'gone' : out;
        },
      };
      expect(engine.compile('x', ['x']).map({ x: [3] }, options as never)).to.equal(out);
      expect(reads).to.deep.equal(['out']);
    });
  });
});
