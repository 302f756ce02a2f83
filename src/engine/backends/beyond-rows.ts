import { type HostImplementation, numberOrBoolean } from './host-call.ts';
import { KernelError } from './kernel-error.ts';

/** What a row calls that asks for another beyond the first or the last, where that is an error. */
export const beyondRows: HostImplementation = Object.freeze({
  name: 'row',
  run(row: number): never {
    throw new KernelError(
      'E_EDGE',
      `there is no row ${Math.trunc(row)}, of which a formula takes an element`,
    );
  },
  toNumber: numberOrBoolean,
});
