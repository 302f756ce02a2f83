import { expect } from 'chai';
import { type IrFunction, IrModule, type Value } from '../../../src/jit/ir/function.ts';
import { Interpreter } from '../../../src/jit/ir/interpreter.ts';
import { type Datum, type Opcode, op } from '../../../src/jit/ir/opcode.ts';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import { printFunction, printInstruction } from '../../../src/jit/ir/printer.ts';
import { elementOf, lanesOf, type ScalarType, withLanes } from '../../../src/jit/ir/type.ts';
import { assertVerified } from '../../../src/jit/ir/verifier.ts';
import { traitsOf } from '../../../src/jit/machine/feature-level.ts';
import type { LegalTarget } from '../../../src/jit/opt/legalise/expander.ts';
import { legalise } from '../../../src/jit/opt/legalise/legalise.ts';
import { integersFit, integerWidths, widest } from '../../../src/jit/opt/vectorise/integer-widths.ts';
import { elementAt, lastOf } from '../../../src/support/element.ts';
import { Random } from '../../support/random.ts';
import { specialValues } from '../../support/special-values.ts';

const seed = 20_240_229;
const lanes = 4;

const targets: readonly (LegalTarget & { readonly name: string })[] = [
  { name: 'SSE2', ...traitsOf('sse2') },
  { name: 'SSE4.1', ...traitsOf('sse4.1') },
  { name: 'AVX2', ...traitsOf('avx2') },
  { name: 'AVX-512', ...traitsOf('avx512') },
];

const everywhere: ReadonlySet<Opcode> = new Set([
  ...[op.fadd, op.fsub, op.fmul, op.fdiv, op.fsqrt, op.fdemote, op.fless, op.fmore],
  ...[op.feq, op.fne, op.flt, op.fle, op.fgt, op.fge, op.funordered],
  ...[op.band, op.bor, op.bxor, op.bnot, op.bandnot, op.btof, op.bbits, op.select],
  ...[op.fbitand, op.fbitandnot, op.fbitor, op.fbitxor],
  ...[op.fconst, op.fbits, op.iconst, op.bconst, op.splat, op.any, op.give, op.keep],
  ...[op.iota, op.firstlanes, op.load, op.store],
  ...[op.iadd, op.isub, op.iand, op.ior, op.ixor, op.imulu32, op.isext32, op.fasi, op.iasf],
]);
const rounding: ReadonlySet<Opcode> = new Set([op.ffloor, op.fceil, op.ftrunc]);
const conversions: ReadonlySet<Opcode> = new Set([op.itof, op.ftoi]);
const shifts: ReadonlySet<Opcode> = new Set([op.ishl, op.ishr, op.isar32]);

/** Has the target an instruction for it? */
function isLegal({ op: opcode, operands }: Value, target: LegalTarget): boolean {
  if (opcode === undefined) return false;
  if (rounding.has(opcode)) return target.hasRound;
  if (opcode === op.ffma) return target.hasFma;
  if (conversions.has(opcode)) return target.hasMasks === true;
  if (shifts.has(opcode)) return operands[1]?.op === op.iconst;
  return everywhere.has(opcode);
}

/** A function on lanes whose parameters have these types; `body` says what is made of v0, v1 … and gives results. */
function onLanes(types: readonly ScalarType[], body: readonly string[]): IrFunction {
  const parameters = types.map((type) => withLanes(type, lanes));
  const declared = parameters.map((type, index) => `v${index}: ${type}`);
  const lines = [`function f(${parameters.join(', ')}): f64 {`, `b0(${declared.join(', ')}):`];
  const text = [...lines, ...body, '  v999 = fconst 0', '  return v999', '}', ''].join('\n');
  return elementAt(parseModule(text).functions, 0);
}

/** The function for a target, verified, with nothing that the target lacks. */
function legal(fn: IrFunction, target: LegalTarget): IrFunction {
  const result = legalise(fn, target);
  const module = new IrModule();
  module.functions.push(result);
  assertVerified(module, 'after legalisation');
  for (const { instructions } of result.blocks) {
    for (const value of instructions) {
      if (lanesOf(value.type) > 1 && !isLegal(value, target)) expect.fail(printInstruction(value));
    }
  }
  expect(legalise(result, target), 'what is legal stays as it is').to.equal(result);
  return result;
}

/** The results of each row; rows beyond the last are like the first. */
function run(fn: IrFunction, rows: readonly (readonly Datum[])[]): Datum[][] {
  const module = new IrModule();
  module.functions.push(fn);
  const interpreter = new Interpreter(module);
  const results: Datum[][] = [];
  for (let first = 0; first < rows.length; first += lanes) {
    const row = (lane: number) => rows[first + lane] ?? elementAt(rows, 0);
    const args = elementAt(rows, 0).flatMap((_, index) =>
      Array.from({ length: lanes }, (_, lane) => elementAt(row(lane), index)),
    );
    const given = interpreter.runLanes(fn.name, args);
    for (let lane = 0; lane < Math.min(lanes, rows.length - first); lane++) {
      results.push(given.map((values) => elementAt(values, lane)));
    }
  }
  return results;
}

const data = new Random(seed);

function randomInteger(bits: number): bigint {
  const pattern = (BigInt(data.integer(0, 0xffff_ffff)) << 32n) | BigInt(data.integer(0, 0xffff_ffff));
  return BigInt.asIntN(bits, pattern);
}

function edgesOf(bits: number): bigint[] {
  const edge = 2n ** BigInt(bits - 1);
  return [-edge, 1n - edge, edge - 1n, edge - 2n];
}

const words: readonly bigint[] = [
  ...[0n, 1n, 2n, 3n, 5n, 7n, 30n, 31n, 32n, 33n, 63n, 64n, 0xffffn, 0x1_0000n, 0x5555_5555n],
  ...[-1n, -2n, -3n, -31n, -32n, -33n, -0x1_0000n, -0x5555_5555n],
  ...edgesOf(32),
  ...Array.from({ length: 24 }, (_, at) => randomInteger(32 - at)),
];

const integers: readonly bigint[] = [
  ...words,
  ...[
    2n ** 31n,
    2n ** 32n - 1n,
    2n ** 32n,
    2n ** 32n + 1n,
    -(2n ** 32n) - 1n,
    -(2n ** 32n),
    -(2n ** 31n) - 1n,
  ],
  ...edgesOf(33),
  ...edgesOf(widest),
  ...Array.from({ length: 18 }, (_, at) => randomInteger(widest - at)),
];

const numbers: readonly number[] = [
  ...specialValues,
  ...[1, -1].flatMap((sign) =>
    [2 ** 31, 2 ** 32, 2 ** 33, 3 * 2 ** 32, 2 ** 51, 2 ** 53, 2 ** 83].flatMap((edge) => [
      sign * (edge - 0.5),
      sign * (edge - 1),
      sign * edge,
      sign * (edge + 1),
      sign * edge * 1.5,
    ]),
  ),
  ...Array.from({ length: 200 }, () => data.double()),
  ...Array.from({ length: 200 }, () => (data.fraction() - 0.5) * 2 ** data.integer(1, 90)),
];

interface Case {
  readonly opcode: Opcode;
  readonly types: readonly ScalarType[];
  readonly rows: readonly (readonly Datum[])[];
}

function pairs<T>(xs: readonly T[], ys: readonly T[]): T[][] {
  return xs.flatMap((x) => ys.map((y) => [x, y]));
}

/** Few enough that their products fit. */
const half = integers.filter((x) => x >= -(2n ** 25n) && x < 2n ** 25n);
const some = numbers.filter((_, at) => at % 4 === 0 || at < 8);

const i: readonly ScalarType[] = ['i64'];
const ii: readonly ScalarType[] = ['i64', 'i64'];
const f: readonly ScalarType[] = ['f64'];
const ff: readonly ScalarType[] = ['f64', 'f64'];
const single = (x: Datum): Datum[] => [x];

const cases: readonly Case[] = [
  { opcode: op.ftoi32, types: f, rows: numbers.map(single) },
  { opcode: op.ftoi, types: f, rows: numbers.filter((x) => Math.abs(x) < 2 ** 50).map(single) },
  { opcode: op.itof, types: i, rows: integers.map(single) },
  { opcode: op.iclz32, types: i, rows: integers.map(single) },
  { opcode: op.imul, types: ii, rows: pairs(half, half) },
  ...[op.imul32, op.ishl32, op.ishr32, op.isar32].map(
    (opcode): Case => ({ opcode, types: ii, rows: pairs(integers, integers) }),
  ),
  ...[op.ieq, op.ine, op.ilt, op.ile, op.igt, op.ige].map(
    (opcode): Case => ({ opcode, types: ii, rows: pairs(integers, integers) }),
  ),
  ...[op.iadd, op.isub, op.iand, op.ior, op.ixor].map(
    (opcode): Case => ({ opcode, types: ii, rows: pairs(words, words) }),
  ),
  ...[op.fneg, op.fabs, op.fsign, op.ffloor, op.fceil, op.ftrunc, op.fround].map(
    (opcode): Case => ({ opcode, types: f, rows: numbers.map(single) }),
  ),
  ...[op.fmin, op.fmax].map((opcode): Case => ({ opcode, types: ff, rows: pairs(some, some) })),
];

function evaluate(opcode: Opcode, operands: readonly Datum[]): Datum {
  const definition = opcode.evaluate as ((...operands: Datum[]) => Datum) | undefined;
  return definition?.(...operands) ?? expect.fail(`${opcode.name} has no definition`);
}

const show = (data: readonly Datum[]): string =>
  data.map((x) => (Object.is(x, -0) ? '-0' : `${x}`)).join(', ');

/** Compares the first result, row by row. */
function expectRows(fn: IrFunction, rows: readonly (readonly Datum[])[], wanted: readonly Datum[]): void {
  run(fn, rows).forEach(([found], at) => {
    if (!Object.is(found, wanted[at])) {
      expect.fail(`(${show(elementAt(rows, at))}): ${found}, not ${wanted[at]}\n${printFunction(fn)}`);
    }
  });
}

const resultType = (opcode: Opcode) => withLanes(opcode.result ?? 'f64', lanes);

/** What `give` takes: truth values as numbers. */
function giving(value: number, type: ScalarType): string[] {
  if (type !== 'bool') return [`  v998: ${withLanes(type, lanes)} = give 0(v${value})`];
  return [`  v997: f64x4 = btof v${value}`, '  v998: f64x4 = give 0(v997)'];
}

const given = (datum: Datum): Datum => (typeof datum === 'boolean' ? Number(datum) : datum);

for (const target of targets) {
  describe(`legalise on lanes, for ${target.name}`, () => {
    for (const { opcode, types, rows } of cases) {
      it(`${opcode.name} gives the bits that it is defined to give`, () => {
        const operands = types.map((_, index) => `v${index}`).join(', ');
        const body = [
          `  v2: ${resultType(opcode)} = ${opcode.name} ${operands}`,
          ...giving(2, opcode.result ?? 'f64'),
        ];
        const fn = legal(onLanes(types, body), target);
        const wanted = rows.map((row) => given(evaluate(opcode, row)));
        expectRows(fn, rows, wanted);
      });
    }

    for (const opcode of [op.ishl32, op.ishr32, op.isar32, op.imul32, op.ilt, op.ieq]) {
      it(`${opcode.name} with a constant on either side`, () => {
        for (const constant of words) {
          for (const isFirst of [true, false]) {
            const body = [
              `  v1: i64x4 = iconst ${constant}`,
              `  v2: ${resultType(opcode)} = ${opcode.name} ${isFirst ? 'v1, v0' : 'v0, v1'}`,
              ...giving(2, opcode.result ?? 'f64'),
            ];
            const wanted = integers.map((x) => evaluate(opcode, isFirst ? [constant, x] : [x, constant]));
            expectRows(legal(onLanes(i, body), target), integers.map(single), wanted.map(given));
          }
        }
      });
    }

    it('selects numbers, zero or not', () => {
      for (const [x = 0, y = 0] of pairs([0, -0, 1.5, Number.NaN], [0, -0, 2.5])) {
        const body = [
          `  v1: f64x4 = fconst ${show([x])}`,
          `  v2: f64x4 = fconst ${show([y])}`,
          '  v3: maskx4 = flt v0, v1',
          '  v4: f64x4 = select v3, v1, v2',
          ...giving(4, 'f64'),
        ];
        const wanted = numbers.map((number) => (number < x ? x : y));
        expectRows(legal(onLanes(f, body), target), numbers.map(single), wanted);
      }
    });

    it('computes what random programs compute whose integers fit', () => {
      const random = new Random(seed);
      let shifts = 0;
      for (let round = 0; round < 200; round++) {
        const fn = randomProgram(random);
        const instructions = elementAt(fn.blocks, 0).instructions;
        const number = () => (random.chance(0.5) ? random.pick(numbers) : Number(random.pick(words)));
        const rows = Array.from({ length: 16 }, () => [number(), number(), number()]);
        const wanted = run(fn, rows);
        checkWidths(fn, wanted);
        if (!integersFit(instructions)) continue;
        shifts += instructions.filter((value) => value.op === op.isar32).length;
        const changed = legal(fn, target);
        const isWord = giveShifted(changed, elementAt(wanted, 0).length);
        run(changed, rows).forEach((found, at) => {
          const expected = elementAt(wanted, at);
          const isRight = (datum: Datum, index: number): boolean =>
            index < expected.length ? Object.is(datum, expected[index]) : isWord(datum);
          if (!found.every(isRight)) {
            expect.fail(
              `(${show(elementAt(rows, at))}): ${show(found)}\nnot ${show(expected)}\n${printFunction(fn)}`,
            );
          }
        });
      }
      expect(shifts).to.be.above(25);
    });
  });
}

/**
 * Makes what is shifted with its sign further results, from number `first` on: the machine asks for sign-extended integers, and
 * the interpreter does not. Says how to check them.
 */
function giveShifted(fn: IrFunction, first: number): (datum: Datum) => boolean {
  const { instructions } = elementAt(fn.blocks, 0);
  const shifted = instructions.filter(({ op: opcode }) => opcode === op.isar32);
  shifted.forEach(({ operands }, at) => {
    const operand = elementAt(operands, 0);
    instructions.push(fn.newValue(operand.type, op.give, [operand], first + at));
  });
  return (datum) => datum === BigInt.asIntN(32, BigInt(datum));
}

/** Integers of three numbers; each is given, in order. */
function randomProgram(random: Random): IrFunction {
  const body: string[] = [];
  const known = [3, 4, 5];
  let next = 6;
  [0, 1, 2].forEach((parameter, index) => {
    body.push(`  v${known[index]}: i64x4 = ftoi32 v${parameter}`);
  });
  const emit = (type: string, text: string): number => {
    body.push(`  v${next}: ${type} = ${text}`);
    return next++;
  };
  const pick = (): string => `v${random.chance(0.3) ? lastOf(known) : random.pick(known)}`;
  for (let length = random.integer(1, 14); length > 0; length--) {
    switch (random.integer(0, 7)) {
      case 0:
        known.push(emit('i64x4', `iconst ${random.pick(integers)}`));
        break;
      case 1:
        known.push(emit('i64x4', `iclz32 ${pick()}`));
        break;
      case 2: {
        const condition = emit('maskx4', `${random.pick(['ieq', 'ilt', 'ige'])} ${pick()}, ${pick()}`);
        known.push(emit('i64x4', `select v${condition}, ${pick()}, ${pick()}`));
        break;
      }
      case 3:
        known.push(emit('i64x4', `ftoi32 v${emit('f64x4', `itof ${pick()}`)}`));
        break;
      case 4: {
        const count = emit('i64x4', `iconst ${random.integer(-2, 40)}`);
        known.push(emit('i64x4', `${random.pick(['ishl32', 'ishr32', 'isar32'])} ${pick()}, v${count}`));
        break;
      }
      case 5:
        known.push(emit('i64x4', `${random.pick(['iand', 'ior', 'ixor'])} ${pick()}, ${pick()}`));
        break;
      default: {
        const name = random.pick(['iadd', 'isub', 'imul', 'imul32', 'ishl32', 'ishr32', 'isar32', 'ixor']);
        known.push(emit('i64x4', `${name} ${pick()}, ${pick()}`));
      }
    }
  }
  known.forEach((value, at) => {
    body.push(`  v${900 + at}: i64x4 = give ${at}(v${value})`);
  });
  return onLanes(['f64', 'f64', 'f64'], body);
}

/** No integer that was given may take more bits than it is said to take. */
function checkWidths(fn: IrFunction, given: readonly (readonly Datum[])[]): void {
  const { instructions } = elementAt(fn.blocks, 0);
  const widths = integerWidths(instructions);
  const gives = instructions.filter(({ op: opcode }) => opcode === op.give);
  for (const results of given) {
    gives.forEach(({ operands }, at) => {
      const width = widths.get(elementAt(operands, 0)) ?? 0;
      const result = elementAt(results, at) as bigint;
      if (result !== BigInt.asIntN(width, result)) {
        expect.fail(`${result} takes more than ${width} bits\n${printFunction(fn)}`);
      }
    });
  }
}

describe('integerWidths', () => {
  const widthsOf = (body: readonly string[]) => {
    const { instructions } = elementAt(onLanes(['f64', 'i64'], body).blocks, 0);
    const integers = instructions.filter(({ type }) => elementOf(type) === 'i64');
    const widths = integerWidths(instructions);
    return { widths: integers.map((value) => widths.get(value)), fit: integersFit(instructions) };
  };

  it('counts the sign', () => {
    const constants = [0n, -1n, 1n, -2n, 127n, 128n, -128n, 2n ** 63n - 1n, -(2n ** 63n)];
    const body = constants.map((constant, at) => `  v${at + 2}: i64x4 = iconst ${constant}`);
    expect(widthsOf(body)).to.deep.equal({ widths: [1, 1, 2, 2, 8, 9, 8, 64, 64], fit: false });
  });

  it('grows with sums and products, and not beyond all bits', () => {
    const body = [
      '  v2: i64x4 = ftoi32 v0',
      '  v3: i64x4 = iadd v2, v2',
      '  v4: i64x4 = isub v3, v2',
      '  v5: i64x4 = ishr32 v4, v4',
      '  v6: i64x4 = iconst 1000',
      '  v7: i64x4 = imul v5, v6',
    ];
    expect(widthsOf(body)).to.deep.equal({ widths: [32, 33, 34, 33, 11, 44], fit: true });
    const more = [...body, '  v8: i64x4 = imul v7, v7', '  v9: i64x4 = ishl32 v8, v6'];
    expect(widthsOf(more)).to.deep.equal({ widths: [32, 33, 34, 33, 11, 44, 64, 32], fit: false });
  });

  it('knows nothing of parameters', () => {
    expect(widthsOf(['  v2: i64x4 = ior v1, v1'])).to.deep.equal({ widths: [64], fit: false });
    expect(widthsOf(['  v2: f64x4 = itof v1'])).to.deep.equal({ widths: [], fit: false });
    expect(widthsOf(['  v2: maskx4 = ieq v1, v1'])).to.deep.equal({ widths: [], fit: false });
    expect(widthsOf(['  v2: i64x4 = ishl32 v1, v1'])).to.deep.equal({ widths: [32], fit: true });
  });

  it('asks of what goes on lanes only', () => {
    const fn = onLanes(['i64', 'f64'], ['  v2: i64x4 = iadd v0, v0', '  v3: f64x4 = fadd v1, v1']);
    const { instructions } = elementAt(fn.blocks, 0);
    expect(integersFit(instructions)).to.equal(false);
    expect(integersFit(instructions, ({ op: opcode }) => opcode !== op.iadd)).to.equal(true);
  });
});
