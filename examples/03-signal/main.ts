/**
 * A signal made, filtered and measured, each by one formula over half a million samples.
 *
 *     node --import=tsx examples/03-signal/main.ts
 */
import { Engine } from 'exprjit';

const rate = 48_000;
const samples = 10 * rate;

using engine = new Engine({ constants: { samplesPerSecond: rate } });

// `index` is the number of the sample: no input is needed. The chirp beats, and hisses a little.
using generator = engine.compile(`
  let t = index / samplesPerSecond
  let hiss = frac(sin(index * 12.9898) * 43758.5453) - 0.5
  (0.6 + 0.4*sin(tau*3*t)) * sin(tau*(200 + 40*t)*t) + 0.2*hiss
`);
const signal = generator.map({}, { length: samples });

// A filter with a finite response is a sum over views of the signal that start one sample later each.
using smoothing = engine.compile('(a + 4*b + 6*c + 4*d + e) / 16', ['a', 'b', 'c', 'd', 'e']);
const smooth = smoothing.map({
  a: signal.subarray(0, samples - 4),
  b: signal.subarray(1, samples - 3),
  c: signal.subarray(2, samples - 2),
  d: signal.subarray(3, samples - 1),
  e: signal.subarray(4),
});

// The envelope: the loudest sample of every 5 ms.
const window = 240;
const envelope = new Float32Array(Math.floor(smooth.length / window));
using loudness = engine.compile('abs(x)', ['x']);
for (let block = 0; block < envelope.length; block++) {
  envelope[block] = loudness.reduce('max', { x: smooth.subarray(block * window, (block + 1) * window) });
}

using statistics = engine.compile('x*x', ['x']);
const power = (x: Float64Array) => statistics.reduce('mean', { x });
using clipped = engine.compile('abs(x) > 0.95', ['x']);
using difference = engine.compile('x - y', ['x', 'y']);
const residue = difference.map({ x: signal.subarray(2, samples - 2), y: smooth });

console.log(`${samples} samples, ${samples / rate} s`);
console.log(`power ${power(signal).toFixed(4)}, smoothed ${power(smooth).toFixed(4)}`);
console.log(`what was removed: ${(10 * Math.log10(power(residue) / power(signal))).toFixed(1)} dB`);
console.log(`envelope between ${Math.min(...envelope).toFixed(2)} and ${Math.max(...envelope).toFixed(2)}`);
console.log(
  `${clipped.reduce('count', { x: signal })} samples beyond 0.95, first at ${clipped.select({ x: signal })[0]}`,
);

// A line of text for each second.
const marks = ' ▁▂▃▄▅▆▇█';
const perSecond = rate / window;
for (let second = 0; second < samples / rate; second++) {
  const part = envelope.subarray(second * perSecond, (second + 1) * perSecond);
  const line = [...part]
    .filter((_, index) => index % 5 === 0)
    .map((value) => marks[Math.round(value * 8)] ?? '█');
  console.log(`${String(second).padStart(2)} s ${line.join('')}`);
}
