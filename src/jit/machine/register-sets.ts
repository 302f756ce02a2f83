import { RegisterClass } from './operations.ts';

/** Registers by class, as bit sets of their numbers. */
export interface RegisterSets {
  readonly vectors: number;
  readonly general: number;
  readonly masks: number;
}

/** What calls overwrite of which nothing is known. */
export const everyRegister: RegisterSets = Object.freeze({ vectors: -1, general: -1, masks: -1 });

/** The registers of one class. */
export function registersOf({ vectors, general, masks }: RegisterSets, registerClass: number): number {
  if (registerClass === RegisterClass.Vector) return vectors;
  return registerClass === RegisterClass.General ? general : masks;
}
