import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import type { Executable } from '../../src/engine/backends/executable.ts';
import { EngineSource } from '../../src/engine/inspect/inspect-source.ts';
import type { EngineView } from '../../src/engine/inspect/inspect-view.ts';
import { Engine, type Inspector, inspectEngines } from '../../src/index.ts';
import type { FunctionDetail, NamedSnapshot } from '../../src/inspect/snapshot.ts';
import { elementAt } from '../../src/support/element.ts';
import { invariant } from '../../src/support/invariant.ts';

async function snapshots({ url }: Inspector): Promise<NamedSnapshot[]> {
  return (await (await fetch(`${url}snapshot`)).json()) as NamedSnapshot[];
}

async function onlySnapshot(inspector: Inspector): Promise<NamedSnapshot> {
  const all = await snapshots(inspector);
  expect(all).to.have.length(1);
  return elementAt(all, 0);
}

async function detailOf({ url }: Inspector, engine: number, fn: number): Promise<FunctionDetail | null> {
  return (await (await fetch(`${url}function/${engine}/${fn}`)).json()) as FunctionDetail | null;
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
    const snapshot = await onlySnapshot(inspector);
    expect(snapshot.backend).to.match(/^native, /);
    expect(snapshot.counters).to.deep.equal({ compiled: 2, released: 0, cached: 2 });
    expect(snapshot.functionCount).to.equal(2);
    const byName = new Map(snapshot.functions.map((fn) => [fn.name, fn]));
    expect(byName.get('x + 1')).to.include({ born: null, calls: null, address: early.code?.address });
    expect(byName.get('x * y')).to.include({ calls: 2, address: late.code?.address, size: late.code?.size });
    expect(byName.get('x * y')?.born).to.be.within(0, snapshot.time);
    // Every function lies in a used run of a block.
    for (const { address, size } of snapshot.functions) {
      const inside = snapshot.blocks.some((block) =>
        block.runs.some(
          ([offset, length]) =>
            address >= block.address + offset && address + size <= block.address + offset + length,
        ),
      );
      expect(inside).to.equal(true);
    }
  });

  it('shows source, IR and listing of a function until it is gone', async () => {
    using engine = new Engine({ backend: 'native' });
    await using inspector = await engine.inspect();
    const f = engine.compile('f(a) = a * a\nf(x) + 1', ['x']);
    const { id, functions } = await onlySnapshot(inspector);
    const fn = elementAt(functions, 0);
    const detail = await detailOf(inspector, id, fn.id);
    expect(detail?.source).to.equal('f(a) = a * a\nf(x) + 1');
    expect(detail?.ir).to.match(/^function main\(f64\): f64 \{/);
    expect(detail?.listing).to.equal(f.code?.listing());
    f.release();
    expect(await detailOf(inspector, id, fn.id)).to.equal(null);
    expect((await onlySnapshot(inspector)).counters).to.include({ compiled: 1, released: 1 });
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
    const calls = new Map((await onlySnapshot(inspector)).functions.map((fn) => [fn.name, fn.calls]));
    expect(calls.get('k * x')).to.equal(2);
    expect(calls.get('x > 0')).to.equal(3);
  });

  it('is interpreted like any other', async () => {
    using engine = new Engine({ backend: 'interpreter' });
    await using inspector = await engine.inspect();
    const f = engine.compile('x + 1', ['x']);
    f(1);
    const { backend, blocks, functions, id } = await onlySnapshot(inspector);
    expect({ backend, blocks }).to.deep.equal({ backend: 'interpreter', blocks: [] });
    const fn = elementAt(functions, 0);
    expect(fn).to.include({ name: 'x + 1', size: 0, address: 0, calls: 1 });
    expect((await detailOf(inspector, id, fn.id))?.ir).to.include('function main');
  });

  it('goes from the page when it is disposed of', async () => {
    const engine = new Engine();
    await using inspector = await engine.inspect();
    engine.dispose();
    expect(await snapshots(inspector)).to.deep.equal([]);
    const failure = await engine.inspect().catch((error: unknown) => error);
    expect(failure).to.include({ name: 'ReleasedError' });
  });

  it('keeps its lists short, however long a source and however many functions', async function () {
    this.timeout(60_000);
    using engine = new Engine();
    await using inspector = await engine.inspect();
    const kept = Array.from({ length: 5100 }, (_, index) => engine.compile(`x + ${index}`, ['x']));
    kept.push(engine.compile(`x${' + 1'.repeat(1000)}`, ['x']));
    const snapshot = await onlySnapshot(inspector);
    expect(snapshot.functionCount).to.equal(5101);
    expect(snapshot.functions).to.have.length(5000);
    expect(Math.max(...snapshot.functions.map(({ name }) => name.length))).to.be.lessThan(200);
    // Without gaps between them, spans make one run.
    expect(snapshot.blocks.every(({ runs }) => runs.length < 5)).to.equal(true);
  });
});

describe('the inspector of another copy of the package', () => {
  it('shows what the copy that compiled prints', async () => {
    const url = new URL('../../dist/index.js', import.meta.url).href;
    const copy = (await import(url)) as { Engine: typeof Engine };
    expect(copy.Engine).to.not.equal(Engine);
    await using inspector = await inspectEngines();
    using engine = new copy.Engine({ backend: 'interpreter' });
    engine.compile('x % 3 + sin(x)', ['x']);
    const { id, functions } = await onlySnapshot(inspector);
    const detail = await detailOf(inspector, id, elementAt(functions, 0).id);
    expect(detail?.ir.trimEnd()).to.equal(engine.explain('x % 3 + sin(x)', ['x']).ir.at(-1)?.text);
  });

  it('does not read the IR of another copy by its own tables', () => {
    const executable = {
      code: undefined,
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
    const view: Omit<EngineView, 'printIr'> = {
      disposed: false,
      statistics: () => new Engine({ backend: 'interpreter' }).statistics(),
      blocks: () => [],
      executables: () => [executable],
      observe() {},
    };
    const irOf = (foreign: EngineView) => {
      const source = EngineSource.of(foreign);
      return source.detail(source.snapshot()?.functions[0]?.id ?? 0)?.ir;
    };
    expect(irOf({ ...view, printIr: () => 'function of theirs' })).to.equal('function of theirs');
    expect(irOf({ ...view } as EngineView)).to.contain('not shown');
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
    const [one, two, ...rest] = await snapshots(inspector);
    expect(rest).to.deep.equal([]);
    expect(one?.functions[0]).to.include({ name: 'x', calls: 1 });
    expect(two?.backend).to.equal('interpreter');
    expect(one?.name).to.not.equal(two?.name);
    second.dispose();
    expect(await snapshots(inspector)).to.have.length(1);
    await inspector.close();
    using later = new Engine();
    const uncounted = later.compile('x', ['x']);
    uncounted(1);
    await using own = await later.inspect();
    expect((await onlySnapshot(own)).functions[0]).to.include({ calls: null });
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
    expect(await snapshots(inspector)).to.have.length(1);
    expect(f(1)).to.equal(2);
    f = undefined;
    for (let i = 0; i < 30 && (await snapshots(inspector)).length > 0; i++) gc();
    expect(await snapshots(inspector)).to.deep.equal([]);
  });
});
