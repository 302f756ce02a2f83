/**
 * The logarithmic derivative of gamma, as a function of the module: what `gamma`, `lgamma` and `fac` have for a derivative is made
 * of it, and the derivative of that, trigamma, of its own.
 *
 * From 10 on the asymptotic series (DLMF 5.11.2), whose first term left out is less than 4e-18 there; below, ten steps of the recurrence
 * (5.5.2); below 0 the reflection (5.5.4). The error is at the most 2e-15 times the greater of 1 and the result: near its zeros digits cancel.
 * NaN at the poles below 0.
 */

import { elementAt } from '../../support/element.ts';
import { IrBuilder } from '../ir/builder.ts';
import type { IrModule, Value } from '../ir/function.ts';
import { op } from '../ir/opcode.ts';

/** `$` cannot occur in names of a source. */
export const digammaName = 'digamma$';

/** Where the series begins. */
const far = 10;

/** B(2k) / 2k, for k = 1, 2 … */
const coefficients = [
  1 / 12,
  -1 / 120,
  1 / 252,
  -1 / 240,
  1 / 132,
  -691 / 32760,
  1 / 12,
  -3617 / 8160,
] as const;

/** Adds it to the module, unless it is there. */
export function addDigamma(module: IrModule): void {
  if (module.functions.some(({ name }) => name === digammaName)) return;
  const b = new IrBuilder(module, digammaName, ['f64'], 'f64', 'digamma');
  const x = elementAt(b.block.parameters, 0);
  const [zero, one] = [b.number(0), b.number(1)];
  const isReflected = b.emit(op.flt, x, zero);
  const positive = b.select(isReflected, b.emit(op.fsub, one, x), x);
  const isNear = b.emit(op.flt, positive, b.number(far));
  const z = b.select(isNear, b.emit(op.fadd, positive, b.number(far)), positive);
  const right = b.emit(op.fsub, series(b, z), b.select(isNear, steps(b, positive), zero));
  const tangent = b.callMath('tanpi', x);
  const pole = b.emit(op.feq, tangent, zero);
  const reflection = b.select(pole, b.number(Number.NaN), b.emit(op.fdiv, b.number(Math.PI), tangent));
  b.return(b.select(isReflected, b.emit(op.fsub, right, reflection), right));
}

function series(b: IrBuilder, z: Value): Value {
  const inverse = b.emit(op.fdiv, b.number(1), z);
  const square = b.emit(op.fmul, inverse, inverse);
  let tail = b.number(elementAt(coefficients, coefficients.length - 1));
  for (let k = coefficients.length - 2; k >= 0; k--) {
    tail = b.emit(op.fadd, b.emit(op.fmul, tail, square), b.number(elementAt(coefficients, k)));
  }
  const logarithm = b.callMath('log', z);
  const half = b.emit(op.fmul, inverse, b.number(0.5));
  return b.emit(op.fsub, logarithm, b.emit(op.fadd, half, b.emit(op.fmul, tail, square)));
}

/** 1/x + 1/(x + 1) + … + 1/(x + 9), the smallest first. */
function steps(b: IrBuilder, x: Value): Value {
  let sum: Value | undefined;
  for (let k = far - 1; k >= 0; k--) {
    // -0 + 0 would be 0.
    const place = k === 0 ? x : b.emit(op.fadd, x, b.number(k));
    const term = b.emit(op.fdiv, b.number(1), place);
    sum = sum === undefined ? term : b.emit(op.fadd, sum, term);
  }
  return sum ?? b.number(0);
}
