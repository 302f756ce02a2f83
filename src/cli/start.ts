/**
 * `exprjit eval` of what the interpreter does at once. The build makes one script of this and of the little that it needs, so that a
 * start reads no more; for everything else there is the command line.
 */
import { evaluateSmall } from '../engine/evaluate-small.ts';
import { readEvalArguments } from './eval-arguments.ts';

/** What the command prints, given these arguments; undefined where the command has to look. */
export function answerAtStart(args: readonly string[]): string | undefined {
  try {
    const { source, bindings, print } = readEvalArguments(args);
    const given: number[] = [];
    for (const binding of bindings.values()) {
      const value = evaluateSmall(binding, [], []);
      if (value === undefined) return undefined;
      given.push(Number(value));
    }
    const value = evaluateSmall(source, [...bindings.keys()], given);
    return value === undefined ? undefined : print(value);
  } catch {
    return undefined;
  }
}
