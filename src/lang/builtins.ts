/**
 * The built-in functions: one table that the checker, the lowering, completion and the documentation read.
 *
 * `definition` is JavaScript and is the meaning to the last bit, unless `precision` is a number: then it names the
 * function whose special cases hold and whose true value is met within so many ulp. Arguments are
 * numbers by then (a boolean has become 0 or 1). ECMA-262 sections are those of the 2023 edition; what ECMA-262 lacks refers to
 * C23 and to DLMF, the Digital Library of Mathematical Functions.
 */
import type { IrBuilder } from '../jit/ir/builder.ts';
import type { Value } from '../jit/ir/function.ts';
import { type Opcode, op } from '../jit/ir/opcode.ts';
import { elementAt } from '../support/element.ts';

export type BuiltinGroup =
  | 'arithmetic'
  | 'rounding'
  | 'exponential'
  | 'trigonometric'
  | 'hyperbolic'
  | 'special'
  | 'selection'
  | 'bits'
  | 'loop'
  | 'derivative';

export interface Builtin {
  readonly name: string;
  readonly group: BuiltinGroup;
  /** As documentation shows them; a last one that starts with `...` stands for one or more. */
  readonly parameters: readonly string[];
  readonly minArity: number;
  /** Infinity if any number above the least will do. */
  readonly maxArity: number;
  readonly type: 'f64' | 'bool';
  readonly summary: string;
  readonly definition: string;
  /** Greatest error, in ulp. */
  readonly precision: 'exact' | number;
  /** Where ECMA-262 defines what this is made of. */
  readonly reference: string;
  /** A function of the program or the host may have the name, and hides it there. */
  readonly yields: boolean;
  /** Emits the function; undefined for loops and derivatives, which are syntax more than functions. */
  readonly emit: ((builder: IrBuilder, args: readonly Value[]) => Value) | undefined;
}

const table = new Map<string, Builtin>();

interface Entry {
  readonly group: BuiltinGroup;
  /** Names separated by blanks. */
  readonly parameters: string;
  readonly summary: string;
  readonly definition: string;
  readonly reference: string;
  readonly emit?: (builder: IrBuilder, args: readonly Value[]) => Value;
  readonly type?: 'bool';
  readonly precision?: number;
  readonly yields?: true;
}

function define(name: string, given: Entry): void {
  const entry = { emit: undefined, type: 'f64', precision: 'exact', yields: false, ...given } as const;
  const parameters = entry.parameters.split(' ');
  const variadic = parameters.at(-1)?.startsWith('...') === true;
  table.set(
    name,
    Object.freeze({
      name,
      group: entry.group,
      parameters: Object.freeze(parameters),
      minArity: parameters.length,
      maxArity: variadic ? Number.POSITIVE_INFINITY : parameters.length,
      type: entry.type,
      summary: entry.summary,
      definition: entry.definition,
      precision: entry.precision,
      reference: entry.reference,
      yields: entry.yields,
      emit: entry.emit,
    }),
  );
}

/** A function that is one operation of the IR. */
function operation(opcode: Opcode): (builder: IrBuilder, args: readonly Value[]) => Value {
  return (builder, args) => builder.emit(opcode, ...args);
}

/** A function of the math library. */
function library(name: string): (builder: IrBuilder, args: readonly Value[]) => Value {
  return (builder, args) => builder.callMath(name, ...args);
}

/** A left fold over one operation; of one argument it is that argument. */
function fold(opcode: Opcode): (builder: IrBuilder, args: readonly Value[]) => Value {
  return (builder, args) => args.reduce((left, right) => builder.emit(opcode, left, right));
}

/** An operation on 32-bit integers, which takes and gives numbers. */
function integer(opcode: Opcode): (builder: IrBuilder, args: readonly Value[]) => Value {
  return (builder, args) => {
    const words = args.map((argument) => builder.emit(op.ftoi32, argument));
    return builder.emit(op.itof, builder.emit(opcode, ...words));
  };
}

/** A product with a constant. */
function scaled(factor: number): (builder: IrBuilder, args: readonly Value[]) => Value {
  return (builder, args) => builder.emit(op.fmul, elementAt(args, 0), builder.number(factor));
}

// Arithmetic

define('abs', {
  group: 'arithmetic',
  parameters: 'x',
  summary: 'The magnitude.',
  definition: 'Math.abs(x)',
  reference: '21.3.2.1',
  emit: operation(op.fabs),
});
define('sign', {
  group: 'arithmetic',
  parameters: 'x',
  summary: '1 above zero, -1 below, and x itself for zeros and NaN.',
  definition: 'Math.sign(x)',
  reference: '21.3.2.29',
  emit: operation(op.fsign),
});
define('copysign', {
  group: 'arithmetic',
  parameters: 'x y',
  summary: 'The magnitude of x with the sign of y. The sign of -0 counts; NaN counts as positive.',
  definition: 'y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x)',
  reference: '21.3.2.1',
  emit: (builder, args) => {
    const y = elementAt(args, 1);
    const sign = builder.select(builder.emit(op.feq, y, y), y, builder.number(0));
    return builder.emit(op.fcopysign, elementAt(args, 0), sign);
  },
});
define('recip', {
  group: 'arithmetic',
  parameters: 'x',
  summary: 'The reciprocal.',
  definition: '1 / x',
  reference: '6.1.6.1.5',
  emit: (builder, args) => builder.emit(op.fdiv, builder.number(1), elementAt(args, 0)),
});
define('fma', {
  group: 'arithmetic',
  parameters: 'x y z',
  summary: 'x * y + z, rounded once (IEEE 754 fusedMultiplyAdd).',
  definition: 'x * y + z, rounded once',
  reference: '6.1.6.1.4',
  emit: operation(op.ffma),
});
define('lerp', {
  group: 'arithmetic',
  parameters: 'a b t',
  summary: 'Linear interpolation: from a at t = 0 to b at t = 1.',
  definition: 'a + (b - a) * t',
  reference: '6.1.6.1.7',
  emit: (builder, args) => {
    const a = elementAt(args, 0);
    const distance = builder.emit(op.fsub, elementAt(args, 1), a);
    return builder.emit(op.fadd, a, builder.emit(op.fmul, distance, elementAt(args, 2)));
  },
});
define('deg', {
  group: 'arithmetic',
  parameters: 'x',
  summary: 'Radians to degrees.',
  definition: 'x * (180 / Math.PI)',
  reference: '6.1.6.1.4',
  emit: scaled(180 / Math.PI),
});
define('rad', {
  group: 'arithmetic',
  parameters: 'x',
  summary: 'Degrees to radians.',
  definition: 'x * (Math.PI / 180)',
  reference: '6.1.6.1.4',
  emit: scaled(Math.PI / 180),
});
define('avg', {
  group: 'arithmetic',
  parameters: '...x',
  summary: 'The mean: the sum from left to right over the number of arguments.',
  definition: 'x.reduce((sum, each) => sum + each) / x.length',
  reference: '6.1.6.1.7',
  emit: (builder, args) => builder.emit(op.fdiv, fold(op.fadd)(builder, args), builder.number(args.length)),
});

// Rounding

define('floor', {
  group: 'rounding',
  parameters: 'x',
  summary: 'The largest integer not above x.',
  definition: 'Math.floor(x)',
  reference: '21.3.2.16',
  emit: operation(op.ffloor),
});
define('ceil', {
  group: 'rounding',
  parameters: 'x',
  summary: 'The smallest integer not below x.',
  definition: 'Math.ceil(x)',
  reference: '21.3.2.10',
  emit: operation(op.fceil),
});
define('round', {
  group: 'rounding',
  parameters: 'x',
  summary: 'The nearest integer, the upper one of two: -2.5 gives -2.',
  definition: 'Math.round(x)',
  reference: '21.3.2.28',
  emit: operation(op.fround),
});
define('trunc', {
  group: 'rounding',
  parameters: 'x',
  summary: 'The integer part, towards zero.',
  definition: 'Math.trunc(x)',
  reference: '21.3.2.35',
  emit: operation(op.ftrunc),
});
define('frac', {
  group: 'rounding',
  parameters: 'x',
  summary: 'What trunc leaves, with the sign of x; NaN for infinities.',
  definition: 'x - Math.trunc(x)',
  reference: '21.3.2.35',
  emit: (builder, args) => {
    const x = elementAt(args, 0);
    return builder.emit(op.fsub, x, builder.emit(op.ftrunc, x));
  },
});
define('fround', {
  group: 'rounding',
  parameters: 'x',
  summary: 'The nearest 32-bit float.',
  definition: 'Math.fround(x)',
  reference: '21.3.2.17',
  emit: operation(op.fdemote),
});

// Selection

define('min', {
  group: 'selection',
  parameters: '...x',
  summary: 'The least argument; NaN if one is NaN; -0 is less than 0.',
  definition: 'Math.min(...x)',
  reference: '21.3.2.25',
  emit: fold(op.fmin),
});
define('max', {
  group: 'selection',
  parameters: '...x',
  summary: 'The greatest argument; NaN if one is NaN; 0 is greater than -0.',
  definition: 'Math.max(...x)',
  reference: '21.3.2.24',
  emit: fold(op.fmax),
});
define('clamp', {
  group: 'selection',
  parameters: 'x low high',
  summary: 'x kept between low and high; high prevails if they are the wrong way round.',
  definition: 'Math.min(Math.max(x, low), high)',
  reference: '21.3.2.25',
  emit: (builder, args) =>
    builder.emit(op.fmin, builder.emit(op.fmax, elementAt(args, 0), elementAt(args, 1)), elementAt(args, 2)),
});
define('isnan', {
  group: 'selection',
  parameters: 'x',
  summary: 'Whether x is not a number.',
  definition: 'Number.isNaN(x)',
  reference: '21.1.2.4',
  type: 'bool',
  emit: (builder, args) => builder.emit(op.fne, elementAt(args, 0), elementAt(args, 0)),
});
define('isfinite', {
  group: 'selection',
  parameters: 'x',
  summary: 'Whether x is neither infinite nor NaN.',
  definition: 'Number.isFinite(x)',
  reference: '21.1.2.2',
  type: 'bool',
  emit: (builder, args) =>
    builder.emit(op.flt, builder.emit(op.fabs, elementAt(args, 0)), builder.number(Number.POSITIVE_INFINITY)),
});

// Missing values: what these do where there are some is in `lower-nulls.ts`.

define('isnull', {
  group: 'selection',
  parameters: 'x',
  summary: 'Whether x is missing, which values of columns alone can be; NaN is not.',
  definition: 'false',
  reference: '13.2.3',
  type: 'bool',
  emit: (builder) => builder.boolean(false),
});
define('coalesce', {
  group: 'selection',
  parameters: '...x',
  summary:
    'The first argument that is not missing; those behind it are not evaluated. A boolean if all arguments are.',
  definition: 'x[0]',
  reference: '13.2.4',
  emit: (_, args) => elementAt(args, 0),
});

// Bits

for (const [name, summary, symbol, reference, opcode] of [
  ['bitand', 'Bitwise and of 32-bit integers.', '&', '6.1.6.1.17', op.iand],
  ['bitor', 'Bitwise or of 32-bit integers.', '|', '6.1.6.1.19', op.ior],
  ['bitxor', 'Bitwise exclusive or of 32-bit integers.', '^', '6.1.6.1.18', op.ixor],
  ['shl', 'Shift to the left, by y modulo 32.', '<<', '6.1.6.1.9', op.ishl32],
  ['shr', 'Shift to the right, by y modulo 32, that keeps the sign.', '>>', '6.1.6.1.10', op.isar32],
  ['ushr', 'Shift to the right, by y modulo 32, of an unsigned integer.', '>>>', '6.1.6.1.11', op.ishr32],
] as const) {
  define(name, {
    group: 'bits',
    parameters: 'x y',
    summary,
    definition: `x ${symbol} y`,
    reference,
    emit: integer(opcode),
  });
}
define('bitnot', {
  group: 'bits',
  parameters: 'x',
  summary: 'Bitwise complement of a 32-bit integer.',
  definition: '~x',
  reference: '6.1.6.1.2',
  emit: (builder, args) => {
    const word = builder.emit(op.ftoi32, elementAt(args, 0));
    return builder.emit(op.itof, builder.emit(op.ixor, word, builder.integer(-1n)));
  },
});
define('imul', {
  group: 'bits',
  parameters: 'x y',
  summary: 'Product of 32-bit integers, modulo 2^32.',
  definition: 'Math.imul(x, y)',
  reference: '21.3.2.19',
  emit: integer(op.imul32),
});
define('clz32', {
  group: 'bits',
  parameters: 'x',
  summary: 'Leading zero bits of a 32-bit integer.',
  definition: 'Math.clz32(x)',
  reference: '21.3.2.11',
  emit: integer(op.iclz32),
});

// Roots, powers and the functions of the math library

define('sqrt', {
  group: 'exponential',
  parameters: 'x',
  summary: 'The square root.',
  definition: 'Math.sqrt(x)',
  reference: '21.3.2.32',
  emit: operation(op.fsqrt),
});
define('hypot', {
  group: 'exponential',
  parameters: '...x',
  summary:
    'The root of the sum of squares, without overflow; infinite if one argument is, whatever the others are.',
  definition: 'Math.hypot(...x)',
  reference: '21.3.2.18',
  precision: 0.6,
  emit: (builder, args) =>
    args.length === 1 ? builder.emit(op.fabs, elementAt(args, 0)) : builder.callMath('hypot', ...args),
});

for (const [name, group, parameters, summary, reference, precision] of [
  ['cbrt', 'exponential', 'x', 'The cube root.', '21.3.2.9', 0.6],
  ['exp', 'exponential', 'x', 'e to the power of x.', '21.3.2.14', 0.55],
  ['expm1', 'exponential', 'x', 'exp(x) - 1, exact near zero.', '21.3.2.15', 0.54],
  ['log', 'exponential', 'x', 'The natural logarithm.', '21.3.2.20', 0.53],
  ['log1p', 'exponential', 'x', 'log(1 + x), exact near zero.', '21.3.2.21', 0.53],
  ['log10', 'exponential', 'x', 'The logarithm to base 10.', '21.3.2.22', 0.53],
  ['log2', 'exponential', 'x', 'The logarithm to base 2.', '21.3.2.23', 0.53],
  ['pow', 'exponential', 'x y', 'x to the power of y, as `x ^ y`.', '21.3.2.26', 0.52],
  ['sin', 'trigonometric', 'x', 'The sine of x radians.', '21.3.2.30', 0.54],
  ['cos', 'trigonometric', 'x', 'The cosine of x radians.', '21.3.2.12', 0.54],
  ['tan', 'trigonometric', 'x', 'The tangent of x radians.', '21.3.2.33', 0.54],
  ['asin', 'trigonometric', 'x', 'The arc sine, in radians.', '21.3.2.4', 0.7],
  ['acos', 'trigonometric', 'x', 'The arc cosine, in radians.', '21.3.2.2', 0.7],
  ['atan', 'trigonometric', 'x', 'The arc tangent, in radians.', '21.3.2.6', 0.57],
  [
    'atan2',
    'trigonometric',
    'y x',
    'The angle of the point (x, y), in radians from -pi to pi.',
    '21.3.2.8',
    0.57,
  ],
  ['sinh', 'hyperbolic', 'x', 'The hyperbolic sine.', '21.3.2.31', 0.6],
  ['cosh', 'hyperbolic', 'x', 'The hyperbolic cosine.', '21.3.2.13', 0.6],
  ['tanh', 'hyperbolic', 'x', 'The hyperbolic tangent.', '21.3.2.34', 0.54],
  ['asinh', 'hyperbolic', 'x', 'The inverse hyperbolic sine.', '21.3.2.5', 0.7],
  ['acosh', 'hyperbolic', 'x', 'The inverse hyperbolic cosine.', '21.3.2.3', 0.7],
  ['atanh', 'hyperbolic', 'x', 'The inverse hyperbolic tangent.', '21.3.2.7', 0.7],
] as const) {
  const definition = `Math.${name}(${parameters.replace(' ', ', ')})`;
  define(name, { group, parameters, summary, definition, reference, precision, emit: library(name) });
}

// Functions of the math library that JavaScript lacks

const ofProduct = 'of the exact product with pi';
for (const [name, group, summary, definition, reference, precision, own] of [
  ['exp2', 'exponential', '2 to the power of x.', '2 ** x', 'C23 7.12.6.4', 0.55],
  ['sinpi', 'trigonometric', `The sine ${ofProduct}.`, 'Math.sin(Math.PI * x)', 'C23 7.12.4.13', 0.54],
  ['cospi', 'trigonometric', `The cosine ${ofProduct}.`, 'Math.cos(Math.PI * x)', 'C23 7.12.4.12', 0.54],
  ['tanpi', 'trigonometric', `The tangent ${ofProduct}.`, 'Math.tan(Math.PI * x)', 'C23 7.12.4.14', 0.54],
  ['sigmoid', 'special', 'The logistic function.', '1 / (1 + Math.exp(-x))', 'DLMF 4.2', 1],
  ['logistic', 'special', 'As sigmoid.', '1 / (1 + Math.exp(-x))', 'DLMF 4.2', 1, 'sigmoid'],
  ['softplus', 'special', 'The integral of sigmoid.', 'Math.log(1 + Math.exp(x))', 'DLMF 4.2', 1],
  ['log1pexp', 'special', 'As softplus.', 'Math.log(1 + Math.exp(x))', 'DLMF 4.2', 1, 'softplus'],
  ['erf', 'special', 'The error function.', 'erf(x)', 'DLMF 7.2', 1],
  ['erfc', 'special', '1 - erf(x), exact where that is small.', 'erfc(x)', 'DLMF 7.2', 1],
  ['gamma', 'special', 'The gamma function; NaN at its poles below zero.', 'gamma(x)', 'DLMF 5.2', 1],
  [
    'lgamma',
    'special',
    'The natural logarithm of the magnitude of gamma(x); near its zeros below 0 an absolute error of 2^-57.',
    'Math.log(Math.abs(gamma(x)))',
    'DLMF 5.2',
    1,
  ],
  ['fac', 'special', 'The factorial, of any number: gamma(x + 1).', 'gamma(x + 1)', 'DLMF 5.4', 1],
] as const) {
  define(name, {
    group,
    parameters: 'x',
    summary,
    definition,
    reference,
    precision,
    emit: library(own ?? name),
  });
}

// Loops

for (const [name, summary, start, symbol] of [
  ['sum', 'The sum of e over i = a, a + 1, … up to b; 0 if there is none.', 0, '+'],
  ['prod', 'The product of e over i = a, a + 1, … up to b; 1 if there is none.', 1, '*'],
] as const) {
  define(name, {
    group: 'loop',
    parameters: 'i a b e',
    summary,
    definition: `let r = ${start}; for (let k = 0, n = Math.floor(b - a) + 1; k < n; k++) r = r ${symbol} e(a + k)`,
    reference: '14.7.4',
  });
}

// Derivatives

// Sources have functions of this name from before there was this one.
define('diff', {
  group: 'derivative',
  parameters: 'e x',
  summary: 'The derivative of e by the variable x.',
  definition: 'the limit of (e(x + h) - e(x)) / h for h from above to 0',
  reference: 'DLMF 1.4',
  yields: true,
});

/** All built-in functions by name. */
export const builtins: ReadonlyMap<string, Builtin> = table;

/** The built-in constants. */
export const builtinConstants: ReadonlyMap<string, number | boolean> = new Map<string, number | boolean>([
  ['pi', Math.PI],
  ['e', Math.E],
  ['tau', 2 * Math.PI],
  ['inf', Number.POSITIVE_INFINITY],
  ['nan', Number.NaN],
  ['true', true],
  ['false', false],
]);
