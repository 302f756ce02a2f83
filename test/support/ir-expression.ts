/**
 * Straight-line IR in one line, for tests of rules: `(fadd x (fmul y -0))`. Letters are parameters: `x y z` are f64,
 * `p q s` bool, `n m` i64. Constants are `1.5`, `true`, `7n`. Equal subexpressions are one value. `pow` and the like are
 * calls of the math library.
 */
import { IrBuilder } from '../../src/jit/ir/builder.ts';
import { type IrFunction, IrModule, type Value } from '../../src/jit/ir/function.ts';
import { op, opcodeByName, type Type } from '../../src/jit/ir/opcode.ts';
import { elementAt } from '../../src/support/element.ts';

export const variables: Readonly<Record<string, Type>> = {
  x: 'f64',
  y: 'f64',
  z: 'f64',
  p: 'bool',
  q: 'bool',
  s: 'bool',
  n: 'i64',
  m: 'i64',
};

/** The variables that an expression mentions, in the order of the table. */
export function variablesOf(text: string): string[] {
  return Object.keys(variables).filter((name) => new RegExp(`[( ]${name}[) ]`).test(` ${text} `));
}

/** A function of all variables that `text` mentions. */
export function buildExpression(text: string): IrModule {
  const module = new IrModule();
  const names = variablesOf(text);
  const types = names.map((name) => variables[name] ?? 'f64');
  const tokens = text.match(/[()]|[^\s()]+/g) ?? [];
  let builder = new IrBuilder(module, 'f', types, 'f64');
  const known = new Map<string, Value>();
  let position = 0;
  const parse = (): Value => {
    const start = position;
    const token = tokens[position++] ?? '';
    if (token !== '(') return share(token, () => leaf(token));
    const name = tokens[position++] ?? '';
    const operands: Value[] = [];
    while (tokens[position] !== ')') operands.push(parse());
    position++;
    return share(tokens.slice(start, position).join(' '), () => apply(name, operands));
  };
  const share = (key: string, make: () => Value): Value => {
    const value = known.get(key) ?? make();
    known.set(key, value);
    return value;
  };
  const leaf = (token: string): Value => {
    const index = names.indexOf(token);
    if (index >= 0) return elementAt(elementAt(builder.function.blocks, 0).parameters, index);
    if (token === 'true' || token === 'false') return builder.boolean(token === 'true');
    return token.endsWith('n') ? builder.integer(BigInt(token.slice(0, -1))) : builder.number(Number(token));
  };
  const apply = (name: string, operands: Value[]): Value => {
    const [first, second, third] = operands;
    if (name === 'select' && first && second && third) return builder.select(first, second, third);
    const opcode = opcodeByName.get(name);
    return opcode === undefined ? builder.callMath(name, ...operands) : builder.emit(opcode, ...operands);
  };
  const result = parse();
  if (result.type !== 'f64') {
    // The result type is known only now.
    module.functions.length = 0;
    const { blocks, valueCount } = builder.function;
    builder = new IrBuilder(module, 'f', [], result.type);
    builder.function.blocks = blocks;
    builder.function.valueCount = valueCount;
  }
  elementAt(builder.function.blocks, 0).terminator = { kind: 'return', value: result };
  return module;
}

/** The value that the only block of the function returns, in the same notation. */
export function showExpression(fn: IrFunction, names: readonly string[]): string {
  const { terminator, parameters } = elementAt(fn.blocks, 0);
  const show = (value: Value): string => {
    const parameter = parameters.indexOf(value);
    if (parameter >= 0) return elementAt(names, parameter);
    const { immediate, operands } = value;
    if (Object.is(immediate, -0)) return '-0';
    if (value.op === op.iconst) return `${String(immediate)}n`;
    if (value.op === op.fconst || value.op === op.bconst) return String(immediate);
    const name = value.op === op.callmath ? String(immediate) : value.op?.name;
    return `(${[name, ...operands.map(show)].join(' ')})`;
  };
  return terminator?.kind === 'return' ? show(terminator.value) : '';
}
