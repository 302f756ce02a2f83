/** Definitions that come before all sources of an engine. */
import { check } from '../../lang/checker.ts';
import type { Environment } from '../../lang/environment.ts';
import { parse } from '../../lang/parser.ts';
import { SourceText } from '../../lang/source-text.ts';
import { evaluateLets, type ModuleEngine, rejectResult } from './function-module.ts';

/**
 * What sources see of an engine whose prelude this is: its functions, and its `let`s as they are now.
 *
 * @throws CompileError if it is wrong, or ends in an expression; what the evaluation of a `let` throws.
 */
export function readPrelude(source: string, engine: ModuleEngine): Environment {
  const program = parse(new SourceText(source, 'prelude'), engine.environment);
  rejectResult(program);
  const environment = { ...engine.environment, parameters: [] };
  const names = program.definitions.map(({ target }) => target.name);
  check(program, environment, names);
  const variables = evaluateLets(program, environment, engine);
  return { ...engine.environment, variables, library: [program] };
}
