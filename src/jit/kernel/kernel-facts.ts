export type KernelStage = 'loop' | 'selection' | 'allocation';

/** What those who run a kernel need to know of it, besides its code. */
export interface KernelFacts {
  /** If so it neither traps nor looks at `Frame`. */
  readonly onVectors: boolean;
  /** Does it compute several rows at once, straight or by functions on lanes? */
  readonly severalRows: boolean;
  /** Can a row end by a trap? */
  readonly mayTrap: boolean;
  /** May it call functions of the host? If so it must stay on the thread of its environment. */
  readonly callsHost: boolean;
  /** Nanoseconds that a row takes; infinite if that is not known beforehand. */
  readonly rowCost: number;
}

/** The symbol of a kernel's entry. */
export const kernelName = '$kernel';

export function vectorFacts(rowCost: number, severalRows: boolean): KernelFacts {
  return { onVectors: true, severalRows, mayTrap: false, callsHost: false, rowCost };
}

/** Of a kernel that calls functions, of which these facts are known. */
export function rowFacts(
  rowCost: number,
  severalRows: boolean,
  functions: readonly Pick<KernelFacts, 'mayTrap' | 'callsHost'>[],
): KernelFacts {
  return {
    onVectors: false,
    severalRows,
    mayTrap: functions.some((fn) => fn.mayTrap),
    callsHost: functions.some((fn) => fn.callsHost),
    rowCost,
  };
}
