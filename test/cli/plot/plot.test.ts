import { expect } from 'chai';
import { sampleCurve, visibleRange } from '../../../src/cli/plot/curve.ts';
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

  it('escapes the label', () => {
    const curve = sampleCurve('x<1 & "y"', (x) => x, { low: 0, high: 1 }, 3);
    expect(svgPlot(curve)).to.contain('x&lt;1 &amp; &quot;y&quot;');
  });
});
