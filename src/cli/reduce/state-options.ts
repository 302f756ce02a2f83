import { UsageError } from '../command.ts';

/** For `parseCommand`. */
export const stateOptions = { state: { type: 'string' } } as const;

/** What is written, and where to. */
export interface StateTarget {
  readonly isState: boolean;
  /** Undefined: standard output. */
  readonly out: string | undefined;
}

interface Given {
  readonly state?: string | undefined;
  readonly out?: string | undefined;
  readonly json?: boolean | undefined;
}

/** @throws UsageError for options of the table where a state is written instead. */
export function parseStateTarget({ state, out, json }: Given): StateTarget {
  if (state === undefined) return { isState: false, out };
  const surplus = out !== undefined ? '--out' : json === true ? '--json' : undefined;
  if (surplus !== undefined) {
    throw new UsageError(
      `--state writes a state instead of the table that ${surplus} is for; 'exprjit merge' takes it`,
    );
  }
  return { isState: true, out: state === '-' ? undefined : state };
}
