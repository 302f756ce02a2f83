import { expect } from 'chai';
import { PNG } from 'pngjs';
import { pixelsOf } from '../../../src/cli/plot/canvas.ts';
import { sampleCurve } from '../../../src/cli/plot/curve.ts';
import { curvePicture } from '../../../src/cli/plot/curve-picture.ts';
import { hasDot } from '../../../src/cli/plot/font.ts';
import { line, type Shape } from '../../../src/cli/plot/picture.ts';
import { pictureFile } from '../../../src/cli/plot/picture-file.ts';
import { encodePng, type Pixels } from '../../../src/cli/plot/png.ts';

/** Pixels as hexadecimal colours. */
function colours({ width, height, data }: Pixels): string[][] {
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) =>
      Buffer.from(data.subarray((y * width + x) * 3, (y * width + x + 1) * 3)).toString('hex'),
    ),
  );
}

function drawn(...shapes: readonly Shape[]): string[][] {
  return colours(pixelsOf({ width: 20, height: 12, shapes }));
}

describe('PNG', () => {
  it('is read by others as what was written, checksums included', () => {
    const data = Uint8Array.from({ length: 7 * 5 * 3 }, (_, i) => (i * 89) % 256);
    const {
      width,
      height,
      data: read,
    } = PNG.sync.read(encodePng({ width: 7, height: 5, data }), { checkCRC: true });
    expect({ width, height }).to.deep.equal({ width: 7, height: 5 });
    expect([...read].filter((_, i) => i % 4 !== 3)).to.deep.equal([...data]);
    expect([...read].filter((_, i) => i % 4 === 3).every((alpha) => alpha === 255)).to.equal(true);
  });

  it('is written where the name ends so', () => {
    expect(pictureFile('a.png')?.encode({ width: 1, height: 1, shapes: [] }).slice(1, 4).toString()).to.equal(
      'PNG',
    );
    expect(pictureFile('A.PNG')?.name).to.equal('A.PNG');
    expect(pictureFile('a', 'png')?.name).to.equal('a');
    expect(pictureFile('a.svg')?.encode({ width: 1, height: 1, shapes: [] })).to.match(/^<svg/);
    expect(pictureFile('png')).to.equal(undefined);
  });

  it('has lines as wide as they should be, with smooth edges, and dots', () => {
    const column = drawn(
      line(
        [
          { x: 2, y: 6 },
          { x: 18, y: 6 },
        ],
        2,
        '#0000ff',
      ),
    ).map((row) => row[20]);
    expect(column.slice(8, 16)).to.deep.equal([
      'ffffff',
      'ffffff',
      '0000ff',
      '0000ff',
      '0000ff',
      '0000ff',
      'ffffff',
      'ffffff',
    ]);
    const slanted = new Set(
      drawn(
        line(
          [
            { x: 2, y: 2 },
            { x: 18, y: 9 },
          ],
          2,
          '#0000ff',
        ),
      ).flat(),
    );
    expect(slanted.size).to.be.above(10);
    expect(drawn(line([{ x: 10, y: 6 }], 2, '#ff0000'))[12]?.[20]).to.equal('ff0000');
    // Beyond the edges nothing happens.
    expect(
      drawn(
        line(
          [
            { x: -50, y: 6 },
            { x: 50, y: 6 },
          ],
          2,
          '#0000ff',
        ),
      )[12]?.[0],
    ).to.equal('0000ff');
  });

  it('has letters', () => {
    const rows = (character: string): string[] =>
      Array.from({ length: 7 }, (_, row) =>
        Array.from({ length: 5 }, (_, column) => (hasDot(character, column, row) ? '#' : '.')).join(''),
      );
    expect(rows('4')).to.deep.equal(['...#.', '..##.', '.#.#.', '#..#.', '#####', '...#.', '...#.']);
    expect(rows('x')).to.deep.equal(['.....', '.....', '#...#', '.#.#.', '..#..', '.#.#.', '#...#']);
    expect(rows('π')).to.deep.equal(['#####', '#...#', '#...#', '#...#', '#...#', '#...#', '#####']);
    const looks = Array.from({ length: 95 }, (_, i) => rows(String.fromCharCode(0x20 + i)).join('\n'));
    expect(new Set(looks).size).to.equal(95);
    for (const anchor of ['start', 'middle', 'end'] as const) {
      const text = drawn({ kind: 'text', x: 10, y: 10, anchor, text: '|', size: 9, colour: '#000000' });
      expect(text.flat()).to.include('000000');
      expect(text[21]?.every((colour) => colour === 'ffffff')).to.equal(true);
    }
  });

  it('shows the curve and its axes', () => {
    const curve = sampleCurve('x', (x) => x, { low: 0, high: 1 }, 100);
    const all = colours(pixelsOf(curvePicture([curve], { low: 0, high: 1 })));
    expect([all.length, all[0]?.length]).to.deep.equal([960, 1600]);
    // From corner to corner, and the label on the left of it.
    expect(all[480]?.slice(140, 1560).indexOf('1f6feb')).to.be.within(700, 710);
    expect(all.some((row) => row.slice(0, 130).includes('555555'))).to.equal(true);
  });
});
