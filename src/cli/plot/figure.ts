import type { Formula, Session } from '../repl/session.ts';
import { type Curve, sampleCurve } from './curve.ts';
import type { Range } from './range.ts';

/** As many as there are colours. */
const mostCurves = 6;

/** What is to be drawn: curves over one range. */
export interface Figure {
  readonly curves: readonly Curve[];
  readonly range: Range;
}

/** Computes what `words` ask for, which are formulas and the two ends of a range; each formula is sampled so many times. */
export function figureOf(session: Session, words: readonly string[], samples: number): Figure {
  const formulas = words.slice(0, -2);
  const [from = '', to = ''] = words.slice(-2);
  const range = session.range(from, to);
  if (formulas.length > mostCurves) {
    throw new RangeError(`${formulas.length} curves are too many for one plot; ${mostCurves} have colours`);
  }
  const curves = formulas.map((text) =>
    session.formula(text, (formula) => {
      expectOneVariable(formula);
      return sampleCurve(formula.label, (x) => formula.evaluate(x), range, samples);
    }),
  );
  return { curves, range };
}

/** Says so where no sample is finite. */
export function nothingToSee({ curves, range: { low, high } }: Figure): string | undefined {
  if (curves.some(({ visible }) => visible !== undefined)) return undefined;
  const labels = curves.map(({ label }) => label);
  const count = curves[0]?.x.length ?? 0;
  return `there is nothing to see: ${labels.join(' and ')} ${labels.length > 1 ? 'are' : 'is'} nan or infinite at all of ${count} points from ${low} to ${high}`;
}

function expectOneVariable({ label, variables }: Formula): void {
  if (variables.length === 1) return;
  throw new RangeError(`one variable is needed, but ${variables.join(', ')} are free in '${label}'`);
}
