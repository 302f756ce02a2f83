/** The page: what is typed is compiled to WebAssembly, computed at a million points, and drawn, at every key. */
import { CompileError, Engine, TrapError } from 'exprjit';

const points = 1_000_000;
const [from, to] = [-10, 10];

const engine = new Engine({ limits: { timeout: 500 } });
// Where code runs, so that nothing is copied.
const xs = engine.column('f64', points);
const ys = engine.column('f64', points);
for (let i = 0; i < points; i++) xs[i] = from + ((to - from) * i) / (points - 1);

function element<Kind extends Element>(selector: string): Kind {
  const found = document.querySelector<Kind>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
}

const formula = element<HTMLInputElement>('#formula');
const canvas = element<HTMLCanvasElement>('#plot');
const status = element<HTMLOutputElement>('#status');
const problem = element<HTMLPreElement>('#problem');

function show(): void {
  problem.textContent = '';
  try {
    const start = performance.now();
    const f = engine.compile(formula.value, ['x']);
    const compiled = performance.now();
    f.map({ x: xs }, { out: ys });
    const computed = performance.now();
    f.release();
    draw(ys);
    const { backend } = engine.statistics();
    const [first, second] = [compiled - start, computed - compiled].map((time) => time.toFixed(1));
    status.textContent = `${points.toLocaleString('en')} points as ${backend}: compiled in ${first} ms, computed in ${second} ms`;
  } catch (error) {
    if (!(error instanceof CompileError || error instanceof TrapError)) throw error;
    problem.textContent = error instanceof CompileError ? error.render() : error.message;
  }
}

/** For each column of pixels a line from the least to the greatest value that falls into it. */
function draw(values: Float64Array): void {
  const { width, height } = canvas;
  const context = canvas.getContext('2d');
  if (context === null) return;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  context.clearRect(0, 0, width, height);
  if (least > most) return;
  const scale = (height - 20) / (most - least || 1);
  const yOf = (value: number): number => height - 10 - (value - least) * scale;
  context.fillStyle = '#1b6ac9';
  for (let column = 0; column < width; column++) {
    const end = Math.floor(((column + 1) * values.length) / width);
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = Math.floor((column * values.length) / width); i < end; i++) {
      const value = values[i] as number;
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (low <= high) context.fillRect(column, yOf(high), 1, Math.max(1, yOf(low) - yOf(high)));
  }
}

formula.addEventListener('input', show);
show();
