/** Definitions that come before all sources of an engine. */
import type { Program } from '../../lang/ast.ts';
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
  const program = parse(new SourceText(source, 'prelude'), engine.environment.limits);
  rejectResult(program);
  const environment = { ...engine.environment, parameters: [] };
  check(
    program,
    environment,
    program.definitions.map(({ target }) => target.name),
  );
  const functions: Program = {
    ...program,
    definitions: program.definitions.filter(({ kind }) => kind === 'function'),
  };
  return {
    ...engine.environment,
    variables: evaluateLets(program, environment, engine),
    library: [functions],
  };
}
