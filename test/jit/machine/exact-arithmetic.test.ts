/** Exact arithmetic gives the same with fused instructions, without, and in the definition. */
import { expect } from 'chai';
import { IrBuilder } from '../../../src/jit/ir/builder.ts';
import { IrModule, type Value } from '../../../src/jit/ir/function.ts';
import { type Opcode, op } from '../../../src/jit/ir/opcode.ts';
import { fusedMultiplyAdd } from '../../../src/support/float.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { NativeModule, nativeLevels } from '../../support/run-native.ts';

const seed = seedFromEnvironment();
const rounds = 3000;

const operations = [op.faddproduct, op.fsubproduct, op.fexactma, op.fproducterror, op.ffms, op.ffnma];

function moduleOf(opcodes: readonly Opcode[]): IrModule {
  const module = new IrModule();
  for (const opcode of opcodes) {
    const builder = new IrBuilder(module, opcode.name, ['f64', 'f64', 'f64'], 'f64');
    const [a, b, c] = builder.block.parameters as [Value, Value, Value];
    builder.return(builder.emit(opcode, a, b, c));
  }
  return module;
}

/** A number of so many significant bits, of middling size. */
function ofBits(random: Random, bits: number): number {
  const significand = Math.floor((0.5 + random.fraction() / 2) * 2 ** bits);
  return (random.chance(0.5) ? -1 : 1) * significand * 2 ** random.integer(-60, 40);
}

describe(`exact arithmetic (SEED=${seed})`, () => {
  for (const level of nativeLevels) {
    it(`is exact at level ${level}`, () => {
      const fusedOnly = level === 'sse2' || level === 'sse4.1' ? [op.ffms, op.ffnma] : [];
      const here = operations.filter((opcode) => !fusedOnly.includes(opcode));
      using native = new NativeModule(moduleOf(here), { target: { level } });
      const random = new Random(seed);
      const check = (opcode: Opcode, args: readonly [number, number, number], expected: number): void => {
        const what = `${opcode.name}(${args.join(', ')})`;
        expect(native.call(opcode.name, args), what).to.equal(expected);
        const define = opcode.evaluate as (...operands: number[]) => number;
        expect(define(...args), `definition of ${what}`).to.equal(expected);
      };
      for (let round = 0; round < rounds; round++) {
        const [few, some] = [ofBits(random, 26), ofBits(random, 27)];
        const addend = ofBits(random, 53);
        check(op.faddproduct, [addend, few, some], addend + few * some);
        check(op.fsubproduct, [addend, few, some], addend - few * some);
        const [x, y] = [ofBits(random, 53), ofBits(random, 53)];
        const product = x * y;
        check(op.fproducterror, [x, y, product], fusedMultiplyAdd(x, y, -product));
        const rounded = x * few;
        check(op.fexactma, [x, few, -rounded], fusedMultiplyAdd(x, few, -rounded));
        if (fusedOnly.length > 0) continue;
        check(op.ffms, [x, y, addend], fusedMultiplyAdd(x, y, -addend));
        check(op.ffnma, [x, y, addend], fusedMultiplyAdd(-x, y, addend));
      }
    });
  }
});
