/** Calls of simulated code in a platform's convention, as strict callers and callees that keep nothing they need not. */
import type { Convention } from '../../../src/jit/machine/convention.ts';
import { Gpr } from '../../../src/jit/machine/convention.ts';
import { elementAt } from '../../../src/support/element.ts';
import { garbage, type Machine, stackPointer } from './machine.ts';
import type { Simulator } from './simulator.ts';
import { registerOffset, vectorBytes } from './vector-file.ts';

/** What every convention preserves. */
const alwaysPreserved: readonly number[] = [Gpr.Rbx, Gpr.Rbp, Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15];

/** Calls `entry` with one argument, and expects that what the convention preserves is as before. */
export function callSimulated(
  simulator: Simulator,
  convention: Convention,
  entry: number,
  argument: bigint,
): void {
  const { machine } = simulator;
  for (let id = 0; id < 16; id++) machine.general[id] = garbage + BigInt(id);
  for (let id = 0; id < 16; id++) machine.vectors.quads[registerOffset(id) / 8] = garbage - BigInt(id);
  machine.general[elementAt(convention.generalArguments, 0)] = argument;
  const before = preservedState(machine, convention);
  simulator.run(entry);
  const after = preservedState(machine, convention);
  const changed = [...before].filter(([name, value]) => after.get(name) !== value).map(([name]) => name);
  if (changed.length > 0) throw new Error(`registers are not preserved: ${changed.join(', ')}`);
}

/** What a callee leaves behind that preserves no more than it must. */
export function clobber(machine: Machine, convention: Convention): void {
  const { general, vectors, masks, flags } = machine;
  const kept = new Set([...alwaysPreserved, ...convention.savedGeneral, stackPointer]);
  for (let id = 0; id < 16; id++) if (!kept.has(id)) general[id] = garbage;
  for (let id = 0; id < 32; id++) {
    const first = registerOffset(id) + (convention.savedVectors.includes(id) ? 16 : 0);
    vectors.quads.fill(garbage, first / 8, (registerOffset(id) + vectorBytes) / 8);
  }
  masks.fill(garbage);
  flags.set({});
}

function preservedState({ general, vectors }: Machine, convention: Convention): Map<string, bigint> {
  const state = new Map<string, bigint>();
  for (const id of [...alwaysPreserved, ...convention.savedGeneral])
    state.set(`gp64[${id}]`, elementAt(general, id));
  for (const id of convention.savedVectors) {
    const at = registerOffset(id) / 8;
    state.set(`xmm${id}`, (elementAt(vectors.quads, at + 1) << 64n) | elementAt(vectors.quads, at));
  }
  return state;
}
