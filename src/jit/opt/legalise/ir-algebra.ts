/** The algebra of the math library in which an operation is a value of IR, in one lane or in several. */
import { invariant } from '../../../support/invariant.ts';
import type { Immediate, Value } from '../../ir/function.ts';
import { type Opcode, op } from '../../ir/opcode.ts';
import { type Type, withLanes } from '../../ir/type.ts';
import type { Algebra } from '../../math/algebra.ts';
import { columnName } from '../../math/tables.ts';
import { headBits } from './expander.ts';

/** Makes a value of a type. */
export type Emit = (type: Type, opcode: Opcode, operands: Value[], immediate?: Immediate) => Value;

/** `emit` appends what the functions are made of. */
export function irAlgebra(lanes: 1 | 2 | 4 | 8, emit: Emit): Algebra<Value, Value, Value> {
  const make =
    (opcode: Opcode) =>
    (...operands: Value[]): Value => {
      invariant(opcode.result !== undefined, `${opcode.name} fixes its result`);
      return emit(withLanes(opcode.result, lanes), opcode, operands);
    };
  const word = (value: bigint): Value => emit(withLanes('i64', lanes), op.iconst, [], value);
  return {
    number: (value) => emit(withLanes('f64', lanes), op.fconst, [], value),
    word: (high, low) => word((BigInt(high | 0) << 32n) | BigInt(low >>> 0)),
    add: make(op.fadd),
    sub: make(op.fsub),
    mul: make(op.fmul),
    div: make(op.fdiv),
    sqrt: make(op.fsqrt),
    floor: make(op.ffloor),
    abs: make(op.fabs),
    addProduct: make(op.faddproduct),
    subProduct: make(op.fsubproduct),
    exactMultiplyAdd: make(op.fexactma),
    productError: make(op.fproducterror),
    wordOf: make(op.fasi),
    doubleOf: (w) =>
      w.op === op.iconst ? emit(withLanes('f64', lanes), op.fbits, [], w.immediate) : make(op.iasf)(w),
    head: (x) => emit(x.type, op.fbitand, [x, emit(x.type, op.fbits, [], headBits)]),
    andBits: make(op.fbitand),
    orBits: make(op.fbitor),
    xorBits: make(op.fbitxor),
    addWords: make(op.iadd),
    subWords: make(op.isub),
    andWords: make(op.iand),
    orWords: make(op.ior),
    shiftLeft: (w, count) => emit(w.type, op.ishl, [w, word(BigInt(count))]),
    shiftRight: (w, count) => emit(w.type, op.ishr, [w, word(BigInt(count))]),
    less: make(op.flt),
    lessOrEqual: make(op.fle),
    equal: make(op.feq),
    both: make(op.band),
    either: make(op.bor),
    not: make(op.bnot),
    select: (condition, whenTrue, whenFalse) =>
      emit(whenTrue.type, op.select, [condition, whenTrue, whenFalse]),
    lookup: (table, index, column) =>
      emit(withLanes('f64', lanes), op.ftable, [index], columnName(table, column)),
  };
}
