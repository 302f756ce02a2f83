import { expect } from 'chai';
import fc from 'fast-check';
import { type Curve, sampleCurve, visibleRange } from '../../../src/cli/plot/curve.ts';
import { svgPlot } from '../../../src/cli/plot/svg-plot.ts';
import { terminalPlot } from '../../../src/cli/plot/terminal-plot.ts';

describe('plot', () => {
  it('draws a line from corner to corner', () => {
    const curve = sampleCurve('x', (x) => x, { low: 0, high: 1 }, 16);
    expect(terminalPlot(curve, { width: 20, height: 6 }).split('\n')).to.deep.equal([
      '  1 ┤⠀⠀⠀⠀⠀⠀⡠⠊',
      '    │⠀⠀⠀⠀⡠⠊⠀⠀',
      '0.5 ┤⠀⠀⡠⠊⠀⠀⠀⠀',
      '  0 ┤⡠⠊⠀⠀⠀⠀⠀⠀',
      '    └────────',
      '     0 0.5  1',
    ]);
  });

  it('cuts poles, so that the rest stays visible', () => {
    const { y } = sampleCurve('1/x', (x) => 1 / x, { low: -1, high: 1 }, 2001);
    const { low, high } = visibleRange(y);
    expect(low).to.be.within(-200, -10);
    expect(high).to.be.within(10, 200);
  });

  it('shows one unit around a constant, and something where nothing is finite', () => {
    expect(visibleRange(Float64Array.of(3, 3))).to.deep.equal({ low: 2, high: 4 });
    expect(visibleRange(Float64Array.of(Number.NaN))).to.deep.equal({ low: -1, high: 1 });
  });

  it('lifts the pen at gaps', () => {
    const curve = sampleCurve('f', (x) => (Math.abs(x) < 0.5 ? Number.NaN : x), { low: -1, high: 1 }, 101);
    expect(svgPlot(curve).match(/M[\d.]+ [\d.]+L/g)).to.have.length(2);
  });

  it('shows what few samples do where most are alike', () => {
    const y = Float64Array.from({ length: 100 }, (_, i) => (i === 50 ? 1 : 0));
    expect(visibleRange(y)).to.deep.equal({ low: 0, high: 1 });
  });

  it('tells labels apart, and stays within its width', () => {
    const curve = sampleCurve('f', (x) => 1e17 + x, { low: 0, high: 64 }, 80);
    const lines = terminalPlot(curve, { width: 50, height: 20 }).split('\n');
    const labels = lines.flatMap((line) => /^ *(\S+) ┤/.exec(line)?.[1] ?? []);
    expect(labels).to.include.members(['1e17', '100000000000000020']);
    expect(new Set(labels).size).to.equal(labels.length);
    expect(Math.max(...lines.map((line) => line.length))).to.be.at.most(50);
  });

  it('draws a dot where one sample stands alone', () => {
    const y = Float64Array.of(Number.NaN, 2, Number.NaN);
    expect(svgPlot({ label: '', x: Float64Array.of(0, 1, 2), y })).to.match(/d="M[\d.]+ [\d.]+h0"/);
  });

  it('escapes the label', () => {
    const curve = sampleCurve('x<1 & "y"', (x) => x, { low: 0, high: 1 }, 3);
    expect(svgPlot(curve)).to.contain('x&lt;1 &amp; &quot;y&quot;');
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
      const curve = sampleCurve(what, f, { low, high }, 100);
      expectDrawn(curve);
      const labels = xLabelsOf(curve);
      expect(labels[0]).to.equal(Number(low.toPrecision(labels[0] === low ? 17 : 6)));
      expect(labels.at(-1)).to.equal(Number(high.toPrecision(labels.at(-1) === high ? 17 : 6)));
    });
  }

  it('draws nothing where nothing is finite', () => {
    const y = Float64Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
    const curve = { label: '', x: Float64Array.of(0, 1, 2), y };
    expect(terminalPlot(curve, { width: 40, height: 8 })).to.not.match(dots);
    expect(svgPlot(curve)).to.contain('<path d="" ');
  });

  it('draws the samples of any function over any range', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    // Few values, so that runs of equal ones, near ones and poles occur.
    const samples = fc
      .array(fc.double(), { minLength: 1, maxLength: 4 })
      .chain((values) => fc.array(fc.constantFrom(...values), { minLength: 2, maxLength: 60 }));
    const property = fc.property(finite, finite, samples, (a, b, y) => {
      fc.pre(a !== b);
      let i = 0;
      const range = { low: Math.min(a, b), high: Math.max(a, b) };
      const curve = sampleCurve('f', () => y[i++] as number, range, y.length);
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
  const terminal = terminalPlot(curve, { width: 60, height: 12 });
  const lines = terminal.split('\n');
  expect(lines).to.have.length(12);
  const svg = svgPlot(curve);
  expect(terminal + svg).to.not.match(/NaN|Infinity|undefined/);
  expect(dots.test(terminal)).to.equal(curve.y.some(Number.isFinite));
  expect(/ d="M[\d.]+ [\d.]+[Lh][^"]*" fill="none"/.test(svg)).to.equal(curve.y.some(Number.isFinite));
  for (const [, x = '', y = ''] of svg.matchAll(/[ML]([-\d.]+) ([-\d.]+)/g)) {
    expect(Number(x)).to.be.within(0, 800);
    expect(Number(y)).to.be.within(0, 480);
  }
}

function xLabelsOf(curve: Curve): number[] {
  const last = terminalPlot(curve, { width: 60, height: 12 }).split('\n').at(-1) ?? '';
  return last.trim().split(/ +/).map(Number);
}
