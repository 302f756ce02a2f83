import { expect } from 'chai';
import { type CompiledFunction, Engine, JitAllocatorOptions } from '../../src/index.ts';
import { elementAt } from '../../src/support/element.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';
import { namedMappings, recordingBackend } from './memory-map.ts';

/** Formulas with what JavaScript makes of them; `k` makes each source different. */
const formulas: readonly {
  readonly source: (k: number) => string;
  readonly expected: (k: number, x: number, y: number) => number;
}[] = [
  { source: (k) => `x + ${k}`, expected: (k, x) => x + k },
  { source: (k) => `x * y - ${k}`, expected: (k, x, y) => x * y - k },
  { source: (k) => `x < y ? ${k} : x / (y + ${k})`, expected: (k, x, y) => (x < y ? k : x / (y + k)) },
  {
    source: (k) => Array.from({ length: 12 }, (_, i) => `x * ${i + k}.25`).join(' + '),
    expected: (k, x) => Array.from({ length: 12 }, (_, i) => x * (i + k + 0.25)).reduce((a, b) => a + b),
  },
  { source: (k) => `f(n) = n > 0 ? f(n - 1) + y : ${k}; f(3) + x`, expected: (k, x, y) => k + y + y + y + x },
];

/** Compiles, calls and releases `count` times with up to 16 functions alive, and checks every result. */
function churn(engine: Engine, random: Random, count: number): void {
  const live: { f: CompiledFunction<['x', 'y']>; expected: (x: number, y: number) => number }[] = [];
  const releaseOne = () => {
    const index = random.integer(0, live.length - 1);
    const { f, expected } = elementAt(live, index);
    const [x, y] = [random.integer(-9, 9), random.integer(-9, 9)];
    const result = f(x, y);
    if (!Object.is(result, expected(x, y))) expect.fail(`${result} instead of ${expected(x, y)}`);
    f.release();
    live.splice(index, 1);
  };
  for (let cycle = 0; cycle < count; cycle++) {
    const formula = random.pick(formulas);
    const k = random.integer(0, 1000);
    const f = engine.compile(formula.source(k), ['x', 'y']);
    live.push({ f, expected: (x, y) => formula.expected(k, x, y) });
    if (live.length > random.integer(0, 16)) releaseOne();
  }
  while (live.length > 0) releaseOne();
}

describe('memory of an engine', () => {
  const seed = seedFromEnvironment();
  const flags = Object.values(JitAllocatorOptions).filter((option) => option !== 0);
  const combinations = Array.from({ length: 2 ** flags.length }, (_, bits) =>
    flags.filter((_, index) => (bits & (1 << index)) !== 0).reduce<number>((all, flag) => all + flag, 0),
  );

  const cycles = 50;

  it(`is all given back after ${cycles} functions under each of ${combinations.length} combinations of options (seed ${seed})`, () => {
    const random = new Random(seed);
    const before = namedMappings();
    for (const options of combinations) {
      const backend = recordingBackend();
      const engine = new Engine({ backend: 'native', allocator: { options, backend } });
      churn(engine, random, cycles);
      const { functionCount, memory } = engine.statistics();
      expect(functionCount).to.equal(0);
      expect(memory).to.include({ allocationCount: 0, usedSize: 0, usedRatio: 0 });
      if ((options & JitAllocatorOptions.ImmediateRelease) !== 0) {
        expect(memory).to.include({ blockCount: 0, reservedSize: 0 });
        expect(backend.live.size).to.equal(0);
      }
      engine.dispose();
      expect(backend.live.size).to.equal(0);
    }
    expect(namedMappings()).to.deep.equal(before);
  }).timeout(400_000);

  it('is never writable and executable at once by default', () => {
    const random = new Random(seed);
    using engine = new Engine({ backend: 'native' });
    for (let round = 0; round < 20; round++) {
      const functions = Array.from({ length: 100 }, (_, index) => engine.compile(`x + ${index}`, ['x']));
      churn(engine, random, 20);
      const mappings = namedMappings();
      expect(mappings.filter(({ permissions }) => /w.*x/.test(permissions))).to.deep.equal([]);
      for (const { code } of functions) {
        const address = code?.address ?? Number.NaN;
        const home = mappings.find(({ start, end }) => start <= address && address < end);
        expect(home?.permissions).to.equal('r-xs');
      }
      for (const f of functions) f.release();
    }
  });

  it('is given back inside of release, with ImmediateRelease', () => {
    const options = JitAllocatorOptions.UseDualMapping | JitAllocatorOptions.ImmediateRelease;
    const before = namedMappings();
    using engine = new Engine({ backend: 'native', allocator: { options } });
    expect(namedMappings()).to.deep.equal(before);
    const f = engine.compile('x + 1', ['x']);
    const g = engine.compile('x + 2', ['x']);
    expect(namedMappings().length).to.equal(before.length + 2);
    f.release();
    expect(namedMappings().length).to.equal(before.length + 2);
    g.release();
    expect(namedMappings()).to.deep.equal(before);
  });

  it('is all given back by dispose, with everything that is still alive', () => {
    const before = namedMappings();
    const engine = new Engine({ backend: 'native', cache: 10 });
    const functions = Array.from({ length: 50 }, (_, index) => engine.compile(`x * ${index}`, ['x']));
    expect(engine.statistics()).to.include({ functionCount: 50, compileCount: 50 });
    engine.dispose();
    engine.dispose();
    expect(namedMappings()).to.deep.equal(before);
    expect(functions.every(({ released }) => released)).to.equal(true);
    expect(() => engine.statistics()).to.throw('disposed');
  });

  it('is not lost when code cannot be placed', () => {
    const failing = recordingBackend();
    let refuse = false;
    const engine = new Engine({
      backend: 'native',
      allocator: {
        options: JitAllocatorOptions.UseDualMapping | JitAllocatorOptions.ImmediateRelease,
        backend: {
          ...failing,
          write(address, bytes) {
            if (refuse) throw new Error('refused');
            failing.write(address, bytes);
          },
        },
      },
    });
    refuse = true;
    expect(() => engine.compile('x + 1', ['x'])).to.throw('refused');
    expect(engine.statistics()).to.deep.include({ functionCount: 0, compileCount: 0 });
    expect(engine.statistics().memory.reservedSize).to.equal(0);
    refuse = false;
    expect(engine.compile('x + 1', ['x'])(1)).to.equal(2);
    engine.dispose();
    expect(failing.live.size).to.equal(0);
  });
});
