import { expect } from 'chai';
import { DominatorTree } from '../../../src/jit/ir/dominators.ts';
import { findLoops } from '../../../src/jit/ir/loops.ts';
import { op } from '../../../src/jit/ir/opcode.ts';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import { verifyModule } from '../../../src/jit/ir/verifier.ts';
import { keepConstants } from '../../../src/jit/opt/keep-constants.ts';
import { elementAt } from '../../../src/support/element.ts';

/** Two loops, one after the other, with the same constants but for a sign. */
const source = `
function f(f64x4, i64): f64 {
b0(v0: f64x4, v1: i64):
  jump b1(v0)
b1(v2: f64x4):
  v3: f64x4 = fconst 3
  v4: f64x4 = fconst 0
  v5: f64x4 = fsub v3, v2
  v6: f64x4 = fadd v5, v4
  v7 = iconst 5
  v8 = ilt v1, v7
  branch v8, b1(v6), b2(v6)
b2(v9: f64x4):
  v10: f64x4 = fconst 3
  v11: f64x4 = fconst -0
  v12: f64x4 = fsub v10, v9
  v13: f64x4 = fadd v12, v11
  v14 = iconst 6
  v15 = ilt v1, v14
  branch v15, b2(v13), b3()
b3():
  v16 = fconst 1
  return v16
}`;

/** The constants that are kept if so many registers are free. */
function kept(registers: number): unknown[] {
  const module = parseModule(source);
  const fn = elementAt(module.functions, 0);
  keepConstants(fn, findLoops(new DominatorTree(fn)), registers);
  expect(verifyModule(module)).to.deep.equal([]);
  const keeps = elementAt(fn.blocks, 0).instructions.filter((value) => value.op === op.keep);
  for (const block of fn.blocks.slice(1)) {
    expect(block.instructions.some((value) => value.op === op.keep)).to.equal(false);
  }
  return keeps.map(({ operands }) => operands[0]?.immediate);
}

describe('keepConstants', () => {
  it('keeps those first that would have to be loaded, those of several loops once', () => {
    expect(kept(1)).to.deep.equal([3]);
  });

  it('keeps no more than there are registers for', () => {
    for (const registers of [-1, 0, 1, 2, 3]) {
      expect(kept(registers)).to.have.length(Math.max(0, registers));
    }
  });

  it('tells zeros apart', () => {
    const zeros = kept(8).filter((constant) => constant === 0);
    expect(zeros.some((zero) => Object.is(zero, 0))).to.equal(true);
    expect(zeros.some((zero) => Object.is(zero, -0))).to.equal(true);
  });
});
