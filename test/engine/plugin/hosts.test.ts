import { expect } from 'chai';
import { compileIr, JitMemory, parseModule } from '../../../src/ir.ts';
import { thrown } from '../../support/thrown.ts';
import { eachWay } from './each-way.ts';

eachWay('hosts of modules', (way) => {
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
      engine: way.engine,
      level: way.level,
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
        engine: way.engine,
        level: way.level,
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
});
