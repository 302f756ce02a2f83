/** What computes columns in Python, on one thread; `PYTHON` names the interpreter that has it installed. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type ColumnCase, columnCases, groupCount } from '../columns.cases.ts';
import { endCount } from './columns-data.ts';
import type { KernelPeer } from './kernels-peer.ts';
import { KernelProcess } from './kernels-process.ts';

const { PYTHON = 'python3' } = process.env;

export const numexprPeer = pythonPeer('numexpr', 'numexpr');
export const duckdbPeer = pythonPeer('DuckDB', 'sql', 'duckdb');

function pythonPeer(name: string, words: 'numexpr' | 'sql', module: string = words): KernelPeer<ColumnCase> {
  let server: KernelProcess | undefined;
  return {
    name,
    unavailable() {
      const { status, error } = spawnSync(PYTHON, ['-c', `import numpy, ${module}`], { stdio: 'ignore' });
      if (error !== undefined) return `${PYTHON} cannot be run (${error.message})`;
      if (status !== 0)
        return `not installed for ${PYTHON} (pip install numpy ${module}; PYTHON names another interpreter)`;
      server = new KernelProcess(PYTHON, [fileURLToPath(new URL('columns-python.py', import.meta.url))]);
      const cases = columnCases.map((each) => ({
        columns: each.columns,
        decades: each.decades ?? false,
        missing: each.missing ?? 0,
        way: each.way,
        text: each[words] ?? '',
      }));
      server.tell(JSON.stringify({ module, endCount, groupCount, cases }));
      return undefined;
    },
    prepare: (each, length) =>
      each[words] === undefined ? undefined : server?.prepare(columnCases.indexOf(each), length),
    close: () => server?.close(),
  };
}
