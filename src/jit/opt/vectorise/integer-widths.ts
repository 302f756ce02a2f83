/**
 * How many bits integers take, sign included. On lanes some operations go by way of doubles, which hold integers of up to
 * {@link widest} bits; see `legalise/lane-integers.ts`.
 */
import type { Value } from '../../ir/function.ts';
import { type Opcode, op } from '../../ir/opcode.ts';
import { elementOf } from '../../ir/type.ts';

/** Bits of the widest integers that lanes convert to doubles and back. */
export const widest = 51;

/** What nothing is known of. */
const unknown = 64;

/** By value: the bits that an integer takes at most. Instructions are in order; what is not among them may be anything. */
export function integerWidths(instructions: Iterable<Value>): ReadonlyMap<Value, number> {
  const widths = new Map<Value, number>();
  for (const value of instructions) {
    if (elementOf(value.type) === 'i64') widths.set(value, Math.min(widthOf(value, widths), unknown));
  }
  return widths;
}

/**
 * Do all integers that go on lanes fit? `goesOnLanes` says which instructions do; integers that stay single may have any
 * width, unless lanes of them are converted or compared.
 */
export function integersFit(
  instructions: readonly Value[],
  goesOnLanes: (value: Value) => boolean = () => true,
): boolean {
  const widths = integerWidths(instructions);
  const fits = (value: Value): boolean => (widths.get(value) ?? unknown) <= widest;
  return instructions.every((value) => {
    if (!goesOnLanes(value)) return true;
    if (scalarOnly.has(value.op)) return false;
    if (elementOf(value.type) === 'i64') return fits(value);
    return !takesDoubles.has(value.op) || value.operands.every(fits);
  });
}

/** Operations that give no integer and have no lanes. Those that give one are too wide as long as nothing else is known of them. */
const scalarOnly: ReadonlySet<Opcode | undefined> = new Set([op.iult, op.iule]);

/** Operations on integers that give none. */
const takesDoubles: ReadonlySet<Opcode | undefined> = new Set([
  op.itof,
  op.ieq,
  op.ine,
  op.ilt,
  op.ile,
  op.igt,
  op.ige,
]);

function widthOf({ op: opcode, operands, immediate }: Value, widths: ReadonlyMap<Value, number>): number {
  const [x = unknown, y = unknown, z = unknown] = operands.map((operand) => widths.get(operand) ?? unknown);
  switch (opcode) {
    case op.iconst:
      return widthOfInteger(immediate as bigint);
    case op.iadd:
    case op.isub:
      return Math.max(x, y) + 1;
    case op.imul:
      return x + y;
    case op.iand:
    case op.ior:
    case op.ixor:
      return Math.max(x, y);
    case op.select:
      return Math.max(y, z);
    case op.keep:
    case op.splat:
    case op.give:
      return x;
    case op.ishr32:
      return 33;
    case op.ishl32:
    case op.isar32:
    case op.imul32:
    case op.iclz32:
    case op.ftoi32:
    case op.isext32:
      return 32;
    default:
      return unknown;
  }
}

/** Bits that an integer needs in two's complement. */
function widthOfInteger(value: bigint): number {
  const magnitude = value < 0n ? ~value : value;
  return magnitude.toString(2).length + (magnitude === 0n ? 0 : 1);
}
