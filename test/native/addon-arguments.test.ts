import { inspect } from 'node:util';
import { expect } from 'chai';
import { MemoryFlags } from '../../src/mem/virt-mem-backend.ts';
import type { Addon } from '../../src/native/addon.ts';
import { frameLength } from '../../src/native/frame.ts';
import { kernelRequestLength } from '../../src/native/kernel-request.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';
import { freshAddon } from './fresh-addon.ts';

/** Everything but `invoke`, which trusts the code that it enters. */
const entries = [
  'virtMemInfo',
  'largePageSize',
  'hardenedRuntimeFlags',
  'alloc',
  'release',
  'protect',
  'allocDualMapping',
  'releaseDualMapping',
  'protectJitMemory',
  'flushInstructionCache',
  'write',
  'read',
  'fill',
  'probe',
  'mapProfileMarker',
  'cpuInfo',
  'stackAddress',
  'arithmetic',
  'openSession',
] as const satisfies readonly (keyof Addon)[];

type Callable = (...args: unknown[]) => unknown;

function detached(): Uint8Array {
  const bytes = new Uint8Array(64);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  return bytes;
}

function outOfBounds(): Uint8Array {
  const buffer = new (ArrayBuffer as unknown as new (size: number, options: object) => ArrayBuffer)(64, {
    maxByteLength: 128,
  });
  const bytes = new Uint8Array(buffer, 32, 16);
  (buffer as unknown as { resize(size: number): void }).resize(8);
  return bytes;
}

const hostile = {
  valueOf(): number {
    throw new Error('never asked');
  },
};

const garbage: readonly unknown[] = [
  undefined,
  null,
  true,
  false,
  '',
  '4096',
  '/tmp\0/x',
  Symbol('s'),
  4096n,
  {},
  [],
  [4096],
  () => 1,
  hostile,
  new Proxy({}, {}),
  new Uint8Array(0),
  new Uint8Array(10),
  new Uint8Array(new SharedArrayBuffer(16)),
  detached(),
  outOfBounds(),
  new Uint8ClampedArray(8),
  new Float64Array(8),
  new DataView(new ArrayBuffer(8)),
  new ArrayBuffer(8),
  ...[0, -0, 1, -1, 0.5, 3, 4095, 4096, 4097, 8192, 2 ** 31, 2 ** 32, 2 ** 32 + 4096],
  ...[
    2 ** 46,
    2 ** 47,
    2 ** 52,
    2 ** 53 - 1,
    2 ** 53,
    2 ** 53 - 4096,
    2 ** 63,
    2 ** 64 - 4096,
    2 ** 64,
    -4096,
  ],
  ...[1e300, -1e300, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MIN_VALUE],
];

describe('arguments of the addon', () => {
  const seed = seedFromEnvironment();

  it(`may be anything at all (seed ${seed})`, () => {
    const addon = freshAddon();
    const random = new Random(seed);
    const page = addon.virtMemInfo().pageSize;
    const addresses: number[] = [
      addon.alloc(page, MemoryFlags.AccessRW),
      addon.alloc(page, MemoryFlags.AccessRX),
      addon.alloc(page, MemoryFlags.None),
      ...Object.values(addon.allocDualMapping(page, 0, '/tmp')).filter((part) => typeof part === 'number'),
    ];
    const values = [...garbage, ...addresses, ...addresses.map((address) => address + 1)].map((value) => ({
      value,
    }));
    let thrown = 0;
    const calls = 10_000;
    for (let i = 0; i < calls; i++) {
      // The probe maps and runs nine stubs: not worth repeating.
      const name = random.pick(entries.filter((each) => each !== 'probe' || i % 100 === 0));
      const args = Array.from({ length: random.integer(0, 4) }, () => random.pick(values).value);
      try {
        (addon[name] as Callable)(...args);
      } catch (error) {
        thrown += 1;
        expect(error, `${name}: ${inspect(args, { depth: 0 })}`).to.be.instanceOf(Error);
        expect((error as Error).message).not.to.equal('never asked');
      }
    }
    expect(thrown).to.be.greaterThan(calls / 4);
  });

  it('are refused by type and by range', () => {
    const addon = freshAddon() as unknown as Record<(typeof entries)[number], Callable>;
    for (const wrong of [undefined, null, '1', 1n, {}, []]) {
      expect(() => addon.alloc(wrong, 3)).to.throw(TypeError, 'size must be a number');
      expect(() => addon.alloc(4096, wrong)).to.throw(TypeError, 'memoryFlags must be a number');
      expect(() => addon.release(wrong, 4096)).to.throw(TypeError, 'address must be a number');
      expect(() => addon.fill(4096, 1, wrong)).to.throw(TypeError, 'pattern must be a number');
      expect(() => addon.write(4096, wrong)).to.throw(TypeError, 'bytes must be a Uint8Array');
    }
    for (const wrong of [Number.NaN, -1, 0, 0.5, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(() => addon.alloc(wrong, 3)).to.throw(RangeError, 'size must be an integer from 1');
      expect(() => addon.release(wrong, 4096)).to.throw(RangeError, 'address must be an integer from 1');
      expect(() => addon.read(wrong, new Uint8Array(1))).to.throw(RangeError, 'address must be');
    }
    expect(() => addon.alloc(4096, 0x8)).to.throw(RangeError, 'MemoryFlags');
    expect(() => addon.alloc(4096, 2 ** 32)).to.throw(RangeError, 'memoryFlags must be an integer');
    expect(() => addon.protectJitMemory(2)).to.throw(RangeError, 'ProtectJitAccess');
    const doubles = (length: number) => new Float64Array(new SharedArrayBuffer(length * 8));
    const good = [
      doubles(frameLength),
      doubles(kernelRequestLength),
      () => {},
      addon.stackAddress(),
    ] as const;
    addon.openSession(...good);
    for (const [index, wrong] of [
      [0, doubles(frameLength - 1)],
      [0, new Float64Array(frameLength)],
      [0, new BigInt64Array(new SharedArrayBuffer(frameLength * 8))],
      [1, doubles(kernelRequestLength - 1)],
      [1, new Float64Array(kernelRequestLength)],
      [2, {}],
      [2, undefined],
      [3, 0],
      [3, Number.NaN],
      [3, undefined],
    ] as const) {
      const call: unknown[] = [...good];
      call[index] = wrong;
      expect(() => addon.openSession(...call)).to.throw(TypeError, 'openSession takes');
    }
    expect(() => addon.allocDualMapping(4096, 0, '/tmp\0')).to.throw(TypeError, 'path without NUL');
  });
});
