/** What the simulator refuses although a CPU might let it pass. */
import { expect } from 'chai';
import { CodeHolder } from '../../../src/jit/code/code-holder.ts';
import type { FeatureLevel } from '../../../src/jit/machine/feature-level.ts';
import { Assembler } from '../../../src/jit/x64/assembler.ts';
import { dwordPtr, ptr } from '../../../src/jit/x64/memory.ts';
import { eax, ecx, rax, rcx, rdi, rsp, xmm, ymm } from '../../../src/jit/x64/register.ts';
import type { Address } from '../../../src/native/address.ts';
import { elementAt } from '../../../src/support/element.ts';
import { SimulationError, Simulator } from './simulator.ts';

const x0 = elementAt(xmm, 0);
const external = 0x7000_0000 as Address;

/** Runs code with 16 bytes that can be read at the address in `rdi`, and a function outside. */
function run(emit: (a: Assembler) => void, level: FeatureLevel = 'avx512'): void {
  const code = new CodeHolder();
  const a = new Assembler(code);
  const entry = code.newLabel();
  a.bind(entry);
  emit(a);
  a.ret();
  using simulator = new Simulator(code, {
    level,
    externals: new Map([[external, () => {}]]),
    mostSteps: 1000,
  });
  simulator.memory.add('the data', 0x1000, new Uint8Array(16), 'read');
  simulator.machine.general[rdi.id] = 0x1000n;
  simulator.run(simulator.addressOf(entry));
}

const cases: readonly [what: string, message: string, emit: (a: Assembler) => void, level?: FeatureLevel][] =
  [
    ['memory before an array', '8 bytes before the data', (a) => a.mov(eax, ptr(rdi, -8))],
    ['memory behind an array', '0 bytes behind the data', (a) => a.mov(eax, ptr(rdi, 16))],
    [
      'memory partly in an array',
      'reads 16 bytes at 0x1008, partly in the data',
      (a) => a.movups(x0, ptr(rdi, 8)),
    ],
    [
      'writes to what can only be read',
      'in the data, which allows read only',
      (a) => a.mov(dwordPtr(rdi), 1),
    ],
    [
      'reading code',
      'in the code, which allows execute only',
      (a) => {
        const label = a.code.newLabel();
        a.bind(label);
        a.mov(eax, ptr(label));
      },
    ],
    [
      'operands of plain SSE that are not aligned',
      'aligned to 16 bytes, not 0x1008',
      (a) => a.addpd(x0, ptr(rdi, 8)),
    ],
    ['aligned moves that are not', 'aligned to 16 bytes', (a) => a.vmovaps(x0, ptr(rdi, 4))],
    [
      'flags that are undefined',
      'reads the zero flag',
      (a) => {
        a.imul(rax, rcx);
        a.sete(ptr(rsp, -8));
      },
    ],
    [
      'the highest bit of zero',
      'undefined',
      (a) => {
        a.xor(eax, eax);
        a.bsr(ecx, eax);
      },
    ],
    [
      'instructions beyond the level',
      'roundpd xmm0,xmm0,1 at code + 0 (660f3a09c001) needs SSE4_1, which sse2 does not promise',
      (a) => a.roundpd(x0, x0, 1),
      'sse2',
    ],
    ['instructions that it does not know', 'no semantics for rdtsc', (a) => a.rdtsc()],
    ['calls with a stack that is not aligned', 'not aligned', (a) => a.callAddress(external)],
    [
      'calls with upper halves in use',
      'upper halves',
      (a) => {
        a.vmovups(elementAt(ymm, 1), elementAt(ymm, 2));
        a.push(rax);
        a.callAddress(external);
      },
    ],
    [
      'an end with upper halves in use',
      'upper halves',
      (a) => a.vmovups(elementAt(ymm, 1), elementAt(ymm, 2)),
    ],
    ['an unbalanced stack', 'goes to 0xa5a55a5ac3c', (a) => a.push(rax)],
    [
      'loops without end',
      'no end after 1000 instructions',
      (a) => {
        const label = a.code.newLabel();
        a.bind(label);
        a.jmp(label);
      },
    ],
  ];

describe('the simulator: refuses', () => {
  for (const [what, message, emit, level] of cases) {
    it(what, () => {
      expect(() => run(emit, level)).to.throw(SimulationError, message);
    });
  }

  it('nothing that is right', () => {
    run((a) => {
      a.push(rax);
      a.callAddress(external);
      a.pop(rax);
      a.addpd(x0, ptr(rdi));
    });
  });
});
