import { closeSync, mkdirSync, openSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { REPLServer } from 'node:repl';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where lines are kept from one run to the next: `EXPRJIT_HISTORY`, else in XDG's place for state; undefined: nowhere. */
export function historyFile(environment: Environment): string | undefined {
  const { EXPRJIT_HISTORY: chosen, XDG_STATE_HOME: state } = environment;
  if (chosen !== undefined) return chosen === '' ? undefined : chosen;
  // The specification has relative paths ignored.
  const base = state?.startsWith('/') === true ? state : join(homedir(), '.local', 'state');
  return join(base, 'exprjit', 'history');
}

/** Has the prompt remember its lines. Where the file cannot be written it remembers those of this run only. */
export async function keepHistory(repl: REPLServer, environment: Environment): Promise<void> {
  const file = historyFile(environment);
  if (file === undefined || !isWritable(file)) return;
  await new Promise<void>((resolve) => {
    repl.setupHistory(file, () => resolve());
  });
}

/** Creates the file, for its owner alone, unless it is there. */
function isWritable(file: string): boolean {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, 'a+', 0o600));
    return true;
  } catch {
    return false;
  }
}
