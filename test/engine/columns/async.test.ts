import { once } from 'node:events';
import { expect } from 'chai';
import { Engine, JitAllocatorOptions } from '../../../src/index.ts';
import { startBundledWorker } from '../../support/bundled-worker.ts';
import { eachBackend } from '../each-backend.ts';
import { namedMappings } from '../memory-map.ts';
import { expectSame } from './bits.ts';
import { eachLevel } from './each-level.ts';

const worker = new URL('./mapping.worker.ts', import.meta.url);

/** A column that takes a while, and what comes out of it. */
const rows = 60_000;
const column = () => Float64Array.from({ length: rows }, (_, row) => (row % 1000) / 100);

describe('mapAsync', () => {
  eachLevel((createEngine) => {
    it('gives what map gives, on any number of threads', async () => {
      const engine = createEngine();
      const x = Float64Array.from({ length: 40_000 }, (_, row) => (row % 777) - 300);
      for (const source of [
        'x*x - 1',
        'sin(x)',
        'sum(i, 1, 2, x)',
        'f(n) = n < 1 ? x : f(n - 1) + 1; f(2)',
      ]) {
        const f = engine.compile(source, ['x']);
        const expected = f.map({ x });
        for (const threads of [1, 2, 5]) expectSame(await f.mapAsync({ x }, { threads }), expected, source);
        expectSame(await f.mapAsync({ x }, { type: 'i16' }), f.map({ x }, { type: 'i16' }), source);
        expectSame(await f.mapAsync({ x: x.subarray(0, 3) }), expected.subarray(0, 3), source);
        expectSame(await f.mapAsync({ x: [] }), []);
      }
    });

    it('writes to out, private or shared, to a column as well', async () => {
      const f = createEngine().compile('x*2 + y', ['x', 'y']);
      for (const Memory of [ArrayBuffer, SharedArrayBuffer]) {
        const x = new Float64Array(new Memory(8 * 20_000)).fill(4);
        const out = new Float32Array(new Memory(4 * 20_001));
        expect(await f.mapAsync({ x, y: 1 }, { out })).to.equal(out);
        expectSame(out, [...new Array(20_000).fill(9), 0]);
        expect(await f.mapAsync({ x, y: x }, { out: x })).to.equal(x);
        expectSame(x, new Array(20_000).fill(12));
      }
    });
  });

  eachBackend((createEngine) => {
    it('does not see what happens to private columns meanwhile', async () => {
      const f = createEngine().compile('x + 1', ['x']);
      const x = column();
      const expected = [...x].map((value) => value + 1);
      const running = f.mapAsync({ x });
      x.fill(-1);
      structuredClone(x, { transfer: [x.buffer] });
      expectSame(await running, expected);
    });

    it('refuses at its end to write to what is gone', async () => {
      const f = createEngine().compile('x + 1', ['x']);
      const out = new Float64Array(rows);
      const running = f.mapAsync({ x: column() }, { out }).catch((error: unknown) => error);
      structuredClone(out, { transfer: [out.buffer] });
      expect(await running).to.have.property('code', 'E_DETACHED');
    });

    it('goes on to its end when the function or the engine is released', async () => {
      for (const release of ['function', 'engine'] as const) {
        const engine = createEngine();
        const f = engine.compile('sqrt(x) + x/3', ['x']);
        const expected = f.map({ x: column() });
        const running = [f.mapAsync({ x: column() }), f.mapAsync({ x: column() }, { threads: 2 })];
        if (release === 'function') f.release();
        else engine.dispose();
        for (const result of await Promise.all(running)) expectSame(result, expected);
        if (release === 'function') expect(engine.statistics().memory.allocationCount).to.equal(0);
      }
    });

    it('reports progress, and the end', async () => {
      const f = createEngine().compile('sum(i, 1, 20, x*i)', ['x']);
      const shares: number[] = [];
      await f.mapAsync({ x: column() }, { onProgress: (done) => shares.push(done) });
      expect(shares.at(-1)).to.equal(1);
      expect(shares).to.deep.equal([...shares].sort((a, b) => a - b));
    });

    it('fails with the error of the progress callback', async () => {
      const f = createEngine().compile('x', ['x']);
      const thrown = new Error('enough');
      const onProgress = () => {
        throw thrown;
      };
      expect(await f.mapAsync({ x: [1, 2] }, { onProgress }).catch((error: unknown) => error)).to.equal(
        thrown,
      );
    });

    it('ends when it is aborted, before or meanwhile', async () => {
      const engine = createEngine();
      const f = engine.compile('sum(i, 1, 1000, x*i)', ['x']);
      const reason = new Error('no longer wanted');
      const before = await f
        .mapAsync({ x: column() }, { signal: AbortSignal.abort(reason) })
        .catch((error: unknown) => error);
      expect(before).to.equal(reason);
      const controller = new AbortController();
      const out = new Float64Array(rows).fill(-1);
      const running = f
        .mapAsync({ x: column() }, { signal: controller.signal, out })
        .catch((error: unknown) => error);
      controller.abort(reason);
      expect(await running).to.equal(reason);
      expectSame(out, new Array(rows).fill(-1));
      const reduced = f.reduceAsync('sum', { x: column() }, { signal: AbortSignal.abort() });
      expect(await reduced.catch((error: Error) => error.name)).to.equal('AbortError');
      f.release();
      expect(engine.statistics().memory.allocationCount).to.equal(0);
    });

    it('runs many at once', async () => {
      const f = createEngine().compile('x * k', ['x', 'k']);
      const x = column();
      const runs = Array.from({ length: 20 }, (_, k) => f.mapAsync({ x, k }));
      for (const [k, result] of (await Promise.all(runs)).entries()) {
        expect(result[777]).to.equal((x[777] as number) * k);
      }
    });

    it('lets the thread do other work while host functions are called', async () => {
      let calls = 0;
      const f = createEngine({ functions: { count: (x) => (x as number) + calls++ * 0 } }).compile(
        'count(x) * 2',
        ['x'],
      );
      let turns = 0;
      const timer = setInterval(() => turns++, 0);
      const x = column();
      const result = await f.mapAsync({ x });
      clearInterval(timer);
      expectSame(
        result,
        [...x].map((value) => value * 2),
      );
      expect(calls).to.equal(rows);
      expect(turns).to.be.greaterThan(0);
    });
  });

  it('lets host functions do what they like with columns, results and the function itself', async () => {
    const { Engine } = await import('../../../src/index.ts');
    for (const backend of ['native', 'wasm', 'interpreter'] as const) {
      let meddle = () => {};
      using engine = new Engine({
        backend,
        functions: {
          h(x) {
            meddle();
            return x;
          },
        },
      });
      const f = engine.compile('h(x) + 1', ['x']);
      const g = engine.compile('x * 10', ['x']);
      const x = new Float64Array([1, 2, 3]);
      const out = new Float64Array(3);
      meddle = () => {
        meddle = () => {};
        structuredClone(x, { transfer: [x.buffer] });
        f.release();
        expectSame(g.map({ x: [1, 2, 3, 4] }), [10, 20, 30, 40]);
      };
      expectSame(f.map({ x }, { out }), [2, 3, 4]);
      expect(f.released).to.equal(true);
      const k = engine.compile('h(x)', ['x']);
      meddle = () => {
        meddle = () => {};
        structuredClone(out, { transfer: [out.buffer] });
      };
      expect(() => k.map({ x: [1, 2, 3] }, { out }))
        .to.throw()
        .with.property('code', 'E_DETACHED');
      meddle = () => {
        throw new RangeError('from the host');
      };
      const untouched = new Float64Array(2);
      expect(() => k.map({ x: [1, 2] }, { out: untouched })).to.throw(RangeError, 'from the host');
      expect(await k.mapAsync({ x: [1, 2] }).catch((error: Error) => error.message)).to.equal(
        'from the host',
      );
      expectSame(untouched, [0, 0]);
    }
  });

  it('gives the memory of its code back at once, also with immediate release', async () => {
    const { Engine } = await import('../../../src/index.ts');
    const before = namedMappings();
    const options = JitAllocatorOptions.UseDualMapping | JitAllocatorOptions.ImmediateRelease;
    using engine = new Engine({ backend: 'native', allocator: { options } });
    const f = engine.compile('x + 1', ['x']);
    const running = f.mapAsync({ x: column() });
    f.release();
    await running;
    expect(namedMappings()).to.deep.equal(before);
  });

  it('works in worker threads, and survives their end', async () => {
    const before = namedMappings();
    const workers = Array.from({ length: 3 }, () =>
      startBundledWorker(worker, { workerData: { task: 'once' } }),
    );
    await Promise.all(
      workers.map(async (each) => {
        const [total] = (await once(each, 'message')) as [number];
        expect(total).to.equal(3 * 200_000);
        await each.terminate();
      }),
    );
    for (let round = 0; round < 4; round++) {
      const endless = startBundledWorker(worker, { workerData: { task: 'forever' } });
      await once(endless, 'message');
      await endless.terminate();
    }
    expect(namedMappings()).to.deep.equal(before);
  });
});

describe('mapAsync on threads', () => {
  it('does not start when the signal refuses to be listened to, or is aborted by that', async () => {
    using engine = new Engine({ backend: 'native' });
    const f = engine.compile('x + 1', ['x']);
    const x = new Float64Array(100_000);
    const out = new Float64Array(new SharedArrayBuffer(x.byteLength));
    const controller = new AbortController();
    const aborting = Object.assign(controller.signal, {
      addEventListener: () => controller.abort('done'),
    });
    const throwing = Object.assign(new AbortController().signal, {
      addEventListener: () => {
        throw 'done';
      },
    });
    for (const signal of [throwing, aborting]) {
      expect(await f.mapAsync({ x }, { out, signal }).catch((error: unknown) => error)).to.equal('done');
      // Takes its turn after whatever was started.
      await f.mapAsync({ x }, { threads: 64 });
      expect(out.every((value) => value === 0)).to.equal(true);
    }
  });
});
