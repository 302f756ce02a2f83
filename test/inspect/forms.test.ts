/** What lights up together: lines of IR, lines of machine code, stretches of the source. */
import { expect } from 'chai';
import { Engine, type EngineOptions } from '../../src/index.ts';
import type { CodeForm, FunctionDetail } from '../../src/inspect/snapshot.ts';
import { elementAt } from '../../src/support/element.ts';
import { invariant } from '../../src/support/invariant.ts';
import { detailOf, functionsOf, modelsOf } from '../support/inspected.ts';

/** Of the function that is compiled last, after `use`. */
async function detailAfter(use: (engine: Engine) => void, options?: EngineOptions): Promise<FunctionDetail> {
  using engine = new Engine(options);
  await using inspector = await engine.inspect();
  use(engine);
  const model = elementAt(await modelsOf(inspector), 0);
  const detail = await detailOf(inspector, model.id, functionsOf(model).at(-1)?.id ?? 0);
  invariant(detail !== null, 'the function is there');
  return detail;
}

function compiled(source: string, parameters = ['x', 'y']): Promise<FunctionDetail> {
  return detailAfter((engine) => void kept.push(engine.compile(source, parameters)));
}

/** So that nothing is collected before it was looked at. */
const kept: unknown[] = [];

/** By the operation of a line of IR, what of the source it is for. */
function placesOf({ source, forms }: FunctionDetail): Record<string, string | undefined> {
  return Object.fromEntries(
    elementAt(forms, 0)
      .ir.filter(({ value }) => value !== null)
      .map(({ text, span }) => [
        text.trim().replace(/^v\d+(: \w+)? = /, ''),
        span ? source.slice(...span) : undefined,
      ]),
  );
}

describe('lines of IR', () => {
  it('know where in the source they come from, through the optimiser', async () => {
    expect(placesOf(await compiled('sin(2*x) * exp(-y*y) + 1'))).to.deep.equal({
      'fadd v0, v0': '2*x',
      'callmath sin(v11)': 'sin(2*x)',
      'fneg v1': '-y',
      'fmul v5, v1': '-y*y',
      'callmath exp(v6)': 'exp(-y*y)',
      'fmul v4, v7': 'sin(2*x) * exp(-y*y)',
      'fconst 1': '1',
      'fadd v8, v9': 'sin(2*x) * exp(-y*y) + 1',
    });
  });

  it('are of the call where a function was taken in, each of its own', async () => {
    const places = placesOf(await compiled('f(a) = a*a + 3\nf(x) + f(y) * f(x - y)'));
    const products = Object.entries(places).filter(([text]) => text.startsWith('fmul'));
    expect(products.map(([, place]) => place)).to.deep.equal(['f(x)', 'f(y)', 'f(x - y)', 'f(y) * f(x - y)']);
  });

  it('are of conditions and of branches', async () => {
    const { source, forms } = await compiled('x > 2 && y < 3 ? log(x - 2) : 0');
    const branches = elementAt(forms, 0).ir.filter(({ text }) => text.includes('branch'));
    expect(branches.map(({ span }) => span && source.slice(...span))).to.deep.equal(['x > 2', 'y < 3']);
  });

  it('are of nothing where the source means something else by now', async () => {
    using engine = new Engine();
    const early = engine.workspace();
    early.define('let k = 2');
    kept.push(early.compile('k * x + k', ['x']));
    await using inspector = await engine.inspect();
    const model = elementAt(await modelsOf(inspector), 0);
    const found = await detailOf(inspector, model.id, functionsOf(model)[0]?.id ?? 0);
    expect(found?.forms[0]?.ir.length).to.be.greaterThan(3);
    expect(found?.forms[0]?.ir.every(({ span }) => span === null)).to.equal(true);
  });

  it('know it without machine code, too', async () => {
    for (const backend of ['wasm', 'interpreter'] as const) {
      const detail = await detailAfter((engine) => void kept.push(engine.compile('x*y + 1', ['x', 'y'])), {
        backend,
      });
      expect(Object.values(placesOf(detail)), backend).to.include('x*y');
      expect(detail.forms[0]?.code, backend).to.deep.equal([]);
    }
  });

  it('are of the definitions of a workspace as of any other source', async () => {
    const detail = await detailAfter((engine) => {
      const workspace = engine.workspace();
      workspace.define('let k = 2');
      kept.push(workspace.compile('sqrt(k * x)', ['x']));
    });
    expect(Object.values(placesOf(detail))).to.include('sqrt(k * x)');
  });
});

describe('lines of machine code', () => {
  const sources = [
    'x*y + 1',
    'sin(2*x) * exp(-y*y) + 1',
    'sum(i, 1, 5, x^i / (i + y))',
    'f(a) = a < 1 ? 1 : a * f(a - 1)\nf(x) + y',
    'x > 2 && y < 3 ? log(x - 2) : floor(y) % 7',
    'min(x, y, 3) + round(x) + hypot(x, y) + clamp(x, 0, y)',
  ];

  it('belong to values of the IR beside them, in their order', async () => {
    for (const source of sources) {
      const detail = await compiled(source);
      const { ir, code } = elementAt(detail.forms, 0);
      const values = new Set(ir.map(({ value }) => value));
      const owned = code.filter(({ value }) => value !== null);
      expect(owned.length, source).to.be.greaterThan(2);
      for (const { value, text, span } of owned) {
        expect(values.has(value), `${source}: ${text}`).to.equal(true);
        expect(span, text).to.deep.equal(ir.find((line) => line.value === value)?.span);
      }
      for (const { span } of [...ir, ...code]) {
        if (span === null) continue;
        expect(span[0], source).to.be.within(0, span[1] - 1);
        expect(span[1], source).to.be.at.most(source.length);
      }
    }
  });

  it('are those that do what the value is', async () => {
    const { source, forms } = await compiled('sin(2*x) + x/y');
    const { code } = elementAt(forms, 0);
    const placeOf = (pattern: RegExp) => {
      const span = code.find(({ text }) => pattern.test(text))?.span;
      return span && source.slice(...span);
    };
    expect(placeOf(/call sin/)).to.equal('sin(2*x)');
    expect(placeOf(/divsd/)).to.equal('x/y');
    expect(placeOf(/ret$/)).to.equal(null);
  });

  it('name what they call, where they jump and which constants they take', async () => {
    const { forms } = await compiled('x > 2.5 ? log(x) : 4 * y');
    const text = textOf(elementAt(forms, 0).code);
    expect(text)
      .to.match(/call log\b/)
      .and.to.match(/\[rip\+L\d+\] {2}; 2\.5$/m);
    const jumped = Array.from(text.matchAll(/\bj\w+ (L\d+)$/gm), ([, label]) => label);
    expect(jumped).to.not.deep.equal([]);
    for (const label of jumped) expect(text).to.match(new RegExp(`^${label}:$`, 'm'));
  });
});

describe('kernels of a function', () => {
  it('show the loop that runs, for each type of columns', async () => {
    const detail = await detailAfter((engine) => {
      const f = engine.compile('x*x + 0.5', ['x']);
      kept.push(f);
      f.map({ x: Float64Array.of(1, 2) });
      f.reduce('sum', { x: Int32Array.of(1, 2) });
    });
    const [scalar, ...kernels] = detail.forms;
    expect(scalar?.label).to.equal('function');
    expect(kernels.map(({ label }) => label)).to.deep.equal(['kernel f64 → f64', 'kernel i32 → sum']);
    for (const { ir, code, label } of kernels) {
      expect(ir[0]?.text, label).to.equal('function $kernel(i64): i64 {');
      const values = new Set(ir.map(({ value }) => value));
      const multiply = code.find(({ text }) => /mulpd/.test(text));
      expect(multiply?.value, label).to.not.equal(null);
      for (const { value, text } of code) if (value !== null) expect(values.has(value), text).to.equal(true);
    }
  });

  it('show the function that they call with it', async () => {
    const detail = await detailAfter((engine) => {
      const f = engine.compile('sum(i, 1, x, i*y)', ['x', 'y']);
      kept.push(f);
      f.map({ x: Float64Array.of(1, 2), y: Float64Array.of(1, 2) });
    });
    const { ir, code } = elementAt(detail.forms, 1);
    const body = ir.find(({ span }) => span !== null && detail.source.slice(...span) === 'i*y');
    expect(body?.value).to.match(/^main v\d+$/);
    expect(code.some(({ value }) => value === body?.value)).to.equal(true);
  });

  it('are shown by themselves where no function is theirs', async () => {
    using engine = new Engine();
    await using inspector = await engine.inspect();
    using both = engine.kernel({ outputs: { a: 'x + 1', b: 'x + 2' } }, ['x']);
    both.map({ x: Float64Array.of(1) });
    const model = elementAt(await modelsOf(inspector), 0);
    const kernel = [...model.code.values()].find(({ kind }) => kind === 'kernel');
    const detail = await detailOf(inspector, model.id, kernel?.id ?? 0);
    expect(detail?.forms.map(({ label }) => label)).to.deep.equal(['kernel f64 → f64, f64']);
    expect(textOf(elementAt(detail?.forms ?? [], 0).code)).to.include('addpd');
  });
});

function textOf(lines: CodeForm['code']): string {
  return lines.map(({ text }) => text).join('\n');
}
