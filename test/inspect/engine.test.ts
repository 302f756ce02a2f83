import { channel } from 'node:diagnostics_channel';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import type { Executable } from '../../src/engine/backends/executable.ts';
import { EngineSource } from '../../src/engine/inspect/inspect-source.ts';
import type { EngineView } from '../../src/engine/inspect/inspect-view.ts';
import { Engine, type Inspector, inspectEngines } from '../../src/index.ts';
import type { EngineModel } from '../../src/inspect/engine-model.ts';
import type { Code, CodeLine, NamedUpdate } from '../../src/inspect/snapshot.ts';
import { parseModule } from '../../src/jit/ir/parser.ts';
import { elementAt } from '../../src/support/element.ts';
import { invariant } from '../../src/support/invariant.ts';
import { detailOf, functionsOf, modelsOf, updatesOf } from '../support/inspected.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';

async function onlyModel(inspector: Inspector): Promise<EngineModel> {
  const all = await modelsOf(inspector);
  expect(all).to.have.length(1);
  return elementAt(all, 0);
}

describe('an engine that is inspected', () => {
  it('shows where its functions lie, how old they are and how often they were called', async () => {
    using engine = new Engine({ backend: 'native', cache: 4 });
    const early = engine.compile('x + 1', ['x']);
    await using inspector = await engine.inspect();
    const late = engine.compile('x *\n  y', ['x', 'y']);
    early(1);
    late(2, 3);
    late(2, 3);
    const model = await onlyModel(inspector);
    expect(model.last.backend).to.match(/^native, /);
    expect(model.last.counters).to.deep.equal({ compiled: 2, released: 0, kernels: 0, cached: 2 });
    const functions = functionsOf(model);
    expect(functions).to.have.length(2);
    const byName = new Map(functions.map((fn) => [fn.name, fn]));
    expect(byName.get('x + 1')).to.include({ born: null, calls: null, address: early.code?.address });
    expect(byName.get('x * y')).to.include({ calls: 2, address: late.code?.address, size: late.code?.size });
    expect(byName.get('x * y')?.born).to.be.within(0, model.last.time);
    // Every function lies in a used run of a block.
    for (const { address, size } of functions) {
      const inside = model.blocks.some((block) =>
        block.runs.some((offset, index) => {
          if (index % 2 === 1) return false;
          const start = block.address + offset;
          return address >= start && address + size <= start + (block.runs[index + 1] ?? 0);
        }),
      );
      expect(inside).to.equal(true);
    }
  });

  it('has functions that tell how many arguments they take, as ever', async () => {
    for (const backend of ['native', 'wasm', 'interpreter'] as const) {
      using engine = new Engine({ backend });
      const { length } = engine.compile('x + y', ['x', 'y']);
      await using _inspector = await engine.inspect();
      expect(engine.compile('x - y', ['x', 'y']).length, backend).to.equal(length);
    }
  });

  it('hears of engines only, whatever is said on their channel', async () => {
    await using inspector = await inspectEngines();
    for (const junk of [{}, null, 1, 'x', { disposed: false }, Object.create(null)])
      channel('exprjit:engine').publish(junk);
    using _engine = new Engine();
    expect(await modelsOf(inspector)).to.have.length(1);
  });

  it('shows a long source with many branches', async () => {
    using engine = new Engine();
    await using inspector = await engine.inspect();
    const f = engine.compile(Array(4000).fill('(x?y:z)').join('+'), ['x', 'y', 'z']);
    const model = await onlyModel(inspector);
    const detail = await detailOf(inspector, model.id, elementAt(functionsOf(model), 0).id);
    expect(detail?.source).to.equal(f.source);
    const { ir } = elementAt(detail?.forms ?? [], 0);
    expect(ir.filter(({ span }) => span !== null).length).to.be.greaterThan(4000);
  });

  it('shows source, IR and listing of a function until it is gone', async () => {
    using engine = new Engine({ backend: 'native' });
    await using inspector = await engine.inspect();
    const f = engine.compile('f(a) = a * a\nf(x) + 1', ['x']);
    const model = await onlyModel(inspector);
    const { id } = model;
    const fn = elementAt(functionsOf(model), 0);
    const detail = await detailOf(inspector, id, fn.id);
    expect(detail?.source).to.equal('f(a) = a * a\nf(x) + 1');
    expect(textOf(detail?.forms[0]?.ir)).to.match(/^function main\(f64\): f64 \{/);
    // With what constants are behind those that take them.
    const listing = textOf(detail?.forms[0]?.code).replace(/(\[rip\+L\d+\]) {2}; \S+$/gm, '$1');
    expect(listing).to.equal(f.code?.listing());
    f.release();
    expect(await detailOf(inspector, id, fn.id)).to.equal(null);
    expect((await onlyModel(inspector)).last.counters).to.include({ compiled: 1, released: 1 });
  });

  it('counts the calls of workspaces, predicates and cached code', async () => {
    using engine = new Engine({ cache: 8 });
    await using inspector = await engine.inspect();
    const workspace = engine.workspace();
    workspace.define('let k = 2');
    const formula = workspace.compile('k * x', ['x']);
    formula(1);
    formula(2);
    const positive = engine.compilePredicate('x > 0', ['x']);
    const again = engine.compilePredicate('x > 0', ['x']);
    positive(1);
    again(2);
    again(3);
    const calls = new Map(functionsOf(await onlyModel(inspector)).map((fn) => [fn.name, fn.calls]));
    expect(calls.get('k * x')).to.equal(2);
    expect(calls.get('x > 0')).to.equal(3);
  });

  it('is interpreted like any other', async () => {
    using engine = new Engine({ backend: 'interpreter' });
    await using inspector = await engine.inspect();
    const f = engine.compile('x + 1', ['x']);
    f(1);
    const model = await onlyModel(inspector);
    const { blocks, id, last } = model;
    expect({ backend: last.backend, blocks }).to.deep.equal({ backend: 'interpreter', blocks: [] });
    const fn = elementAt(functionsOf(model), 0);
    expect(fn).to.include({ name: 'x + 1', size: 0, address: 0, calls: 1 });
    expect(textOf((await detailOf(inspector, id, fn.id))?.forms[0]?.ir)).to.include('function main');
  });

  it('goes from the page when it is disposed of', async () => {
    const engine = new Engine();
    await using inspector = await engine.inspect();
    engine.dispose();
    expect(await modelsOf(inspector)).to.deep.equal([]);
    const failure = await engine.inspect().catch((error: unknown) => error);
    expect(failure).to.include({ name: 'ReleasedError' });
  });

  it('tells of every function, and shortens their names', async function () {
    this.timeout(60_000);
    using engine = new Engine();
    await using inspector = await engine.inspect();
    const kept = Array.from({ length: 5100 }, (_, index) => engine.compile(`x + ${index}`, ['x']));
    kept.push(engine.compile(`x${' + 1'.repeat(1000)}`, ['x']));
    const model = await onlyModel(inspector);
    const functions = functionsOf(model);
    expect(functions).to.have.length(kept.length);
    expect(Math.max(...functions.map(({ name }) => name.length))).to.be.lessThan(200);
    // Without gaps between them, spans make one run.
    expect(model.blocks.every(({ runs }) => runs.length < 10)).to.equal(true);
    // Nothing changed but that one of 5,101 was called.
    kept[7]?.(1);
    const [update] = await updatesOf(inspector, [model]);
    invariant(update !== undefined, 'the engine is there');
    expect(update.whole).to.equal(false);
    expect(update.calls).to.deep.equal([functions.find(({ name }) => name === 'x + 7')?.id, 1]);
    expect(JSON.stringify(update).length).to.be.lessThan(1000);
  });

  it('names kernels and pieces of the math library, and whose loop it is', async () => {
    using engine = new Engine({ backend: 'native' });
    await using inspector = await engine.inspect();
    const f = engine.compile('sin(x) + 1', ['x']);
    const xs = Float64Array.of(1, 2, 3);
    f.map({ x: xs });
    using both = engine.kernel({ outputs: { a: 'x + 1', b: 'x + 2' } }, ['x']);
    both.map({ x: xs });
    const model = await onlyModel(inspector);
    const [fn] = functionsOf(model);
    const others = [...model.code.values()].filter(({ kind }) => kind !== 'function');
    const kernels = others.filter(({ kind }) => kind === 'kernel');
    expect(kernels.map(({ owner }) => owner)).to.deep.equal([fn?.id, null]);
    expect(kernels[0]?.name).to.equal('sin(x) + 1');
    expect(others.some(({ kind, name }) => kind === 'library' && name.includes('sin'))).to.equal(true);
    // All that is in use has a name, up to the padding behind each piece.
    const used = model.blocks.flatMap(({ runs }) => runs.filter((_, index) => index % 2 === 1));
    const named = model.byAddress.map(({ size }) => Math.ceil(size / 64) * 64);
    expect(sum(used)).to.equal(sum(named));
    expect(model.last.counters).to.include({ compiled: 2, released: 0, kernels: 1 });
    both.release();
    f.release();
    const later = await onlyModel(inspector);
    expect([...later.code.values()].every(({ kind }) => kind === 'library')).to.equal(true);
    expect(later.last.counters).to.include({ compiled: 2, released: 2, kernels: 0 });
  });

  it('shows code of modules from outside, and counts its calls', async () => {
    using engine = new Engine({ backend: 'native' });
    await using inspector = await engine.inspect();
    const code = engine.compileIr(
      parseModule('function twice(f64): f64 {\nb0(v0: f64):\n  v1 = fadd v0, v0\n  return v1\n}\n'),
    );
    expect(code.functions['twice']?.(4)).to.equal(8);
    const [fn] = functionsOf(await onlyModel(inspector));
    expect(fn).to.include({ calls: 1 });
    expect(fn?.size).to.be.greaterThan(0);
    code.release();
    expect(functionsOf(await onlyModel(inspector))).to.deep.equal([]);
  });

  it('runs functions of columns as an engine does that nobody looks at', async () => {
    using engine = new Engine();
    await using _inspector = await engine.inspect();
    const f = engine.compile('x - x[index - 1]', ['x']);
    expect([...f.map({ x: Float64Array.of(1, 3, 7) })]).to.deep.equal([Number.NaN, 2, 4]);
  });

  for (const backend of ['native', 'interpreter'] as const) {
    const seed = seedFromEnvironment();
    it(`tells what changed, so that it adds up to everything: ${backend} (SEED=${seed})`, async () => {
      const random = new Random(seed);
      using engine = new Engine({ backend, cache: 3 });
      const live = Array.from({ length: 5 }, (_, index) => engine.compile(`x - ${index}`, ['x']));
      await using inspector = await engine.inspect();
      const pages: EngineModel[] = [await onlyModel(inspector)];
      for (let step = 0; step < 120; step++) {
        const choice = random.integer(0, 9);
        if (choice < 4) live.push(engine.compile(`sin(x) + ${random.integer(0, 20)}`, ['x']));
        else if (choice < 6 && live.length > 0)
          live.splice(random.integer(0, live.length - 1), 1)[0]?.release();
        else if (choice < 8 && live.length > 0) random.pick(live)(1);
        else if (live.length > 0) random.pick(live).map({ x: Float64Array.of(1, 2) });
        // Pages ask when they like, each for what it lacks.
        const page = random.pick(pages);
        for (const update of await updatesOf(inspector, [page])) {
          expect(update.whole).to.equal(false);
          page.apply(update);
        }
        const whole = await onlyModel(inspector);
        for (const update of await updatesOf(inspector, [page])) page.apply(update);
        expect(stateOf(page), `step ${step}`).to.deep.equal(stateOf(whole));
        if (pages.length < 4) pages.push(whole);
      }
    });
  }

  it('tells everything to whoever has a revision that never was, or is too old', async () => {
    using engine = new Engine();
    await using inspector = await engine.inspect();
    engine.compile('x + 1', ['x']);
    const { id, revision } = await onlyModel(inspector);
    for (const since of [
      `${id}.0`,
      `${id}.${revision + 100}`,
      `${id}.-1`,
      `${id}.x`,
      `${id}`,
      ',,',
      `9${id}.1`,
      '%00',
    ]) {
      const [update] = (await (
        await fetch(`${inspector.url}snapshot?since=${since}`)
      ).json()) as NamedUpdate[];
      expect(update, since).to.include({ whole: true });
      expect(update?.added.names, since).to.deep.equal(['x + 1']);
    }
  });
});

/** What a page would show. */
function stateOf({ code, blocks, last }: EngineModel) {
  const sorted = [...code.values()].sort((a: Code, b: Code) => a.id - b.id);
  return { code: sorted, blocks, counters: last.counters, memory: last.memory };
}

function textOf(lines: readonly CodeLine[] | undefined): string {
  return lines?.map(({ text }) => text).join('\n') ?? '';
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

describe('the inspector of another copy of the package', () => {
  it('shows what the copy that compiled prints', async () => {
    const url = new URL('../../dist/index.js', import.meta.url).href;
    const copy = (await import(url)) as { Engine: typeof Engine };
    expect(copy.Engine).to.not.equal(Engine);
    await using inspector = await inspectEngines();
    using engine = new copy.Engine({ backend: 'interpreter' });
    engine.compile('x % 3 + sin(x)', ['x']);
    const model = await onlyModel(inspector);
    const detail = await detailOf(inspector, model.id, elementAt(functionsOf(model), 0).id);
    expect(textOf(detail?.forms[0]?.ir).trimEnd()).to.equal(
      engine.explain('x % 3 + sin(x)', ['x']).ir.at(-1)?.text,
    );
  });

  it('does not read the IR of another copy by its own tables', () => {
    const executable = {
      code: undefined,
      listed: undefined,
      source: 'x',
      functions: [],
      timeout: undefined,
      globals: { get: () => expect.fail(), set: () => expect.fail() },
      get ir() {
        return expect.fail('opcodes are numbers of another table');
      },
      loadKernel: () => expect.fail(),
      release() {},
    } satisfies Executable;
    const view: Omit<EngineView, 'printIr' | 'forms' | 'kernelCount' | 'blockRuns' | 'onRelease' | 'pieces'> =
      {
        disposed: false,
        statistics: () => new Engine({ backend: 'interpreter' }).statistics(),
        blocks: () => [],
        executables: () => [executable],
        observe() {},
      };
    const irOf = (foreign: EngineView) => {
      const source = EngineSource.of(foreign);
      return textOf(source.detail(source.update(undefined)?.added.ids[0] ?? 0)?.forms[0]?.ir);
    };
    expect(irOf({ ...view, printIr: () => 'function of theirs' } as unknown as EngineView)).to.equal(
      'function of theirs',
    );
    expect(irOf({ ...view } as unknown as EngineView)).to.contain('not shown');
  });
});

describe('inspectEngines', () => {
  it('shows the engines that are made while it is open, each by a name of its own', async () => {
    using _before = new Engine();
    const inspector = await inspectEngines();
    using first = new Engine();
    using second = new Engine({ backend: 'interpreter' });
    const f = first.compile('x', ['x']);
    f(1);
    const [one, two, ...rest] = await modelsOf(inspector);
    expect(rest).to.deep.equal([]);
    invariant(one !== undefined && two !== undefined, 'there are two');
    expect(functionsOf(one)[0]).to.include({ name: 'x', calls: 1 });
    expect(two.last.backend).to.equal('interpreter');
    expect(one.last.name).to.not.equal(two.last.name);
    second.dispose();
    expect(await modelsOf(inspector)).to.have.length(1);
    await inspector.close();
    using later = new Engine();
    const uncounted = later.compile('x', ['x']);
    uncounted(1);
    await using own = await later.inspect();
    expect(functionsOf(await onlyModel(own))[0]).to.include({ calls: null });
  });

  it('does not keep engines that are forgotten', async function () {
    this.timeout(20_000);
    await using inspector = await inspectEngines();
    const { gc } = globalThis;
    invariant(gc !== undefined, 'the tests need --expose-gc');
    let f: ((x: number) => number) | undefined = new Engine().compile('x + 1', ['x']);
    gc();
    await setTimeout(1);
    gc();
    // A callable that is in use keeps its engine in sight.
    expect(await modelsOf(inspector)).to.have.length(1);
    expect(f(1)).to.equal(2);
    f = undefined;
    for (let i = 0; i < 30 && (await modelsOf(inspector)).length > 0; i++) gc();
    expect(await modelsOf(inspector)).to.deep.equal([]);
  });
});
