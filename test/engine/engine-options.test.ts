import { expect } from 'chai';
import { Engine, JitAllocatorOptions, ReleasedError } from '../../src/index.ts';
import { levelsOf } from '../../src/jit/machine/feature-level.ts';
import { VirtMem } from '../../src/mem/virt-mem.ts';
import { VirtMemError } from '../../src/mem/virt-mem-error.ts';
import { requireAddon } from '../../src/native/loader.ts';
import { eachBackend } from './each-backend.ts';

describe('options of an engine', () => {
  const levels = levelsOf(requireAddon().cpuInfo().features);

  for (const cpu of levels) {
    it(`cpu: ${cpu} makes code for it`, () => {
      using engine = new Engine({ cpu, backend: 'native' });
      expect(engine.statistics().cpu).to.equal(cpu);
      const f = engine.compile('floor(x) + (x < y ? y : x * 3)', ['x', 'y']);
      expect([f(1.5, 2), f(-1.5, -2)]).to.deep.equal([3, -6.5]);
    });
  }

  it('cpu: auto takes the most that there is', () => {
    using engine = new Engine({ backend: 'native' });
    expect(engine.statistics().cpu).to.equal(levels.at(-1));
  });

  it('that are impossible say so, by name', () => {
    // @ts-expect-error no such level
    expect(() => new Engine({ cpu: 'z80' })).to.throw(RangeError, 'cpu must be one of auto, sse2');
    // @ts-expect-error no such backend
    expect(() => new Engine({ backend: 'gpu' })).to.throw(RangeError, 'backend must be one of auto, native');
    // @ts-expect-error not a boolean
    expect(() => new Engine({ fastMath: 1 })).to.throw(TypeError, 'fastMath');
    expect(() => new Engine({ allocator: { granularity: 48 } })).to.throw(RangeError, 'granularity');
    expect(() => new Engine({ allocator: { blockSize: 5 } })).to.throw(RangeError, 'blockSize');
    expect(() => new Engine({ constants: { pi: 3 } })).to.throw(TypeError, 'pi');
    expect(() => new Engine({ constants: { 'a-b': 3 } })).to.throw(TypeError, 'a-b');
    // @ts-expect-error not a number
    expect(() => new Engine({ constants: { a: '3' } })).to.throw(TypeError, '"a"');
    // @ts-expect-error not an object
    expect(() => new Engine(null)).to.throw(TypeError, 'options must be an object, not null');
    // @ts-expect-error not an object
    expect(() => new Engine({ limits: 5 })).to.throw(TypeError, 'limits must be an object, not 5');
    // @ts-expect-error a Map has no properties
    expect(() => new Engine({ functions: new Map() })).to.throw(
      TypeError,
      'functions must be an object, not a Map',
    );
  });

  it('cpu: what this CPU lacks is refused', () => {
    const missing = (['sse4.1', 'avx2', 'avx512'] as const).find((level) => !levels.includes(level));
    if (missing === undefined) return;
    expect(() => new Engine({ cpu: missing, backend: 'native' })).to.throw(RangeError, 'on this CPU');
  });

  eachBackend((createEngine) => {
    it('constants are visible by name', () => {
      const engine = createEngine({ constants: { g: 9.81, yes: true } });
      expect(engine.compile('yes ? g * t : 0', ['t'])(2)).to.equal(19.62);
      expect(engine.compile('yes', []).resultType).to.equal('boolean');
      expect(engine.compile('g', ['g'])(1)).to.equal(1);
    });

    it('are read once', () => {
      const constants: Record<string, number> = { a: 1 };
      const engine = createEngine({ constants });
      constants['a'] = 2;
      expect(engine.compile('a', [])()).to.equal(1);
    });

    it('backend says what runs', () => {
      const engine = createEngine();
      const { backend, cpu, fallbackReason } = engine.statistics();
      const { code } = engine.compile('x', ['x']);
      expect([cpu === undefined, code === undefined]).to.deep.equal(Array(2).fill(backend !== 'native'));
      expect(fallbackReason).to.equal(undefined);
    });

    it('disposal ends everything, and can be repeated', () => {
      const engine = createEngine();
      const f = engine.compile('1', []);
      engine.dispose();
      engine.dispose();
      expect(() => f()).to.throw(ReleasedError);
      expect(() => engine.compile('1')).to.throw(ReleasedError, 'disposed');
      expect(() => engine.workspace()).to.throw(ReleasedError);
    });
  });

  describe('where executable memory is refused', () => {
    const refuse = (): never => {
      throw new VirtMemError('map memory', Object.assign(new Error('refused'), { code: 'EACCES' }));
    };
    const allocator = { backend: { ...VirtMem, alloc: refuse, allocDualMapping: refuse } };

    it('auto takes WebAssembly, and says why', () => {
      using engine = new Engine({ allocator });
      expect(engine.statistics()).to.include({ backend: 'wasm', cpu: undefined });
      expect(engine.statistics().fallbackReason).to.contain('cannot map memory: refused');
      expect(engine.compile('x + 1', ['x'])(1)).to.equal(2);
    });

    it('native throws the reason', () => {
      expect(() => new Engine({ allocator, backend: 'native' })).to.throw('cannot map memory: refused');
    });

    it('wrong parameters are no reason for another backend', () => {
      expect(() => new Engine({ allocator: { ...allocator, options: 3.5 } })).to.throw(RangeError, 'options');
    });
  });

  it('allocator options reach the allocator', () => {
    const { UseDualMapping, UseMultiplePools } = JitAllocatorOptions;
    using engine = new Engine({
      backend: 'native',
      allocator: { options: UseDualMapping | UseMultiplePools, granularity: 32 },
    });
    using f = engine.compile('x + 1', ['x']);
    expect(f(1)).to.equal(2);
    expect(engine.statistics().memory.usedSize % 32).to.equal(0);
  });
});
