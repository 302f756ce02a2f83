/** Numbers of elements as code addresses them: a value, and a constant distance behind it, which instructions add for nothing. */
import type { Value } from '../ir/function.ts';
import { op } from '../ir/opcode.ts';

export interface ElementPlace {
  /** Undefined: the element with the number {@link distance}. */
  readonly element: Value | undefined;
  readonly distance: number;
}

/** An instruction adds up to 2^32 - 1 bytes; distances in code are small. */
const mostDistance = 65_536n;

/** The second operand of a `load`, a `store` or `pairs`. What a distance is added to is the number of an element that exists. */
export function elementPlace(index: Value): ElementPlace {
  const constant = constantOf(index);
  if (constant !== undefined) return { element: undefined, distance: Number(constant) };
  if (index.op === op.iadd) {
    const [element, second] = index.operands as [Value, Value];
    const distance = constantOf(second);
    if (distance !== undefined && distance >= 0n && distance < mostDistance) {
      return { element, distance: Number(distance) };
    }
  }
  return { element: index, distance: 0 };
}

/** The operands that code reads for a value. */
export function readOperands(value: Value): readonly Value[] {
  const { op: opcode, operands } = value;
  if (opcode !== op.load && opcode !== op.store && opcode !== op.pairs) return operands;
  const [base, index, ...others] = operands as [Value, Value];
  const { element } = elementPlace(index);
  return element === undefined ? [base, ...others] : [base, element, ...others];
}

function constantOf({ op: opcode, immediate }: Value): bigint | undefined {
  return opcode === op.iconst ? (immediate as bigint) : undefined;
}
