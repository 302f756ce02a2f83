import { expect } from 'chai';
import { KernelRequestSlot, KernelStatus } from '../../src/native/kernel-request.ts';
import { freshAddon, type TestAddon } from './fresh-addon.ts';
import { copyingKernel, place } from './machine-code.ts';

describe('runKnown', () => {
  let addon: TestAddon;
  let entry: number;

  before(() => {
    addon = freshAddon();
    entry = place(addon, copyingKernel);
  });

  /** Runs {@link copyingKernel}; `known` are numbers of arrays. */
  function run(known: readonly number[], changes: Partial<Record<string, number>> = {}): number | undefined {
    const { request } = addon;
    request.fill(0);
    request[KernelRequestSlot.Entry] = entry;
    request[KernelRequestSlot.RowCount] = 4;
    request[KernelRequestSlot.ColumnCount] = 1;
    request[KernelRequestSlot.Status] = -1;
    request.set(known, KernelRequestSlot.Known);
    for (const [name, value] of Object.entries(changes)) {
      request[KernelRequestSlot[name as keyof typeof KernelRequestSlot]] = value as number;
    }
    addon.runKnown();
    return request[KernelRequestSlot.Status];
  }

  it('runs on arrays by their numbers, parts of buffers and shared ones too', () => {
    for (const Buffer of [ArrayBuffer, SharedArrayBuffer]) {
      const memory = new Float64Array(new Buffer(80)).map((_, index) => index);
      const x = addon.knowArray(memory.subarray(1, 5));
      const out = addon.knowArray(memory.subarray(5, 9));
      expect(run([x, out])).to.equal(KernelStatus.Ok);
      expect([...memory]).to.deep.equal([0, 1, 2, 3, 4, 1, 6, 7, 8, 9]);
    }
  });

  it('knows small arrays where they stay', () => {
    const arrays = Array.from({ length: 500 }, (_, index) => new Float64Array(4).fill(index));
    const numbers = arrays.map((array) => addon.knowArray(array));
    expect(new Set(numbers)).to.have.property('size', arrays.length);
    const out = new Float64Array(4);
    const result = addon.knowArray(out);
    for (let round = 0; round < 3; round++) globalThis.gc?.();
    for (const [index, number] of numbers.entries()) {
      expect(run([number, result])).to.equal(KernelStatus.Ok);
      expect(out[0]).to.equal(index);
    }
  });

  it('has no number for what has no elements that kernels read', () => {
    const gone = new Float64Array(4);
    structuredClone(gone, { transfer: [gone.buffer] });
    const wrong = [
      gone,
      new Float64Array(0),
      new BigInt64Array(4),
      new DataView(new ArrayBuffer(8)),
      {},
      1,
      undefined,
    ];
    for (const value of wrong) expect(addon.knowArray(value as Float64Array)).to.equal(-1);
    expect(Reflect.apply(addon.knowArray, undefined, [])).to.equal(-1);
  });

  it('knows nothing of a number that was given back, until another array has it', () => {
    const x = addon.knowArray(new Float64Array(4).fill(5));
    const out = new Float64Array(4);
    const result = addon.knowArray(out);
    addon.forgetArray(x);
    addon.forgetArray(x);
    expect(run([x, result])).to.equal(KernelStatus.WrongType);
    const [first, second] = [
      addon.knowArray(new Float64Array(4).fill(6)),
      addon.knowArray(new Float64Array(4)),
    ];
    expect(first).to.equal(x);
    expect(second).not.to.equal(x);
    expect(run([first, result])).to.equal(KernelStatus.Ok);
    expect(out[0]).to.equal(6);
  });

  it('gives no number back for what is none', () => {
    for (const wrong of [-1, 1e9, Number.NaN, 'x', undefined, {}]) addon.forgetArray(wrong as number);
  });

  it('refuses requests that contradict themselves or what is known', () => {
    const x = addon.knowArray(new Float64Array(4));
    const out = addon.knowArray(new Float64Array(4));
    const short = addon.knowArray(new Float64Array(3));
    const single = addon.knowArray(new Float32Array(4));
    const { Ok, WrongType, TooShort, BadRequest } = KernelStatus;
    for (const RowCount of [0, -1, Number.NaN, 2 ** 60, Number.POSITIVE_INFINITY]) {
      expect(run([x, out], { RowCount }), `${RowCount} rows`).to.equal(BadRequest);
    }
    for (const ColumnCount of [-1, 4, Number.NaN, 1e300]) {
      expect(run([x, out], { ColumnCount }), `${ColumnCount} columns`).to.equal(BadRequest);
    }
    for (const number of [-1, 1e9, 2 ** 31, 2 ** 53, Number.NaN, Number.NEGATIVE_INFINITY]) {
      expect(run([number, out]), `column ${number}`).to.equal(WrongType);
      expect(run([x, number]), `output ${number}`).to.equal(WrongType);
    }
    expect(run([short, out])).to.equal(TooShort);
    expect(run([x, short])).to.equal(TooShort);
    expect(run([x, out], { RowCount: 5 })).to.equal(TooShort);
    expect(run([x, out], { RowCount: 2 ** 52 })).to.equal(TooShort);
    expect(run([x, single], { ReductionCount: 1 })).to.equal(WrongType);
    expect(run([x, out], { RowCount: 3 })).to.equal(Ok);
  });

  it('refuses an output that is a part of a column', () => {
    const memory = new Float64Array(12);
    const x = addon.knowArray(memory.subarray(0, 4));
    const { Ok, Overlap } = KernelStatus;
    for (const [begin, status] of [
      [0, Ok],
      [1, Overlap],
      [3, Overlap],
      [4, Ok],
    ] as const) {
      expect(run([x, addon.knowArray(memory.subarray(begin, begin + 4))])).to.equal(status);
    }
    expect(run([addon.knowArray(new Float32Array(memory.buffer, 0, 4)), x])).to.equal(Overlap);
  });

  it('refuses entries outside executable memory', () => {
    const x = addon.knowArray(new Float64Array(4));
    for (const wrong of [0, 1, -1, Number.NaN, 2 ** 60]) {
      expect(() => run([x, x], { Entry: wrong }))
        .to.throw('executable')
        .with.property('code', 'E_NOT_EXECUTABLE');
    }
  });

  it('is of one session: others know nothing of its arrays', () => {
    const other = freshAddon();
    const number = other.knowArray(new Float64Array(4));
    const mine = addon.knowArray(new Float64Array(4));
    expect(mine).to.be.above(number);
    other.request.set([place(other, copyingKernel), 0, 4, 0, 1]);
    other.request.set([mine, number], KernelRequestSlot.Known);
    other.runKnown();
    expect(other.request[KernelRequestSlot.Status]).to.equal(KernelStatus.WrongType);
  });

  it('is kept ready as it was, whatever the request says later', () => {
    const [x, out] = [Float64Array.of(7, 0, 0, 0), new Float64Array(4)];
    expect(run([addon.knowArray(x), addon.knowArray(out)])).to.equal(KernelStatus.Ok);
    const number = addon.prepareRun();
    addon.request.fill(Number.NaN);
    addon.request[KernelRequestSlot.Prepared] = number;
    for (const value of [1, -0, Number.POSITIVE_INFINITY]) {
      x[0] = value;
      addon.runPrepared();
      expect([out[0]]).to.deep.equal([value]);
    }
  });

  it('is not kept ready where it would be refused', () => {
    const x = addon.knowArray(new Float64Array(4));
    const short = addon.knowArray(new Float64Array(3));
    for (const [known, status] of [
      [[x, short], KernelStatus.TooShort],
      [[x, -1], KernelStatus.WrongType],
    ] as const) {
      expect(run(known)).to.equal(status);
      addon.request[KernelRequestSlot.Status] = -1;
      expect(addon.prepareRun()).to.equal(-1);
      expect(addon.request[KernelRequestSlot.Status]).to.equal(status);
    }
  });

  it('is gone with its number, until another run has that', () => {
    const [x, out] = [Float64Array.of(3, 0, 0, 0), new Float64Array(4)];
    run([addon.knowArray(x), addon.knowArray(out)]);
    const number = addon.prepareRun();
    addon.forgetRun(number);
    addon.forgetRun(number);
    const missing = [number, -1, 1e9, 2 ** 31, 2 ** 53, Number.NaN, Number.NEGATIVE_INFINITY];
    for (const wrong of missing) {
      addon.request[KernelRequestSlot.Prepared] = wrong;
      expect(() => addon.runPrepared(), String(wrong)).to.throw('no run was prepared');
    }
    const [first, second] = [addon.prepareRun(), addon.prepareRun()];
    expect(first).to.equal(number);
    expect(second).not.to.equal(number);
    out.fill(0);
    addon.request[KernelRequestSlot.Prepared] = first;
    addon.runPrepared();
    expect(out[0]).to.equal(3);
    for (const wrong of [-1, 1e9, 'x', undefined, {}]) addon.forgetRun(wrong as number);
  });
});
