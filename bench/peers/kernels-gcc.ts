import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KernelWorkload } from '../kernels.workloads.ts';
import { type KernelPeer, probeCount } from './kernels-peer.ts';
import { KernelProcess } from './kernels-process.ts';
import { type Dialect, infixForms, translate } from './kernels-translate.ts';

/** C loops over `restrict` pointers for these workloads, compiled with these flags when the benchmark starts. */
export function gccPeer(
  name: string,
  flags: readonly string[],
  workloads: readonly KernelWorkload[],
): KernelPeer {
  let folder: string | undefined;
  let process: KernelProcess | undefined;
  const close = async (): Promise<void> => {
    await process?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  };
  return {
    name,
    async unavailable() {
      folder = mkdtempSync(join(tmpdir(), 'exprjit-bench-'));
      const program = join(folder, 'kernels');
      const reason = compile(printC(workloads), flags, program);
      if (reason === undefined) process = new KernelProcess(program, []);
      else await close();
      return reason;
    },
    prepare(workload, length) {
      const index = workloads.indexOf(workload);
      return index < 0 ? undefined : process?.prepare(index, length);
    },
    close,
  };
}

/** Why it could not be done, if so. */
function compile(text: string, flags: readonly string[], program: string): string | undefined {
  const source = `${program}.c`;
  writeFileSync(source, text);
  const { status, error, stderr } = spawnSync('gcc', [...flags, source, '-o', program, '-lm'], {
    encoding: 'utf8',
  });
  if (error !== undefined) return `gcc cannot be run (${error.message})`;
  return status === 0 ? undefined : `gcc failed:\n${stderr}`;
}

/**
 * `fmin` and `fmax` would be calls that keep gcc from vectorising, so the comparison that C programmers write instead.
 * What C calls `gamma` is the logarithm.
 */
const names: Readonly<Record<string, string>> = {
  abs: 'fabs',
  max: 'greater',
  min: 'less',
  gamma: 'tgamma',
};

const c: Dialect<string> = {
  ...infixForms,
  binary: (operator, left, right) => `(${left} ${{ and: '&', or: '|' }[operator] ?? operator} ${right})`,
  conditional: (test, consequent, alternate) => `(${test} ? ${consequent} : ${alternate})`,
  call: (callee, args) =>
    callee === 'clamp'
      ? `less(greater(${args[0]}, ${args[1]}), ${args[2]})`
      : `${names[callee] ?? callee}(${args.join(', ')})`,
};

export function translateToC(source: string): string {
  return translate(source, c);
}

function printKernel(workload: KernelWorkload, index: number): string {
  const type = workload.columnType === 'f32' ? 'float' : 'double';
  const inputs = Object.keys(workload.columns);
  const outputs = Object.keys(workload.outputs);
  const pointers = [
    ...inputs.map((name, at) => `const ${type} *restrict ${name}s = columns[${at}];`),
    ...outputs.map((name, at) => `double *restrict ${name}s = outputs[${at}];`),
  ];
  const loads = inputs.map((name) => `double ${name} = ${name}s[i];`);
  const stores = Object.entries(workload.outputs).map(([name, source]) => {
    if (workload.c !== undefined) return `${workload.c} ${name}s[i] = ${name};`;
    const value = translateToC(source);
    return workload.reduce === undefined ? `${name}s[i] = ${value};` : `total += ${value};`;
  });
  return `
__attribute__((noipa)) static double kernel${index}(void **columns, void **outputs, long n) {
  ${pointers.join('\n  ')}
  double total = 0;
  for (long i = 0; i < n; i++) { ${loads.join(' ')} ${stores.join(' ')} }
  return total;
}`;
}

function printEntry(workload: KernelWorkload, index: number): string {
  const ranges = Object.values(workload.columns);
  const outputs = Object.keys(workload.outputs).length;
  const bounds = ranges.map(([low, high]) => `{${low}, ${high}}`).join(', ');
  const size = workload.columnType === 'f32' ? 4 : 8;
  return `{kernel${index}, ${ranges.length}, ${outputs}, ${size}, ${workload.reduce === undefined ? 0 : 1}, {${bounds}}}`;
}

/** Arrays come from `malloc`, as those of a Node process do. */
function printC(workloads: readonly KernelWorkload[]): string {
  return `
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double less(double a, double b) { return a < b ? a : b; }
static inline double greater(double a, double b) { return a > b ? a : b; }
${workloads.map(printKernel).join('\n')}

typedef struct {
  double (*run)(void **, void **, long);
  int columns, outputs, size, reduces;
  double ranges[4][2];
} Kernel;

static const Kernel kernels[] = {
  ${workloads.map(printEntry).join(',\n  ')}
};

static double columnValue(uint32_t index, uint32_t column, double low, double high) {
  uint32_t hash = index * 0x9e3779b1u + (column + 1) * 0x85ebca77u;
  hash = (hash ^ (hash >> 16)) * 0x7feb352du;
  hash = (hash ^ (hash >> 15)) * 0x846ca68bu;
  return low + (high - low) * ((hash ^ (hash >> 16)) / 4294967296.0);
}

static void *columns[4], *outputs[4];
static int current = -1;
static long length;
static double total;

static void prepare(int index, long n) {
  if (index == current && n == length) return;
  current = index;
  length = n;
  const Kernel *kernel = &kernels[index];
  for (int i = 0; i < 4; i++) { free(columns[i]); free(outputs[i]); columns[i] = outputs[i] = NULL; }
  for (int i = 0; i < kernel->columns; i++) {
    columns[i] = malloc(n * kernel->size);
    for (long j = 0; j < n; j++) {
      double value = columnValue(j, i, kernel->ranges[i][0], kernel->ranges[i][1]);
      if (kernel->size == 4) ((float *)columns[i])[j] = value; else ((double *)columns[i])[j] = value;
    }
  }
  for (int i = 0; i < kernel->outputs; i++) outputs[i] = calloc(n, 8);
  total = kernel->run(columns, outputs, n);
}

int main(void) {
  char line[256];
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin)) {
    int index;
    long count;
    if (sscanf(line, "prepare %d %ld", &index, &count) == 2) {
      prepare(index, count);
      puts("ok");
    } else if (sscanf(line, "measure %ld", &count) == 1) {
      struct timespec start, end;
      clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
      for (long i = 0; i < count; i++) total = kernels[current].run(columns, outputs, length);
      clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
      printf("%.0f\\n", (end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec));
    } else {
      if (kernels[current].reduces) { printf("%.17g\\n", total); continue; }
      for (int i = 0; i < kernels[current].outputs; i++)
        for (int j = 0; j < length && j < ${probeCount}; j++) printf(i + j ? " %.17g" : "%.17g", ((double *)outputs[i])[j]);
      puts("");
    }
  }
}
`;
}
