import { expect } from 'chai';
import { Engine, TrapError } from '../../../src/index.ts';
import { compileIr, IrError, JitMemory, parseModule, ReleasedError } from '../../../src/ir.ts';
import { thrown } from '../../support/thrown.ts';
import { eachWay } from './each-way.ts';
import { passing, summing } from './sample-modules.ts';

eachWay('modules of IR', (way) => {
  it('pass values of all types', () => {
    const module = parseModule(passing);
    using code = compileIr(module, {
      engine: way.engine,
      level: way.level,
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
    expect(code.backend).to.equal(way.backend);
    using narrow = compileIr(module, {
      engine: way.engine,
      level: way.level,
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
    using code = compileIr(parseModule(passing), { engine: way.engine, level: way.level });
    const functions = code.functions as Readonly<Record<string, (...args: unknown[]) => unknown>>;
    for (const wrong of [undefined, '1', {}, Symbol.iterator, 1n]) {
      expect(() => functions['f64']?.(wrong), String(wrong)).to.throw(TypeError);
      if (typeof wrong !== 'bigint') expect(() => functions['i64']?.(wrong)).to.throw(TypeError, 'bigint');
    }
  });

  it('take numbers alike, whatever else they take', () => {
    const first = 'b0(v0: i64';
    const bodies = {
      alone: `i64): i64 {\n${first}):\n  return v0\n}`,
      beside: `i64, bool): i64 {\n${first}, v1: bool):\n  return v0\n}`,
      wide: `i64, i64): i64 {\n${first}, v1: i64):\n  return v0\n}`,
      many: `i64, f64, f64, f64, bool): i64 {\n${first}, v1: f64, v2: f64, v3: f64, v4: bool):\n  return v0\n}`,
      accessing: `i64): i64 {\n${first}):\n  v1: i64 = mload u8(v0)\n  v2 = isub v1, v1\n  v3 = iadd v2, v0\n  return v3\n}`,
    };
    const text = Object.entries(bodies).map(([name, body]) => `function ${name}(${body}`);
    using code = compileIr(parseModule(text.join('\n')), {
      engine: way.engine,
      level: way.level,
      exports: {
        alone: { parameters: ['i32'], result: 'i32' },
        beside: { parameters: ['i32', 'bool'], result: 'i32' },
        wide: { parameters: ['i32', 'i64'], result: 'i32' },
        many: { parameters: ['i32', 'f64', 'f64', 'f64', 'bool'], result: 'i32' },
        accessing: { parameters: ['memory', 'i32'], result: 'i32' },
      },
    });
    const { alone, beside, wide, many, accessing } = code.functions;
    const memory = new JitMemory(8);
    const calls: readonly (readonly [position: number, call: (first: never) => number])[] = [
      [1, (x) => alone(x)],
      [1, (x) => beside(x, true)],
      [1, (x) => wide(x, 5n)],
      [1, (x) => many(x, 1, 2, 3, false)],
      [2, (x) => accessing(memory, x)],
    ];
    for (const [position, call] of calls) {
      expect(call(3 as never)).to.equal(3);
      expect(call(true as never), String(call)).to.equal(1);
      expect(() => call('3' as never))
        .to.throw(TypeError)
        .with.property('message', `argument ${position} must be a number, not a string`);
      expect(() => call(undefined as never))
        .to.throw(TypeError)
        .with.property('message', `argument ${position} is missing`);
    }
    for (const [position, call] of [
      [2, () => beside(1, 1 as never)],
      [5, () => many(1, 1, 2, 3, 1 as never)],
    ] as const)
      expect(call).to.throw(TypeError, `argument ${position} must be a boolean, not 1`);
    expect(() => wide(1, 1 as never)).to.throw(TypeError, 'argument 2 must be a bigint, not 1');
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
      engine: way.engine,
      level: way.level,
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
      { engine: way.engine, level: way.level },
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
    const deep = parseModule(`
      function deep(i64): i64 {
      b0(v0: i64):
        v1: i64 = call deep(v0)
        v2: i64 = iadd v1, v0
        return v2
      }`);
    using code = compileIr(
      parseModule(`
        function forever(i64): i64 {
        b0(v0: i64):
          jump b1(v0)
        b1(v1: i64):
          v2: i64 = mload i32(v1)
          jump b1(v2)
        }`),
      {
        engine: way.engine,
        level: way.level,
        exports: {
          forever: { parameters: ['memory', 'i64'], result: 'void' },
        },
      },
    );
    const memory = new JitMemory(8);
    expect(thrown(() => code.functions.forever(memory, 0n))).to.include({
      code: 'E_FUEL',
      functionName: 'forever',
    });
    using engine = new Engine({ backend: way.backend, limits: { fuel: 1e9 } });
    using recursive = compileIr(deep, { engine, level: way.level });
    expect(thrown(() => recursive.functions['deep']?.(1n)))
      .to.be.instanceOf(TrapError)
      .and.include({ code: 'E_STACK', functionName: 'deep' });
  });
});

describe('modules of IR', () => {
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
