import { expect } from 'chai';
import { CodeHolder } from '../../../src/jit/code/code-holder.ts';
import { Assembler } from '../../../src/jit/x64/assembler.ts';
import { instructionOf } from '../../../src/jit/x64/instruction.ts';
import { formatListing, type LoggedInstruction } from '../../../src/jit/x64/listing.ts';
import {
  broadcast1to4,
  broadcast1to16,
  broadcastPtr,
  bytePtr,
  dwordPtr,
  ptr,
  qwordPtr,
  wordPtr,
  xmmwordPtr,
  ymmwordPtr,
  zmmwordPtr,
} from '../../../src/jit/x64/memory.ts';
import * as r from '../../../src/jit/x64/register.ts';
import type { Address } from '../../../src/native/address.ts';
import { InvariantError } from '../../../src/support/invariant.ts';

const { rax, rbx, rcx, rsp, r12, r13, eax, al, cl, sil, xmm0, xmm1, xmm2, xmm9, ymm1, k1, k2 } = r;

/** What `body` emits, as hex. */
function emitted(body: (a: Assembler, code: CodeHolder) => void): string {
  const code = new CodeHolder();
  body(new Assembler(code), code);
  code.flatten();
  return Buffer.from(code.text.bytes.subarray(0, code.text.size)).toString('hex');
}

/** What the log says of it. */
function logged(body: (a: Assembler, code: CodeHolder) => void): string[] {
  const code = new CodeHolder();
  const log: LoggedInstruction[] = [];
  body(new Assembler(code, { log }), code);
  return log.map(({ text }) => text);
}

describe('Assembler', () => {
  it('chooses the shortest form that holds the operands', () => {
    expect(emitted((a) => a.add(rax, 127))).to.equal('4883c07f');
    expect(emitted((a) => a.add(rax, 128))).to.equal('4881c080000000');
    expect(emitted((a) => a.mov(rax, -1))).to.equal('48c7c0ffffffff');
    expect(emitted((a) => a.mov(eax, 0xffffffff))).to.equal('b8ffffffff');
    expect(emitted((a) => a.movabs(rax, 0x1122334455667788n))).to.equal('48b88877665544332211');
    expect(emitted((a) => a.shl(rax, 1))).to.equal('48d1e0');
    expect(emitted((a) => a.shl(rax, 2))).to.equal('48c1e002');
    expect(
      emitted((a) => a.vaddsd(xmm0, xmm1, xmm2)),
      'two-byte VEX',
    ).to.equal('c5f358c2');
    expect(
      emitted((a) => a.vaddsd(xmm0, xmm1, xmm9)),
      'three-byte VEX',
    ).to.equal('c4c17358c1');
  });

  it('needs no displacement for most bases, and a SIB byte or a displacement for some', () => {
    expect(emitted((a) => a.mov(rax, ptr(rbx)))).to.equal('488b03');
    expect(emitted((a) => a.mov(rax, ptr(r12)))).to.equal('498b0424');
    expect(emitted((a) => a.mov(rax, ptr(r13)))).to.equal('498b4500');
    expect(emitted((a) => a.mov(rax, ptr(rsp, 8)))).to.equal('488b442408');
    expect(emitted((a) => a.mov(rax, ptr(undefined, rcx, 8)))).to.equal('488b04cd00000000');
  });

  it('compresses displacements in EVEX', () => {
    expect(emitted((a) => a.vmovupd(r.zmm[1] ?? never(), ptr(rax, 64)))).to.equal('62f1fd48104801');
    expect(emitted((a) => a.vmovupd(r.zmm[1] ?? never(), ptr(rax, 65)))).to.equal('62f1fd48108841000000');
  });

  it('makes backward jumps short where they reach, forward ones near unless told', () => {
    const backward = (padding: number) =>
      emitted((a, code) => {
        const label = code.newLabel();
        a.bind(label);
        a.embed(new Uint8Array(padding));
        a.jne(label);
      }).slice(padding * 2);
    expect(backward(126)).to.equal('7580');
    expect(backward(127)).to.equal('0f857bffffff');
    const forward = (padding: number, isShort: boolean) =>
      emitted((a, code) => {
        const label = code.newLabel();
        if (isShort) a.short();
        a.jmp(label);
        a.embed(new Uint8Array(padding));
        a.bind(label);
      }).slice(0, isShort ? 4 : 10);
    expect(forward(127, true)).to.equal('eb7f');
    expect(forward(127, false)).to.equal('e97f000000');
    expect(() => forward(128, true)).to.throw(RangeError, 'too far for a short jump');
  });

  it('fills with the longest nops', () => {
    expect(
      emitted((a) => {
        a.ret();
        a.align(16);
      }),
    ).to.equal('c3660f1f840000000000660f1f440000');
    expect(emitted((a) => a.align(64))).to.equal('');
    expect(() => emitted((a) => a.align(3))).to.throw(RangeError, 'alignment must be a power of two');
  });

  it('masks the next instruction only', () => {
    expect(
      logged((a) => {
        a.kz(k1).vaddpd(xmm0, xmm1, xmm2);
        a.k(k2).vmovupd(ptr(rax), ymm1);
        a.vaddpd(xmm0, xmm1, xmm2);
      }),
    ).to.deep.equal([
      'vaddpd xmm0{k1}{z}, xmm1, xmm2',
      'vmovupd ymmword ptr [rax]{k2}, ymm1',
      'vaddpd xmm0, xmm1, xmm2',
    ]);
  });

  it('has types that refuse what no form takes', () => {
    const refused = (a: Assembler): void => {
      // @ts-expect-error a general register where a vector register is due
      a.addsd(xmm0, rax);
      // @ts-expect-error too few operands
      a.vaddpd(xmm0, xmm1);
      // @ts-expect-error a number where memory is due
      a.movntpd(8, xmm0);
      // @ts-expect-error AVX has no such form, and AVX-512 neither
      a.vblendvpd(r.zmm[0] ?? never(), r.zmm[1] ?? never(), r.zmm[2] ?? never(), r.zmm[3] ?? never());
      // @ts-expect-error no such mnemonic
      a.vaddqq(xmm0, xmm0, xmm0);
    };
    expect(() => refused(new Assembler(new CodeHolder()))).to.throw(TypeError);
  });

  it('takes an instruction as a value', () => {
    expect(emitted((a) => a.emit(instructionOf('addsd'), xmm0, xmm1))).to.equal('f20f58c1');
  });

  describe('refuses, and writes nothing', () => {
    // Types would refuse many of these; callers in JavaScript have none.
    const wrong = <T>(operand: unknown) => operand as T;
    const cases: readonly [string, (a: Assembler, code: CodeHolder) => void, ErrorConstructor, RegExp][] = [
      ['an immediate too large', (a) => a.add(rax, 2 ** 31), RangeError, /-2\^31 to 2\^31-1/],
      ['an immediate too small', (a) => a.mov(eax, -(2 ** 31) - 1), RangeError, /-2\^31 to 2\^32-1/],
      ['a byte too large', (a) => a.mov(al, 256), RangeError, /-128 to 255/],
      ['a fraction', (a) => a.mov(rax, 1.5), RangeError, /integer/],
      ['NaN', (a) => a.roundsd(xmm0, xmm1, Number.NaN), RangeError, /integer/],
      ['an unsafe number', (a) => a.movabs(rax, 2 ** 63), RangeError, /-2\^63 to 2\^64-1/],
      ['a bigint too large', (a) => a.movabs(rax, 2n ** 64n), RangeError, /-2\^63 to 2\^64-1/],
      ['a bigint where a number is due', (a) => a.add(rax, wrong<number>(1n)), RangeError, /integer/],
      ['rsp as index', (a) => a.mov(rax, ptr(rax, rsp, 1)), RangeError, /rsp cannot be an index/],
      [
        'a scale of 3',
        (a) => a.mov(rax, ptr(rax, rcx, wrong<1>(3))),
        RangeError,
        /scale must be 1, 2, 4 or 8/,
      ],
      ['a displacement too large', (a) => a.mov(rax, ptr(rax, 2 ** 31)), RangeError, /displacement must be/],
      ['a fractional displacement', (a) => a.mov(rax, ptr(rax, 0.5)), RangeError, /displacement must be/],
      [
        'an index beside a label',
        (a, code) => a.mov(rax, ptr(wrong(code.newLabel()), rcx, 1)),
        RangeError,
        /rip-relative/,
      ],
      [
        'memory of no size',
        (a) => a.inc(ptr(rax)),
        TypeError,
        /^inc needs a sized memory operand here: dwordPtr or qwordPtr or bytePtr$/,
      ],
      [
        'memory of no size, naming what holds the number',
        (a) => a.mov(ptr(rax), 70_000),
        TypeError,
        /^mov needs a sized memory operand here: dwordPtr or qwordPtr$/,
      ],
      [
        'memory of no size where only vectors are taken',
        (a) => a.vcvtpd2dq(xmm0, ptr(rax)),
        TypeError,
        /^vcvtpd2dq needs a sized memory operand here: xmmwordPtr or ymmwordPtr$/,
      ],
      [
        'a broadcast that tells no number of lanes',
        (a) => a.vcvtpd2dq(xmm0, broadcastPtr(rax)),
        TypeError,
        /^vcvtpd2dq needs a broadcast of known lanes here: broadcast1to2 or broadcast1to4$/,
      ],
      [
        'a broadcast to other lanes',
        (a) => a.vaddpd(xmm0, xmm1, broadcast1to4(rax)),
        TypeError,
        /no form of vaddpd xmm0, xmm1, broadcast memory/,
      ],
      [
        'an index of 32 bits',
        (a) => a.mov(rax, ptr(rax, wrong<r.Gp64>(eax), 1)),
        TypeError,
        /an index is a general register of 64 bits, or a vector register, not eax/,
      ],
      [
        'a size beside an index of vectors',
        (a) => a.vgatherdpd(xmm0, qwordPtr(rax, xmm1, 8), xmm2),
        TypeError,
        /with xmm1 as its index, memory is of the instruction's size: ptr/,
      ],
      [
        'an index of vectors where memory is one place',
        (a) => a.movupd(xmm0, ptr(rax, xmm1, 8)),
        TypeError,
        /no form of movupd xmm0, \[xmm\]/,
      ],
      [
        'an index of another width',
        (a) => a.vgatherqpd(ymm1, ptr(rax, xmm2, 8), r.ymm0),
        TypeError,
        /no form of vgatherqpd ymm1, \[xmm\], ymm0; vgatherqpd takes xmm, \[xmm\], xmm; or ymm, \[ymm\], ymm; or xmm\{k!\}/,
      ],
      [
        'registers of a gather that are the same',
        (a) => a.vgatherdpd(xmm0, ptr(rax, xmm1, 8), xmm1),
        TypeError,
        /destination, index and mask must be different registers/,
      ],
      [
        'the same in EVEX',
        (a) => a.k(k1).vgatherqpd(xmm1, ptr(rax, xmm1, 8)),
        TypeError,
        /destination and index must be different registers/,
      ],
      [
        'a gather without its mask',
        (a) => a.vgatherdpd(xmm0, ptr(rax, xmm1, 8)),
        TypeError,
        /vgatherdpd needs a mask, for example k\(k1\)/,
      ],
      [
        'a zeroing gather',
        (a) => a.kz(k1).vgatherdpd(xmm0, ptr(rax, xmm1, 8)),
        TypeError,
        /cannot be masked with zeroing/,
      ],
      [
        'a scatter without its mask',
        (a) => a.vscatterdpd(ptr(rax, xmm1, 8), xmm1),
        TypeError,
        /vscatterdpd needs a mask/,
      ],
      [
        'a high index outside of EVEX',
        (a) => a.vgatherdpd(xmm0, ptr(rax, r.xmm[16] ?? never(), 8), xmm2),
        TypeError,
        /takes xmm16 as its index/,
      ],
      ['a locked load', (a) => a.lock().add(rax, ptr(rbx)), TypeError, /add rax, memory cannot be locked/],
      [
        'a locked register',
        (a) => a.lock().add(rax, 1),
        TypeError,
        /add rax, 1 cannot be locked; lock is for add adc/,
      ],
      ['a locked store', (a) => a.lock().mov(ptr(rbx), rax), TypeError, /cannot be locked/],
      ['a repeated move', (a) => a.rep().mov(rax, 1), TypeError, /cannot be repeated; rep is for movs stos/],
      [
        'a repeated movsd of SSE',
        (a) => a.rep().movsd(xmm0, xmm1),
        TypeError,
        /movsd xmm0, xmm1 cannot be repeated/,
      ],
      ['repne where nothing is compared', (a) => a.repne().movsb(), TypeError, /repne is for cmps scas/],
      [
        'memory of another size',
        (a) => a.addsd(xmm0, dwordPtr(rax)),
        TypeError,
        /no form of addsd xmm0, m32; addsd takes xmm, xmm\/m64/,
      ],
      [
        'registers of two kinds',
        (a) => a.addsd(xmm0, wrong<r.Xmm>(rax)),
        TypeError,
        /no form of addsd xmm0, rax/,
      ],
      ['two widths', (a) => a.vaddpd(xmm0, ymm1, ymm1), TypeError, /no form of vaddpd xmm0, ymm1, ymm1/],
      ['a count in another register', (a) => a.shl(rax, sil), TypeError, /takes r32\/m32, 1/],
      [
        'too few operands',
        (a) => wrong<{ add(x: r.Gp64): void }>(a).add(rax),
        TypeError,
        /no form of add rax/,
      ],
      [
        'high registers outside of EVEX',
        (a) => a.addsd(r.xmm[16] ?? never(), xmm1),
        TypeError,
        /no form of addsd xmm16/,
      ],
      ['a mask where there can be none', (a) => a.k(k1).addsd(xmm0, xmm1), TypeError, /cannot be masked/],
      [
        'zeroing where there is merging only',
        (a) => a.kz(k1).vcmppd(k2, xmm0, xmm1, 0),
        TypeError,
        /with zeroing/,
      ],
      ['zeroing of memory', (a) => a.kz(k1).vmovupd(ptr(rax), xmm1), TypeError, /zeroing/],
      ['k0 as mask', (a) => a.k(r.k0).vaddpd(xmm0, xmm1, xmm1), RangeError, /k0 means no mask/],
      [
        'a label of other code',
        (a) => a.jmp(new CodeHolder().newLabel('x')),
        RangeError,
        /another CodeHolder/,
      ],
      [
        'a target that is no address',
        (a) => a.callAddress(wrong(-1)),
        RangeError,
        /target must be an address/,
      ],
    ];
    for (const [name, body, type, message] of cases) {
      it(name, () => {
        const code = new CodeHolder();
        const a = new Assembler(code);
        expect(() => body(a, code)).to.throw(type, message);
        expect(code.text.size).to.equal(0);
        a.vaddpd(xmm0, xmm1, xmm2);
        expect(code.text.size, 'and forgets mask and prefix').to.equal(4);
      });
    }

    it('what the target CPU lacks', () => {
      const a = new Assembler(new CodeHolder(), { features: ['sse2', 'avx', 'mmx'] });
      a.vaddpd(xmm0, xmm1, xmm2);
      expect(() => a.vpaddd(ymm1, ymm1, ymm1)).to.throw(TypeError, 'needs avx2, which the target CPU lacks');
      expect(() => a.k(k1).vaddpd(xmm0, xmm1, xmm2)).to.throw(TypeError, 'needs avx512f and avx512vl');
    });

    it('an instruction that is not there', () => {
      expect(() => instructionOf(wrong('vfoo'))).to.throw(InvariantError, 'no instruction vfoo');
    });
  });

  it('keeps a mask beside a prefix, and either of each kind only', () => {
    expect(() => emitted((a) => a.lock().k(k1).vaddpd(xmm0, xmm1, xmm2))).to.throw(TypeError, 'be locked');
    expect(emitted((a) => a.k(k1).k(k2).vaddpd(xmm0, xmm1, xmm2))).to.equal('62f1f50a58c2');
    expect(emitted((a) => a.lock().rep().movsb())).to.equal('f3a4');
  });

  it('spells out gathers, broadcasts and prefixes', () => {
    const texts = logged((a) => {
      a.vgatherqps(xmm0, ptr(rax, ymm1, 4, 8), xmm2);
      a.k(k1).vpgatherqd(r.ymm[20] ?? never(), ptr(rax, r.zmm[31] ?? never(), 4));
      a.k(k2).vscatterdpd(ptr(undefined, xmm9, 8), ymm1);
      a.vcvtpd2ps(xmm0, broadcast1to4(rax));
      a.vfpclassps(k1, broadcast1to16(rax), 3);
      a.lock().xadd(ptr(rbx), eax);
      a.rep().stosd();
      a.rep().scasw();
      a.repne().cmpsq();
      a.endbr64();
    });
    expect(texts).to.deep.equal([
      'vgatherqps xmm0, [rax+ymm1*4+8], xmm2',
      'vpgatherqd ymm20{k1}, [rax+zmm31*4]',
      'vscatterdpd [xmm9*8]{k2}, ymm1',
      'vcvtpd2ps xmm0, qword ptr [rax]{1to4}',
      'vfpclassps k1, dword ptr [rax]{1to16}, 3',
      'lock xadd dword ptr [rbx], eax',
      'rep stosd',
      'repe scasw',
      'repne cmpsq',
      'endbr64',
    ]);
  });

  describe('writes into sections', () => {
    it('one after the other, with jumps between them', () => {
      const code = new CodeHolder();
      const log: LoggedInstruction[] = [];
      const a = new Assembler(code, { log });
      const cold = code.newSection('.cold');
      const slow = code.newLabel('slow');
      const back = code.newLabel('back');
      a.test(rax, rax);
      a.je(slow);
      a.bind(back);
      a.ret();
      a.section(cold);
      expect(a.offset).to.equal(0);
      a.bind(slow);
      a.mov(rax, ptr(code.int64(5n)));
      a.jmp(back);
      a.align(16);
      const loop = code.newLabel('loop');
      a.bind(loop);
      a.embed(Uint8Array.of(1, 2));
      a.callAddress(0x1234 as Address, 'sin');
      a.jne(loop);
      a.section(code.text);
      a.int3();
      code.embedDifference(slow, back, 2, cold);
      expect(formatListing(code, log).split('\n')).to.deep.equal([
        '  0000  4885c0                test rax, rax',
        '  0003  0f8407000000          je slow',
        'back:',
        '  0009  c3                    ret',
        '  000a  cc                    int3',
        '.cold:',
        'slow:',
        '  0010  488b0519000000        mov rax, qword ptr [rip+L2]',
        '  0017  e9edffffff            jmp back',
        '  001c  0f1f4000              nop',
        'loop:',
        '  0020  0102                  db 1, 2',
        '  0022  40e800000000          call sin',
        '  0028  75f6                  jne loop',
        '  002a  0700                  db 7, 0',
        'L2:',
        '  0030  0500000000000000      dq 0x0000000000000005',
        'L4:',
        '  0038  0000000000000000      dq sin',
      ]);
    });

    it('of its own code only', () => {
      const code = new CodeHolder();
      const a = new Assembler(code);
      const other = new CodeHolder().newSection('.cold');
      expect(() => a.section(other)).to.throw(RangeError, 'section .cold belongs to another CodeHolder');
      for (const none of [undefined, null, {}, { id: 0 }, '.text']) {
        expect(() => a.section(none as never)).to.throw(TypeError, 'a section is needed');
      }
      const cold = code.newSection('.cold');
      a.section(cold);
      code.reset();
      expect(() => a.ret()).to.throw(RangeError, 'section .cold ended with the reset of its CodeHolder');
      expect(() => a.section(cold)).to.throw(RangeError, 'before its reset');
      a.section(code.text);
      a.ret();
      expect(code.codeSize).to.equal(1);
    });
  });

  it('logs in Intel syntax', () => {
    const texts = logged((a, code) => {
      const label = code.newLabel('here');
      a.mov(rax, ptr(rbx, rcx, 4, -16));
      a.mov(bytePtr(rsp), 255);
      a.mov(wordPtr(rsp, 2), -2);
      a.inc(qwordPtr(0x1000));
      a.movabs(rax, -(2n ** 63n));
      a.setne(al);
      a.shl(rax, cl);
      a.movupd(xmmwordPtr(rax), xmm0);
      a.vmovupd(ymm1, ymmwordPtr(rax));
      a.vmovupd(r.zmm[31] ?? never(), zmmwordPtr(rax, 0x40));
      a.vaddpd(r.zmm[1] ?? never(), r.zmm[2] ?? never(), broadcastPtr(rax));
      a.lea(rax, ptr(label, 8));
      a.bind(label);
      a.jmp(label);
      a.ret();
    });
    expect(texts).to.deep.equal([
      'mov rax, qword ptr [rbx+rcx*4-0x10]',
      'mov byte ptr [rsp], 0xff',
      'mov word ptr [rsp+2], -2',
      'inc qword ptr [0x1000]',
      'movabs rax, -0x8000000000000000',
      'setne al',
      'shl rax, cl',
      'movupd xmmword ptr [rax], xmm0',
      'vmovupd ymm1, ymmword ptr [rax]',
      'vmovupd zmm31, zmmword ptr [rax+0x40]',
      'vaddpd zmm1, zmm2, qword ptr [rax]{1to8}',
      'lea rax, [rip+here+8]',
      'jmp here',
      'ret',
    ]);
  });

  it('prints a listing with labels and constants', () => {
    const code = new CodeHolder();
    const log: LoggedInstruction[] = [];
    const a = new Assembler(code, { log });
    const loop = code.newLabel('loop');
    a.bind(loop);
    a.addsd(xmm0, ptr(code.float64(-0.5)));
    a.andps(xmm0, ptr(code.int64(0x7fffffffffffffffn, 2)));
    a.addss(xmm0, ptr(code.constant(Uint8Array.of(0, 0, 128, 63))));
    a.jmp(loop);
    a.bind(code.newLabel('end'));
    expect(formatListing(code, log).split('\n')).to.deep.equal([
      'loop:',
      '  0000  f20f580518000000      addsd xmm0, qword ptr [rip+L1]',
      '  0008  0f540521000000        andps xmm0, xmmword ptr [rip+L2]',
      '  000f  f30f580529000000      addss xmm0, dword ptr [rip+L3]',
      '  0017  ebe7                  jmp loop',
      'end:',
      'L1:',
      '  0020  000000000000e0bf      dq 0xbfe0000000000000  ; -0.5',
      '  0028  0000000000000000      dq 0x0000000000000000  ; 0',
      'L2:',
      '  0030  ffffffffffffff7f      dq 0x7fffffffffffffff',
      '  0038  ffffffffffffff7f      dq 0x7fffffffffffffff',
      'L3:',
      '  0040  0000803f              dd 0x3f800000',
    ]);
  });

  it('names code elsewhere in listings, if it is told', () => {
    const code = new CodeHolder();
    const log: LoggedInstruction[] = [];
    const a = new Assembler(code, { log });
    a.callAddress(0x1234 as Address, 'sin');
    a.jmpAddress(0x5678 as Address);
    a.callThrough(qwordPtr(rbx, 0x38), 'host', 'noise');
    a.callThrough(qwordPtr(rbx), 'host');
    expect(formatListing(code, log).split('\n')).to.deep.equal([
      '  0000  40e800000000          call sin',
      '  0006  40e900000000          jmp 0x5678',
      '  000c  ff5338                call host  ; noise',
      '  000f  ff13                  call host',
      'L0:',
      '  0018  0000000000000000      dq sin',
      'L1:',
      '  0020  7856000000000000      dq 0x0000000000005678',
    ]);
    const offset = a.offset;
    expect(() => a.callAddress(0x1234 as Address, 7 as unknown as string)).to.throw(TypeError, 'a number');
    expect(() => a.callThrough(qwordPtr(rbx), {} as unknown as string)).to.throw(TypeError, 'an object');
    expect(a.offset).to.equal(offset);
  });
});

function never(): never {
  throw new Error('there is a register of each number');
}
