import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { Engine, TrapError } from '../../../src/index.ts';
import {
  compileIr,
  Interpreter,
  IrBuilder,
  IrError,
  IrModule,
  JitMemory,
  op,
  optimize,
  parseModule,
  printModule,
  ReleasedError,
  verifyModule,
} from '../../../src/ir.ts';

const ways = (['native', 'wasm', 'interpreter'] as const).flatMap((backend) =>
  ([0, 1] as const).map((level) => ({ backend, level })),
);

/** Every kind of value goes through as it is, but for what its type says. */
const passing = `
function f64(f64): f64 {
b0(v0: f64):
  return v0
}
function i64(i64): i64 {
b0(v0: i64):
  return v0
}
function bool(bool): bool {
b0(v0: bool):
  return v0
}
function mixed(i64, f64, bool, i64): i64 {
b0(v0: i64, v1: f64, v2: bool, v3: i64):
  v4 = isub v0, v3
  v5 = itof v4
  v6 = fadd v5, v1
  v7 = btof v2
  v8 = fadd v6, v7
  v9 = ftoi32 v8
  return v9
}
`;

/** Sums bytes from an offset on, and stores the sum behind them. */
const summing = `
function sum(i64, i64): i64 {
b0(v0: i64, v1: i64):
  v2 = iconst 0
  v3 = iconst 1
  jump b1(v0, v2)
b1(v4: i64, v5: i64):
  v6 = ilt v4, v1
  branch v6, b2, b3
b2():
  v7: i64 = mload u8(v4)
  v8 = iadd v5, v7
  v9 = iadd v4, v3
  jump b1(v9, v8)
b3():
  v10: i64 = mstore i32(v1, v5)
  return v10
}
`;

function thrown(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return expect.fail('nothing was thrown');
}

for (const { backend, level } of ways) {
  describe(`modules of IR: ${backend}, level ${level}`, () => {
    let engine: Engine;
    before(() => {
      engine = new Engine({ backend, limits: { fuel: 100_000 } });
    });
    after(() => engine.dispose());

    it('pass values of all types', () => {
      const module = parseModule(passing);
      using code = compileIr(module, {
        engine,
        level,
        exports: {
          f64: { parameters: ['f64'], result: 'f64' },
          i64: { parameters: ['i64'], result: 'i64' },
          bool: { parameters: ['bool'], result: 'bool' },
          mixed: { parameters: ['i64', 'f64', 'bool', 'u32'], result: 'i32' },
        },
      });
      const { f64, i64, bool, mixed } = code.functions;
      for (const x of [0, -0, 1.5, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324])
        expect(f64(x)).to.satisfy((y: number) => Object.is(x, y));
      for (const x of [
        0n,
        1n,
        -1n,
        2n ** 63n - 1n,
        -(2n ** 63n),
        0x7ff8_0000_0000_0001n,
        2n ** 32n,
        -(2n ** 32n),
      ])
        expect(i64(x)).to.equal(x);
      expect(i64(2n ** 64n + 5n)).to.equal(5n);
      expect(bool(true)).to.equal(true);
      expect(bool(false)).to.equal(false);
      for (const wrong of [2, 0.5, Number.NaN, '', undefined])
        expect(() => (bool as (x: unknown) => unknown)(wrong)).to.throw(TypeError, 'boolean');
      expect(mixed(10n, 2.5, true, 2 ** 32 + 3)).to.equal(10);
      expect(code.backend).to.equal(backend);
      using narrow = compileIr(module, {
        engine,
        level,
        exports: {
          f64: { parameters: ['f32'], result: 'f32' },
          i64: { parameters: ['i32'], result: 'u32' },
          bool: { parameters: ['bool'], result: 'void' },
        },
      });
      expect(narrow.functions.f64(0.1)).to.equal(Math.fround(0.1));
      for (const x of [0, -1, 2 ** 31, 2 ** 32 + 7, -(2 ** 31) - 1, 1e20, Number.NaN])
        expect(narrow.functions.i64(x)).to.equal(x >>> 0);
      expect(narrow.functions.bool(true)).to.equal(undefined);
    });

    it('refuse arguments of other types, and run nothing', () => {
      using code = compileIr(parseModule(passing), { engine, level });
      const functions = code.functions as Readonly<Record<string, (...args: unknown[]) => unknown>>;
      for (const wrong of [undefined, '1', {}, Symbol.iterator, 1n]) {
        expect(() => functions['f64']?.(wrong), String(wrong)).to.throw(TypeError);
        if (typeof wrong !== 'bigint') expect(() => functions['i64']?.(wrong)).to.throw(TypeError, 'bigint');
      }
    });

    it('access memory inside of its bounds', () => {
      using code = compileIr(parseModule(summing), {
        engine,
        level,
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

    it('access every type at any alignment', () => {
      const module = new IrModule();
      const types = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'f32', 'f64'] as const;
      for (const type of types) {
        const value = type === 'f32' || type === 'f64' ? 'f64' : 'i64';
        const load = new IrBuilder(module, `load_${type}`, ['i64'], value);
        load.return(load.loadMemory(type, load.parameters[0] as never));
        const store = new IrBuilder(module, `store_${type}`, ['i64', value], value);
        const [offset, stored] = store.parameters as [never, never];
        store.return(store.storeMemory(type, offset, stored));
      }
      using code = compileIr(module, { engine, level });
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
        for (const at of [
          33n - BigInt(sizes[type]),
          -1n,
          2n ** 63n - 1n,
          -(2n ** 63n),
          -8n,
          2n ** 32n,
          32n,
        ]) {
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
        engine,
        level,
        exports: { sum: { parameters: ['memory', 'i32', 'i32'], result: 'i32' } },
      });
      const sum = code.functions.sum as (...args: unknown[]) => unknown;
      const shared = Reflect.construct(SharedArrayBuffer, [8, { maxByteLength: 64 }]) as SharedArrayBuffer;
      new Uint8Array(shared).set([5, 6]);
      if (backend === 'wasm') {
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

    it('call hosts of all types, which may grow memory and call code again', () => {
      const module = parseModule(`
        host next(i64, bool, i32, u32, f32): i64
        host grow(): void
        host ask(f64): bool
        function through(i64, bool): i64 {
        b0(v0: i64, v1: bool):
          v2 = fconst 0.1
          v3: i64 = callhost next(v0, v1, v0, v0, v2)
          return v3
        }
        function size(i64): i64 {
        b0(v0: i64):
          v1 = msize
          v2: i64 = callhost grow()
          v3 = msize
          v4: i64 = mload u8(v0)
          v5 = isub v3, v1
          return v5
        }
        function asks(f64): bool {
        b0(v0: f64):
          v1: bool = callhost ask(v0)
          v2 = bnot v1
          return v2
        }`);
      const memory = new JitMemory(8, { maxByteLength: 64 });
      const small = new JitMemory(1);
      const seen: unknown[] = [];
      const grow = (): void => {
        memory.grow(64);
        // Another memory in between, on the same frame.
        expect(thrown(() => code.functions.size(small, 1n))).to.be.instanceOf(Error);
      };
      let depth = 0;
      const code = compileIr(module, {
        engine,
        level,
        hosts: {
          next: (...args: unknown[]) => {
            seen.push(args);
            return -(2n ** 63n) + 3n;
          },
          grow: () => {
            if (depth++ > 0) throw new Error('inside');
            grow();
          },
          ask: (x: number) => x > 0,
        },
        exports: {
          through: { parameters: ['i64', 'bool'], result: 'i64' },
          size: { parameters: ['memory', 'i64'], result: 'i64' },
          asks: { parameters: ['f64'], result: 'bool' },
        },
      });
      expect(code.functions.through(-3n, true)).to.equal(-(2n ** 63n) + 3n);
      expect(seen).to.deep.equal([[-3n, true, -3, 2 ** 32 - 3, Math.fround(0.1)]]);
      expect(code.functions.size(memory, 63n)).to.equal(56n);
      expect(code.functions.asks(1)).to.equal(false);
      expect(code.functions.asks(-1)).to.equal(true);
      code.release();
    });

    it('let what a host throws through, and refuse what it must not return', () => {
      const failure = new Error('from the host');
      let result: unknown;
      using code = compileIr(
        parseModule(`
          host integer(): i32
          host big(): i64
          host truth(): bool
          function integer(): i64 {
          b0():
            v0: i64 = callhost integer()
            return v0
          }
          function big(): i64 {
          b0():
            v0: i64 = callhost big()
            return v0
          }
          function truth(): bool {
          b0():
            v0: bool = callhost truth()
            return v0
          }`),
        {
          engine,
          level,
          hosts: {
            integer: () => {
              if (result === failure) throw failure;
              return result;
            },
            big: () => result,
            truth: () => result,
          },
        },
      );
      const { integer, big, truth } = code.functions as unknown as Record<
        'integer' | 'big' | 'truth',
        () => unknown
      >;
      result = failure;
      expect(thrown(integer)).to.equal(failure);
      for (result of ['1', undefined, {}, Symbol.iterator]) {
        expect(integer).to.throw(TypeError, "host function 'integer'");
        expect(big).to.throw(TypeError, 'bigint');
        expect(truth).to.throw(TypeError, 'boolean');
      }
      result = 2 ** 32 + 5.5;
      expect(integer()).to.equal(5n);
    });

    it('go where the value of an integer says', () => {
      const module = parseModule(`
        function pick(i64): i64 {
        b0(v0: i64):
          v1: i64 = mstore i64(v0, v0)
          switch v1, [0: b1, 8: b2(v0), 16: b1], b3
        b1():
          v2 = iconst 10
          return v2
        b2(v3: i64):
          v4 = idiv v3, v1
          return v4
        b3():
          v5 = iconst -1
          return v5
        }`);
      using code = compileIr(module, {
        engine,
        level,
        exports: { pick: { parameters: ['memory', 'i32'], result: 'i32' } },
      });
      const memory = new JitMemory(64);
      const { pick } = code.functions;
      expect([0, 8, 16, 24].map((x) => pick(memory, x))).to.deep.equal([10, 1, 10, -1]);
    });

    it('keep variables between calls', () => {
      using code = compileIr(
        parseModule(`
          global count: i64 = -2
          global scale: f64 = 0.5
          global odd: bool = false
          function step(): f64 {
          b0():
            v0: i64 = getglobal count
            v1 = iconst 1
            v2 = iadd v0, v1
            v3: i64 = setglobal count(v2)
            v4: bool = getglobal odd
            v5 = bnot v4
            v6: bool = setglobal odd(v5)
            v7: f64 = getglobal scale
            v8 = itof v3
            v9 = fmul v7, v8
            return v9
          }`),
        { engine, level },
      );
      const step = code.functions['step'] as unknown as () => number;
      expect([step(), step(), step()]).to.deep.equal([-0.5, 0, 0.5]);
      expect({ ...code.globals }).to.deep.equal({ count: 1n, scale: 0.5, odd: true });
      code.globals['count'] = 2n ** 63n + 9n;
      expect(code.globals['count']).to.equal(-(2n ** 63n) + 9n);
      code.globals['scale'] = 2;
      code.globals['odd'] = false;
      code.globals['count'] = 20n;
      expect(step()).to.equal(42);
      expect(code.globals['odd']).to.equal(true);
      expect(() => {
        code.globals['count'] = 1;
      }).to.throw(TypeError, "the global 'count' is a bigint");
      code.release();
      expect(() => code.globals['count']).to.throw(ReleasedError);
      expect(step).to.throw(ReleasedError);
    });

    it('stop at limits of fuel and stack, naming the function', () => {
      using code = compileIr(
        parseModule(`
          function forever(i64): i64 {
          b0(v0: i64):
            jump b1(v0)
          b1(v1: i64):
            v2: i64 = mload i32(v1)
            jump b1(v2)
          }
          function deep(i64): i64 {
          b0(v0: i64):
            v1: i64 = call deep(v0)
            v2: i64 = iadd v1, v0
            return v2
          }`),
        {
          engine,
          level,
          exports: {
            forever: { parameters: ['memory', 'i64'], result: 'void' },
            deep: { parameters: ['i32'], result: 'i32' },
          },
        },
      );
      const memory = new JitMemory(8);
      expect(thrown(() => code.functions.forever(memory, 0n))).to.include({
        code: 'E_FUEL',
        functionName: 'forever',
      });
      expect(thrown(() => code.functions.deep(1)))
        .to.be.instanceOf(TrapError)
        .and.include({ functionName: 'deep' });
    });
  });
}

describe('modules of IR', () => {
  const refused = (text: string, ...problems: string[]) => {
    const error = thrown(() => compileIr(parseModule(text)));
    expect(error).to.be.instanceOf(IrError);
    for (const problem of problems) expect((error as Error).message).to.include(problem);
  };

  it('are refused with the function and the value that are wrong', () => {
    refused(
      'function f(f64): f64 {\nb0(v0: f64):\n  v1 = iadd v0, v0\n  return v0\n}',
      'f:',
      "'v1 = iadd v0, v0'",
    );
    refused('function f(): f64 {\nb0():\n  v0: f64 = call g()\n  return v0\n}', 'f:', 'calls a function');
    refused(
      'function f(i64): f64 {\nb0(v0: i64):\n  v1: f64 = load f64(v0, v0)\n  return v1\n}',
      'v1 is load',
    );
    refused('function f(f64x4): f64x4 {\nb0(v0: f64x4):\n  return v0\n}', 'lanes');
    refused(
      'function f(f64): f64 {\nb0(v0: f64):\n  v1 = callmath nothing(v0)\n  return v1\n}',
      'math library',
    );
    refused('function f(i64): i64 {\nb0(v0: i64):\n  v1: i64 = mload u8c(v0)\n  return v1\n}', 'u8c');
    refused(
      'function f(i64): f64 {\nb0(v0: i64):\n  v1: f64 = mload i32(v0)\n  return v1\n}',
      'f64 of memory as i32',
    );
    refused('function f(): i64 {\nb0():\n  v0: i64 = getglobal none\n  return v0\n}', 'names no global');
    refused(
      'global g: i64 = 1\nglobal g: i64 = 1\nfunction f(): i64 {\nb0():\n  v0: i64 = getglobal g\n  return v0\n}',
      'twice',
    );
    refused(
      `function f(f64): f64 {
      b0(v0: f64):
        v1 = fconst 0
        v2 = flt v0, v1
        branch v2, b1, b2
      b1():
        v3 = fgt v0, v1
        branch v3, b2, b3
      b2():
        v4 = feq v0, v1
        branch v4, b1, b3
      b3():
        return v0
      }`,
      'entered at several blocks',
    );
    expect(() => compileIr(new IrModule())).to.throw(IrError, 'exports no function');
  });

  it('are refused if somebody has built them past the types', () => {
    const build = (spoil: (module: IrModule, builder: IrBuilder) => void): (() => unknown) => {
      const module = new IrModule();
      const builder = new IrBuilder(module, 'f', ['f64'], 'f64');
      builder.return(builder.emit(op.fneg, builder.parameters[0] as never));
      spoil(module, builder);
      return () => compileIr(module);
    };
    const first = (builder: IrBuilder): Record<string, unknown> => builder.block.instructions[0] as never;
    const spoils: readonly ((module: IrModule, builder: IrBuilder) => void)[] = [
      (module) => module.functions.push({} as never),
      (module) => module.functions.push(module.functions[0] as never),
      (module) => module.hosts.push({ name: 'h', arity: -1 }),
      (module) => module.hosts.push({ name: 'h', parameters: ['void'], result: 'i32' } as never),
      (module) => module.globals.push({ name: 'g', type: 'f64x2', initial: 0 } as never),
      (module) => module.globals.push({ name: 'g', type: 'i64', initial: 2n ** 64n }),
      (_, builder) => Object.assign(first(builder), { op: { ...op.fneg } }),
      (_, builder) => Object.assign(first(builder), { op: { index: 1e9 } }),
      (_, builder) => Object.assign(first(builder), { operands: [{}] }),
      (_, builder) => Object.assign(first(builder), { operands: null }),
      (_, builder) => Object.assign(first(builder), { id: -1 }),
      (_, builder) => Object.assign(first(builder), { id: 2 ** 31 }),
      (_, builder) => Object.assign(first(builder), { id: 1_000_000 }),
      (_, builder) => Object.assign(first(builder), { immediate: 'none' }),
      (_, builder) => Object.assign(first(builder), { op: op.call, immediate: 5 }),
      (_, builder) => Object.assign(first(builder), { op: op.callhost, immediate: 0n }),
      (_, builder) => Object.assign(builder.function, { displayName: {} }),
      (_, builder) => Object.assign(first(builder), { type: 'any' }),
      (_, builder) => Object.assign(first(builder), { immediate: {} }),
      (_, builder) => builder.block.instructions.push(builder.block.instructions[0] as never),
      (_, builder) => Object.assign(builder.block, { terminator: { kind: 'jump', edge: {} } }),
      (_, builder) => Object.assign(builder.block, { terminator: null }),
      (_, builder) => Object.assign(builder.block, { terminator: { kind: 'switch', cases: 1 } }),
      (_, builder) => Object.assign(builder.block, { instructions: 'none' }),
      (_, builder) => Object.assign(builder.function, { blocks: [] }),
      (_, builder) => Object.assign(builder.function, { name: 7 }),
    ];
    spoils.forEach((spoil, index) => {
      expect(build(spoil), String(index)).to.throw(IrError);
    });
    expect(build(() => {})()).to.have.property('released', false);
  });

  it('refuse exports and hosts that do not fit', () => {
    const module = parseModule(`host h(1)\n${summing}`);
    const compileWith = (options: object) => () => compileIr(module, options as never);
    const hosts = { h: () => 0 };
    expect(compileWith({})).to.throw(TypeError, 'hosts.h');
    expect(compileWith({ hosts: { h: 1 } })).to.throw(TypeError, 'hosts.h');
    expect(compileWith({ hosts: { ...hosts, g: () => 0 } })).to.throw(TypeError, "'g'");
    expect(compileWith({ hosts, exports: { sim: { parameters: [], result: 'f64' } } })).to.throw(
      IrError,
      "'sum'",
    );
    const exporting = (parameters: unknown, result: unknown) =>
      compileWith({ hosts, exports: { sum: { parameters, result } } });
    expect(exporting(['i64', 'i64'], 'i64')).to.throw(IrError, "'memory'");
    expect(exporting(['memory', 'f64', 'i64'], 'i64')).to.throw(IrError, 'parameter 0');
    expect(exporting(['memory', 'i64'], 'i64')).to.throw(IrError, 'takes 2');
    expect(exporting(['memory', 'i64', 'i64'], 'f64')).to.throw(IrError, 'result');
    expect(exporting(['i64', 'memory', 'i64'], 'i64')).to.throw(TypeError, 'memory');
    expect(exporting('all', 'i64')).to.throw(TypeError, 'list');
    expect(exporting(['memory', 'i64', 'i64'], 'number')).to.throw(TypeError, 'number');
    expect(compileWith({ hosts, level: 3 })).to.throw(RangeError, 'level');
    expect(compileWith({ hosts, engine: {} })).to.throw(TypeError, 'Engine');
    expect(compileWith({ hosts, exprts: {} })).to.throw(TypeError, "'exports'");
  });

  it('are what they were when they were compiled', () => {
    const module = parseModule(passing);
    using code = compileIr(module);
    const { f64 } = code.functions as unknown as Record<'f64', (x: number) => number>;
    module.functions.length = 0;
    expect(f64(2)).to.equal(2);
  });

  it('are too large for an engine with a small limit', () => {
    using engine = new Engine({ limits: { codeSize: 16 } });
    expect(() => compileIr(parseModule(summing), { engine })).to.throw(IrError, 'at most 16');
  });

  it('are released as a whole, and give memory back when forgotten', async () => {
    using engine = new Engine();
    const start = engine.statistics().functionCount;
    const code = compileIr(parseModule(passing), { engine });
    expect(engine.statistics().functionCount).to.equal(start + 4);
    const { f64 } = code.functions as unknown as Record<'f64', (x: number) => number>;
    code.release();
    code.release();
    expect(code.released).to.equal(true);
    expect(() => f64(1)).to.throw(ReleasedError);
    expect(() => code.printIr()).to.throw(ReleasedError);
    expect(engine.statistics().functionCount).to.equal(start);
    let kept: unknown = compileIr(parseModule(passing), { engine }).functions['bool'];
    const collect = async () => {
      for (let round = 0; round < 5; round++) {
        globalThis.gc?.();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    await collect();
    expect(engine.statistics().functionCount, 'a function keeps the code').to.equal(start + 4);
    expect((kept as (x: boolean) => boolean)(true)).to.equal(true);
    kept = undefined;
    await collect();
    expect(engine.statistics().functionCount, 'nobody keeps the code').to.equal(start);
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

describe('traces', () => {
  it('are text, from which nobody reaches what is compiled', () => {
    const seen: string[] = [];
    using code = compileIr(parseModule(summing), {
      exports: { sum: { parameters: ['memory', 'i32', 'i32'], result: 'i32' } },
      trace: (pass, name, text) => {
        expect([typeof pass, typeof name, typeof text]).to.deep.equal(['string', 'string', 'string']);
        seen.push(`${name}: ${pass}`);
      },
    });
    expect(code.released).to.equal(false);
    expect(seen).to.include('sum: split-accesses');
    expect(() => compileIr(parseModule(summing), { trace: 5 as never })).to.throw(TypeError, 'trace');
    expect(() => optimize(parseModule(summing), { trace: 5 as never })).to.throw(TypeError, 'trace');
    expect(() => optimize(parseModule(summing), { roots: ['none'] })).to.throw(IrError, '"none"');
    expect(printModule(optimize(parseModule(summing)))).to.include('mload u8');
  });
});

describe('the interpreter of modules', () => {
  it('runs them as they are, with hosts of all types', () => {
    const module = parseModule(`
      host next(i64, u32): i64
      function f(i64): i64 {
      b0(v0: i64):
        v1: i64 = mload u8(v0)
        v2: i64 = callhost next(v1, v0)
        return v2
      }`);
    const memory = new JitMemory(4);
    memory.bytes[3] = 200;
    const seen: unknown[] = [];
    const hosts = {
      next: (...args: unknown[]) => {
        seen.push(args);
        return -(2n ** 40n);
      },
    };
    const interpreter = new Interpreter(module, { hosts, memory });
    expect(interpreter.run('f', [3n])).to.equal(-(2n ** 40n));
    expect(seen).to.deep.equal([[200n, 3]]);
    expect(thrown(() => interpreter.run('f', [4n]))).to.include({ code: 'E_BOUNDS', functionName: 'f' });
    expect(() => interpreter.run('g', [])).to.throw(IrError, '"g"');
    expect(() => interpreter.run('f', [3])).to.throw(TypeError, 'bigint');
    expect(() => new Interpreter(module, { hosts }).run('f', [3n])).to.throw(IrError, 'has none');
    expect(() => new Interpreter(module, { memory })).to.throw(TypeError, 'hosts.next');
    expect(() => new Interpreter(module, { hosts, fuel: -1 })).to.throw(RangeError, 'fuel');
    expect(verifyModule(module)).to.deep.equal([]);
    expect(verifyModule({} as never)).to.have.length(1);
  });
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
