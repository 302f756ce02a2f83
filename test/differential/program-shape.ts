import type { Random } from '../support/random.ts';
import type { Program, Shape } from '../support/random-program.ts';

/** Everything the language has. */
export const programShape: Shape = { size: 30, definitions: 4, loops: true, hosts: true };

export function randomArguments(random: Random, program: Program, count: number): number[][] {
  return Array.from({ length: count }, () => program.parameters.map(() => random.double()));
}
