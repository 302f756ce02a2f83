/**
 * Draws the Mandelbrot set, or what another formula for the number of steps gives, into a PNG file.
 *
 *     node --import=tsx examples/05-mandelbrot/main.ts [file] [width]
 */
import { writeFileSync } from 'node:fs';
import { Engine } from 'exprjit';
import { PNG } from 'pngjs';

const file = process.argv[2] ?? 'mandelbrot.png';
const width = Number(process.argv[3] ?? 960);
const height = Math.round((width * 2) / 3);

using engine = new Engine();

// A self call in last position is a loop, and the rows of a kernel are pixels: `index` says which.
using steps = engine.compile(
  `
  escape(x, y, a, b, n) =
    n >= 300 || a*a + b*b > 256 ? n : escape(x, y, a*a - b*b + x, 2*a*b + y, n + 1)

  let column = index % width
  let line = (index - column) / width
  escape(3*column/width - 2.1, 2*line/height - 1, 0, 0, 0)
  `,
  ['width', 'height', 'index'],
);
const start = performance.now();
const depth = await steps.mapAsync({ width, height }, { length: width * height, type: 'f32' });
console.log(`${width} × ${height} points in ${(performance.now() - start).toFixed(0)} ms`);

// The three channels in one pass: bands of colour outside, black inside.
using palette = engine.kernel(
  {
    outputs: {
      red: 'n >= 300 ? 0 : 255 * (0.5 - 0.5*cos(0.11*n + 0.3))',
      green: 'n >= 300 ? 0 : 255 * (0.5 - 0.5*cos(0.13*n + 0.1))',
      blue: 'n >= 300 ? 0 : 255 * (0.5 - 0.5*cos(0.17*n + 0.9))',
    },
  },
  ['n'],
);
const { red, green, blue } = palette.map({ n: depth }, { type: 'u8c' });

const image = new PNG({ width, height });
for (let pixel = 0; pixel < depth.length; pixel++) {
  image.data.set([red[pixel] ?? 0, green[pixel] ?? 0, blue[pixel] ?? 0, 255], pixel * 4);
}
writeFileSync(file, PNG.sync.write(image));

using inside = engine.compile('n >= 300', ['n']);
console.log(
  `${((100 * inside.reduce('count', { n: depth })) / depth.length).toFixed(1)} % inside; wrote ${file}`,
);
