/** Tests of operations on integers with all of their 64 bits, for any way of running a module. Doubles carry them in halves. */
import { expect } from 'chai';
import { IrBuilder } from '../../src/jit/ir/builder.ts';
import { IrModule, type Value } from '../../src/jit/ir/function.ts';
import { type Opcode, op } from '../../src/jit/ir/opcode.ts';
import { elementAt } from '../../src/support/element.ts';
import type { RunnableModule } from './describe-opcodes.ts';
import { Random, seedFromEnvironment } from './random.ts';

const s64 = (x: bigint): bigint => BigInt.asIntN(64, x);
const u64 = (x: bigint): bigint => BigInt.asUintN(64, x);
const s32 = (x: bigint): bigint => BigInt.asIntN(32, x);
const u32 = (x: bigint): bigint => BigInt.asUintN(32, x);
const truth = (x: boolean): bigint => (x ? 1n : 0n);
const quotient = (x: bigint, y: bigint): bigint => (y === 0n ? 0n : x / y);
const rest = (x: bigint, y: bigint): bigint => x - y * quotient(x, y);

/** What operations compute, said otherwise than in `opcode.ts`. */
export const integerDefinitions: readonly (readonly [Opcode, (x: bigint, y: bigint) => bigint])[] = [
  [op.iadd, (x, y) => s64(x + y)],
  [op.isub, (x, y) => s64(x - y)],
  [op.imul, (x, y) => s64(x * y)],
  [op.ieq, (x, y) => truth(x === y)],
  [op.ine, (x, y) => truth(x !== y)],
  [op.ilt, (x, y) => truth(x < y)],
  [op.ile, (x, y) => truth(x <= y)],
  [op.igt, (x, y) => truth(x > y)],
  [op.ige, (x, y) => truth(x >= y)],
  [op.iadd32, (x, y) => s32(x + y)],
  [op.isub32, (x, y) => s32(x - y)],
  [op.imul32, (x, y) => s32(x * y)],
  [op.imulu32, (x, y) => s64(u32(x) * u32(y))],
  [op.idiv32, (x, y) => s32(quotient(s32(x), s32(y)))],
  [op.irem32, (x, y) => s32(rest(s32(x), s32(y)))],
  [op.idiv, (x, y) => s64(quotient(x, y))],
  [op.irem, (x, y) => s64(rest(x, y))],
  [op.iudiv, (x, y) => s64(quotient(u64(x), u64(y)))],
  [op.iurem, (x, y) => s64(rest(u64(x), u64(y)))],
  [op.iult, (x, y) => truth(u64(x) < u64(y))],
  [op.iule, (x, y) => truth(u64(x) <= u64(y))],
  [op.ishl, (x, y) => s64(x * 2n ** u64(y % 64n < 0n ? (y % 64n) + 64n : y % 64n))],
  [op.ishr, (x, y) => s64(u64(x) / 2n ** BigInt.asUintN(6, y))],
  // Toward minus infinity.
  [op.isar, (x, y) => (x - BigInt.asUintN(Number(BigInt.asUintN(6, y)), x)) / 2n ** BigInt.asUintN(6, y)],
  [op.isext8, (x) => ((u64(x) % 256n) ^ 128n) - 128n],
  [op.isext16, (x) => ((u64(x) % 65536n) ^ 32768n) - 32768n],
  [op.isext32, (x) => s32(x)],
  [op.izext32, (x) => u64(x) % 2n ** 32n],
];

const least = -(2n ** 63n);

export const integerSamples: readonly bigint[] = [
  ...[0n, 1n, -1n, 2n, -2n, 3n, -7n, 10n, 63n, 64n, 100n, 127n, 128n, -128n, -129n, 255n, 256n, 1000n],
  ...[2n ** 15n, -(2n ** 15n), 2n ** 16n - 1n, 2n ** 31n - 1n, 2n ** 31n, -(2n ** 31n), 2n ** 32n - 1n],
  ...[
    2n ** 32n,
    2n ** 32n + 1n,
    -(2n ** 32n),
    2n ** 53n + 1n,
    2n ** 62n,
    -(2n ** 62n),
    least,
    least + 1n,
    -least - 1n,
  ],
  ...[
    0x0123_4567_89ab_cdefn,
    s64(0xfedc_ba98_7654_3210n),
    s64(0x8000_0000_ffff_ffffn),
    0x7fff_ffff_0000_0000n,
  ],
];

function randomInteger(random: Random): bigint {
  const bits = random.integer(1, 64);
  const word = (BigInt(random.integer(0, 2 ** 32 - 1)) << 32n) | BigInt(random.integer(0, 2 ** 32 - 1));
  return BigInt.asIntN(bits, word);
}

/** Of 64 bits, from the halves that two doubles are. */
function joined(b: IrBuilder, high: Value, low: Value): Value {
  return b.emit(op.ior, b.emit(op.ishl, b.emit(op.ftoi, high), b.integer(32n)), b.emit(op.ftoi, low));
}

function halvesOf(x: bigint): [number, number] {
  return [Number(x >> 32n), Number(u32(x))];
}

/** As an integer, whatever it is. */
function asInteger(b: IrBuilder, value: Value): Value {
  return value.type === 'bool' ? b.select(value, b.integer(1n), b.integer(0n)) : value;
}

/** Functions `high` and `low` that give the halves of what `make` makes of so many integers. */
function moduleOf(count: number, make: (b: IrBuilder, operands: Value[]) => Value): IrModule {
  const module = new IrModule();
  for (const half of ['high', 'low'] as const) {
    const b = new IrBuilder(module, half, new Array<'f64'>(2 * count).fill('f64'), 'f64');
    const { parameters } = b.block;
    const operands: Value[] = [];
    for (let i = 0; i < count; i++) {
      operands.push(joined(b, elementAt(parameters, 2 * i), elementAt(parameters, 2 * i + 1)));
    }
    const result = make(b, operands);
    const part = half === 'low' ? b.emit(op.izext32, result) : b.emit(op.isar, result, b.integer(32n));
    b.return(b.emit(op.itof, part));
  }
  return module;
}

function run(module: RunnableModule, operands: readonly bigint[]): bigint {
  const args = operands.flatMap(halvesOf);
  return (BigInt(module.call('high', args)) << 32n) | BigInt(module.call('low', args));
}

/** Declares the tests. What `compile` makes is disposed of by whoever made it. */
export function describeIntegers(compile: (module: IrModule) => RunnableModule): void {
  const seed = seedFromEnvironment();
  const samples = [...integerSamples];
  const random = new Random(seed);
  for (let i = 0; i < 8; i++) samples.push(randomInteger(random));

  for (const [opcode, definition] of integerDefinitions) {
    const arity = opcode.operands?.length ?? 0;
    it(`${opcode.name} (SEED=${seed})`, () => {
      const module = compile(moduleOf(arity, (b, operands) => asInteger(b, b.emit(opcode, ...operands))));
      for (const x of samples) {
        for (const y of arity > 1 ? samples : [0n]) {
          const actual = run(module, arity > 1 ? [x, y] : [x]);
          if (actual !== definition(x, y)) expect.fail(`${opcode.name}(${x}, ${y}) gave ${actual}`);
        }
      }
    });

    if (arity < 2) continue;
    it(`${opcode.name} by constants`, () => {
      for (const y of samples) {
        const module = compile(
          moduleOf(1, (b, [x]) => asInteger(b, b.emit(opcode, x as Value, b.integer(y)))),
        );
        for (const x of samples.slice(0, 24)) {
          const actual = run(module, [x]);
          if (actual !== definition(x, y)) expect.fail(`${opcode.name}(${x}, ${y}) gave ${actual}`);
        }
      }
    });
  }

  it('divisions among many values, each of which is used before and afterwards', () => {
    const divisions = integerDefinitions.filter(([{ name }]) => /div|rem/.test(name));
    const count = 4;
    const pairs = divisions.flatMap((division) =>
      [0, 1, 2, 3].flatMap((i) => [0, 1, 2, 3].map((k) => [division, i, k] as const)),
    );
    const module = compile(
      moduleOf(count, (b, operands) => {
        let sum = b.integer(0n);
        for (const [[opcode], i, k] of pairs) {
          const made = b.emit(opcode, elementAt(operands, i), elementAt(operands, k));
          sum = b.emit(op.iadd, b.emit(op.imul, sum, b.integer(3n)), made);
        }
        return operands.reduce((x, y) => b.emit(op.ixor, x, y), sum);
      }),
    );
    for (let round = 0; round < 200; round++) {
      const values = [0, 1, 2, 3].map(() => random.pick(samples));
      const sum = pairs.reduce(
        (before, [[, definition], i, k]) =>
          s64(before * 3n + definition(elementAt(values, i), elementAt(values, k))),
        0n,
      );
      expect(run(module, values), values.join()).to.equal(values.reduce((x, y) => x ^ y, sum));
    }
  });
}
