import { expect } from 'chai';
import { IrBuilder } from '../../../src/jit/ir/builder.ts';
import { IrModule, type Value } from '../../../src/jit/ir/function.ts';
import { op } from '../../../src/jit/ir/opcode.ts';
import { AllocatedWord, type Allocation, allocatedWords } from '../../../src/jit/machine/allocation.ts';
import { checkAllocation } from '../../../src/jit/machine/allocation-checker.ts';
import { MachineOp } from '../../../src/jit/machine/operations.ts';
import { elementAt } from '../../../src/support/element.ts';
import { allocate } from '../../support/allocate.ts';
import { NativeModule, nativeLevels } from '../../support/run-native.ts';

function moveCount({ code, count }: Allocation): number {
  let moves = 0;
  for (let i = 0; i < count; i++) {
    if (code[i * allocatedWords + AllocatedWord.Operation] === MachineOp.Move) moves++;
  }
  return moves;
}

/** `count` products that are all alive at once, then their sum from the last to the first or as they come. */
function pressure(count: number, isReversed: boolean): IrModule {
  const module = new IrModule();
  const builder = new IrBuilder(module, 'f', ['f64'], 'f64');
  const x = elementAt(builder.block.parameters, 0);
  const products = Array.from({ length: count }, (_, i) => builder.emit(op.fmul, x, builder.number(i + 1)));
  if (isReversed) products.reverse();
  builder.return(products.reduce((sum, product) => builder.emit(op.fadd, sum, product)));
  return module;
}

/** The same with integers, which live in general registers. */
function integerPressure(count: number): IrModule {
  const module = new IrModule();
  const builder = new IrBuilder(module, 'f', ['f64'], 'f64');
  const x = builder.emit(op.ftoi32, elementAt(builder.block.parameters, 0));
  const shifted = Array.from({ length: count }, (_, i) =>
    builder.emit(op.ishl32, x, builder.emit(op.iadd, x, builder.integer(BigInt(i)))),
  );
  builder.return(
    builder.emit(
      op.itof,
      shifted.reduce((sum, value) => builder.emit(op.ixor, sum, value)),
    ),
  );
  return module;
}

/** A loop that rotates `count` carried values, all of them in use. */
function rotation(count: number, rounds: number): IrModule {
  const module = new IrModule();
  const builder = new IrBuilder(module, 'f', ['f64'], 'f64');
  const head = builder.createBlock(new Array<'f64'>(count + 1).fill('f64'));
  const [body, exit] = [builder.createBlock(), builder.createBlock()];
  const x = elementAt(builder.block.parameters, 0);
  const initial = Array.from({ length: count }, (_, i) => builder.emit(op.fadd, x, builder.number(i)));
  builder.jump(head, builder.number(rounds), ...initial);
  builder.moveTo(head);
  const [counter, ...carried] = head.parameters as [Value, ...Value[]];
  builder.branch(builder.emit(op.fgt, counter, builder.number(0)), body, exit);
  builder.moveTo(body);
  const [first, ...rest] = carried as [Value, ...Value[]];
  builder.jump(head, builder.emit(op.fsub, counter, builder.number(1)), ...rest, first);
  builder.moveTo(exit);
  let result = first;
  for (const value of rest)
    result = builder.emit(op.fsub, builder.emit(op.fmul, result, builder.number(0.5)), value);
  builder.return(result);
  return module;
}

function rotated(count: number, rounds: number, x: number): number {
  let values = Array.from({ length: count }, (_, i) => x + i);
  for (let i = 0; i < rounds; i++) values = [...values.slice(1), elementAt(values, 0)];
  return values.reduce((result, value) => result * 0.5 - value);
}

describe('RegisterAllocator', () => {
  it('needs neither memory nor moves for what fits the registers', () => {
    const module = pressure(14, true);
    const { allocation } = allocate(elementAt(module.functions, 0), 'avx2');
    expect(allocation.slotCount).to.equal(0);
    expect(moveCount(allocation)).to.equal(0);
  });

  it('stores each value at most once', () => {
    const module = pressure(40, false);
    const { allocation, machine, options } = allocate(elementAt(module.functions, 0), 'avx2');
    checkAllocation(machine, allocation, options);
    expect(moveCount(allocation)).to.be.below(40);
  });

  it('uses a slot again when its value has died', () => {
    const module = new IrModule();
    const builder = new IrBuilder(module, 'f', ['f64'], 'f64');
    const x = elementAt(builder.block.parameters, 0);
    let sum: Value = x;
    for (let i = 0; i < 200; i++)
      sum = builder.emit(op.fadd, sum, builder.callMath('sin', builder.emit(op.fmul, x, sum)));
    builder.return(sum);
    const { allocation } = allocate(elementAt(module.functions, 0), 'avx2');
    expect(allocation.slotCount).to.be.at.most(3);
  });

  it('keeps carried values of a loop in their registers', () => {
    const module = new IrModule();
    const builder = new IrBuilder(module, 'f', ['f64', 'f64'], 'f64');
    const [n, step] = builder.block.parameters as [Value, Value];
    const head = builder.createBlock(['f64', 'f64']);
    const [body, exit] = [builder.createBlock(), builder.createBlock()];
    builder.jump(head, n, builder.number(0));
    builder.moveTo(head);
    const [i, sum] = head.parameters as [Value, Value];
    builder.branch(builder.emit(op.fgt, i, builder.number(0)), body, exit);
    builder.moveTo(body);
    builder.jump(head, builder.emit(op.fsub, i, step), builder.emit(op.fadd, sum, i));
    builder.moveTo(exit);
    builder.return(sum);
    const { allocation, machine } = allocate(elementAt(module.functions, 0), 'avx2');
    let inLoop = 0;
    for (let block = 1; block < machine.blockCount - 1; block++) {
      const end = allocation.blockStart[block + 1] as number;
      for (let k = allocation.blockStart[block] as number; k < end; k++) {
        const at = k * allocatedWords;
        const isLoad = (allocation.code[at + AllocatedWord.A] as number) >= 64;
        if (allocation.code[at] === -1 && !isLoad) inLoop++;
      }
    }
    // `i` is used after it was decremented, which takes one copy.
    expect(inLoop).to.be.at.most(1);
  });

  it('allocates 20,000 values that are all alive, and 50,000 calls', () => {
    const live = allocate(elementAt(pressure(20_000, false).functions, 0), 'avx2');
    expect(live.allocation.slotCount).to.be.within(19_900, 20_000);
    const module = new IrModule();
    const builder = new IrBuilder(module, 'f', ['f64'], 'f64');
    let sum: Value = elementAt(builder.block.parameters, 0);
    for (let i = 0; i < 50_000; i++) sum = builder.emit(op.fadd, sum, builder.callMath('sin', sum));
    builder.return(sum);
    const calls = allocate(elementAt(module.functions, 0), 'avx2');
    expect(calls.allocation.slotCount).to.be.at.most(2);
  });

  for (const level of nativeLevels) {
    describe(level, () => {
      for (const count of [5, 14, 15, 16, 17, 40, 300]) {
        it(`computes with ${count} values alive`, () => {
          for (const isReversed of [false, true]) {
            using native = new NativeModule(pressure(count, isReversed), { target: { level } });
            expect(native.call('f', [3])).to.equal((3 * count * (count + 1)) / 2);
          }
        });
      }

      for (const count of [4, 8, 9, 12, 60]) {
        it(`computes with ${count} integers alive, and shifts by each`, () => {
          using native = new NativeModule(integerPressure(count), { target: { level } });
          for (const x of [0, 1, 7, -5, 0x7fffffff]) {
            let expected = x << x;
            for (let i = 1; i < count; i++) expected ^= x << (x + i);
            expect(native.call('f', [x])).to.equal(expected);
          }
        });
      }

      for (const count of [2, 3, 13, 14, 15, 20, 64]) {
        it(`rotates ${count} values carried around a loop`, () => {
          for (const rounds of [0, 1, 2, count - 1, count]) {
            using native = new NativeModule(rotation(count, rounds), { target: { level } });
            expect(native.call('f', [1.5]), `${rounds} rounds`).to.equal(rotated(count, rounds, 1.5));
          }
        });
      }
    });
  }
});
