import type { Address } from '../../native/address.ts';
import type { Label } from '../code/label.ts';
import type { RegisterSets } from './register-sets.ts';

/** Where code finds the math library. */
export interface MathLinks {
  /** Of a function: it takes its arguments in the first vector registers and gives its result in the first of all. */
  readonly entryOf: (name: string) => Address;
  /** What a function overwrites of registers that values may have. */
  readonly overwrittenBy: (name: string) => RegisterSets;
  /** Of a table, 64 bytes of alignment. Within the library itself it is a label. */
  readonly tableOf: (name: string) => Address | Label;
  /** Of the routine that repairs lanes by a function of so many arguments; see `lane-repairs.ts`. */
  readonly repairOf: (arity: 1 | 2) => Address;
}
