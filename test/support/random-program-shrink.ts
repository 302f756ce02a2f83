import { elementAt } from '../../src/support/element.ts';
import { type Definition, type Node, node, type Program } from './random-program.ts';

export interface Failure {
  readonly program: Program;
  readonly args: readonly number[];
}

/**
 * The smallest failure that steps of simplification lead to: each candidate that still fails becomes the new
 * start. A candidate need not be a correct program; `fails` answers false for one that is not.
 *
 * @param attempts how many candidates may be tried
 */
export function shrink(failure: Failure, fails: (candidate: Failure) => boolean, attempts = 2000): Failure {
  let smallest = failure;
  let left = attempts;
  let progress = true;
  while (progress && left > 0) {
    progress = false;
    for (const candidate of simpler(smallest)) {
      if (--left < 0) break;
      if (!fails(candidate)) continue;
      smallest = candidate;
      progress = true;
      break;
    }
  }
  return smallest;
}

/** One step simpler, the boldest steps first. */
function* simpler({ program, args }: Failure): Generator<Failure> {
  const { definitions, parameters, result } = program;
  for (const [index] of definitions.entries()) {
    yield { program: { ...program, definitions: definitions.toSpliced(index, 1) }, args };
  }
  for (const simplerResult of simplerNodes(result)) {
    yield { program: { ...program, result: simplerResult }, args };
  }
  for (const [index, definition] of definitions.entries()) {
    for (const body of simplerNodes(definition.body)) {
      const simplified: Definition = { ...definition, body };
      yield { program: { ...program, definitions: definitions.with(index, simplified) }, args };
    }
  }
  for (const [index] of parameters.entries()) {
    const shorter = { ...program, parameters: parameters.toSpliced(index, 1) };
    yield { program: shorter, args: args.toSpliced(index, 1) };
  }
  for (const [index, value] of args.entries()) {
    for (const simple of [0, 1, 2, Math.trunc(value)]) {
      if (simplicity(simple) < simplicity(value)) yield { program, args: args.with(index, simple) };
    }
  }
}

/** An operand in place of the node, a constant in its place, or the same within one of its operands. */
function* simplerNodes(whole: Node): Generator<Node> {
  const { operands, text } = whole;
  yield* operands;
  if (operands.length > 0 || whole.kind === 'name') {
    yield node('number', '0');
    yield node('number', '1');
  }
  if (whole.kind === 'number') {
    for (const simple of [0, 1, 2, Math.trunc(Number(text))]) {
      if (simplicity(simple) < simplicity(Number(text))) yield node('number', String(simple));
    }
  }
  if (whole.kind === 'block') {
    for (const [index] of whole.names.entries()) {
      yield node('block', text, operands.toSpliced(index, 1), whole.names.toSpliced(index, 1));
    }
  }
  for (const [index] of operands.entries()) {
    for (const operand of simplerNodes(elementAt(operands, index))) {
      yield { ...whole, operands: operands.with(index, operand) };
    }
  }
}

/** Less is simpler: short to read, and small. */
function simplicity(x: number): number {
  const text = Object.is(x, -0) ? '-0' : String(x);
  return 10 * text.length + (Number.isFinite(x) ? Math.min(Math.abs(x), 9) : 9);
}
