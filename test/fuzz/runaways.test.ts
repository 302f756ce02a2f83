import { once } from 'node:events';
import { expect } from 'chai';
import { Engine } from '../../src/engine/engine.ts';
import { TrapError } from '../../src/jit/ir/trap-error.ts';
import { elementAt } from '../../src/support/element.ts';
import { startBundledWorker } from '../support/bundled-worker.ts';
import { type RunawayOutcome, runawayCases, runRunaways } from './runaway-cases.ts';

describe('runaway programs', () => {
  for (const backend of ['native', 'wasm', 'interpreter'] as const) {
    it(`are stopped, and the next call works: ${backend}`, () => {
      expectTraps(runRunaways(backend));
    });

    for (const stackSizeMb of [1, 4]) {
      it(`are stopped in a worker with a stack of ${stackSizeMb} MB: ${backend}`, async () => {
        const worker = startBundledWorker(new URL('runaways.worker.ts', import.meta.url), {
          workerData: backend,
          resourceLimits: { stackSizeMb },
        });
        const [outcomes] = (await once(worker, 'message')) as [RunawayOutcome[]];
        const [exitCode] = await once(worker, 'exit');
        expect(exitCode).to.equal(0);
        expectTraps(outcomes);
      });
    }

    it(`are stopped when they run through the host: ${backend}`, () => {
      let depth = 0;
      const engine: Engine = new Engine({
        backend,
        functions: {
          again: (x: number) => {
            depth++;
            return runaway(x + 1);
          },
        },
      });
      const runaway = engine.compile('again(x) + 1', ['x']);
      // Whichever stack is used up first: compiled code's with a trap, JavaScript's with a RangeError.
      expect(() => runaway(1))
        .to.throw()
        .that.satisfies((error: unknown) => error instanceof TrapError || error instanceof RangeError);
      expect(depth).to.be.greaterThan(50);
      expect(engine.compile('x + 1', ['x'])(1)).to.equal(2);
      engine.dispose();
    });
  }

  it('end at the default limit of fuel', () => {
    using engine = new Engine();
    using endless = engine.compile('sum(i, 1, 1e18, i)', []);
    expect(() => endless())
      .to.throw(TrapError)
      .with.property('code', 'E_FUEL');
  });
});

function expectTraps(outcomes: readonly RunawayOutcome[]): void {
  expect(outcomes).to.have.length(2 * runawayCases.length);
  for (const [index, outcome] of outcomes.entries()) {
    const { code, functions } = elementAt(runawayCases, index >> 1);
    expect(outcome.other, outcome.source).to.equal(undefined);
    expect(outcome.code, outcome.source).to.equal(code);
    expect(outcome.functionName, outcome.source).to.be.oneOf(functions);
    expect(outcome.next, outcome.source).to.equal(1000);
  }
}
