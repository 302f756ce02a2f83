import { CodeHolder } from '../../src/jit/code/code-holder.ts';
import { Gpr } from '../../src/jit/machine/convention.ts';
import { hostTarget } from '../../src/jit/machine/host-target.ts';
import { Assembler } from '../../src/jit/x64/assembler.ts';
import { ptr } from '../../src/jit/x64/memory.ts';
import { gp64, rax, rsp, xmm } from '../../src/jit/x64/register.ts';
import { VirtMem } from '../../src/mem/virt-mem.ts';
import { MemoryFlags } from '../../src/mem/virt-mem-backend.ts';
import type { Address } from '../../src/native/address.ts';
import { requireAddon } from '../../src/native/loader.ts';
import { elementAt } from '../../src/support/element.ts';

/** No value that code could have by chance. */
const garbage = 0xa5a5_5a5a_c3c3_3c3cn;

const preserved: readonly number[] = [Gpr.Rbx, Gpr.Rsp, Gpr.Rbp, Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15];

/**
 * The addon's entry for host calls, `target`, made as bad as the platform's convention allows: all registers that it need not
 * preserve hold garbage afterwards, and a stack that is not aligned is a fault.
 */
export class ClobberingHost implements Disposable {
  readonly entry: Address;
  readonly #rw: Address;
  readonly #size = VirtMem.info().pageSize;

  constructor(target: bigint) {
    const { convention } = hostTarget(requireAddon());
    const { shadowSpace, savedGeneral, savedVectors } = convention;
    const code = new CodeHolder();
    const a = new Assembler(code);
    // As callers leave it, the stack is aligned but for the return address.
    a.sub(rsp, shadowSpace + 24);
    a.movaps(ptr(rsp, shadowSpace), elementAt(xmm, 0));
    a.movabs(rax, target);
    a.call(rax);
    a.add(rsp, shadowSpace + 24);
    a.movabs(rax, garbage);
    for (const register of xmm.slice(0, 16)) {
      if (!savedVectors.includes(register.id)) a.movq(register, rax);
    }
    for (const register of gp64) {
      if (!preserved.includes(register.id) && !savedGeneral.includes(register.id)) a.mov(register, rax);
    }
    a.ret();
    const { rx, rw } = VirtMem.allocDualMapping(this.#size, MemoryFlags.None);
    VirtMem.write(rw, code.relocate(rx));
    VirtMem.flushInstructionCache(rx, this.#size);
    this.entry = rx;
    this.#rw = rw;
  }

  [Symbol.dispose](): void {
    VirtMem.releaseDualMapping({ rx: this.entry, rw: this.#rw }, this.#size);
  }
}
