/** Sources by the thousand pieces: a shape, and templates of which `#` becomes a number and `_` another piece. */
import type { Random } from '../support/random.ts';

export interface SlowProgram {
  /** Values in front of the terms, which `a#` then names. */
  readonly values: string | undefined;
  readonly term: string;
  readonly joint: string;
  readonly opening: string;
  /** Definitions in front, one for each piece. */
  readonly definition: string | undefined;
  readonly count: number;
}

const leaves = ['x', 'y', '#', 'x*#', 'y+#', 'x-y'];
const templates = [
  'hypot(_,_,#)',
  'clz32(_)',
  'sin(_)',
  'round(_)',
  'min(_,_,_)',
  'clamp(_,#,y)',
  '(_>#?_:_)',
  '(_>_&&_>#||_<_?_:#)',
  'sum(k,1,#,_*k)',
  'sum(k,1,y,prod(j,1,k,_))',
  '{let t=_;let u=t*t;u+t}',
  '_%#',
  '(_)^#',
  '_/_',
  'bitxor(_,_)',
  'shr(_,#)',
  'isnan(_)',
  'sign(_)*_',
  'fround(_)',
  'trunc(_)',
  'copysign(_,_)',
  'atan2(_,_)',
  'fma(_,_,#)',
];
const openings = ['', 'min(', 'hypot(', 'max('];
const definitions = ['f#(x)=x+#', 'f#(x)=f@(x)+f@(x+1)', 'f#(x)=x<1?x:f@(x-1)', 'f#(x)=sin(x)*hypot(x,#)'];
const longest = 95_000;

export function randomSlowProgram(random: Random): SlowProgram {
  const hasValues = random.chance(0.4);
  const hasDefinitions = !hasValues && random.chance(0.3);
  const opening = random.chance(0.7) ? '' : random.pick(openings);
  return {
    values: hasValues ? piece(random, 2, leaves) : undefined,
    term: piece(random, 3, hasValues ? [...leaves, 'a#', 'a#'] : hasDefinitions ? ['f#(x)', 'x'] : leaves),
    joint: opening !== '' ? ',' : random.pick(['+', '+', '*', '-', '&&', '||']),
    opening,
    definition: hasDefinitions ? random.pick(definitions) : undefined,
    count: 2 ** random.integer(6, 14),
  };
}

/** The same with one thing changed. */
export function mutatedSlowProgram(random: Random, program: SlowProgram): SlowProgram {
  const other = randomSlowProgram(random);
  switch (random.integer(0, 4)) {
    case 0:
      return { ...program, count: program.count * 2 };
    case 1:
      return { ...program, term: other.term.replaceAll('a#', 'x').replaceAll('f#(x)', 'x') };
    case 2:
      return { ...program, opening: other.opening, joint: other.joint };
    case 3:
      return program.values === undefined ? other : { ...program, values: piece(random, 2, leaves) };
    default:
      return { ...program, term: program.term.replace('x', () => piece(random, 1, leaves)) };
  }
}

function piece(random: Random, depth: number, ends: readonly string[]): string {
  if (depth === 0 || random.chance(0.2)) return random.pick(ends);
  return random.pick(templates).replaceAll('_', () => piece(random, depth - 1, ends));
}

export function printSlowProgram(program: SlowProgram): string {
  const { values, definition, term, joint, opening } = program;
  const perPiece = [values, definition, term].reduce((sum, part) => sum + (part?.length ?? 0) + 10, 0);
  const count = Math.max(Math.min(program.count, Math.floor(longest / perPiece)), 2);
  const list = (template: string, between: string) =>
    Array.from({ length: count }, (_, i) =>
      template.replaceAll('#', String(i + 1)).replaceAll('@', String(i || 1)),
    ).join(between);
  const expression = `${opening}${list(term, joint)}${opening === '' ? '' : ')'}`;
  if (values !== undefined) return `{${list(`let a#=${values};`, '\n')}${expression}}`;
  return definition === undefined ? expression : `${list(definition, '\n')}\n${expression}`;
}
