import { expect } from 'chai';
import { CodeHolder } from '../../../src/jit/code/code-holder.ts';
import type { JitCode } from '../../../src/jit/runtime/jit-code.ts';
import { JitRuntime } from '../../../src/jit/runtime/jit-runtime.ts';
import { ReleasedError } from '../../../src/jit/runtime/released-error.ts';
import { Assembler } from '../../../src/jit/x64/assembler.ts';
import { ptr } from '../../../src/jit/x64/memory.ts';
import { rsp, xmm, xmm0, xmm1, zmm } from '../../../src/jit/x64/register.ts';
import { JitAllocatorOptions, ResetPolicy } from '../../../src/mem/jit-allocator-options.ts';
import { VirtMem } from '../../../src/mem/virt-mem.ts';
import type { VirtMemBackend } from '../../../src/mem/virt-mem-backend.ts';
import type { Address } from '../../../src/native/address.ts';
import { requireAddon } from '../../../src/native/loader.ts';
import { elementAt } from '../../../src/support/element.ts';

/** `double add(double, double)`. */
function addition(): CodeHolder {
  const code = new CodeHolder();
  const a = new Assembler(code);
  a.bind(code.newLabel('add'));
  a.addsd(xmm0, xmm1);
  a.ret();
  return code;
}

/** `double call(double, double)`: one more than what `target` gives. */
function callAndAddOne(target: Address): CodeHolder {
  const code = new CodeHolder();
  const a = new Assembler(code);
  a.bind(code.newLabel('call'));
  a.sub(rsp, 8);
  a.callAddress(target);
  a.add(rsp, 8);
  a.addsd(xmm0, ptr(code.float64(1)));
  a.ret();
  return code;
}

function bytesOf(runtime: JitRuntime, code: JitCode): string {
  return Buffer.from(runtime.read(code)).toString('hex');
}

describe('JitRuntime', () => {
  it('runs what it was given', () => {
    using runtime = new JitRuntime();
    const code = runtime.add(addition());
    expect(runtime.callable(code, 'add', 2)(1, 2)).to.equal(3);
    expect(bytesOf(runtime, code)).to.equal('f20f58c1c3');
  });

  it('never maps a page writable and executable unless told to', () => {
    const options: number[] = [];
    const spy = (overrides: Partial<VirtMemBackend>): VirtMemBackend => ({ ...VirtMem, ...overrides });
    const backend = spy({
      alloc: (size, flags) => {
        options.push(flags);
        return VirtMem.alloc(size, flags);
      },
    });
    using dual = new JitRuntime({ backend });
    dual.add(addition());
    expect(options).to.deep.equal([]);
    using single = new JitRuntime({ backend, options: JitAllocatorOptions.None });
    single.add(addition());
    expect(options).to.have.length(1);
  });

  it('passes any number of arguments in the convention of the platform', () => {
    using runtime = new JitRuntime();
    for (const arity of [0, 1, 3, 4, 5, 8, 9, 10, 17]) {
      const args = Array.from({ length: arity }, (_, i) => i + 1);
      const expected = args.reduce((sum, value) => sum * 2 + value, 0);
      const code = runtime.add(hornerOf(arity));
      expect(runtime.callable(code, 'horner', arity)(...args), `${arity} arguments`).to.equal(expected);
    }
  });

  it('takes numbers and booleans for arguments, and runs no code of others', () => {
    using runtime = new JitRuntime();
    const add = runtime.callable(runtime.add(addition()), 'add', 2);
    const call = (...args: unknown[]): unknown => Reflect.apply(add, undefined, args);
    expect(call(1, true)).to.equal(2);
    expect(call(1, 2, 'surplus')).to.equal(3);
    const spy = { valueOf: () => expect.fail('this ran') };
    expect(() => call(1, spy)).to.throw(TypeError, 'argument 2 must be a number, not an object');
    expect(() => call('1', 2)).to.throw(TypeError, 'argument 1 must be a number, not a string');
    expect(() => call(1)).to.throw(TypeError, 'argument 2 is missing');
    expect(add(1, 2)).to.equal(3);
  });

  it('refuses arities that the frame cannot carry, and symbols that are not there', () => {
    using runtime = new JitRuntime();
    const code = runtime.add(addition());
    for (const arity of [-1, 1.5, 513, Number.NaN]) {
      expect(() => runtime.callable(code, 'add', arity)).to.throw(
        RangeError,
        'arity must be an integer from 0 to 512',
      );
    }
    expect(() => runtime.callable(code, 'sub', 2)).to.throw(RangeError, 'no symbol sub');
  });

  it('places code at its alignment, also where spans are aligned less', () => {
    using runtime = new JitRuntime({ granularity: 16 });
    const codes = [1, 2, 3, 4].map(() => {
      const source = new CodeHolder();
      const a = new Assembler(source);
      a.bind(source.newLabel('f'));
      a.movapd(xmm0, ptr(source.constant(new Uint8Array(64).fill(1))));
      a.ret();
      return runtime.add(source);
    });
    for (const code of codes) {
      expect(code.address % 64).to.equal(0);
      runtime.callable(code, 'f', 0)();
    }
    runtime.allocator.verify();
  });

  it('keeps no more memory for alignment than it takes', () => {
    using runtime = new JitRuntime({ granularity: 16 });
    const source = new CodeHolder();
    const a = new Assembler(source);
    a.ret();
    a.align(64);
    runtime.add(source);
    const before = runtime.statistics().usedSize;
    expect(runtime.add(source).address % 64).to.equal(0);
    // The first ended where the second may start.
    expect(runtime.statistics().usedSize - before).to.equal(64);
  });

  it('runs aligned loads of every width from the constant pool', () => {
    if (!requireAddon().cpuInfo().features.includes('avx512f')) return;
    using runtime = new JitRuntime();
    const source = new CodeHolder();
    const a = new Assembler(source);
    a.bind(source.newLabel('f'));
    a.vmovapd(elementAt(zmm, 0), ptr(source.float64(2.5, 8)));
    a.vzeroupper();
    a.ret();
    expect(runtime.callable(runtime.add(source), 'f', 0)()).to.equal(2.5);
  });

  describe('calls between code', () => {
    it('are direct within a reserved range', () => {
      using runtime = new JitRuntime({ reserve: 2 ** 26, blockSize: 2 ** 20 });
      const source = new CodeHolder();
      new Assembler(source).embed(new Uint8Array(2 ** 19));
      const callee = runtime.add(addition());
      // So that callee and caller are in different blocks.
      for (let i = 0; i < 4; i++) runtime.add(source);
      const caller = runtime.add(callAndAddOne(callee.symbol('add')));
      expect(bytesOf(runtime, caller).slice(8, 12)).to.equal('40e8');
      expect(runtime.callable(caller, 'call', 2)(1, 2)).to.equal(4);
    });

    it('go through memory to what is out of reach', () => {
      using runtime = new JitRuntime();
      const callee = runtime.add(addition());
      // Code for a place out of reach. What it does there it does anywhere, since it finds the slot relative to itself.
      const image = callAndAddOne(callee.symbol('add')).relocate((callee.address / 4) as Address);
      expect(Buffer.from(image).toString('hex', 4, 6)).to.equal('ff15');
      const source = new CodeHolder();
      const a = new Assembler(source);
      a.bind(source.newLabel('call'));
      a.embed(image);
      expect(runtime.callable(runtime.add(source), 'call', 2)(1, 2)).to.equal(4);
    });
  });

  describe('release', () => {
    it('ends everything that a handle can do', () => {
      using runtime = new JitRuntime();
      const code = runtime.add(addition());
      const add = runtime.callable(code, 'add', 2);
      runtime.release(code);
      for (const use of [
        () => add(1, 2),
        () => code.address,
        () => code.symbol('add'),
        () => code.enter(),
        () => runtime.release(code),
        () => code.release(),
        () => runtime.read(code),
        () => runtime.callable(code, 'add', 2),
      ]) {
        expect(use).to.throw(ReleasedError);
      }
      expect(runtime.statistics()).to.include({
        codeCount: 0,
        releasedCount: 0,
        allocationCount: 0,
        usedSize: 0,
      });
    });

    it('waits for the last activation, and lets no new one begin', () => {
      using runtime = new JitRuntime();
      const code = runtime.add(addition());
      code.enter();
      code.enter();
      runtime.release(code);
      expect(() => code.enter()).to.throw(ReleasedError);
      expect(() => runtime.release(code)).to.throw(ReleasedError);
      expect(runtime.statistics()).to.include({ codeCount: 1, releasedCount: 1, allocationCount: 1 });
      code.leave();
      expect(code.activations).to.equal(1);
      expect(runtime.statistics().allocationCount).to.equal(1);
      code.leave();
      expect(runtime.statistics()).to.include({ codeCount: 0, releasedCount: 0, allocationCount: 0 });
      expect(() => code.leave()).to.throw(RangeError, 'left as often as entered');
    });

    it('refuses the code of another runtime', () => {
      using one = new JitRuntime();
      using other = new JitRuntime();
      const code = one.add(addition());
      expect(() => other.release(code)).to.throw(RangeError, 'another runtime');
      expect(() => other.callable(code, 'add', 2)).to.throw(RangeError, 'another runtime');
      expect(code.released).to.equal(false);
    });

    it('keeps an entry that a tool released from running', () => {
      using runtime = new JitRuntime();
      const code = runtime.add(addition());
      const add = runtime.callable(code, 'add', 2);
      const thunk = [...runtime.codes()].find((each) => each !== code);
      thunk?.release();
      expect(() => add(1, 2)).to.throw(ReleasedError);
      expect(runtime.callable(code, 'add', 2)(1, 2)).to.equal(3);
    });

    it('ends the activation of the code also where its entry cannot be freed', () => {
      let failing = false;
      const backend = {
        ...VirtMem,
        fill: (...args: Parameters<typeof VirtMem.fill>) => {
          if (failing) throw new Error('refused');
          VirtMem.fill(...args);
        },
      };
      const runtime = new JitRuntime({ backend, options: JitAllocatorOptions.FillUnusedMemory });
      const code = runtime.add(addition());
      const add = runtime.callable(code, 'add', 2);
      const thunk = [...runtime.codes()].find((other) => other !== code);
      // Stands for a host function: runs when everything is entered.
      const leave = thunk?.leave.bind(thunk);
      Object.defineProperty(thunk, 'leave', {
        value: () => {
          thunk?.release();
          failing = true;
          leave?.();
        },
      });
      expect(() => add(1, 2)).to.throw('refused');
      expect(code.activations).to.equal(0);
      failing = false;
      runtime[Symbol.dispose]();
      expect(runtime.statistics().blockCount).to.equal(0);
    });

    it('releases the code for good where the OS fails, and the memory with the runtime', () => {
      let failing = false;
      const backend = {
        ...VirtMem,
        releaseDualMapping: (...args: Parameters<typeof VirtMem.releaseDualMapping>) => {
          if (failing) throw new Error('refused');
          VirtMem.releaseDualMapping(...args);
        },
      };
      const options = JitAllocatorOptions.UseDualMapping | JitAllocatorOptions.ImmediateRelease;
      const runtime = new JitRuntime({ backend, options });
      const code = runtime.add(addition());
      failing = true;
      expect(() => runtime.release(code)).to.throw('refused');
      expect(() => code.address).to.throw(ReleasedError);
      expect(() => runtime[Symbol.dispose]()).to.throw('refused');
      failing = false;
      runtime[Symbol.dispose]();
      expect(runtime.statistics().codeCount).to.equal(0);
    });
  });

  describe('failing add', () => {
    it('gives the memory back when writing fails', () => {
      const backend = {
        ...VirtMem,
        write: () => {
          throw new Error('cannot write');
        },
      };
      using runtime = new JitRuntime({ backend });
      expect(() => runtime.add(addition())).to.throw('cannot write');
      expect(runtime.statistics()).to.include({ allocationCount: 0, codeCount: 0 });
      runtime.allocator.verify();
    });

    it('gives the memory back when a listener throws', () => {
      using runtime = new JitRuntime();
      const stop = runtime.onAdd(() => {
        throw new Error('no');
      });
      expect(() => runtime.add(addition())).to.throw('no');
      expect(runtime.statistics().allocationCount).to.equal(0);
      stop();
      expect(runtime.add(addition()).released).to.equal(false);
    });

    it('takes no memory for labels that are not bound or code that is empty', () => {
      using runtime = new JitRuntime();
      const source = new CodeHolder();
      const a = new Assembler(source);
      expect(() => runtime.add(source)).to.throw(RangeError, 'the code is empty');
      a.jmp(source.newLabel('nowhere'));
      expect(() => runtime.add(source)).to.throw(RangeError, 'label nowhere is used but not bound');
      expect(runtime.statistics().blockCount).to.equal(0);
    });
  });

  it('shows its memory, and lets nobody take it from under the code', () => {
    using runtime = new JitRuntime();
    const { address } = runtime.add(addition());
    const { allocator } = runtime;
    expect(allocator.statistics().allocationCount).to.equal(1);
    expect(allocator.query(address)?.rx).to.equal(address);
    expect([...allocator.blocks()].map(({ spans }) => spans.length)).to.deep.equal([1]);
    expect(allocator.pools.map(({ granularity }) => granularity)).to.deep.equal([allocator.granularity]);
    allocator.verify();
    for (const method of ['alloc', 'release', 'shrink', 'write', 'writeScope', 'reset', Symbol.dispose]) {
      expect(allocator).not.to.have.property(method);
    }
  });

  it('tells whether memory can be had, and takes none', () => {
    using runtime = new JitRuntime();
    runtime.tryMemory();
    expect(runtime.statistics()).to.include({ allocationCount: 0, codeCount: 0 });
    const allocDualMapping = () => {
      throw new Error('refused');
    };
    using refused = new JitRuntime({ backend: { ...VirtMem, allocDualMapping } });
    expect(() => refused.tryMemory()).to.throw('refused');
  });

  it('takes functions for listeners, and its own code to release, and nothing else', () => {
    using runtime = new JitRuntime();
    for (const wrong of [undefined, null, 3, {}, addition()]) {
      expect(() => runtime.onAdd(wrong as () => void)).to.throw(TypeError, 'must be a function');
      expect(() => runtime.onRelease(wrong as () => void)).to.throw(TypeError, 'must be a function');
      expect(() => runtime.release(wrong as unknown as JitCode)).to.throw(TypeError, 'a JitCode is needed');
    }
    runtime.release(runtime.add(addition()));
  });

  it('tells listeners of what comes and goes', () => {
    using runtime = new JitRuntime();
    const events: string[] = [];
    runtime.onAdd((code, source) => events.push(`add ${[...source.symbols.keys()]} ${code.size}`));
    runtime.onRelease((code) => events.push(`release ${code.size}`));
    const code = runtime.add(addition());
    code.enter();
    runtime.release(code);
    expect(events).to.deep.equal(['add add 5']);
    code.leave();
    expect(events).to.deep.equal(['add add 5', 'release 5']);
  });

  it('has freed the memory and tells the others when a release listener throws', () => {
    using runtime = new JitRuntime();
    let told = 0;
    runtime.onRelease(() => {
      throw new Error('listener');
    });
    runtime.onRelease(() => told++);
    const code = runtime.add(addition());
    expect(() => runtime.release(code)).to.throw('listener');
    expect(told).to.equal(1);
    expect(code.released).to.equal(true);
    expect(runtime.statistics().allocationCount).to.equal(0);
  });

  describe('reset', () => {
    for (const [policy, blockCount] of [
      [ResetPolicy.Soft, 1],
      [ResetPolicy.Hard, 0],
    ] as const) {
      it(`releases all code and keeps ${blockCount} block(s) under policy ${policy}`, () => {
        using runtime = new JitRuntime();
        const code = runtime.add(addition());
        const shared = runtime.addShared(addition());
        const add = runtime.callable(code, 'add', 2);
        const gone: JitCode[] = [];
        runtime.onRelease((released) => gone.push(released));
        runtime.reset(policy);
        expect(() => add(1, 2)).to.throw(ReleasedError);
        expect(() => shared.address).to.throw(ReleasedError);
        expect(gone).to.include.members([code, shared]).and.have.lengthOf(3);
        expect(runtime.statistics()).to.include({ codeCount: 0, allocationCount: 0, blockCount });
        expect(runtime.callable(runtime.add(addition()), 'add', 2)(1, 2)).to.equal(3);
      });
    }

    it('leaves memory to code that runs, and the shared code that it may call', () => {
      using runtime = new JitRuntime();
      const shared = runtime.addShared(addition());
      const target = shared.address;
      const code = runtime.add(callAndAddOne(target));
      code.enter();
      runtime.reset(ResetPolicy.Hard);
      expect(() => code.enter()).to.throw(ReleasedError);
      expect(() => shared.enter()).to.throw(ReleasedError);
      expect(Buffer.from(VirtMem.read(target, 4)).toString('hex')).to.equal('f20f58c1');
      expect(runtime.statistics()).to.include({ codeCount: 2, releasedCount: 2 });
      const later = runtime.add(addition());
      later.enter();
      code.leave();
      expect([...runtime.codes()]).to.deep.equal([later]);
      later.leave();
    });

    it('leaves shared code alone that runs itself', () => {
      using runtime = new JitRuntime();
      const [one, other] = [runtime.addShared(addition()), runtime.addShared(addition())];
      one.enter();
      runtime.reset();
      runtime.reset();
      expect(runtime.statistics().codeCount).to.equal(2);
      one.leave();
      expect(runtime.statistics().codeCount).to.equal(0);
      expect([one.activations, other.activations]).to.deep.equal([0, 0]);
    });

    it('lets disposal take what it held', () => {
      const runtime = new JitRuntime();
      runtime.addShared(addition());
      const code = runtime.add(addition());
      code.enter();
      runtime.reset();
      runtime[Symbol.dispose]();
      expect(runtime.statistics().codeCount).to.equal(2);
      code.leave();
      expect(runtime.statistics()).to.include({ codeCount: 0, blockCount: 0 });
    });

    it('releases everything though a listener throws', () => {
      using runtime = new JitRuntime();
      for (let i = 0; i < 3; i++) runtime.add(addition());
      runtime.onRelease(() => {
        throw new Error('heard');
      });
      expect(() => runtime.reset()).to.throw(AggregateError);
      expect(runtime.statistics().codeCount).to.equal(0);
    });

    it('refuses other policies, and a runtime that was disposed of', () => {
      const runtime = new JitRuntime();
      const code = runtime.add(addition());
      expect(() => runtime.reset(2)).to.throw(RangeError, 'policy');
      expect(code.released).to.equal(false);
      runtime[Symbol.dispose]();
      expect(() => runtime.reset()).to.throw(ReleasedError, 'disposed');
    });
  });

  describe('dispose', () => {
    it('releases all code and unmaps the memory', () => {
      const runtime = new JitRuntime();
      const code = runtime.add(addition());
      const { address } = code;
      const add = runtime.callable(code, 'add', 2);
      runtime[Symbol.dispose]();
      expect(() => add(1, 2)).to.throw(ReleasedError);
      expect(() => runtime.add(addition())).to.throw(ReleasedError, 'runtime');
      runtime[Symbol.dispose]();
      expect(() => runtime.allocator.query(address)).to.throw('disposed');
    });

    it('takes no code from its own listeners, and may be asked for by them', () => {
      const runtime = new JitRuntime();
      for (let i = 0; i < 3; i++) runtime.add(addition());
      let refused = 0;
      runtime.onRelease(() => {
        expect(() => runtime.add(addition())).to.throw(ReleasedError);
        refused++;
        runtime[Symbol.dispose]();
      });
      runtime[Symbol.dispose]();
      expect(refused).to.equal(3);
      expect(runtime.statistics()).to.include({ codeCount: 0, blockCount: 0 });
    });

    it('leaves the memory to code that still runs', () => {
      const runtime = new JitRuntime();
      const code = runtime.add(addition());
      const address = code.address;
      runtime.add(addition());
      code.enter();
      runtime[Symbol.dispose]();
      expect(runtime.allocator.query(address)).not.to.equal(undefined);
      expect(Buffer.from(VirtMem.read(address, 4)).toString('hex')).to.equal('f20f58c1');
      code.leave();
      expect(() => runtime.allocator.query(address)).to.throw('disposed');
      expect(() => VirtMem.read(address, 4)).to.throw();
    });
  });
});

/** `double horner(a0, a1, …)`: `((a0 * 2) + a1) * 2 + …`, so that the order of the arguments shows. */
function hornerOf(arity: number): CodeHolder {
  const code = new CodeHolder();
  const a = new Assembler(code);
  const isWindows = process.platform === 'win32';
  const inRegisters = isWindows ? 4 : 8;
  // Above the return address; Windows leaves room for the register arguments.
  const onStack = (index: number): number => 8 + (isWindows ? index : index - inRegisters) * 8;
  const sum = elementAt(xmm, 9);
  const two = elementAt(xmm, 10);
  a.bind(code.newLabel('horner'));
  a.xorpd(sum, sum);
  a.movsd(two, ptr(code.float64(2)));
  for (let i = 0; i < arity; i++) {
    a.mulsd(sum, two);
    a.addsd(sum, i < inRegisters ? elementAt(xmm, i) : ptr(rsp, onStack(i)));
  }
  a.movapd(xmm0, sum);
  a.ret();
  return code;
}
