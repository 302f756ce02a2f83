import { expect } from 'chai';
import fc from 'fast-check';
import { type Curve, commonRange, sampleCurve } from '../../../src/cli/plot/curve.ts';
import { curvePicture } from '../../../src/cli/plot/curve-picture.ts';
import type { Evaluate } from '../../../src/cli/plot/discontinuity.ts';
import { type Range, visibleRange } from '../../../src/cli/plot/range.ts';
import { type MarkKind, screenFor } from '../../../src/cli/plot/screen.ts';
import { svgOf } from '../../../src/cli/plot/svg.ts';
import { terminalPlot } from '../../../src/cli/plot/terminal-plot.ts';
import { coloured, plain } from '../../../src/cli/style.ts';

const unit = { low: 0, high: 1 };

function of(f: (x: number) => number): Evaluate {
  return (x) => x.map((value) => f(value));
}

function sample(f: (x: number) => number, low: number, high: number, label = 'f', count = 100): Curve {
  return sampleCurve(label, of(f), { low, high }, count);
}

function drawn(
  curves: readonly Curve[],
  range: Range,
  width: number,
  height: number,
  marks: MarkKind = 'braille',
): string[] {
  return terminalPlot(curves, range, { palette: plain, marks, colours: 'none' }, { width, height }).split(
    '\n',
  );
}

function svg(curves: readonly Curve[], range: Range): string {
  return svgOf(curvePicture(curves, range));
}

describe('plot', () => {
  it('draws a line from corner to corner', () => {
    expect(drawn([sample((x) => x, 0, 1)], unit, 13, 6)).to.deep.equal([
      '  1 ┤⠀⠀⠀⠀⠀⠀⡠⠊',
      '    │⠀⠀⠀⠀⡠⠊⠀⠀',
      '0.5 ┤⠀⠀⡠⠊⠀⠀⠀⠀',
      '  0 ┤⡠⠊⠀⠀⠀⠀⠀⠀',
      '    └────────',
      '     0 0.5  1',
    ]);
  });

  it('shows one unit around a constant, and nothing where nothing is finite', () => {
    expect(visibleRange(Float64Array.of(3, 3))).to.deep.equal({ low: 2, high: 4 });
    expect(visibleRange(Float64Array.of(Number.NaN))).to.equal(undefined);
    expect(commonRange([sample(() => Number.NaN, 0, 1)])).to.deep.equal({ low: -1, high: 1 });
  });

  it('lifts the pen at gaps, at the very place', () => {
    const { strokes } = sample((x) => (Math.abs(x) < 0.3 ? Number.NaN : x), -1, 1, 'f', 12);
    expect(strokes.map(({ points }) => [points.at(0)?.x, points.at(-1)?.x])).to.deep.equal([
      [-1, -0.3],
      [0.3, 1],
    ]);
  });

  it('shows what few samples do where most are alike', () => {
    const y = Float64Array.from({ length: 100 }, (_, i) => (i === 50 ? 1 : 0));
    expect(visibleRange(y)).to.deep.equal({ low: 0, high: 1 });
  });

  it('tells labels apart, and stays within its width', () => {
    const range = { low: 0, high: 64 };
    const lines = drawn([sample((x) => 1e17 + x, 0, 64)], range, 50, 20);
    const labels = lines.flatMap((line) => /^ *(\S+) ┤/.exec(line)?.[1] ?? []);
    expect(labels).to.include.members(['100000000000000000', '100000000000000020']);
    expect(new Set(labels).size).to.equal(labels.length);
    const seconds = { low: 1.7e9, high: 1.7e9 + 100 };
    const last = drawn([sample((x) => x, seconds.low, seconds.high)], seconds, 60, 8).at(-1);
    expect(last?.trim().split(/ +/)).to.deep.equal(['1700000000', '1700000050', '1700000100']);
  });

  it('is as wide as it is told, whatever has to be written', () => {
    for (const [low, high] of [
      [-Number.MAX_VALUE, Number.MAX_VALUE],
      [1, 1 + 4 * Number.EPSILON],
      [-5e-324, 5e-324],
      [1e17, 1e17 + 64],
    ] as const) {
      for (const width of [16, 20, 30, 60]) {
        for (const marks of ['braille', 'blocks', 'ascii'] as const) {
          const curves = [sample((x) => x, low, high, 'a'.repeat(70)), sample((x) => -x, low, high)];
          for (const some of [curves, curves.slice(1)]) {
            const lines = drawn(some, { low, high }, width, 12, marks);
            const longest = Math.max(...lines.map((line) => line.length));
            expect(longest, `${low} to ${high} in ${width}`).to.equal(width);
            expect(lines).to.have.length(12);
          }
        }
      }
    }
  });

  it('draws a dot where one sample stands alone', () => {
    const curve = sample((x) => (x === 0.5 ? 2 : Number.NaN), 0, 1, 'f', 3);
    expect(svg([curve], unit)).to.match(/d="M[\d.]+ [\d.]+(h0|L[\d.L ]+)" fill="none" stroke="#1f6feb"/);
  });

  it('cuts no label off at an edge', () => {
    const range = { low: 1e17, high: 1e17 + 64 };
    const texts = svg([sample(() => 0, range.low, range.high)], range).matchAll(
      /<text x="([\d.]+)"[^>]*anchor="middle" font-size="13"[^>]*>([^<]+)</g,
    );
    const ends = [...texts].map(([, x = '', text = '']) => [Number(x), text.length * 4.5] as const);
    expect(ends.length).to.be.above(1);
    for (const [x, half] of ends) expect(x - half >= 0 && x + half <= 800, `${x}`).to.equal(true);
  });

  it('escapes the label, and cuts off what is too long', () => {
    expect(svg([sample((x) => x, 0, 1, 'x<1 & "y"')], unit)).to.contain('x&lt;1 &amp; &quot;y&quot;');
    expect(svg([sample((x) => x, 0, 1, 'x'.repeat(200))], unit)).to.match(/>x{50,70}\.\.\.</);
  });
});

describe('discontinuities', () => {
  const strokesOf = (f: (x: number) => number, low: number, high: number): number =>
    sample(f, low, high).strokes.length;

  it('cuts poles, of either kind and order', () => {
    expect(strokesOf((x) => 1 / x, -1, 1)).to.equal(2);
    expect(strokesOf((x) => 1 / (x - 0.3), -1, 1)).to.equal(2);
    expect(strokesOf(Math.tan, -5, 5)).to.equal(5);
    expect(strokesOf((x) => 1 / Math.sin(x), -5, 5)).to.equal(4);
    expect(strokesOf((x) => (x - 0.7) ** -3, -1, 1)).to.equal(2);
    expect(strokesOf((x) => 1 / Math.cbrt(x - 0.7), 0, 1)).to.equal(2);
    expect(strokesOf((x) => Math.exp(1 / x), -1, 1)).to.equal(2);
    // Three samples, one of them infinite.
    expect(
      sample((x) => 1 / x, -1, 1, 'f', 3).strokes.filter(({ points }) => points.length > 3),
    ).to.have.length(0);
  });

  it('joins steps, and what is steep', () => {
    for (const f of [
      Math.floor,
      Math.sign,
      (x: number) => (x % 1) - 0.5,
      (x: number) => 1e9 * Math.sign(x),
      (x: number) => Math.atan(1e9 * x),
      (x: number) => 1e6 * x ** 3,
      (x: number) => 1 / (x * x + 1e-9),
      (x: number) => Math.sin(50 * x),
      (x: number) => Math.exp(20 * x),
    ]) {
      expect(strokesOf(f, -5, 5), String(f)).to.equal(1);
    }
    const { points } = sample(Math.floor, 0.5, 1.5, 'f', 5).strokes[0] ?? { points: [] };
    // Straight up at the step, not from sample to sample.
    expect(points.filter(({ x }) => Math.abs(x - 1) < 1e-15).map(({ y }) => y)).to.include.members([0, 1]);
  });

  it('lets poles run out of the picture, so that the rest stays visible', () => {
    const curve = sample(Math.tan, -5, 5, 'tan(x)', 1000);
    expect(curve.visible?.high).to.be.within(3, 20);
    const ys = [...svg([curve], { low: -5, high: 5 }).matchAll(/<path d="([^"]+)" [^>]*#1f6feb/g)].map(
      ([, path = '']) => [...path.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) => Number(y)),
    );
    expect(ys).to.have.length(5);
    // Top and bottom of the frame.
    for (const branch of ys.slice(1, -1))
      expect([Math.min(...branch), Math.max(...branch)]).to.deep.equal([40, 440]);
  });

  it('has no column on the terminal in which a pole looks like a line', () => {
    const range = { low: -5, high: 5 };
    const rows = drawn([sample(Math.tan, -5, 5, 'tan(x)', 140)], range, 70, 12).slice(0, -2);
    const cells = rows.map((row) => Array.from(row.slice(5), (cell) => cell.charCodeAt(0) - 0x2800));
    for (let column = 0; column < 65; column++) {
      for (const side of [0b01000111, 0b10111000]) {
        expect(
          cells.every((row) => ((row[column] ?? 0) & side) === side),
          `column ${column}`,
        ).to.equal(false);
      }
    }
  });

  it('asks slow functions a few times as often as there are samples', () => {
    let asked = 0;
    const noise: Evaluate = (x) => {
      asked += x.length;
      return x.map((value) => Math.sin(1e9 * value));
    };
    sampleCurve('f', noise, unit, 800);
    expect(asked).to.be.at.most(800 * 9);
  });
});

describe('several curves', () => {
  const range = { low: -5, high: 5 };
  const curves = [sample(Math.sin, -5, 5, 'sin(x)'), sample(Math.cos, -5, 5, 'cos(x)')];

  it('have colours where there are some, and a legend', () => {
    const text = terminalPlot(
      curves,
      range,
      { palette: coloured, marks: 'braille', colours: '256' },
      { width: 60, height: 12 },
    );
    const [legend, ...rest] = text.split('\n');
    expect(legend).to.equal('\x1b[36m━━\x1b[39m sin(x)   \x1b[33m━━\x1b[39m cos(x)');
    expect(rest).to.have.length(11);
    for (const colour of ['\x1b[36m', '\x1b[33m']) {
      expect(rest.some((line) => /[\u2801-\u28ff]/.test(line.split(colour)[1] ?? ''))).to.equal(true);
    }
  });

  it('have numbers where there are none', () => {
    for (const marks of ['braille', 'blocks'] as const) {
      const [legend, ...rest] = drawn(curves, range, 60, 12, marks);
      expect(legend).to.equal('1 sin(x)   2 cos(x)');
      const inside = rest
        .slice(0, -2)
        .map((line) => line.slice(6))
        .join('');
      expect(inside).to.match(/1/).and.match(/2/);
    }
  });

  it('have characters of their own where there are no blocks', () => {
    const lines = drawn(curves, range, 60, 12, 'ascii');
    expect(lines[0]).to.equal('** sin(x)   ++ cos(x)');
    expect(lines.slice(1, -2).join('')).to.match(/\*/).and.match(/\+\+/);
    expect(lines.join('\n')).to.match(/^[ -~\n]*$/);
  });

  it('share an axis that shows all of them', () => {
    expect(commonRange([sample((x) => x, 0, 1), sample((x) => 10 * x, 0, 1)])).to.deep.equal({
      low: 0,
      high: 10,
    });
  });

  it('are told apart in pictures', () => {
    const text = svg([...curves, sample(() => Number.NaN, -5, 5, 'none')], range);
    for (const label of ['sin(x)', 'cos(x)', 'none (nothing to see)']) expect(text).to.contain(`>${label}<`);
    expect(new Set(text.match(/stroke="#\w+" stroke-width="3"/g)).size).to.equal(3);
  });
});

describe('marks', () => {
  const marks = (env: Record<string, string>): string => screenFor({}, env).marks;

  it('are those that the terminal has', () => {
    expect(marks({ LANG: 'en_US.UTF-8', TERM: 'xterm' })).to.equal('braille');
    expect(marks({ LC_ALL: 'C.utf8' })).to.equal('braille');
    expect(marks({})).to.equal('braille');
    expect(marks({ LANG: 'C', LC_ALL: '', LC_CTYPE: 'UTF-8' })).to.equal('braille');
    expect(marks({ LANG: 'en_US.UTF-8', TERM: 'linux' })).to.equal('blocks');
    expect(marks({ LANG: 'C' })).to.equal('ascii');
    expect(marks({ LANG: 'en_US.UTF-8', LC_ALL: 'POSIX' })).to.equal('ascii');
    expect(marks({ LANG: 'en_US.UTF-8', TERM: 'dumb' })).to.equal('ascii');
    expect(marks({ LANG: 'de_DE.ISO-8859-1', TERM: 'linux' })).to.equal('ascii');
  });
});

describe('plot of any numbers', () => {
  const curves: readonly (readonly [what: string, f: (x: number) => number, low: number, high: number])[] = [
    ['1e17', () => 1e17, 0, 1],
    ['1e-308*x', (x) => 1e-308 * x, 0, 1],
    ['x*9e307', (x) => x * 9e307, -1, 1],
    ['x', (x) => x, -1e308, 1e308],
    ['x', (x) => x, -Number.MAX_VALUE, Number.MAX_VALUE],
    ['x', (x) => x, 0, 5e-324],
    ['x', (x) => x, 1, 1 + Number.EPSILON],
    ['x', (x) => x, 1e17, 1e17 + 16],
    ['MAX', () => Number.MAX_VALUE, 0, 1],
    ['-MAX', () => -Number.MAX_VALUE, 0, 1],
    ['5e-324', () => 5e-324, 0, 1],
    ['±MAX', (x) => (x < 0.5 ? -Number.MAX_VALUE : Number.MAX_VALUE), 0, 1],
    ['1/x', (x) => 1 / x, -5e-324, 5e-324],
  ];
  for (const [what, f, low, high] of curves) {
    it(`${what} from ${low} to ${high}`, () => {
      const curve = sample(f, low, high, what);
      expectDrawn(curve);
      const labels = xLabelsOf(curve);
      expect(labels[0]).to.equal(Number(low.toPrecision(labels[0] === low ? 17 : 6)));
      expect(labels.at(-1)).to.equal(Number(high.toPrecision(labels.at(-1) === high ? 17 : 6)));
    });
  }

  it('draws the samples of any function over any range', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    // Few values, so that runs of equal ones, near ones and poles occur.
    const samples = fc
      .array(fc.double(), { minLength: 1, maxLength: 4 })
      .chain((values) => fc.array(fc.constantFrom(...values), { minLength: 2, maxLength: 60 }));
    const property = fc.property(finite, finite, samples, (a, b, y) => {
      fc.pre(a !== b);
      const range = { low: Math.min(a, b), high: Math.max(a, b) };
      const nearest = (x: number): number => {
        const share = (x / 2 - range.low / 2) / (range.high / 2 - range.low / 2);
        return y[Math.round(share * (y.length - 1))] ?? Number.NaN;
      };
      const curve = sampleCurve('f', of(nearest), range, y.length);
      expect(curve.x[0]).to.equal(range.low === 0 ? curve.x[0] : range.low);
      expect(curve.x.at(-1)).to.equal(range.high);
      expect(curve.x.every((x) => x >= range.low && x <= range.high)).to.equal(true);
      expectDrawn(curve);
    });
    fc.assert(property, { numRuns: 2000 });
  });
});

/** A braille character that is not blank. */
const dots = /[\u2801-\u28ff]/;

/** Both pictures have their axes, no number that is none, and a mark if a sample is finite. */
function expectDrawn(curve: Curve): void {
  const lines = drawn([curve], rangeOf(curve), 60, 12);
  expect(lines).to.have.length(12);
  const picture = svg([curve], rangeOf(curve));
  expect(lines.join('\n') + picture).to.not.match(/NaN|Infinity|undefined/);
  expect(dots.test(lines.join(''))).to.equal(curve.y.some(Number.isFinite));
  expect(/ d="M[\d.]+ [\d.]+[Lh][^"]*" fill="none" stroke="#1f6feb"/.test(picture)).to.equal(
    curve.y.some(Number.isFinite),
  );
  for (const [, x = '', y = ''] of picture.matchAll(/[ML]([-\d.]+) ([-\d.]+)/g)) {
    expect(Number(x)).to.be.within(0, 800);
    expect(Number(y)).to.be.within(0, 480);
  }
}

function rangeOf({ x }: Curve): Range {
  return { low: x[0] ?? 0, high: x.at(-1) ?? 1 };
}

function xLabelsOf(curve: Curve): number[] {
  const last = drawn([curve], rangeOf(curve), 60, 12).at(-1) ?? '';
  return last.trim().split(/ +/).map(Number);
}
