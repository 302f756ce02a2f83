/**
 * What is known of a value from how it is made. A question looks a few operations deep and no further, so that it
 * costs the same in however long a chain.
 */
import type { Value } from '../../ir/function.ts';
import { type Opcode, op } from '../../ir/opcode.ts';

const maxDepth = 3;

/** NaN, or at least +0: neither below zero nor -0. */
export function isNonNegative(value: Value, depth = maxDepth): boolean {
  const [first = value, second = value] = value.operands;
  if (depth === 0) return false;
  switch (value.op) {
    case op.fconst:
      return !(Number(value.immediate) < 0 || Object.is(value.immediate, -0));
    case op.fabs:
    case op.btof:
      return true;
    case op.fmul:
      return first === second || (isNonNegative(first, depth - 1) && isNonNegative(second, depth - 1));
    case op.fadd:
    case op.fdiv:
    case op.fmin:
      return isNonNegative(first, depth - 1) && isNonNegative(second, depth - 1);
    case op.fmax:
      return isNonNegative(first, depth - 1) || isNonNegative(second, depth - 1);
    case op.fsqrt:
    case op.ffloor:
    case op.fceil:
    case op.ftrunc:
    case op.fround:
    case op.fsign:
    case op.frem:
    case op.fdemote:
      return isNonNegative(first, depth - 1);
    case op.callmath:
      return value.immediate === 'exp' || value.immediate === 'cosh' || value.immediate === 'hypot';
    default:
      return false;
  }
}

/** NaN, infinite or a whole number: rounding does not change it. */
export function isIntegral(value: Value, depth = maxDepth): boolean {
  const [first = value, second = value] = value.operands;
  if (depth === 0) return false;
  switch (value.op) {
    case op.fconst:
      return Math.trunc(Number(value.immediate)) === value.immediate || Number.isNaN(value.immediate);
    case op.ffloor:
    case op.fceil:
    case op.ftrunc:
    case op.fround:
    case op.fsign:
    case op.btof:
    case op.itof:
      return true;
    case op.fneg:
    case op.fabs:
      return isIntegral(first, depth - 1);
    case op.fadd:
    case op.fsub:
    case op.fmul:
    case op.fmin:
    case op.fmax:
      return isIntegral(first, depth - 1) && isIntegral(second, depth - 1);
    default:
      return false;
  }
}

/** Neither NaN nor infinite. */
export function isFiniteNumber(value: Value): boolean {
  if (value.op === op.fconst) return Number.isFinite(value.immediate);
  return value.op === op.btof || value.op === op.itof;
}

export function isNeverNaN(value: Value): boolean {
  return (
    value.op === op.btof || value.op === op.itof || (value.op === op.fconst && !Number.isNaN(value.immediate))
  );
}

const int32Results: ReadonlySet<Opcode | undefined> = new Set([
  op.ftoi32,
  op.ishl32,
  op.isar32,
  op.imul32,
  op.iclz32,
  op.iadd32,
  op.isub32,
  op.idiv32,
  op.irem32,
  op.isext8,
  op.isext16,
  op.isext32,
]);

/** An i64 that its low half determines by sign extension. */
export function isInt32(value: Value, depth = maxDepth): boolean {
  if (depth === 0) return false;
  if (int32Results.has(value.op)) return true;
  switch (value.op) {
    case op.iconst:
      return BigInt.asIntN(32, value.immediate as bigint) === value.immediate;
    case op.iand:
    case op.ior:
    case op.ixor:
      return value.operands.every((operand) => isInt32(operand, depth - 1));
    default:
      return false;
  }
}
