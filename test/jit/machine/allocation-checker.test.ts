import { expect } from 'chai';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import { AllocatedWord, type Allocation, allocatedWords } from '../../../src/jit/machine/allocation.ts';
import { checkAllocation } from '../../../src/jit/machine/allocation-checker.ts';
import { isRegister, isVectorRegister } from '../../../src/jit/machine/location.ts';
import type { MachineFunction } from '../../../src/jit/machine/machine-function.ts';
import { operations } from '../../../src/jit/machine/operations.ts';
import { elementAt } from '../../../src/support/element.ts';
import { allocate } from '../../support/allocate.ts';

/** A loop with a call, a diamond, and values that live across both. */
const source = `
function f(f64, f64, f64): f64 {
b0(v0: f64, v1: f64, v2: f64):
  v3 = fconst 0
  jump b1(v0, v3)
b1(v4: f64, v5: f64):
  v6 = fgt v4, v1
  branch v6, b2(), b6()
b2():
  v7 = callmath sin(v4)
  v8 = fmul v7, v2
  v9 = flt v8, v5
  branch v9, b3(), b4()
b3():
  v10 = fsub v8, v5
  jump b5(v10)
b4():
  v11 = fsub v5, v8
  v12 = fdiv v11, v2
  jump b5(v12)
b5(v13: f64):
  v14 = fconst 1
  v15 = fsub v4, v14
  v16 = fadd v5, v13
  jump b1(v15, v16)
b6():
  v17 = fsub v5, v2
  return v17
}
`;

/** A vector and a general register that the function above does not use. */
const idleVector = 14;
const idleGeneral = 32 + 10;

describe('checkAllocation', () => {
  const fn = elementAt(parseModule(source).functions, 0);

  for (const level of ['sse2', 'avx2'] as const) {
    const broken = (
      breakIt: (allocation: Allocation, at: number, machine: MachineFunction) => boolean,
    ): { tried: number; missed: number[] } => {
      const count = allocate(fn, level).allocation.count;
      const missed: number[] = [];
      let tried = 0;
      for (let i = 0; i < count; i++) {
        const { machine, allocation, options } = allocate(fn, level);
        if (!breakIt(allocation, i * allocatedWords, machine)) continue;
        tried++;
        try {
          checkAllocation(machine, allocation, options);
          missed.push(i);
        } catch (error) {
          expect((error as Error).message).to.match(/^allocation of f: /);
        }
      }
      return { tried, missed };
    };

    describe(level, () => {
      it('accepts what the allocator makes', () => {
        const { machine, allocation, options } = allocate(fn, level);
        checkAllocation(machine, allocation, options);
      });

      it('notices each move that is missing', () => {
        const { tried, missed } = broken(({ code }, at) => {
          if (code[at + AllocatedWord.Source] !== -1) return false;
          code[at + AllocatedWord.Result] = code[at + AllocatedWord.A] as number;
          return true;
        });
        expect(tried).to.be.above(5);
        expect(missed).to.deep.equal([]);
      });

      it('notices each operand that is read from another register', () => {
        for (const word of [AllocatedWord.A, AllocatedWord.B]) {
          const { tried, missed } = broken(({ code }, at) => {
            const { operands } = elementAt(operations, code[at + AllocatedWord.Operation] as number);
            const place = code[at + word] as number;
            if (code[at + AllocatedWord.Source] === -1 || !isRegister(place)) return false;
            if (word - AllocatedWord.A >= operands.length) return false;
            code[at + word] = isVectorRegister(place) ? idleVector : idleGeneral;
            return true;
          });
          expect(tried).to.be.above(2);
          expect(missed).to.deep.equal([]);
        }
      });

      it('notices each result that is put elsewhere', () => {
        const { tried, missed } = broken(({ code }, at) => {
          if (code[at + AllocatedWord.Source] === -1 || (code[at + AllocatedWord.Result] as number) < 0)
            return false;
          code[at + AllocatedWord.Result] = idleVector;
          return true;
        });
        expect(tried).to.be.above(5);
        expect(missed).to.deep.equal([]);
      });

      it('notices an instruction that is missing', () => {
        const { missed } = broken(({ code }, at) => {
          if (code[at + AllocatedWord.Source] === -1) return false;
          code[at + AllocatedWord.Source] = -1;
          return true;
        });
        expect(missed).to.deep.equal([]);
      });
    });
  }

  it('notices a result that overwrites an operand before it is read', () => {
    const subtraction = elementAt(
      parseModule(`
function f(f64, f64): f64 {
b0(v0: f64, v1: f64):
  v2 = fsub v0, v1
  return v2
}
`).functions,
      0,
    );
    const { machine, allocation, options } = allocate(subtraction, 'sse2');
    for (const at of [0, 1]) {
      // The result goes to the second operand's register, and the return follows it there.
      const word = at === 0 ? AllocatedWord.Result : AllocatedWord.A;
      allocation.code[at * allocatedWords + word] = 1;
    }
    expect(() => checkAllocation(machine, allocation, options)).to.throw(/overwrites operand 1/);
  });
});
