/** What kernels must compute: the interpreter's results, row by row, and how they differ if they do. */

import { lowerProgram } from '../../src/engine/front/lower-program.ts';
import type { IrModule } from '../../src/jit/ir/function.ts';
import { Interpreter, type InterpreterOptions } from '../../src/jit/ir/interpreter.ts';
import type { KernelSpec } from '../../src/jit/kernel/kernel-spec.ts';
import { reduceValues } from '../../src/jit/kernel/reductions.ts';
import { optimize } from '../../src/jit/opt/optimize.ts';
import { check } from '../../src/lang/checker.ts';
import { mainName } from '../../src/lang/lower.ts';
import { parse } from '../../src/lang/parser.ts';
import { elementAt } from '../../src/support/element.ts';
import { hasOwn } from '../../src/support/own.ts';
import { exactSumOf } from './exact-oracle.ts';
import { type KernelResult, type KernelRun, storedElement } from './run-kernel.ts';

/** One source as a module whose function is called `main`; not optimised at level 0. */
export function moduleOf(
  source: string,
  parameters: readonly string[],
  hosts: readonly string[] = [],
  level: 0 | 1 = 1,
): IrModule {
  const program = parse(source);
  const checked = check(program, { parameters, hosts: hosts.map((name) => ({ name, arity: 1 })) });
  const module = lowerProgram(checked);
  optimize(module, { roots: [mainName], level });
  return module;
}

export const main = mainName;

export function expectedResult(
  module: IrModule,
  spec: KernelSpec,
  run: KernelRun,
  options: InterpreterOptions = {},
): KernelResult {
  const interpreter = new Interpreter(module, { ...options });
  const { rows, firstRow = 0, uniforms = [], columns } = run;
  const argumentsOf = (row: number): number[] => {
    let column = 0;
    let uniform = 0;
    return spec.parameters.map(({ kind }) => {
      if (kind === 'column') return elementAt(columns, column++)[row] as number;
      if (kind === 'uniform') return elementAt(uniforms, uniform++);
      return kind === 'index' ? row : firstRow + rows;
    });
  };
  const valueAt = (name: string, row: number): number => Number(interpreter.run(name, argumentsOf(row)));
  const outputs = [];
  const reduced = [];
  for (const output of spec.outputs) {
    if (hasOwn(output, 'reduce')) {
      const values = Float64Array.from({ length: rows }, (_, row) =>
        valueAt(output.function, firstRow + row),
      );
      reduced.push(output.reduce === 'exact' ? exactSumOf(values) : reduceValues(output.reduce, values));
    } else {
      const { type } = output;
      outputs.push(
        Float64Array.from({ length: rows }, (_, row) =>
          storedElement(type, valueAt(output.function, firstRow + row)),
        ),
      );
    }
  }
  return { outputs, reduced };
}

/** The first difference, or undefined. All NaNs count as one; zeros differ by their signs. */
export function differenceOf(actual: KernelResult, expected: KernelResult): string | undefined {
  for (const [output, elements] of expected.outputs.entries()) {
    const found = elementAt(actual.outputs, output);
    for (let row = 0; row < elements.length; row++) {
      if (!Object.is(found[row], elements[row])) {
        return `output ${output}, row ${row}: ${show(found[row])} instead of ${show(elements[row])}`;
      }
    }
  }
  for (const [reduction, value] of expected.reduced.entries()) {
    const found = elementAt(actual.reduced, reduction);
    if (!Object.is(found, value)) return `reduction ${reduction}: ${show(found)} instead of ${show(value)}`;
  }
  return undefined;
}

function show(value: number | undefined): string {
  return Object.is(value, -0) ? '-0' : `${value}`;
}
