import { PublicEvent } from '../../support/public-event.ts';

/** `size` is undefined where there is no machine code. */
interface Compiled {
  readonly source: string;
  readonly functions: readonly string[];
  readonly backend: string;
  readonly size: number | undefined;
}

/** A source, or a module of IR, has become code. */
export const compiled: PublicEvent<Compiled> = new PublicEvent<Compiled>('exprjit:compile');
