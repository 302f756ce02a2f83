/** Code that others assemble, on the CPU: what the compiler itself does not use. */
import { expect } from 'chai';
import { CodeHolder } from '../../../src/jit/code/code-holder.ts';
import { JitRuntime } from '../../../src/jit/runtime/jit-runtime.ts';
import { Assembler } from '../../../src/jit/x64/assembler.ts';
import { bytePtr, dwordPtr, ptr, qwordPtr, wordPtr } from '../../../src/jit/x64/memory.ts';
import * as r from '../../../src/jit/x64/register.ts';
import { requireAddon } from '../../../src/native/loader.ts';

const { rax, rbx, rcx, rdx, rsi, rdi, rsp, r8, r9, r10, eax, ecx, al, cl } = r;
const { xmm0, xmm1, xmm2, xmm3, ymm0, ymm1, ymm2 } = r;

type Body = (a: Assembler, code: CodeHolder) => void;

/** Bytes of memory that a body has at `rsp`, aligned to 16. */
const scratch = 256;

/**
 * What `body` makes of two integers in `rax` and `rcx`: the integer that it leaves in `rax`. It may change `rdx`, `r8` to `r11` and
 * the vector registers to the fifth, which all platforms let a function change.
 */
function run(body: Body, x = 0, y = 0): number {
  const code = new CodeHolder();
  const a = new Assembler(code);
  a.bind(code.newLabel('f'));
  a.endbr64();
  a.sub(rsp, scratch + 8);
  a.cvttsd2si(rax, xmm0);
  a.cvttsd2si(rcx, xmm1);
  body(a, code);
  a.cvtsi2sd(xmm0, rax);
  a.add(rsp, scratch + 8);
  a.ret();
  using runtime = new JitRuntime();
  return runtime.callable(runtime.add(code), 'f', 2)(x, y);
}

function has(...features: string[]): boolean {
  const own = new Set<string>(requireAddon().cpuInfo().features);
  return features.every((feature) => own.has(feature));
}

/** CRC-32C of four bytes, bit by bit. */
function crc32c(start: number, word: number): number {
  let crc = start ^ word;
  for (let bit = 0; bit < 32; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  return crc >>> 0;
}

describe('raw code, on the CPU', () => {
  it('jumps by a table of differences between labels', () => {
    const choose: Body = (a, code) => {
      const table = code.newLabel('table');
      const done = code.newLabel('done');
      const cases = [10, 20, 30].map((value) => ({ value, label: code.newLabel() }));
      a.lea(rdx, ptr(table));
      a.movsxd(rax, dwordPtr(rdx, rax, 4));
      a.add(rax, rdx);
      a.jmp(rax);
      for (const { value, label } of cases) {
        a.bind(label);
        a.mov(eax, value);
        a.jmp(done);
      }
      a.bind(done);
      code.rodata.align(4, 0);
      code.bind(table, code.rodata);
      for (const { label } of cases) code.embedDifference(label, table);
    };
    expect([0, 1, 2].map((which) => run(choose, which))).to.deep.equal([10, 20, 30]);
  });

  it('goes from section to section, and reads data in a third', () => {
    const sum = run((a, code) => {
      const cold = code.newSection('.cold', 64);
      const data = code.newSection('.data', 8);
      const [slow, back, numbers] = [code.newLabel(), code.newLabel(), code.newLabel()];
      code.bind(numbers, data);
      data.append(new Uint8Array(new BigInt64Array([100n, 1000n]).buffer));
      a.add(rax, 1);
      a.jmp(slow);
      a.bind(back);
      a.add(rax, ptr(numbers, 8));
      a.section(cold);
      a.bind(slow);
      a.add(rax, ptr(numbers));
      a.jmp(back);
      a.section(code.text);
    }, 7);
    expect(sum).to.equal(7 + 1 + 100 + 1000);
  });

  describe('changes memory as one', () => {
    it('by arithmetic', () => {
      const body: Body = (a) => {
        a.mov(qwordPtr(rsp), 40);
        a.lock().xadd(ptr(rsp), rcx);
        a.lock().add(ptr(rsp), rcx);
        a.lock().inc(qwordPtr(rsp));
        a.lock().bts(qwordPtr(rsp), 8);
        a.mov(rax, ptr(rsp));
      };
      expect(run(body, 0, 2)).to.equal(40 + 2 + 40 + 1 + 256);
    });

    it('by exchange, of what is expected and of what is not', () => {
      const compared: Body = (a) => {
        a.mov(qwordPtr(rsp), 5);
        a.lock().cmpxchg(ptr(rsp), rcx);
        a.imul(rax, rax, 1000);
        a.add(rax, ptr(rsp));
      };
      expect(run(compared, 4, 9), 'rax gets what is there').to.equal(5005);
      expect(run(compared, 5, 9), 'rcx is stored').to.equal(5009);
      const bytes: Body = (a) => {
        a.mov(wordPtr(rsp), 0x1234);
        a.xchg(bytePtr(rsp), al);
        a.lock().xadd(bytePtr(rsp, 1), cl);
        a.movzx(eax, al);
        a.shl(rax, 16);
        a.movzx(ecx, wordPtr(rsp));
        a.add(rax, rcx);
      };
      expect(run(bytes, 0x5678, 3)).to.equal(0x34_1578);
    });

    it('by 16 bytes', function () {
      if (!has('cmpxchg16b')) this.skip();
      const body: Body = (a) => {
        a.mov(r8, rbx);
        a.mov(qwordPtr(rsp), 3);
        a.mov(qwordPtr(rsp, 8), 4);
        a.mov(rdx, 4);
        a.mov(rbx, 50);
        a.lock().cmpxchg16b(ptr(rsp));
        a.mov(rbx, r8);
        a.setne(al);
        a.movzx(eax, al);
        a.add(rax, ptr(rsp));
        a.add(rax, ptr(rsp, 8));
      };
      expect(run(body, 3, 600)).to.equal(650);
      expect(run(body, 2, 600)).to.equal(8);
    });
  });

  it('fills, copies and searches', () => {
    const body: Body = (a) => {
      a.mov(r8, rsi);
      a.mov(r9, rdi);
      a.mov(r10, rcx);
      // 16 bytes of 7, then one of them 9; copied, and looked for.
      a.mov(rdi, rsp);
      a.mov(eax, 0x07070707);
      a.mov(ecx, 4);
      a.rep().stosd();
      a.mov(bytePtr(rsp, r10, 1), 9);
      a.mov(rsi, rsp);
      a.lea(rdi, ptr(rsp, 64));
      a.mov(ecx, 16);
      a.rep().movsb();
      a.lea(rdi, ptr(rsp, 64));
      a.mov(eax, 9);
      a.mov(ecx, 16);
      a.repne().scasb();
      a.lea(rax, ptr(rdi, -65));
      a.sub(rax, rsp);
      a.mov(rsi, r8);
      a.mov(rdi, r9);
    };
    expect([0, 5, 15].map((place) => run(body, 0, place))).to.deep.equal([0, 5, 15]);
  });

  const cases: readonly [feature: string, x: number, y: number, body: Body, expected: number][] = [
    ['popcnt', 255, 0, (a) => a.popcnt(rax, rax), 8],
    ['lzcnt', 255, 0, (a) => a.lzcnt(rax, rax), 56],
    ['bmi1', 96, 0, (a) => a.tzcnt(rax, rax), 5],
    ['bmi1', 0b1100, 0b1010, (a) => a.andn(rax, rax, rcx), 0b0010],
    ['bmi1', 0xabcd, 0x0804, (a) => a.bextr(rax, rax, rcx), 0xbc],
    ['bmi1', 0b1100, 0, (a) => a.blsi(rax, rax), 0b100],
    ['bmi1', 0b1100, 0, (a) => a.blsr(rax, rax), 0b1000],
    ['bmi1', 0b1100, 0, (a) => a.blsmsk(rax, rax), 0b111],
    ['bmi2', 0xff, 4, (a) => a.bzhi(rax, rax, rcx), 0xf],
    ['bmi2', 0xabcd, 0xf0f0, (a) => a.pext(rax, rax, rcx), 0xac],
    ['bmi2', 0xac, 0xf0f0, (a) => a.pdep(rax, rax, rcx), 0xa0c0],
    ['bmi2', 0x100, 0, (a) => a.rorx(rax, rax, 4), 0x10],
    ['bmi2', 3, 4, (a) => a.shlx(rax, rax, rcx), 48],
    ['bmi2', -64, 4, (a) => a.sarx(rax, rax, rcx), -4],
    ['bmi2', -1, 60, (a) => a.shrx(rax, rax, rcx), 15],
    ['sse4.2', 0x1234, 0x12345678, (a) => a.crc32(eax, ecx), crc32c(0x1234, 0x12345678)],
    ['', 0x11223344, 0, (a) => a.bswap(eax), 0x44332211],
    ['', 1, -1, (a) => a.shld(rax, rcx, 4), 31],
    ['', -5, 7, (a) => a.imul(rcx), -35],
  ];
  for (const [feature, x, y, body, expected] of cases) {
    it(`${/a\.\w+\(.*\)/.exec(`${body}`)?.[0]} of ${x} and ${y}`, function () {
      if (feature !== '' && !has(feature)) this.skip();
      expect(run(body, x, y)).to.equal(expected);
    });
  }

  it('loads the other way round', function () {
    if (!has('movbe')) this.skip();
    const body: Body = (a) => {
      a.movbe(ptr(rsp), eax);
      a.mov(eax, ptr(rsp));
    };
    expect(run(body, 0x11223344)).to.equal(0x44332211);
  });

  it('multiplies and adds long numbers', function () {
    if (!has('bmi2', 'adx')) this.skip();
    // 2^40 * 2^30 is 64 * 2^64.
    const product: Body = (a) => {
      a.mov(rdx, rax);
      a.mulx(r8, r9, rcx);
      a.lea(rax, ptr(r8, r9, 8));
    };
    expect(run(product, 2 ** 40, 2 ** 30)).to.equal(64);
    // One chain carries, the other does not.
    const sum: Body = (a) => {
      a.xor(r8, r8);
      a.stc();
      a.adcx(rax, rcx);
      a.adox(rax, r8);
    };
    expect(run(sum, 5, 7)).to.equal(13);
  });

  it('gathers what a vector of indices names', function () {
    if (!has('avx2')) this.skip();
    const body: Body = (a, code) => {
      const numbers = code.constant(new Uint8Array(new Float64Array([1, 20, 300, 4000]).buffer));
      a.lea(rdx, ptr(numbers));
      a.vmovdqu(xmm1, ptr(code.constant(new Uint8Array(new Int32Array([3, 0, 2, 2]).buffer))));
      a.vxorpd(ymm0, ymm0, ymm0);
      // The last lane is not asked for, so it keeps its zero.
      a.vmovupd(ymm2, ptr(code.constant(new Uint8Array(new BigInt64Array([-1n, -1n, -1n, 0n]).buffer))));
      a.vgatherdpd(ymm0, ptr(rdx, xmm1, 8), ymm2);
      a.vextractf128(xmm1, ymm0, 1);
      a.vaddpd(xmm0, xmm0, xmm1);
      a.vhaddpd(xmm0, xmm0, xmm0);
      a.vcvttsd2si(rax, xmm0);
      a.vzeroupper();
    };
    expect(run(body)).to.equal(4000 + 1 + 300);
    const narrow: Body = (a, code) => {
      a.lea(rdx, ptr(code.constant(new Uint8Array(new Int32Array([1, 20, 300, 4000]).buffer))));
      a.vmovdqu(ymm1, ptr(code.constant(new Uint8Array(new BigInt64Array([3n, 1n, 0n, 3n]).buffer))));
      a.vpcmpeqd(xmm2, xmm2, xmm2);
      a.vpxor(xmm3, xmm3, xmm3);
      a.vpgatherqd(xmm3, ptr(rdx, ymm1, 4), xmm2);
      a.vpextrd(eax, xmm3, 0);
      for (const lane of [1, 2, 3]) {
        a.vpextrd(ecx, xmm3, lane);
        a.imul(eax, eax, 2);
        a.add(eax, ecx);
      }
      a.vzeroupper();
    };
    expect(run(narrow)).to.equal(((4000 * 2 + 20) * 2 + 1) * 2 + 4000);
  });

  it('gathers, scatters and broadcasts under masks', function () {
    if (!has('avx512f', 'avx512vl')) this.skip();
    const body: Body = (a, code) => {
      a.vmovdqu(xmm1, ptr(code.constant(new Uint8Array(new Int32Array([3, 2, 1, 0]).buffer))));
      a.vcvtsi2sd(xmm2, xmm2, rax);
      a.vmovsd(ptr(rsp), xmm2);
      a.vbroadcastsd(ymm2, xmm2);
      a.mov(ecx, 0b1110);
      a.kmovw(r.k1, ecx);
      a.k(r.k1).vscatterdpd(ptr(rsp, xmm1, 8), ymm2);
      a.kmovw(r.k1, ecx);
      a.vxorpd(ymm0, ymm0, ymm0);
      a.k(r.k1).vgatherdpd(ymm0, ptr(rsp, xmm1, 8));
      a.vextractf128(xmm1, ymm0, 1);
      a.vaddpd(xmm0, xmm0, xmm1);
      a.vhaddpd(xmm0, xmm0, xmm0);
      a.vcvttsd2si(rax, xmm0);
      a.vzeroupper();
    };
    expect(run(body, 7)).to.equal(21);
  });
});
