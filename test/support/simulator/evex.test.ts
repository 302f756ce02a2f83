/** What AVX-512 adds, against the manual: few CPUs that run these tests have it. */
import { expect } from 'chai';
import { CodeHolder } from '../../../src/jit/code/code-holder.ts';
import { Assembler } from '../../../src/jit/x64/assembler.ts';
import { ptr, qwordBroadcast } from '../../../src/jit/x64/memory.ts';
import { type Gp64, k1, k2, k3, rdi, xmm, ymm, zmm } from '../../../src/jit/x64/register.ts';
import { elementAt } from '../../../src/support/element.ts';
import { range } from './double-operations.ts';
import type { Machine } from './machine.ts';
import { Simulator } from './simulator.ts';
import { registerOffset } from './vector-file.ts';

const [x0, x1, x2] = [0, 17, 31].map((id) => elementAt(zmm, id)) as [
  (typeof zmm)[number],
  (typeof zmm)[number],
  (typeof zmm)[number],
];
const dataAddress = 0x1000;

interface Setup {
  /** Lanes by register; of others nothing is known. */
  readonly doubles?: Readonly<Record<number, readonly number[]>>;
  readonly integers?: Readonly<Record<number, readonly bigint[]>>;
  readonly masks?: Readonly<Record<number, bigint>>;
  /** At the address in `rdi`; nothing is before or behind it. */
  readonly data?: Uint8Array;
}

function run(
  emit: (a: Assembler) => void,
  { doubles = {}, integers = {}, masks = {}, data }: Setup,
): Machine {
  const code = new CodeHolder();
  const a = new Assembler(code);
  const entry = code.newLabel();
  a.bind(entry);
  emit(a);
  a.vzeroupper();
  a.ret();
  using simulator = new Simulator(code, { level: 'avx512' });
  const { machine, memory } = simulator;
  if (data !== undefined) memory.add('the data', dataAddress, data, 'read and write');
  machine.general[rdi.id] = BigInt(dataAddress);
  for (const [id, lanes] of Object.entries(doubles))
    machine.vectors.doubles.set(lanes, registerOffset(Number(id)) / 8);
  for (const [id, lanes] of Object.entries(integers))
    machine.vectors.signedQuads.set(lanes, registerOffset(Number(id)) / 8);
  for (const [id, mask] of Object.entries(masks)) machine.masks[Number(id)] = mask;
  simulator.run(simulator.addressOf(entry));
  return machine;
}

/** `vzeroupper` leaves registers from 16 on alone, so results are put there. */
const doublesOf = (machine: Machine, { id }: { id: number }): number[] => [
  ...machine.vectors.doubles.subarray(registerOffset(id) / 8, registerOffset(id) / 8 + 8),
];
const integersOf = (machine: Machine, { id }: { id: number }): bigint[] => [
  ...machine.vectors.signedQuads.subarray(registerOffset(id) / 8, registerOffset(id) / 8 + 8),
];

const counting = [1, 2, 3, 4, 5, 6, 7, 8];
const tens = counting.map((x) => x * 10);
const lowest = -(2n ** 63n);

describe('the simulator: AVX-512', () => {
  it('keeps or clears masked lanes', () => {
    const setup = {
      doubles: { 0: counting, 17: tens, 31: counting.map(() => -1) },
      masks: { 1: 0b1010_0110n },
    };
    const merged = run((a) => a.k(k1).vaddpd(x2, x0, x1), setup);
    expect(doublesOf(merged, x2)).to.deep.equal([-1, 22, 33, -1, -1, 66, -1, 88]);
    const zeroed = run((a) => a.kz(k1).vaddpd(x2, x0, x1), setup);
    expect(doublesOf(zeroed, x2)).to.deep.equal([0, 22, 33, 0, 0, 66, 0, 88]);
    const half = run((a) => a.k(k1).vaddpd(elementAt(ymm, 31), elementAt(ymm, 0), elementAt(ymm, 17)), setup);
    expect(doublesOf(half, x2)).to.deep.equal([-1, 22, 33, -1, 0, 0, 0, 0]);
  });

  it('repeats memory, and reads none for lanes that are masked', () => {
    const setup = {
      doubles: { 0: counting },
      data: new Uint8Array(Float64Array.of(100).buffer),
      masks: { 1: 0n, 2: 1n },
    };
    const repeated = run((a) => a.vaddpd(x2, x0, qwordBroadcast(rdi)), setup);
    expect(doublesOf(repeated, x2)).to.deep.equal(counting.map((x) => x + 100));
    run((a) => a.kz(k1).vaddpd(x2, x0, qwordBroadcast(rdi, 64)), setup);
    expect(() => run((a) => a.kz(k2).vaddpd(x2, x0, qwordBroadcast(rdi, 64)), setup)).to.throw(
      '56 bytes behind the data',
    );
    const loaded = run((a) => a.kz(k2).vmovupd(x2, ptr(rdi)), setup);
    expect(doublesOf(loaded, x2)).to.deep.equal([100, 0, 0, 0, 0, 0, 0, 0]);
    expect(() => run((a) => a.vmovupd(x2, ptr(rdi)), setup)).to.throw('partly in the data');
  });

  it('stores the lanes that the mask names, cut off to 32, 16 and 8 bits', () => {
    const stored = (emit: (a: Assembler, base: Gp64) => void, bytes: number): string => {
      const data = new Uint8Array(bytes).fill(0xee);
      run((a) => emit(a, rdi), {
        integers: { 17: [0x1_1234_5678n, -1n, 0x80n, 0xff00n, 4n] },
        masks: { 1: 0b1101n },
        data,
      });
      return Buffer.from(data).toString('hex');
    };
    expect(stored((a, base) => a.k(k1).vpmovqd(ptr(base), x1), 16)).to.equal(
      '78563412eeeeeeee8000000000ff0000',
    );
    expect(stored((a, base) => a.k(k1).vpmovqw(ptr(base), x1), 8)).to.equal('7856eeee800000ff');
    expect(stored((a, base) => a.k(k1).vpmovqb(ptr(base), x1), 4)).to.equal('78ee8000');
    expect(() => stored((a, base) => a.vpmovqb(ptr(base), x1), 7)).to.throw('partly in the data');
  });

  it('compares to a mask, under a mask', () => {
    const setup = {
      doubles: { 0: counting, 17: [9, 2, 0, Number.NaN, 9, 9, 9, 8] },
      masks: { 1: 0b0111_1111n, 2: ~0n },
    };
    const less = run((a) => a.vcmppd(k2, x0, x1, 1), setup);
    expect(less.masks[2]).to.equal(0b0111_0001n);
    const notLess = run((a) => a.k(k1).vcmppd(k2, x0, x1, 5), setup);
    expect(notLess.masks[2]).to.equal(0b0000_1110n);
  });

  it('chooses by a mask', () => {
    const setup = { doubles: { 0: counting, 17: tens, 31: counting.map(() => -1) }, masks: { 3: 0b11n } };
    const blended = run((a) => a.k(k3).vblendmpd(x2, x0, x1), setup);
    expect(doublesOf(blended, x2)).to.deep.equal([10, 20, 3, 4, 5, 6, 7, 8]);
  });

  it('computes with masks of 16 bits', () => {
    const setup = { masks: { 1: 0xffff_0ff0n, 2: 0x3c3cn } };
    const results = [
      run((a) => a.kandw(k3, k1, k2), setup),
      run((a) => a.kandnw(k3, k1, k2), setup),
      run((a) => a.korw(k3, k1, k2), setup),
      run((a) => a.kxorw(k3, k1, k2), setup),
      run((a) => a.kxnorw(k3, k1, k2), setup),
      run((a) => a.knotw(k3, k1), setup),
      run((a) => a.kmovw(k3, k1), setup),
    ].map((machine) => machine.masks[3]);
    expect(results).to.deep.equal([0x0c30n, 0x300cn, 0x3ffcn, 0x33ccn, 0xcc33n, 0xf00fn, 0x0ff0n]);
  });

  it('converts to integers of 64 bits and back', () => {
    const doubles = [2.5, -3.5, Number.NaN, 2 ** 63, -(2 ** 63), Number.NEGATIVE_INFINITY, -0.75, 2 ** 62];
    const truncated = run((a) => a.vcvttpd2qq(x2, x1), { doubles: { 17: doubles } });
    expect(integersOf(truncated, x2)).to.deep.equal([2n, -3n, lowest, lowest, lowest, lowest, 0n, 2n ** 62n]);
    const nearest = run((a) => a.vcvtpd2qq(x2, x1), { doubles: { 17: doubles } });
    expect(integersOf(nearest, x2)).to.deep.equal([2n, -4n, lowest, lowest, lowest, lowest, -1n, 2n ** 62n]);
    const back = run((a) => a.vcvtqq2pd(x2, x1), {
      integers: { 17: [2n ** 53n + 1n, 2n ** 53n + 3n, -1n, lowest] },
    });
    expect(doublesOf(back, x2).slice(0, 4)).to.deep.equal([2 ** 53, 2 ** 53 + 4, -1, -(2 ** 63)]);
    const unsigned = run((a) => a.vcvtudq2pd(elementAt(xmm, 31), elementAt(xmm, 17)), {
      integers: { 17: [-1n] },
    });
    expect(doublesOf(unsigned, x2)).to.deep.equal([2 ** 32 - 1, 2 ** 32 - 1, 0, 0, 0, 0, 0, 0]);
  });

  it('shifts and counts lanes of 64 bits', () => {
    const integers = { 0: [64n, 63n, 1n, 0n, -1n, 2n ** 32n], 17: [lowest, lowest, -4n, -5n, -5n, 7n] };
    const right = run((a) => a.vpsravq(x2, x1, x0), { integers });
    expect(integersOf(right, x2).slice(0, 6)).to.deep.equal([-1n, -1n, -2n, -5n, -1n, 0n]);
    const constant = run((a) => a.vpsraq(x2, x1, 1), { integers });
    expect(integersOf(constant, x2).slice(0, 3)).to.deep.equal([lowest / 2n, lowest / 2n, -2n]);
    const zeros = run((a) => a.vplzcntq(x2, x0), { integers });
    expect(integersOf(zeros, x2).slice(0, 6)).to.deep.equal([57n, 58n, 63n, 64n, 0n, 31n]);
  });

  it('picks from sixteen lanes, and tests bits', () => {
    const integers = { 31: [0n, 15n, 8n, 7n, 16n, -1n, 3n, 12n], 17: [1n, 2n, 4n, 6n, 0n, -1n, lowest, 8n] };
    const doubles = { 0: [0, 1, 2, 3, 4, 5, 6, 7] };
    const picked = run((a) => a.vpermi2pd(x2, x0, ptr(rdi)), {
      integers,
      doubles,
      data: new Uint8Array(Float64Array.of(8, 9, 10, 11, 12, 13, 14, 15).buffer),
    });
    expect(doublesOf(picked, x2)).to.deep.equal([0, 15, 8, 7, 0, 15, 3, 12]);
    const tested = run((a) => a.vptestmq(k1, x1, qwordBroadcast(rdi)), {
      integers,
      data: new Uint8Array(BigInt64Array.of(4n).buffer),
    });
    expect(tested.masks[1]).to.equal(0b0010_1100n);
  });

  it('rounds by the immediate, and refuses fixed point', () => {
    const doubles = { 17: [0.5, 1.5, -0.5, -1.5, 2.5, Number.NaN, -0, 1e300] };
    const rounded = (mode: number): number[] =>
      doublesOf(
        run((a) => a.vrndscalepd(x2, x1, mode), { doubles }),
        x2,
      );
    expect(rounded(8)).to.deep.equal([0, 2, -0, -2, 2, Number.NaN, -0, 1e300]);
    expect(rounded(9)).to.deep.equal([0, 1, -1, -2, 2, Number.NaN, -0, 1e300]);
    expect(rounded(10)).to.deep.equal([1, 2, -0, -1, 3, Number.NaN, -0, 1e300]);
    expect(rounded(11)).to.deep.equal([0, 1, -0, -1, 2, Number.NaN, -0, 1e300]);
    expect(() => rounded(0x18)).to.throw('fixed-point');
  });

  it('takes the smaller or larger as the tables of vrangepd say', () => {
    const bits = (x: number): bigint => elementAt(new BigUint64Array(Float64Array.of(x).buffer), 0);
    const quiet = 0x7ff8_0000_0000_0123n;
    const signaling = 0xfff0_0000_0000_0001n;
    const cases: [
      x: bigint,
      y: bigint,
      smaller: bigint,
      larger: bigint,
      smallest: bigint,
      largest: bigint,
    ][] = [
      [bits(1), bits(-2), bits(-2), bits(1), bits(1), bits(-2)],
      [bits(0), bits(-0), bits(-0), bits(0), bits(-0), bits(0)],
      [bits(-0), bits(0), bits(-0), bits(0), bits(-0), bits(0)],
      [bits(3), bits(-3), bits(-3), bits(3), bits(-3), bits(3)],
      [quiet, bits(5), bits(5), bits(5), bits(5), bits(5)],
      [bits(5), quiet, bits(5), bits(5), bits(5), bits(5)],
      [signaling, bits(5), ...Array<bigint>(4).fill(0xfff8_0000_0000_0001n)] as [
        bigint,
        bigint,
        bigint,
        bigint,
        bigint,
        bigint,
      ],
    ];
    for (const [x, y, ...expected] of cases) {
      // Bits 2 and 3: the sign of what was chosen.
      expect([4, 5, 6, 7].map((immediate) => range(x, y, immediate))).to.deep.equal(expected);
    }
    const signs = [0, 4, 8, 12].map((sign) => range(bits(-1), bits(2), sign + 1));
    expect(signs).to.deep.equal([bits(-2), bits(2), bits(2), bits(-2)]);
  });
});
