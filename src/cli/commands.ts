import type { CommandEntry } from './command.ts';

/** Subcommands load when they run: starting must cost no more than the command needs. */
export const commands: Readonly<Record<string, CommandEntry>> = {
  eval: { summary: 'evaluate an expression', load: () => import('./eval.ts') },
  repl: { summary: 'evaluate what you type, line by line', load: () => import('./repl.ts') },
  map: { summary: 'compute formulas for every row of a CSV or Arrow file', load: () => import('./map.ts') },
  reduce: {
    summary: 'sums, means and the like of a CSV or Arrow file, also of groups',
    load: () => import('./reduce.ts'),
  },
  merge: { summary: 'merge states of reductions, from shards or machines', load: () => import('./merge.ts') },
  plot: { summary: 'draw curves and heat maps, here or as SVG or PNG', load: () => import('./plot.ts') },
  asm: { summary: 'print the machine code of a formula', load: () => import('./asm.ts') },
  ir: { summary: 'print what the optimiser makes of a formula', load: () => import('./ir.ts') },
  wasm: { summary: 'write a WebAssembly module of a formula', load: () => import('./wasm.ts') },
  inspect: { summary: 'run a script and watch its engines in a browser', load: () => import('./inspect.ts') },
  bench: { summary: 'measure this machine', load: () => import('./bench.ts') },
  doctor: { summary: 'say what works on this machine', load: () => import('./doctor.ts') },
  completion: {
    summary: 'print what makes a shell complete these commands',
    load: async () => ({ command: (await import('./completion.ts')).completionOf(commands) }),
  },
};
