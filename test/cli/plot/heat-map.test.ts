import { expect } from 'chai';
import { PNG } from 'pngjs';
import { pixelsOf } from '../../../src/cli/plot/canvas.ts';
import { colourOf, nearestOf256 } from '../../../src/cli/plot/colour-map.ts';
import { type HeatMap, sampleHeatMap } from '../../../src/cli/plot/heat-map.ts';
import { heatPicture } from '../../../src/cli/plot/heat-picture.ts';
import { type Screen, screenFor } from '../../../src/cli/plot/screen.ts';
import { svgOf } from '../../../src/cli/plot/svg.ts';
import { heatCells, terminalHeatMap } from '../../../src/cli/plot/terminal-heat-map.ts';
import { coloured, plain } from '../../../src/cli/style.ts';

const unit = { low: 0, high: 1 };

function sample(f: (x: number, y: number) => number, across: number, down: number): HeatMap {
  const evaluate = (x: Float64Array, y: number): Float64Array => x.map((value) => f(value, y));
  return sampleHeatMap({ label: 'f', names: ['x', 'y'] }, evaluate, [unit, unit], { across, down });
}

function drawn(f: (x: number, y: number) => number, screen: Screen, width: number, height: number): string[] {
  const size = { width, height };
  const { across, down } = heatCells(unit, unit, screen, size);
  return terminalHeatMap(sample(f, across, down), screen, size).split('\n');
}

const grey: Screen = { palette: plain, marks: 'braille', colours: 'none' };
const ascii: Screen = { ...grey, marks: 'ascii' };

describe('heat map', () => {
  it('has values of the middles of its cells', () => {
    const { x, y, rows, visible } = sample((a, b) => a + 10 * b, 4, 2);
    expect([...x]).to.deep.equal([0.125, 0.375, 0.625, 0.875]);
    expect([...y]).to.deep.equal([0.25, 0.75]);
    expect(rows.map((row) => [...row])).to.deep.equal([
      [2.625, 2.875, 3.125, 3.375],
      [7.625, 7.875, 8.125, 8.375],
    ]);
    expect(visible).to.deep.equal({ low: 2.625, high: 8.375 });
  });

  it('is shaded where there are no colours, low at the bottom, and says which is which', () => {
    const sum = (x: number, y: number): number => (x > 0.9 && y > 0.8 ? Number.NaN : x + y);
    expect(drawn(sum, grey, 24, 8)).to.deep.equal([
      'f',
      '  1 ┤▒▒▒▒▓▓▓▓▓▓███████??',
      '    │░░▒▒▒▒▒▒▓▓▓▓▓▓█████',
      '0.5 ┤░░░░░▒▒▒▒▒▒▒▓▓▓▓▓▓█',
      '    │   ░░░░░░▒▒▒▒▒▒▓▓▓▓',
      '  0 ┤       ░░░░░░▒▒▒▒▒▒',
      '    └───────────────────',
      '     0       0.5       1',
    ]);
    expect(drawn(sum, grey, 70, 8)[0]).to.match(/^f {2}0\.\d+ {3}░░▒▒▓▓██ 1\.\d+ {2}x to the right, y up$/);
    const plainest = drawn(sum, ascii, 60, 8);
    expect(plainest.join('\n')).to.match(/^[ -~\n]+$/);
    expect(plainest[5]).to.match(/^ {2}0 \+ .*:-.*[=+]$/);
  });

  it('is as wide as it is told', () => {
    for (const width of [16, 24, 40, 80]) {
      const lines = drawn((x, y) => 1e300 * x - y, grey, width, 8);
      expect(Math.max(...lines.map((line) => line.length))).to.equal(width);
    }
  });

  it('has two cells in a character where there are colours', () => {
    const screen: Screen = { palette: coloured, marks: 'braille', colours: '256' };
    const step = (_: number, y: number): number => (y > 0.9 ? 1 : y > 0.8 ? Number.NaN : 0);
    const [heading = '', first = '', second = ''] = drawn(step, screen, 16, 8);
    expect(heading).to.equal('f');
    const [low, high] = [nearestOf256(colourOf(0)), nearestOf256(colourOf(1))];
    expect(first).to.equal(`  1 ┤\x1b[0;38;5;${high}m${'▀'.repeat(11)}\x1b[0m`);
    expect(second).to.equal(`    │\x1b[0;38;5;${low};48;5;${low}m${'▀'.repeat(11)}\x1b[0m`);
    const [, all] = drawn(step, { ...screen, colours: 'all' }, 16, 8);
    expect(all).to.contain('\x1b[0;38;2;253;231;37m▀');
    const gap = (_: number, y: number): number => (y > 0.9 ? Number.NaN : 1);
    expect(drawn(gap, screen, 16, 8)[1]).to.match(/▄{11}/);
  });

  it('knows the colours of the terminal', () => {
    const colours = (env: Record<string, string>): string => screenFor({ isTTY: true }, env).colours;
    expect(colours({ TERM: 'xterm' })).to.equal('256');
    expect(colours({ COLORTERM: 'truecolor' })).to.equal('all');
    expect(colours({ COLORTERM: 'truecolor', NO_COLOR: '1' })).to.equal('none');
    expect(screenFor({}, {}).colours).to.equal('none');
    expect([colourOf(0), colourOf(0.5), colourOf(1)]).to.deep.equal([
      [68, 1, 84],
      [33, 145, 140],
      [253, 231, 37],
    ]);
    expect(nearestOf256([255, 255, 255])).to.equal(231);
    expect(nearestOf256([0, 95, 180])).to.equal(16 + 6 + 3);
  });

  it('is the same in a PNG and in an SVG', () => {
    const picture = heatPicture(sample((x, y) => (x < 0.5 ? x * y : Number.NaN), 64, 40));
    const { width, data } = pixelsOf(picture);
    const at = (x: number, y: number): number[] => [
      ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
    ];
    const svg = svgOf(picture);
    const [tiles = '', bar = ''] = [...svg.matchAll(/base64,([^"]+)"/g)].map(([, content = '']) => content);
    const read = PNG.sync.read(Buffer.from(tiles, 'base64'));
    expect([read.width, read.height]).to.deep.equal([64, 40]);
    expect(PNG.sync.read(Buffer.from(bar, 'base64')).height).to.equal(256);
    const topRightOfLeft = (31 + 0 * 64) * 4;
    expect([...read.data.subarray(topRightOfLeft, topRightOfLeft + 3)]).to.deep.equal(colourOf(1));
    // Within the frame: low at the bottom, none at the right.
    expect(at(150, 870)).to.deep.equal(colourOf(0));
    expect(at(1200, 400)).to.deep.equal([255, 255, 255]);
    expect(svg).to.contain('f (x to the right, y up)');
  });
});
