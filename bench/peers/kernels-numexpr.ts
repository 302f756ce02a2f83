import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type KernelWorkload, kernelWorkloads } from '../kernels.workloads.ts';
import { type KernelPeer, probeCount } from './kernels-peer.ts';
import { KernelProcess } from './kernels-process.ts';
import { type Dialect, infixForms, translate } from './kernels-translate.ts';

const { PYTHON = 'python3' } = process.env;

let server: KernelProcess | undefined;

/** Python's array expression compiler, on one thread. `PYTHON` names the interpreter that has it installed. */
export const numexprPeer: KernelPeer = {
  name: 'numexpr',
  unavailable() {
    const { status, error } = spawnSync(PYTHON, ['-c', 'import numexpr'], { stdio: 'ignore' });
    if (error !== undefined) return `${PYTHON} cannot be run (${error.message})`;
    if (status !== 0)
      return `not installed for ${PYTHON} (pip install numexpr; PYTHON names another interpreter)`;
    server = new KernelProcess(PYTHON, [fileURLToPath(new URL('kernels-numexpr.py', import.meta.url))]);
    server.tell(JSON.stringify({ probeCount, workloads: kernelWorkloads.map(describe) }));
    return undefined;
  },
  prepare(workload, length) {
    // It computes with the type of its columns, and the workload with doubles.
    if (workload.columnType === 'f32') return undefined;
    return server?.prepare(kernelWorkloads.indexOf(workload), length);
  },
  close: () => server?.close(),
};

function describe(workload: KernelWorkload) {
  const sources = Object.values(workload.outputs).map((source) => translate(source, python));
  return {
    columns: workload.columns,
    outputs: workload.reduce === undefined ? sources : sources.map((source) => `sum(${source})`),
    reduces: workload.reduce !== undefined,
  };
}

const python: Dialect<string> = {
  ...infixForms,
  binary: (operator, left, right) => `(${left} ${{ and: '&', or: '|' }[operator] ?? operator} ${right})`,
  conditional: (test, consequent, alternate) => `where(${test}, ${consequent}, ${alternate})`,
  call(callee, args) {
    const [first, second, third] = args as [string, string, string];
    switch (callee) {
      case 'clamp':
        return python.call('min', [python.call('max', [first, second]), third]);
      case 'min':
        return `where(${first} < ${second}, ${first}, ${second})`;
      case 'max':
        return `where(${first} > ${second}, ${first}, ${second})`;
      case 'trunc':
        return `where(${first} < 0, ceil(${first}), floor(${first}))`;
      case 'atan2':
        return `arctan2(${first}, ${second})`;
      case 'pow':
        return `(${first} ** ${second})`;
      default:
        return `${callee}(${args.join(', ')})`;
    }
  },
};
