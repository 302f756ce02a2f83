import type { Formula, Session } from '../repl/session.ts';
import { type Curve, sampleCurve } from './curve.ts';
import { type Grid, type HeatMap, sampleHeatMap } from './heat-map.ts';
import type { Range } from './range.ts';

/** As many as there are colours. */
const mostCurves = 6;

/** What is to be drawn: curves over one range, or a function of two variables. */
export type Figure = Curves | { readonly kind: 'heat'; readonly map: HeatMap };

export interface Curves {
  readonly kind: 'curves';
  readonly curves: readonly Curve[];
  readonly range: Range;
}

/** How finely functions are sampled. */
export interface Resolution {
  readonly samples: number;
  cells(x: Range, y: Range): Grid;
}

/**
 * Computes what `words` ask for: formulas of one variable and the two ends of its range, or one of two variables and the ends
 * of their ranges, which are the same if there are two only.
 */
export function figureOf(session: Session, words: readonly string[], resolution: Resolution): Figure {
  const [first = '', ...ends] = words;
  const { length } = session.formula(first, ({ variables }) => variables);
  if (length !== 2 || (ends.length !== 2 && ends.length !== 4)) return curvesOf(session, words, resolution);
  return { kind: 'heat', map: heatMapOf(session, first, ends, resolution) };
}

function heatMapOf(
  session: Session,
  text: string,
  [from = '', to = '', fromY = from, toY = to]: readonly string[],
  { cells }: Resolution,
): HeatMap {
  const ranges = [session.range(from, to), session.range(fromY, toY)] as const;
  return session.formula(text, ({ label, variables: [x = '', y = ''], evaluate }) =>
    sampleHeatMap({ label, names: [x, y] }, evaluate, ranges, cells(...ranges)),
  );
}

function curvesOf(session: Session, words: readonly string[], { samples }: Resolution): Curves {
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
  return { kind: 'curves', curves, range };
}

/** What is drawn, by name. */
export function labelsOf(figure: Figure): string[] {
  return figure.kind === 'heat' ? [figure.map.label] : figure.curves.map(({ label }) => label);
}

/** Says so where no sample is finite. */
export function nothingToSee(figure: Figure): string | undefined {
  const isSeen =
    figure.kind === 'heat'
      ? figure.map.visible !== undefined
      : figure.curves.some(({ visible }) => visible !== undefined);
  if (isSeen) return undefined;
  const labels = labelsOf(figure);
  const [count, where] =
    figure.kind === 'heat'
      ? [figure.map.x.length * figure.map.y.length, '']
      : [figure.curves[0]?.x.length ?? 0, ` from ${figure.range.low} to ${figure.range.high}`];
  return `there is nothing to see: ${labels.join(' and ')} ${labels.length > 1 ? 'are' : 'is'} nan or infinite at all of ${count} points${where}`;
}

function expectOneVariable({ label, variables }: Formula): void {
  if (variables.length === 1) return;
  throw new RangeError(
    `one variable is needed, or two of one formula, but ${variables.join(', ')} are free in '${label}'`,
  );
}
