import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Engine } from '../../src/index.ts';
import type * as Memory from '../../src/mem/index.ts';
import { JitAllocator } from '../../src/mem/jit-allocator.ts';
import { JitAllocatorOptions } from '../../src/mem/jit-allocator-options.ts';
import { VirtMem } from '../../src/mem/virt-mem.ts';
import {
  HardenedRuntimeFlags,
  MemoryFlags,
  ProtectJitAccess,
  type VirtMemBackend,
} from '../../src/mem/virt-mem-backend.ts';
import { VirtMemError } from '../../src/mem/virt-mem-error.ts';
import { type Address, addressAt } from '../../src/native/address.ts';
import { freshAddon } from '../native/fresh-addon.ts';
import { bundle } from '../support/bundle.ts';

/** The lines of the process's memory map that cover the address, as permissions and name. */
function mapped(address: number): { permissions: string; name: string } | undefined {
  for (const line of readFileSync('/proc/self/maps', 'utf8').split('\n')) {
    const [, low = '', high = '', permissions = '', name = ''] =
      /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)$/.exec(line) ?? [];
    if (Number.parseInt(low, 16) <= address && address < Number.parseInt(high, 16))
      return { permissions, name };
  }
  return undefined;
}

function failure(attempt: () => unknown): VirtMemError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof VirtMemError) return error;
    throw error;
  }
  throw new Error('did not fail');
}

/** The flags of the mapping that covers the address, of two letters each; see proc_pid_smaps(5). */
function kernelFlags(address: number): string[] {
  const lines = readFileSync('/proc/self/smaps', 'utf8').split('\n');
  const start = lines.findIndex((line) => {
    const [, low = '', high = ''] = /^([0-9a-f]+)-([0-9a-f]+) /.exec(line) ?? [];
    return Number.parseInt(low, 16) <= address && address < Number.parseInt(high, 16);
  });
  const flags = lines.find((line, i) => i > start && line.startsWith('VmFlags:')) ?? '';
  return flags.trim().split(/\s+/).slice(1);
}

describe('VirtMem', () => {
  const { pageSize, pageGranularity } = VirtMem.info();

  describe('info', () => {
    it('gives powers of two', () => {
      expect(Math.log2(pageSize) % 1).to.equal(0);
      expect(pageGranularity % pageSize).to.equal(0);
      expect(VirtMem.largePageSize() % pageSize).to.equal(0);
    });

    it('sees that nothing is enforced here but dual mapping works', () => {
      expect(VirtMem.hardenedRuntimeInfo().flags & HardenedRuntimeFlags.DualMapping).not.to.equal(0);
      expect(VirtMem.hardenedRuntimeInfo().flags & HardenedRuntimeFlags.MapJit).to.equal(0);
    });
  });

  describe('alloc', () => {
    const permissions: readonly [number, string][] = [
      [MemoryFlags.None, '---p'],
      [MemoryFlags.AccessRead, 'r--p'],
      [MemoryFlags.AccessRW, 'rw-p'],
      [MemoryFlags.AccessWrite, 'rw-p'],
      [MemoryFlags.AccessRX, 'r-xp'],
      [MemoryFlags.AccessRWX, 'rwxp'],
      [MemoryFlags.AccessRW | MemoryFlags.MapShared, 'rw-s'],
      [MemoryFlags.AccessRW | MemoryFlags.MMapEnableMapJit, 'rw-p'],
      [MemoryFlags.AccessRead | MemoryFlags.MMapMaxAccessRX, 'r--p'],
    ];
    for (const [flags, expected] of permissions) {
      it(`maps ${expected} for 0x${flags.toString(16)}, and release() unmaps it`, () => {
        const address = VirtMem.alloc(3 * pageSize, flags);
        expect(address % pageSize).to.equal(0);
        expect(mapped(address)?.permissions).to.equal(expected);
        expect(mapped(address + 3 * pageSize - 1)?.permissions).to.equal(expected);
        VirtMem.release(address, 3 * pageSize);
        expect(mapped(address)?.name ?? '').not.to.include('exprjit');
        expect(failure(() => VirtMem.release(address, 3 * pageSize)).code).to.equal('E_NOT_MAPPED');
      });
    }

    it('gives memory that can be read where it can be written', () => {
      const address = VirtMem.alloc(pageSize, MemoryFlags.AccessWrite);
      VirtMem.write(address, Uint8Array.of(7));
      expect(VirtMem.read(address, 1)[0]).to.equal(7);
      VirtMem.protect(address, pageSize, MemoryFlags.AccessExecute);
      expect(failure(() => VirtMem.read(address, 1)).code).to.equal('E_PROTECTED');
      VirtMem.protect(address, pageSize, MemoryFlags.AccessWrite);
      expect(VirtMem.read(address, 1)[0]).to.equal(7);
      VirtMem.release(address, pageSize);
    });

    it('names flags that there are not as the model writes them', () => {
      expect(() => VirtMem.alloc(pageSize, MemoryFlags.MappingPreferTmp | 0x08)).to.throw(
        RangeError,
        'flags must be a combination of MemoryFlags, not 0x80000008',
      );
      expect(() => VirtMem.alloc(pageSize, 2 ** 33)).to.throw(RangeError, 'not 8589934592');
    });

    it('takes large pages where they are set aside, and says so where not', () => {
      const size = VirtMem.largePageSize();
      if (size === 0) return;
      for (const attempt of [
        () => VirtMem.release(VirtMem.alloc(size, MemoryFlags.AccessRW | MemoryFlags.MMapLargePages), size),
        () => VirtMem.releaseDualMapping(VirtMem.allocDualMapping(size, MemoryFlags.MMapLargePages), size),
      ]) {
        try {
          attempt();
        } catch (error) {
          expect(error).to.be.instanceOf(VirtMemError);
          expect((error as VirtMemError).message).to.include('vm.nr_hugepages');
        }
      }
    });

    it('reports what the OS refuses', () => {
      const error = failure(() => VirtMem.alloc(2 ** 50, MemoryFlags.AccessRW));
      expect(error).to.include({ name: 'VirtMemError', code: 'ENOMEM', syscall: 'mmap' });
      expect(error.errno).to.be.greaterThan(0);
      expect(error.message).to.match(
        /^cannot map 1125899906842624 bytes: mmap failed with ENOMEM \(out of memory/,
      );
    });
  });

  describe('dual mapping', () => {
    it('shows the same memory twice, never writable and executable at once', () => {
      const mapping = VirtMem.allocDualMapping(pageGranularity, MemoryFlags.None);
      expect(mapped(mapping.rx)).to.deep.equal({ permissions: 'r-xs', name: '/memfd:exprjit (deleted)' });
      expect(mapped(mapping.rw)).to.deep.equal({ permissions: 'rw-s', name: '/memfd:exprjit (deleted)' });
      VirtMem.write(addressAt(mapping.rw, 100), Uint8Array.of(1, 2, 3));
      expect([...VirtMem.read(addressAt(mapping.rx, 99), 5)]).to.deep.equal([0, 1, 2, 3, 0]);
      VirtMem.releaseDualMapping(mapping, pageGranularity);
      expect(mapped(mapping.rx)?.name ?? '').not.to.include('exprjit');
      expect(mapped(mapping.rw)?.name ?? '').not.to.include('exprjit');
    });

    it('is in no child that the process forks, in either view', () => {
      // What the kernel is not told to copy.
      const notCopied = 'dc';
      for (const flags of [MemoryFlags.None, MemoryFlags.MappingPreferTmp]) {
        const mapping = VirtMem.allocDualMapping(pageGranularity, flags);
        expect(kernelFlags(mapping.rx)).to.include(notCopied);
        expect(kernelFlags(mapping.rw)).to.include(notCopied);
        VirtMem.releaseDualMapping(mapping, pageGranularity);
      }
      const code = VirtMem.alloc(pageGranularity, MemoryFlags.AccessRWX);
      expect(kernelFlags(code)).to.include(notCopied);
      VirtMem.protect(code, pageGranularity, MemoryFlags.AccessRW);
      expect(kernelFlags(code)).to.include(notCopied);
      VirtMem.release(code, pageGranularity);
      const data = VirtMem.alloc(pageGranularity, MemoryFlags.AccessRW);
      expect(kernelFlags(data)).to.be.an('array').that.includes('rd').and.does.not.include(notCopied);
      VirtMem.release(data, pageGranularity);
    });

    it('prefers a temporary file when asked to', () => {
      const mapping = VirtMem.allocDualMapping(pageGranularity, MemoryFlags.MappingPreferTmp);
      expect(mapped(mapping.rx)?.name).to.match(/\/exprjit-\w{6} \(deleted\)$/);
      VirtMem.write(mapping.rw, Uint8Array.of(7));
      expect(VirtMem.read(mapping.rx, 1)[0]).to.equal(7);
      VirtMem.releaseDualMapping(mapping, pageGranularity);
    });

    it('is released as a pair, and as nothing else', () => {
      const first = VirtMem.allocDualMapping(2 * pageGranularity, MemoryFlags.None);
      const second = VirtMem.allocDualMapping(2 * pageGranularity, MemoryFlags.None);
      const size = 2 * pageGranularity;
      const wrong: readonly (() => void)[] = [
        () => VirtMem.release(first.rx, size),
        () => VirtMem.release(first.rw, size),
        () => VirtMem.releaseDualMapping({ rx: first.rw, rw: first.rx }, size),
        () => VirtMem.releaseDualMapping({ rx: first.rx, rw: second.rw }, size),
        () => VirtMem.releaseDualMapping({ rx: first.rx, rw: first.rx }, size),
        () => VirtMem.releaseDualMapping(first, pageGranularity),
      ];
      for (const attempt of wrong) expect(failure(attempt).code, String(attempt)).to.equal('E_NOT_WHOLE');
      for (const mapping of [first, second]) {
        VirtMem.releaseDualMapping(mapping, size);
        expect(failure(() => VirtMem.releaseDualMapping(mapping, size)).code).to.equal('E_NOT_MAPPED');
      }
    });
  });

  describe('write, read and fill', () => {
    const size = 4 * pageSize;
    let address = 0 as Address;
    beforeEach(() => {
      address = VirtMem.alloc(size, MemoryFlags.AccessRW);
    });
    afterEach(() => {
      VirtMem.release(address, size);
    });

    it('reach every byte of a mapping and none beyond', () => {
      VirtMem.write(addressAt(address, size - 2), Uint8Array.of(1, 2));
      expect([...VirtMem.read(addressAt(address, size - 3), 3)]).to.deep.equal([0, 1, 2]);
      const beyond: readonly (() => unknown)[] = [
        () => VirtMem.write(addressAt(address, size - 1), Uint8Array.of(1, 2)),
        () => VirtMem.write(addressAt(address, -1), Uint8Array.of(1, 2)),
        () => VirtMem.read(addressAt(address, 1), size),
        () => VirtMem.fill(addressAt(address, 1), size, 0),
        () => VirtMem.flushInstructionCache(addressAt(address, 1), size),
        () => VirtMem.protect(address, size + pageSize, MemoryFlags.AccessRead),
        () => VirtMem.read(1 as Address, 1),
        () => VirtMem.write((2 ** 53 - 1) as Address, new Uint8Array(0)),
      ];
      for (const attempt of beyond) expect(failure(attempt).code, String(attempt)).to.equal('E_NOT_MAPPED');
    });

    it('fill with a pattern, little endian, at any address and size', () => {
      VirtMem.fill(addressAt(address, 1), 11, 0x04030201);
      expect([...VirtMem.read(address, 13)]).to.deep.equal([0, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 0]);
      VirtMem.fill(address, size, 0xcccccccc);
      expect(VirtMem.read(address, size).every((byte) => byte === 0xcc)).to.equal(true);
      VirtMem.fill(address, 2, 0xffffffff);
      expect([...VirtMem.read(address, 3)]).to.deep.equal([0xff, 0xff, 0xcc]);
    });

    it('obey the protection of each page', () => {
      VirtMem.fill(address, size, 0x11111111);
      VirtMem.protect(addressAt(address, pageSize), pageSize, MemoryFlags.AccessRead);
      VirtMem.protect(addressAt(address, 2 * pageSize), pageSize, MemoryFlags.None);
      expect(mapped(address + pageSize)?.permissions).to.equal('r--p');
      expect(mapped(address + 2 * pageSize)?.permissions).to.equal('---p');

      const refused: readonly (() => unknown)[] = [
        () => VirtMem.fill(addressAt(address, pageSize), 1, 0),
        () => VirtMem.write(addressAt(address, pageSize - 1), Uint8Array.of(1, 2)),
        () => VirtMem.write(addressAt(address, 3 * pageSize - 1), Uint8Array.of(1, 2)),
        () => VirtMem.fill(address, size, 0),
        () => VirtMem.read(addressAt(address, 2 * pageSize), 1),
        () => VirtMem.read(addressAt(address, pageSize), pageSize + 1),
      ];
      for (const attempt of refused) expect(failure(attempt).code, String(attempt)).to.equal('E_PROTECTED');
      expect(VirtMem.read(address, 2 * pageSize).every((byte) => byte === 0x11)).to.equal(true);
      VirtMem.write(addressAt(address, pageSize - 1), Uint8Array.of(1));
      VirtMem.write(addressAt(address, 3 * pageSize), Uint8Array.of(1));

      VirtMem.protect(address, size, MemoryFlags.AccessRW);
      VirtMem.fill(address, size, 0);
    });

    it('take any Uint8Array, and none of its bytes when its buffer is gone', () => {
      const detached = new Uint8Array(10);
      structuredClone(detached, { transfer: [detached.buffer] });
      VirtMem.write(address, detached);
      const shared = new Uint8Array(new SharedArrayBuffer(16), 3, 2).fill(5);
      VirtMem.write(address, shared);
      VirtMem.write(addressAt(address, 2), Buffer.from([6]));
      expect([...VirtMem.read(address, 4)]).to.deep.equal([5, 5, 6, 0]);
    });

    it('are refused by whole and by part when released', () => {
      const wrong: readonly [Address, number][] = [
        [address, pageSize],
        [addressAt(address, pageSize), size - pageSize],
        [addressAt(address, 1), 1],
      ];
      for (const [from, length] of wrong) {
        expect(failure(() => VirtMem.release(from, length)).code).to.equal('E_NOT_WHOLE');
      }
      expect(failure(() => VirtMem.release(address, 2 * size)).code).to.equal('E_NOT_MAPPED');
      expect(VirtMem.read(address, size).length).to.equal(size);
    });
  });

  describe('and the memory of an allocator', () => {
    /** What an allocator maps, and what anybody may try to do to it. */
    function attempts(rx: Address, rw: Address, size: number) {
      return (mem: VirtMemBackend): readonly (() => unknown)[] => [
        () => mem.write(rw, Uint8Array.of(0xcc)),
        () => mem.write(addressAt(rw, size - 1), new Uint8Array(0)),
        () => mem.fill(rw, size, 0xcccccccc),
        () => mem.release(rx, size),
        () => mem.release(rw, size),
        () => mem.releaseDualMapping({ rx, rw }, size),
        () => mem.protect(rx, pageSize, MemoryFlags.AccessRead),
        () => mem.protect(rw, size, MemoryFlags.None),
      ];
    }

    function expectOwned(tries: readonly (() => unknown)[]): void {
      for (const attempt of tries) {
        expect(attempt, String(attempt)).to.throw().that.includes({ name: 'VirtMemError', code: 'E_OWNED' });
      }
    }

    const kinds = [JitAllocatorOptions.None, JitAllocatorOptions.UseDualMapping];

    it('leave it to the allocator', () => {
      for (const options of kinds) {
        for (const backend of [undefined, VirtMem]) {
          const allocator = new JitAllocator(backend === undefined ? { options } : { options, backend });
          const span = allocator.alloc(64);
          allocator.write(span, 0, Uint8Array.of(1, 2, 3));
          const [block] = allocator.blocks();
          const rx = block?.address as Address;
          const rw = block?.rw as Address;
          const size = block?.size as number;
          expectOwned(attempts(rx, rw, size)(VirtMem));
          expect([...VirtMem.read(span.rx, 3)]).to.deep.equal([1, 2, 3]);
          allocator.write(span, 0, Uint8Array.of(4));
          expect([...VirtMem.read(span.rx, 3)]).to.deep.equal([4, 2, 3]);
          allocator[Symbol.dispose]();
          expect(failure(() => VirtMem.release(rx, size)).code).to.equal('E_NOT_MAPPED');
        }
      }
    });

    it('leave an engine its code', () => {
      using engine = new Engine({ backend: 'native' });
      const f = engine.compile('x + 1', ['x']);
      for (const block of engine.memory().blocks) {
        expectOwned(attempts(block.address as Address, block.rw as Address, block.size)(VirtMem));
      }
      expect(f(1)).to.equal(2);
    });

    it('leave it to the allocator when the modules are evaluated twice', async () => {
      const file = bundle(new URL('../../src/mem/index.ts', import.meta.url)).href;
      const one = (await import(`${file}?one`)) as typeof Memory;
      const two = (await import(`${file}?two`)) as typeof Memory;
      expect(one.VirtMem).not.to.equal(two.VirtMem);
      for (const options of kinds) {
        for (const { JitAllocator: Allocator } of [one, two, { JitAllocator }]) {
          const allocator = new Allocator({ options });
          allocator.alloc(64);
          const [block] = allocator.blocks();
          const places = attempts(block?.address as Address, block?.rw as Address, block?.size as number);
          for (const { VirtMem: mem } of [one, two, { VirtMem }]) expectOwned(places(mem));
          allocator.verify();
          allocator[Symbol.dispose]();
        }
      }
    });

    it('take nobody else for the owner', () => {
      const addon = freshAddon();
      const [mine, yours] = [addon.createMemoryOwner(), addon.createMemoryOwner()];
      const address = mine.alloc(pageSize, MemoryFlags.AccessRW);
      const nobodys = addon.alloc(pageSize, MemoryFlags.AccessRW);
      const refused = (attempt: () => void) => expect(attempt).to.throw().with.property('code', 'E_OWNED');
      // Receivers mean nothing: who has the functions is the owner.
      for (const receiver of [mine, addon, new Proxy(mine, {}), { ...mine }, null, 1]) {
        refused(() => yours.write.call(receiver as never, address, Uint8Array.of(1)));
        refused(() => yours.release.call(receiver as never, address, pageSize));
        refused(() => addon.fill.call(receiver as never, address, pageSize, 1));
        refused(() => mine.write.call(receiver as never, nobodys, Uint8Array.of(1)));
      }
      const { write } = mine;
      write(address, Uint8Array.of(7));
      const bytes = new Uint8Array(1);
      addon.read(address, bytes);
      expect([...bytes]).to.deep.equal([7]);
      mine.release(address, pageSize);
      addon.release(nobodys, pageSize);
    });

    it('hand the owner to no setter of changed prototypes', () => {
      const caught: unknown[] = [];
      const names = ['alloc', 'write', 'rx', 'rw', 'code'];
      for (const name of names) {
        Object.defineProperty(Object.prototype, name, {
          configurable: true,
          set(value: unknown) {
            caught.push(value);
          },
        });
      }
      try {
        const owner = freshAddon().createMemoryOwner();
        const { rx, rw } = owner.allocDualMapping(pageSize, MemoryFlags.None, '/tmp');
        expect(() => owner.release(1 as Address, 1)).to.throw();
        owner.releaseDualMapping(rx, rw, pageSize);
      } finally {
        for (const name of names) Reflect.deleteProperty(Object.prototype, name);
      }
      expect(caught).to.deep.equal([]);
    });
  });

  it('takes flags as `|` gives them, and as C does', () => {
    const flags = MemoryFlags.AccessRWX | MemoryFlags.MappingPreferTmp;
    expect(flags).to.be.lessThan(0);
    for (const spelling of [flags, flags >>> 0]) {
      const { rx, rw } = VirtMem.allocDualMapping(pageSize, spelling);
      expect(mapped(rx)?.name).to.include('/');
      VirtMem.releaseDualMapping({ rx, rw }, pageSize);
      const address = VirtMem.alloc(pageSize, spelling);
      VirtMem.protect(
        address,
        pageSize,
        (MemoryFlags.AccessRead | MemoryFlags.MappingPreferTmp) + spelling - flags,
      );
      expect(mapped(address)?.permissions).to.equal('r--p');
      VirtMem.release(address, pageSize);
      const addon = freshAddon();
      addon.release(addon.alloc(pageSize, spelling), pageSize);
      const dual = addon.allocDualMapping(pageSize, spelling, '/tmp');
      expect(dual.strategy).to.equal('tmpfile');
      addon.releaseDualMapping(dual.rx, dual.rw, pageSize);
    }
  });

  it('refuses what another environment mapped', () => {
    const other = freshAddon();
    const address = other.alloc(pageSize, MemoryFlags.AccessRW);
    const attempts: readonly (() => unknown)[] = [
      () => VirtMem.read(address, 1),
      () => VirtMem.write(address, Uint8Array.of(1)),
      () => VirtMem.protect(address, pageSize, MemoryFlags.AccessRead),
      () => VirtMem.release(address, pageSize),
    ];
    for (const attempt of attempts) expect(failure(attempt).code).to.equal('E_NOT_MAPPED');
    other.release(address, pageSize);
  });

  it('probes every strategy and explains what does not work', () => {
    const { platform, architecture, results } = VirtMem.probe();
    expect({ platform, architecture }).to.deep.equal({ platform: 'linux', architecture: 'x64' });
    expect(results.map(({ strategy }) => strategy)).to.deep.equal([
      'protect',
      'rwx',
      'rwx-shared',
      'memfd',
      'shm',
      'tmpfile',
      'rwx-large-pages',
      'dual-large-pages',
      'map-jit',
    ]);
    for (const { works, code, errno, syscall, hint } of results) {
      if (works) {
        expect({ code, errno, syscall, hint }).to.deep.equal({
          code: undefined,
          errno: undefined,
          syscall: undefined,
          hint: undefined,
        });
      } else {
        expect(code).to.match(/^E[A-Z0-9]+$/);
        expect(errno).to.be.greaterThan(0);
        expect(syscall).to.match(/^\w+$/);
        expect(hint).to.be.a('string');
      }
    }
    expect(results.at(-1)).to.include({ strategy: 'map-jit', works: false, code: 'ENOTSUP' });
  });

  describe('parameters', () => {
    const backend = VirtMem as unknown as Record<keyof VirtMemBackend, (...args: unknown[]) => unknown>;
    const numbers = [undefined, null, '4096', 4096n, {}, [], true];
    const integers = [Number.NaN, 0.5, -1, -4096, 2 ** 53, Number.POSITIVE_INFINITY, 0];

    it('of a wrong type throw a TypeError that names them', () => {
      for (const wrong of numbers) {
        expect(() => backend.alloc(wrong, 0)).to.throw(TypeError, 'size must be a number');
        expect(() => backend.alloc(pageSize, wrong)).to.throw(TypeError, 'flags must be a number');
        expect(() => backend.allocDualMapping(wrong, 0)).to.throw(TypeError, 'size must be a number');
        expect(() => backend.release(wrong, pageSize)).to.throw(TypeError, 'address must be a number');
        expect(() => backend.release(pageSize, wrong)).to.throw(TypeError, 'size must be a number');
        expect(() => backend.protect(pageSize, pageSize, wrong)).to.throw(
          TypeError,
          'flags must be a number',
        );
        expect(() => backend.read(wrong, 1)).to.throw(TypeError, 'rx must be a number');
        expect(() => backend.write(wrong, new Uint8Array(1))).to.throw(TypeError, 'rw must be a number');
        expect(() => backend.write(pageSize, wrong)).to.throw(TypeError, 'bytes must be a Uint8Array');
        expect(() => backend.fill(pageSize, 1, wrong)).to.throw(TypeError, 'pattern must be a number');
        expect(() => backend.protectJitMemory(wrong)).to.throw(RangeError, 'ProtectJitAccess');
      }
      for (const wrong of [undefined, null, 1, 'x']) {
        expect(() => backend.releaseDualMapping(wrong, pageSize)).to.throw(TypeError, 'mapping must be');
      }
      expect(() => backend.releaseDualMapping({}, pageSize)).to.throw(
        TypeError,
        'mapping.rx must be a number',
      );
    });

    it('out of range throw a RangeError that names them and what is allowed', () => {
      for (const wrong of integers) {
        expect(() => backend.alloc(wrong, 0)).to.throw(RangeError, 'size must be');
        expect(() => backend.allocDualMapping(wrong, 0)).to.throw(RangeError, 'size must be');
        expect(() => backend.release(wrong, pageSize)).to.throw(
          RangeError,
          'address must be an integer from 1',
        );
        expect(() => backend.read(pageSize, wrong)).to.throw(RangeError, 'size must be an integer from 1');
        expect(() => backend.flushInstructionCache(pageSize, wrong)).to.throw(RangeError, 'size must be');
      }
      for (const size of [1, pageSize - 1, pageSize + 1]) {
        const message = `size must be a multiple of the page size, ${pageSize}`;
        expect(() => backend.alloc(size, 0)).to.throw(RangeError, message);
        expect(() => backend.allocDualMapping(size, 0)).to.throw(RangeError, message);
        expect(() => backend.protect(pageSize, size, 0)).to.throw(RangeError, message);
        expect(() => backend.protect(size, pageSize, 0)).to.throw(RangeError, 'address must be a multiple');
      }
      for (const flags of [0.5, -1, 2 ** 32, -(2 ** 31) - 1, -(2 ** 32), 0x8, 0x400, Number.NaN]) {
        expect(() => backend.alloc(pageSize, flags)).to.throw(RangeError, 'combination of MemoryFlags');
        expect(() => backend.protect(pageSize, pageSize, flags)).to.throw(RangeError, 'MemoryFlags');
      }
      for (const pattern of [-1, 0.5, 2 ** 32, Number.NaN]) {
        expect(() => backend.fill(pageSize, 1, pattern)).to.throw(RangeError, 'pattern must be an integer');
      }
      expect(() => backend.read(2 ** 53 - 1, 2 ** 53 - 1)).to.throw(RangeError, 'below 2^53');
    });

    it('of protectJitMemory() are accepted where there is nothing to switch', () => {
      VirtMem.protectJitMemory(ProtectJitAccess.ReadWrite);
      VirtMem.protectJitMemory(ProtectJitAccess.ReadExecute);
    });
  });
});
