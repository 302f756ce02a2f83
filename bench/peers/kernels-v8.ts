import type { KernelWorkload } from '../kernels.workloads.ts';
import {
  createColumns,
  type KernelPeer,
  measureHere,
  type PreparedKernel,
  probeCount,
} from './kernels-peer.ts';
import { type Dialect, infixForms, translate } from './kernels-translate.ts';

const javascript: Dialect<string> = {
  ...infixForms,
  binary: (operator, left, right) => `(${left} ${{ and: '&&', or: '||' }[operator] ?? operator} ${right})`,
  conditional: (test, consequent, alternate) => `(${test} ? ${consequent} : ${alternate})`,
  call: (callee, args) =>
    callee === 'clamp'
      ? `Math.min(Math.max(${args[0]}, ${args[1]}), ${args[2]})`
      : `Math.${callee}(${args.join(', ')})`,
};

/** The loop that JavaScript programs have today, compiled by V8 for this expression alone. */
export const v8Peer: KernelPeer = {
  name: 'V8 loop',
  takesLoops: true,
  unavailable: () => undefined,
  prepare(workload, length): PreparedKernel {
    const columns = Object.values(createColumns(workload, length));
    const outputs = Object.keys(workload.outputs).map(() => new Float64Array(length));
    const loop = new Function(
      ...Object.keys(workload.columns).map((name) => `${name}s`),
      ...Object.keys(workload.outputs).map((name) => `${name}s`),
      loopBody(workload),
    ) as (...args: Float64Array[]) => number;
    const args = [...columns, ...outputs] as Float64Array[];
    let total = 0;
    return {
      measure: (iterations) =>
        measureHere(iterations, () => {
          total = loop(...args);
        }),
      probe: () =>
        workload.reduce === undefined
          ? outputs.flatMap((output) => [...output.subarray(0, probeCount)])
          : [total],
    };
  },
};

function loopBody(workload: KernelWorkload): string {
  const [first] = Object.keys(workload.columns);
  const loads = Object.keys(workload.columns).map((name) => `const ${name} = ${name}s[i];`);
  const stores = Object.entries(workload.outputs).map(([name, source]) => {
    if (workload.javascript !== undefined) return `${workload.javascript} ${name}s[i] = ${name};`;
    const value = translate(source, javascript);
    return workload.reduce === undefined ? `${name}s[i] = ${value};` : `total += ${value};`;
  });
  return `
    let total = 0;
    for (let i = 0; i < ${first}s.length; i++) { ${loads.join(' ')} ${stores.join(' ')} }
    return total;`;
}
