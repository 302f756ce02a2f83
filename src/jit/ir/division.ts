/** What is known of the divisors of integers. */
import { elementAt } from '../../support/element.ts';
import type { Value } from './function.ts';
import { type Opcode, op } from './opcode.ts';

const unsigned: ReadonlySet<Opcode | undefined> = new Set([op.iudiv, op.iurem]);
const ofLowHalves: ReadonlySet<Opcode | undefined> = new Set([op.idiv32, op.irem32]);

/**
 * Is the divisor known to be neither 0 nor, where it is signed, -1? Instructions that divide trap for 0, and where the quotient does
 * not fit, which is that of the least integer and -1.
 */
export function isPlainDivision({ op: opcode, operands }: Value): boolean {
  const divisor = elementAt(operands, 1);
  if (divisor.op !== op.iconst) return false;
  const constant = divisor.immediate as bigint;
  const value = ofLowHalves.has(opcode) ? BigInt.asIntN(32, constant) : constant;
  return value !== 0n && (value !== -1n || unsigned.has(opcode));
}
