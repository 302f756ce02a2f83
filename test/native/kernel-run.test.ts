import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { frameLength } from '../../src/native/frame.ts';
import { KernelFrameSlot } from '../../src/native/kernel-frame.ts';
import {
  KernelControlSlot,
  KernelRequestSlot,
  KernelStatus,
  kernelControlLength,
  kernelElementTypes,
  kernelRequestLength,
} from '../../src/native/kernel-request.ts';
import { elementAt } from '../../src/support/element.ts';
import { addonFile, freshAddon, type TestAddon } from './fresh-addon.ts';
import { isWindows, place } from './machine-code.ts';

const slot = (index: number): number => index * 8;

/** `out[r] = uniform + column[r]` for columns and outputs of doubles, assembled by hand. */
const adding = [
  ...(isWindows ? [0x57, 0x56, 0x48, 0x89, 0xcf] : []), // push rdi; push rsi; mov rdi, rcx
  ...[0x48, 0x8b, 0x47, slot(KernelFrameSlot.FirstRow)], // mov rax, [rdi + FirstRow]
  ...[0x48, 0x8b, 0x4f, slot(KernelFrameSlot.RowCount)], // mov rcx, [rdi + RowCount]
  ...[0x48, 0x01, 0xc1], // add rcx, rax
  ...[0x48, 0x8b, 0x77, slot(KernelFrameSlot.Uniforms)], // mov rsi, [rdi + Uniforms]
  ...[0x48, 0x8b, 0x57, slot(KernelFrameSlot.Columns)], // mov rdx, [rdi + Columns]
  ...[0x48, 0x8b, 0x12], // mov rdx, [rdx]
  ...[0x4c, 0x8b, 0x47, slot(KernelFrameSlot.Outputs)], // mov r8, [rdi + Outputs]
  ...[0x4d, 0x8b, 0x00], // mov r8, [r8]
  ...[0x48, 0x39, 0xc8], // next: cmp rax, rcx
  ...[0x7d, 0x14], // jge done
  ...[0xf2, 0x0f, 0x10, 0x06], // movsd xmm0, [rsi]
  ...[0xf2, 0x0f, 0x58, 0x04, 0xc2], // addsd xmm0, [rdx + rax*8]
  ...[0xf2, 0x41, 0x0f, 0x11, 0x04, 0xc0], // movsd [r8 + rax*8], xmm0
  ...[0x48, 0xff, 0xc0], // inc rax
  ...[0xeb, 0xe7], // jmp next
  ...(isWindows ? [0x5e, 0x5f] : []), // done: pop rsi; pop rdi
  0xc3, // ret
];

/** Fills in a request for {@link adding}. */
function request(addon: TestAddon, entry: number, changes: Partial<Record<string, number>> = {}): void {
  const slots = addon.request;
  const [f64] = [kernelElementTypes.indexOf('f64')];
  slots.fill(0);
  slots[KernelRequestSlot.Entry] = entry;
  slots[KernelRequestSlot.RowCount] = slots[KernelRequestSlot.Length] = 4;
  slots[KernelRequestSlot.ColumnCount] = slots[KernelRequestSlot.OutputCount] = 1;
  slots[KernelRequestSlot.UniformCount] = 1;
  slots[KernelRequestSlot.Types] = slots[KernelRequestSlot.Types + 1] = f64;
  slots[KernelRequestSlot.Uniforms] = 10;
  slots[KernelRequestSlot.ThreadCount] = 2;
  slots[KernelRequestSlot.ClaimSize] = 1;
  slots[KernelRequestSlot.Status] = -1;
  for (const [name, value] of Object.entries(changes)) {
    slots[KernelRequestSlot[name as keyof typeof KernelRequestSlot]] = value as number;
  }
}

function statusOf(addon: TestAddon): (number | undefined)[] {
  const { Status, StatusArgument, StatusOther } = KernelRequestSlot;
  return [Status, StatusArgument, StatusOther].map((index) => addon.request[index]);
}

const createControl = () => new Int32Array(new SharedArrayBuffer(kernelControlLength * 4));

describe('runKernel', () => {
  let addon: TestAddon;
  let entry: number;

  before(() => {
    addon = freshAddon();
    entry = place(addon, adding);
  });

  it('computes the rows asked for, and no others', () => {
    const out = new Float64Array(4);
    request(addon, entry);
    addon.runKernel(new Float64Array([1, 2, 3, 4]), out);
    expect(statusOf(addon)[0]).to.equal(KernelStatus.Ok);
    expect([...out]).to.deep.equal([11, 12, 13, 14]);
    request(addon, entry, { FirstRow: 1, RowCount: 2, Uniforms: 20 });
    addon.runKernel(new Float64Array([1, 2, 3, 4]), out);
    expect([...out]).to.deep.equal([11, 22, 23, 14]);
  });

  it('finds the elements of parts of buffers, private and shared', () => {
    for (const Buffer of [ArrayBuffer, SharedArrayBuffer]) {
      const memory = new Float64Array(new Buffer(96));
      memory.set([1, 2, 3, 4], 3);
      request(addon, entry);
      addon.runKernel(memory.subarray(3, 7), memory.subarray(7, 11));
      expect([...memory]).to.deep.equal([0, 0, 0, 1, 2, 3, 4, 11, 12, 13, 14, 0]);
    }
  });

  it('does nothing for no rows', () => {
    request(addon, entry, { RowCount: 0 });
    addon.runKernel(new Float64Array(0), new Float64Array(0));
    expect(statusOf(addon)[0]).to.equal(KernelStatus.Ok);
  });

  it('refuses entries outside executable memory', () => {
    for (const wrong of [0, 1, -1, Number.NaN, 2 ** 60, Number.POSITIVE_INFINITY]) {
      request(addon, wrong);
      const run = () => addon.runKernel(new Float64Array(4), new Float64Array(4));
      expect(run).to.throw('executable').with.property('code', 'E_NOT_EXECUTABLE');
    }
  });

  it('refuses values that are no typed arrays, and too few or too many', () => {
    const good = new Float64Array(4);
    for (const wrong of [new DataView(good.buffer), good.buffer, 7, undefined, {}]) {
      request(addon, entry);
      addon.runKernel(good, wrong as Float64Array);
      expect(statusOf(addon).slice(0, 2)).to.deep.equal([KernelStatus.WrongType, 1]);
      request(addon, entry);
      addon.runKernel(wrong as Float64Array, good);
      expect(statusOf(addon).slice(0, 2)).to.deep.equal([KernelStatus.WrongType, 0]);
    }
    for (const count of [0, 1, 3, 9, 100]) {
      request(addon, entry);
      addon.runKernel(...Array.from({ length: count }, () => good));
      expect(statusOf(addon)[0]).to.equal(KernelStatus.BadRequest);
    }
  });

  it('refuses arrays that end before the rows do', () => {
    const detached = new Float64Array(4);
    structuredClone(detached, { transfer: [detached.buffer] });
    for (const short of [new Float64Array(3), new Float64Array(0), detached]) {
      request(addon, entry);
      addon.runKernel(short, new Float64Array(4));
      expect(statusOf(addon).slice(0, 2)).to.deep.equal([KernelStatus.TooShort, 0]);
    }
  });

  it('refuses requests that contradict themselves', () => {
    const changes: Partial<Record<string, number>>[] = [
      { FirstRow: -1 },
      { FirstRow: 0.5 },
      { FirstRow: Number.NaN },
      { RowCount: 5 },
      { FirstRow: 2 ** 53, RowCount: 2 ** 53 },
      { Length: Number.POSITIVE_INFINITY },
      { ColumnCount: 513 },
      { OutputCount: 65 },
      { UniformCount: 1e9 },
      { Types: 10 },
      { Types: -1 },
      { Types: Number.NaN },
      { ReductionCount: 1 },
      { ReductionCount: 65 },
    ];
    for (const change of changes) {
      request(addon, entry, change);
      addon.runKernel(new Float64Array(4), new Float64Array(4));
      expect(statusOf(addon)[0], JSON.stringify(change)).to.equal(KernelStatus.BadRequest);
    }
    request(addon, entry, { ReductionCount: 1, FirstRow: 1, RowCount: 1 });
    addon.runKernel(new Float64Array(4), new Float64Array(4), new Float64Array(1));
    expect(statusOf(addon)[0]).to.equal(KernelStatus.BadRequest);
  });

  it('refuses outputs that overlap, unless they are a column, element for element', () => {
    const memory = new Float64Array([1, 2, 3, 4, 0, 0]);
    request(addon, entry);
    addon.runKernel(memory.subarray(0, 4), memory.subarray(1, 5));
    expect(statusOf(addon)).to.deep.equal([KernelStatus.Overlap, 1, 0]);
    expect([...memory]).to.deep.equal([1, 2, 3, 4, 0, 0]);
    request(addon, entry);
    addon.runKernel(memory.subarray(0, 4), memory.subarray(0, 5));
    expect(statusOf(addon)[0]).to.equal(KernelStatus.Ok);
    expect([...memory]).to.deep.equal([11, 12, 13, 14, 0, 0]);
  });

  it('refuses outputs that overlap in rows which come later', () => {
    const memory = new Float64Array([1, 2, 3, 4, 0, 0, 0]);
    request(addon, entry, { RowCount: 2 });
    addon.runKernel(memory.subarray(0, 4), memory.subarray(3, 7));
    expect(statusOf(addon)).to.deep.equal([KernelStatus.Overlap, 1, 0]);
    expect([...memory]).to.deep.equal([1, 2, 3, 4, 0, 0, 0]);
  });
});

describe('startKernel', () => {
  let addon: TestAddon;
  let entry: number;

  before(() => {
    addon = freshAddon();
    entry = place(addon, adding);
  });

  function start(column: Float64Array, out: Float64Array, control = createControl()): Promise<Int32Array> {
    return new Promise((resolve) => addon.startKernel(control, () => resolve(control), column, out));
  }

  it('computes all rows on other threads', async () => {
    const column = new Float64Array(10_000).map((_, index) => index);
    const out = new Float64Array(10_000);
    request(addon, entry, { RowCount: 10_000, Length: 10_000, ThreadCount: 3, ClaimSize: 7 });
    const control = await start(column, out);
    expect([...control]).to.deep.equal([0, Math.ceil(10_000 / 7), 0, 0]);
    expect([...out]).to.deep.equal([...column].map((x) => x + 10));
  });

  it('copies columns that are not shared, so they may go or change', async () => {
    const column = new Float64Array(100_000).fill(1);
    const out = new Float64Array(100_000);
    request(addon, entry, { RowCount: 100_000, Length: 100_000, ClaimSize: 100 });
    const running = start(column, out);
    column.fill(2);
    structuredClone(column, { transfer: [column.buffer] });
    await running;
    expect(out.every((value) => value === 11)).to.equal(true);
  });

  it('stops when it is cancelled', async () => {
    const control = createControl();
    control[KernelControlSlot.Cancel] = 1;
    request(addon, entry);
    const out = new Float64Array(4);
    await start(new Float64Array(4), out, control);
    expect([...out]).to.deep.equal([0, 0, 0, 0]);
    expect(control[KernelControlSlot.ClaimsDone]).to.equal(0);
  });

  it('takes many runs at a time', async () => {
    const runs = Array.from({ length: 50 }, async (_, index) => {
      request(addon, entry, { Uniforms: index });
      const out = new Float64Array(4);
      await start(new Float64Array([1, 2, 3, 4]), out);
      return out;
    });
    for (const [index, out] of (await Promise.all(runs)).entries()) {
      expect([...out]).to.deep.equal([1, 2, 3, 4].map((x) => x + index));
    }
  });

  it('refuses what it cannot work with, and then calls nobody', () => {
    const call = (...args: unknown[]) => addon.startKernel(...(args as Parameters<TestAddon['startKernel']>));
    const fail = () => expect.fail('must not be called');
    const arrays = [new Float64Array(4), new Float64Array(4)];
    const invalid: [unknown[], Partial<Record<string, number>>][] = [
      [[], {}],
      [[createControl(), undefined, ...arrays], {}],
      [[new Int32Array(4), fail, ...arrays], {}],
      [[new Int32Array(new SharedArrayBuffer(8)), fail, ...arrays], {}],
      [[createControl(), fail, ...arrays], { ThreadCount: 0 }],
      [[createControl(), fail, ...arrays], { ThreadCount: Number.NaN }],
      [[createControl(), fail, ...arrays], { ClaimSize: 0 }],
      [[createControl(), fail, ...arrays], { ClaimSize: 1e300 }],
    ];
    for (const [args, changes] of invalid) {
      request(addon, entry, changes);
      expect(() => call(...args)).to.throw(TypeError);
    }
    for (const wrong of [new Float32Array(8), new BigInt64Array(8), new DataView(new ArrayBuffer(64)), 7]) {
      request(addon, entry);
      call(createControl(), fail, wrong, elementAt(arrays, 1));
      expect(statusOf(addon)[0]).to.equal(KernelStatus.WrongType);
    }
    request(addon, entry);
    call(createControl(), fail, new Float64Array(3), elementAt(arrays, 1));
    expect(statusOf(addon)[0]).to.equal(KernelStatus.TooShort);
  });

  it('survives the end of its worker', async () => {
    for (let round = 0; round < 5; round++) {
      const worker = new Worker(
        `const { parentPort, workerData } = require('node:worker_threads');
        const addon = require(workerData.file);
        const frame = new Float64Array(new SharedArrayBuffer(workerData.frameLength * 8));
        const request = new Float64Array(new SharedArrayBuffer(workerData.requestLength * 8));
        const session = addon.openSession(frame, request, () => {}, 1);
        const { rx, rw } = addon.allocDualMapping(addon.virtMemInfo().pageGranularity, 0, '/tmp');
        addon.write(rw, Uint8Array.from(workerData.adding));
        const rows = 3000000;
        const start = () => {
          request.set([rx, 0, rows, rows, 1, 1, 1, 0, 0, 0, 2, 1000]);
          session.startKernel(
            new Int32Array(new SharedArrayBuffer(16)), start, new Float64Array(rows), new Float64Array(rows));
        };
        start();
        start();
        parentPort.postMessage('started');`,
        {
          eval: true,
          execArgv: [],
          workerData: { file: addonFile(), adding, frameLength, requestLength: kernelRequestLength },
        },
      );
      await once(worker, 'message');
      await worker.terminate();
    }
  });
});
