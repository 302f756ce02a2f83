import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { Engine, TrapError } from '../../../src/index.ts';
import { compileIr, IrBuilder, IrModule, JitMemory, parseModule } from '../../../src/ir.ts';
import { thrown } from '../../support/thrown.ts';
import { eachWay } from './each-way.ts';
import { summing } from './sample-modules.ts';

eachWay('memory of calls', (way) => {
  it('access memory inside of its bounds', () => {
    using code = compileIr(parseModule(summing), {
      engine: way.engine,
      level: way.level,
      exports: { sum: { parameters: ['memory', 'i32', 'i32'], result: 'i32' } },
    });
    const { sum } = code.functions;
    const memory = new JitMemory(16, { maxByteLength: 1000 });
    memory.bytes.set([1, 2, 3, 255]);
    expect(sum(memory, 0, 4)).to.equal(261);
    expect(memory.view.getInt32(4, true)).to.equal(261);
    for (const [from, to] of [
      [0, 13],
      [0, 17],
      [-1, 4],
      [-(2 ** 31), 0],
      [16, 16],
      [2 ** 31 - 1, 0],
    ] as const) {
      if (from > to) continue;
      const before = [...memory.bytes];
      const error = thrown(() => sum(memory, from, to));
      expect(error).to.be.instanceOf(TrapError);
      expect(error).to.include({ code: 'E_BOUNDS', functionName: 'sum' });
      expect([...memory.bytes]).to.deep.equal(before);
    }
    memory.grow(20);
    expect(sum(memory, 0, 16)).to.equal(261 + 5 + 1);
    expect(memory.view.getInt32(16, true)).to.equal(267);
    const other = new JitMemory(8);
    other.bytes.set([7]);
    expect(sum(other, 0, 1)).to.equal(7);
    expect(sum(memory, 0, 1)).to.equal(1);
  });

  if (way.backend !== 'wasm') {
    it('access shared memory beyond 4 GiB', () => {
      // It takes addresses, and memory only where something is written.
      const shared = new SharedArrayBuffer(2 ** 32 + 64);
      new DataView(shared).setUint8(2 ** 32 + 5, 42);
      using code = compileIr(
        parseModule('function f(i64): i64 {\nb0(v0: i64):\n  v1: i64 = mload u8(v0)\n  return v1\n}'),
        { engine: way.engine, level: way.level },
      );
      expect(code.functions['f']?.(shared, 2n ** 32n + 5n)).to.equal(42n);
      expect(() => code.functions['f']?.(shared, 2n ** 32n + 64n)).to.throw(TrapError);
    });
  }

  it('access every type at any alignment', () => {
    const module = new IrModule();
    const types = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'f32', 'f64'] as const;
    for (const type of types) {
      const value = type === 'f32' || type === 'f64' ? 'f64' : 'i64';
      const load = new IrBuilder(module, `load_${type}`, ['i64'], value);
      load.return(load.loadMemory(type, load.parameters[0]));
      const store = new IrBuilder(module, `store_${type}`, ['i64', value], value);
      const [offset, stored] = store.parameters;
      store.return(store.storeMemory(type, offset, stored));
    }
    using code = compileIr(module, { engine: way.engine, level: way.level });
    const functions = code.functions as Readonly<Record<string, (...args: unknown[]) => unknown>>;
    const memory = new JitMemory(32);
    const { view } = memory;
    const readers = {
      i8: (at: number) => BigInt(view.getInt8(at)),
      u8: (at: number) => BigInt(view.getUint8(at)),
      i16: (at: number) => BigInt(view.getInt16(at, true)),
      u16: (at: number) => BigInt(view.getUint16(at, true)),
      i32: (at: number) => BigInt(view.getInt32(at, true)),
      u32: (at: number) => BigInt(view.getUint32(at, true)),
      i64: (at: number) => view.getBigInt64(at, true),
      f32: (at: number) => view.getFloat32(at, true),
      f64: (at: number) => view.getFloat64(at, true),
    };
    const sizes = { i8: 1, u8: 1, i16: 2, u16: 2, i32: 4, u32: 4, i64: 8, f32: 4, f64: 8 };
    for (const type of types) {
      const isNumber = type === 'f32' || type === 'f64';
      for (const at of [0, 1, 3, 32 - sizes[type]]) {
        memory.bytes.fill(0xa5);
        const value = isNumber ? -1234.567 : -0x0102_0304_0506_0788n;
        expect(functions[`store_${type}`]?.(memory, BigInt(at), value), type).to.equal(value);
        expect(functions[`load_${type}`]?.(memory, BigInt(at)), type).to.equal(readers[type](at));
        const touched = memory.bytes.map((byte, index) =>
          index >= at && index < at + sizes[type] ? 0xa5 : byte,
        );
        expect(touched.every((byte) => byte === 0xa5)).to.equal(true);
      }
      for (const at of [33n - BigInt(sizes[type]), -1n, 2n ** 63n - 1n, -(2n ** 63n), -8n, 2n ** 32n, 32n]) {
        const error = thrown(() => functions[`load_${type}`]?.(memory, at));
        expect(error, `${type} at ${at}`).to.include({ code: 'E_BOUNDS' });
        const value = isNumber ? 1 : 1n;
        memory.bytes.fill(0);
        expect(thrown(() => functions[`store_${type}`]?.(memory, at, value))).to.include({
          code: 'E_BOUNDS',
        });
        expect(memory.bytes.every((byte) => byte === 0)).to.equal(true);
      }
    }
    const empty = new JitMemory(0, { maxByteLength: 8 });
    expect(thrown(() => functions['load_u8']?.(empty, 0n))).to.include({ code: 'E_BOUNDS' });
    empty.grow(8);
    expect(functions['load_i64']?.(empty, 0n)).to.equal(0n);
  });

  it('take shared memory where they can reach it, and nothing else', () => {
    using code = compileIr(parseModule(summing), {
      engine: way.engine,
      level: way.level,
      exports: { sum: { parameters: ['memory', 'i32', 'i32'], result: 'i32' } },
    });
    const sum = code.functions.sum as (...args: unknown[]) => unknown;
    const shared = Reflect.construct(SharedArrayBuffer, [8, { maxByteLength: 64 }]) as SharedArrayBuffer;
    new Uint8Array(shared).set([5, 6]);
    if (way.backend === 'wasm') {
      expect(() => sum(shared, 0, 2)).to.throw(TypeError, 'JitMemory');
    } else {
      expect(sum(shared, 0, 2)).to.equal(11);
      expect(thrown(() => sum(shared, 0, 5))).to.include({ code: 'E_BOUNDS' });
      (shared as unknown as { grow(length: number): void }).grow(16);
      expect(sum(shared, 0, 5)).to.equal(11 + 11);
    }
    for (const wrong of [undefined, null, new ArrayBuffer(8), new Uint8Array(8), {}, 7])
      expect(() => sum(wrong, 0, 1), String(wrong)).to.throw(TypeError, 'memory must be');
  });
});

describe('memories by turns', () => {
  for (const backend of ['native', 'interpreter'] as const) {
    it(`are never mistaken for each other where scripts are ended: ${backend}`, () => {
      using engine = new Engine({ backend });
      using code = compileIr(parseModule(summing), {
        engine,
        exports: { sum: { parameters: ['memory', 'i32', 'i32'], result: 'i32' } },
      });
      const { sum } = code.functions;
      const [large, small] = [new JitMemory(100_000), new JitMemory(8)];
      for (let round = 0; round < 40; round++) {
        large.bytes.fill(1, 0, 10);
        small.bytes.fill(2, 0, 4);
        const loop = () =>
          runInNewContext(
            'for (;;) { sum(large, 0, 4); sum(small, 0, 4); }',
            { sum, large, small },
            { timeout: 3 },
          );
        expect(loop).to.throw();
        expect(sum(large, 0, 4)).to.equal(4);
        expect(thrown(() => sum(small, 0, 8))).to.include({ code: 'E_BOUNDS' });
        expect(sum(small, 0, 4)).to.equal(8);
        expect(sum(large, 0, 50_000)).to.be.greaterThan(0);
        large.bytes.fill(0);
      }
    });
  }
});

describe('JitMemory', () => {
  it('has bytes that nothing detaches', () => {
    const memory = new JitMemory(100, { maxByteLength: 200 });
    const { bytes } = memory;
    try {
      structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] });
    } catch {
      // Some engines copy, others refuse.
    }
    expect(bytes).to.have.length(100);
    expect(memory.bytes).to.have.length(100);
    memory.grow(150);
    expect([
      memory.byteLength,
      memory.bytes.length,
      memory.view.byteLength,
      memory.maxByteLength,
    ]).to.deep.equal([150, 150, 150, 200]);
    bytes[3] = 9;
    expect(memory.bytes[3]).to.equal(9);
  });

  it('refuses lengths that are none', () => {
    for (const wrong of [-1, 1.5, Number.NaN, 2 ** 40, '8', undefined])
      expect(() => new JitMemory(wrong as number), String(wrong)).to.throw(RangeError);
    expect(() => new JitMemory(8, { maxByteLength: 4 })).to.throw(RangeError);
    expect(() => new JitMemory(8, { max: 4 } as never)).to.throw(TypeError);
    const memory = new JitMemory(8, { maxByteLength: 16 });
    for (const wrong of [7, 17, -1, Number.NaN]) expect(() => memory.grow(wrong)).to.throw(RangeError);
  });
});
