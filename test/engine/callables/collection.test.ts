import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { Engine } from '../../../src/index.ts';
import { invariant } from '../../../src/support/invariant.ts';
import { recordingBackend } from '../memory-map.ts';

/** Collects garbage until the condition holds, a few times at most; finalisers run between the collections. */
async function collectUntil(condition: () => boolean, most = 30): Promise<void> {
  const { gc } = globalThis;
  invariant(gc !== undefined, 'the tests need --expose-gc');
  for (let i = 0; i < most && !condition(); i++) {
    gc();
    await setTimeout(1);
  }
}

describe('garbage collection', () => {
  it('releases functions that nobody refers to any more', async () => {
    const engine = new Engine({ backend: 'native' });
    const kept = engine.compile('x + 1', ['x']);
    for (let i = 0; i < 1000; i++) engine.compile(`x * ${i}`, ['x'])(1);
    expect(engine.statistics().functionCount).to.be.greaterThan(1);
    await collectUntil(() => engine.statistics().functionCount === 1);
    expect(engine.statistics().functionCount).to.equal(1);
    expect(engine.statistics().memory.allocationCount).to.equal(1);
    expect(kept(1)).to.equal(2);
    engine.dispose();
  });

  it('keeps what a predicate and a bound function need', async () => {
    const engine = new Engine({ backend: 'native' });
    const predicate = engine.compilePredicate('x > 1', ['x']);
    const bound = engine.compile('x + y', ['x', 'y']).bind(null, 1);
    await collectUntil(() => engine.statistics().functionCount < 2, 5);
    expect([predicate(2), bound(2)]).to.deep.equal([true, 3]);
    engine.dispose();
  });

  it('releases formulas of a workspace that is in use', async () => {
    const engine = new Engine({ backend: 'native' });
    const workspace = engine.workspace();
    workspace.define('f(x) = x + 1');
    for (let i = 0; i < 10; i++) workspace.compile(`f(x) * ${i}`, ['x'])(1);
    await collectUntil(() => engine.statistics().functionCount === 0);
    expect(engine.statistics().functionCount).to.equal(0);
    workspace.define('f(x) = x + 2');
    engine.dispose();
  });

  it('unmaps the memory of an engine when neither it nor its functions are in reach', async () => {
    const backend = recordingBackend();
    let f: (() => number) | undefined = (() => {
      const engine = new Engine({ backend: 'native', allocator: { backend }, cache: 5 });
      engine.compile('1', []);
      return engine.compile('2 + 3', []);
    })();
    await collectUntil(() => backend.live.size === 0, 5);
    expect(backend.live.size).to.equal(1);
    expect(f()).to.equal(5);
    f = undefined;
    await collectUntil(() => backend.live.size === 0);
    expect(backend.live.size).to.equal(0);
  });
});
