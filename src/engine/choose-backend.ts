import type { Backend } from './backend.ts';
import type { ResolvedEngineOptions } from './engine-options.ts';
import { InterpreterBackend } from './interpreter-backend.ts';

export function chooseBackend(options: ResolvedEngineOptions): Backend {
  return new InterpreterBackend(options.limits.fuel, undefined);
}
