import { expect } from 'chai';
import { CodeHolder } from '../../../src/jit/code/code-holder.ts';
import { JitRuntime } from '../../../src/jit/runtime/jit-runtime.ts';
import { ReleasedError } from '../../../src/jit/runtime/released-error.ts';
import { Assembler } from '../../../src/jit/x64/assembler.ts';
import { bytePtr, dwordPtr, ptr } from '../../../src/jit/x64/memory.ts';
import {
  eax,
  ecx,
  edi,
  type Gp64,
  rax,
  rcx,
  rdi,
  rdx,
  rsp,
  xmm0,
  xmm1,
  xmm2,
} from '../../../src/jit/x64/register.ts';

const isWindows = process.platform === 'win32';
/** Where the first integer argument is. */
const firstWide: Gp64 = isWindows ? rcx : rdi;
const firstNarrow = isWindows ? ecx : edi;

function place(runtime: JitRuntime, write: (a: Assembler) => void) {
  const code = new CodeHolder();
  const a = new Assembler(code);
  a.bind(code.newLabel('f'));
  write(a);
  a.ret();
  return runtime.add(code);
}

describe('callables with types', () => {
  const runtime = new JitRuntime();
  after(() => runtime[Symbol.dispose]());

  it('pass integers of both widths, and give them back', () => {
    const wide = place(runtime, (a) => a.lea(rax, ptr(firstWide, 1)));
    const i64 = runtime.callable(wide, 'f', { args: ['i64'], result: 'i64' });
    const u64 = runtime.callable(wide, 'f', { args: ['u64'], result: 'u64' });
    for (const x of [0n, -1n, 2n ** 62n, -(2n ** 63n), 2n ** 63n - 1n]) {
      expect(i64(x)).to.equal(BigInt.asIntN(64, x + 1n));
      expect(u64(x)).to.equal(BigInt.asUintN(64, x + 1n));
    }
    const narrow = place(runtime, (a) => {
      a.mov(eax, firstNarrow);
      a.add(eax, 1);
    });
    const i32 = runtime.callable(narrow, 'f', { args: ['i32'], result: 'i32' });
    const u32 = runtime.callable(narrow, 'f', { args: ['u32'], result: 'u32' });
    for (const x of [0, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 32 + 5, 1.9]) {
      expect(i32(x)).to.equal((x + 1) | 0);
      expect(u32(x)).to.equal((x + 1) >>> 0);
    }
    const bool = runtime.callable(narrow, 'f', { args: ['i32'], result: 'bool' });
    expect([bool(-1), bool(0)]).to.deep.equal([false, true]);
    const nothing = runtime.callable(narrow, 'f', { args: ['i32'], result: 'void' });
    expect(nothing(1)).to.equal(undefined);
  });

  it('pass floats beside integers, each in its own registers', () => {
    const code = place(runtime, (a) => {
      // (f64 x, i32 n, f32 y): x * n + y
      if (isWindows) a.cvtsi2sd(xmm1, rdx);
      else a.cvtsi2sd(xmm2, rdi);
      if (!isWindows) a.mulsd(xmm0, xmm2);
      else a.mulsd(xmm0, xmm1);
      a.cvtss2sd(xmm1, isWindows ? xmm2 : xmm1);
      a.addsd(xmm0, xmm1);
    });
    const f = runtime.callable(code, 'f', { args: ['f64', 'u32', 'f32'], result: 'f64' });
    expect(f(1.5, 4, 0.1)).to.equal(6 + Math.fround(0.1));
  });

  it('point to bytes wherever they are', () => {
    const code = place(runtime, (a) => {
      a.mov(eax, dwordPtr(firstWide));
      a.mov(bytePtr(firstWide), 7);
    });
    const f = runtime.callable(code, 'f', { args: ['pointer'], result: 'u32' });
    const shared = new SharedArrayBuffer(8);
    new DataView(shared).setUint32(0, 0xdead_beef, true);
    expect(f(shared)).to.equal(0xdead_beef);
    expect(new Uint8Array(shared)[0]).to.equal(7);
    const small = new Uint8Array([9, 1, 2, 3, 4]).subarray(1);
    expect(f(small)).to.equal(0x0403_0201);
    expect(small[0]).to.equal(7);
    expect(f(new DataView(shared, 4))).to.equal(0);
    const identity = place(runtime, (a) => a.mov(rax, firstWide));
    const address = runtime.callable(identity, 'f', { args: ['pointer'], result: 'pointer' });
    expect(address(null)).to.equal(0);
    const there = address(shared);
    expect(address(there)).to.equal(there);
    expect(f(there)).to.equal(0xdead_be07);
  });

  it('take many arguments, in registers and on the stack', () => {
    const last = place(runtime, (a) => {
      // The last of ten integers, from the stack.
      const words = isWindows ? 10 : 4;
      a.mov(rax, ptr(rsp, words * 8));
    });
    const types = new Array<'i64'>(10).fill('i64');
    const f = runtime.callable(last, 'f', { args: types, result: 'i64' }) as (...args: bigint[]) => bigint;
    expect(f(...types.map((_, index) => BigInt(index)))).to.equal(9n);
  });

  it('refuse values and signatures that are wrong', () => {
    const code = place(runtime, (a) => a.mov(rax, firstWide));
    const wide = runtime.callable(code, 'f', { args: ['i64'], result: 'i64' }) as (x: unknown) => unknown;
    const narrow = runtime.callable(code, 'f', { args: ['i32'], result: 'i32' }) as (x: unknown) => unknown;
    const pointer = runtime.callable(code, 'f', { args: ['pointer'], result: 'i64' }) as (
      x: unknown,
    ) => unknown;
    for (const wrong of [undefined, 1, '1', {}, null])
      expect(() => wide(wrong)).to.throw(TypeError, 'bigint');
    for (const wrong of [undefined, 1n, '1', {}, null])
      expect(() => narrow(wrong)).to.throw(TypeError, 'number');
    for (const wrong of [undefined, -1, 1.5, 2n, '1', {}, new ArrayBuffer(8)])
      expect(() => pointer(wrong)).to.throw(TypeError, 'argument 1');
    const call = (signature: unknown) => () => runtime.callable(code, 'f', signature as never);
    expect(call({ args: ['void'], result: 'i64' })).to.throw(TypeError, 'void');
    expect(call({ args: ['int'], result: 'i64' })).to.throw(TypeError, 'int');
    expect(call({ args: 'i64', result: 'i64' })).to.throw(TypeError, 'list');
    expect(call({ args: [], result: 'int' })).to.throw(TypeError, 'int');
    expect(call({ args: [] })).to.throw(TypeError);
    expect(call({ args: [], results: 'i64' })).to.throw(TypeError, 'result');
    expect(call(null)).to.throw(TypeError);
    expect(call({ args: new Array(513).fill('i64'), result: 'i64' })).to.throw(RangeError);
    runtime.release(code);
    expect(() => wide(1n)).to.throw(ReleasedError);
  });
});
