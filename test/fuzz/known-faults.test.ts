/** Attacks on the boundary between callers and machine code that got through once, each in a process of its own. */
import { expect } from 'chai';
import { failureOf, runChild } from './child.ts';

const child = new URL('known-faults.child.ts', import.meta.url);

/** What an attack printed, from a process that ended well. */
async function attack(name: string): Promise<unknown> {
  const outcome = await runChild(child, [name], { patience: 60_000 });
  expect(failureOf(outcome), name).to.equal(undefined);
  return JSON.parse(outcome.lines.join('\n'));
}

/** What a call may come to whose arrays, or whose code, were taken away in the middle. */
const rightOrRefused = /^(right|KernelError .*|ReleasedError .*)$/;

describe('known faults', () => {
  it('a length that runs another kernel does not change what the first one runs', async () => {
    expect(await attack('lengthThatRuns')).to.match(rightOrRefused);
  });

  it('code stays until the end of a call whose out releases it', async () => {
    expect(await attack('outThatReleases')).to.match(rightOrRefused);
  });

  it('code stays until the end of a call whose out has other kernels push it out', async () => {
    expect(await attack('outThatEvicts')).to.equal('right');
  });

  for (const [name, title] of [
    ['sharedByName', 'and is freed by a host function'],
    ['sharedByNameInSlices', 'and is freed by a host function of an asynchronous run'],
    ['sharedByNameInThreads', 'and is freed while threads write to it'],
  ] as const) {
    it(`memory that is not shared is copied when it says it is ${title}`, async () => {
      // A column is copied before anything runs; an out is needed in the end.
      expect(await attack(name)).to.match(name === 'sharedByNameInThreads' ? rightOrRefused : /^right$/);
    });
  }

  for (const name of ['filterThatDetaches', 'filterThatShrinks']) {
    it(`${name} gives what the column held, or refuses`, async () => {
      expect(await attack(name)).to.match(rightOrRefused);
    });
  }

  it('a frame that a patched method saw can be transferred without harm', async () => {
    expect(await attack('capturedFrame')).to.deep.equal({ before: 3, after: 7 });
  });

  it('memory found in the cache of modules can be transferred without harm', async () => {
    expect(await attack('cachedFrame')).to.deep.equal({ before: [13, 'right'], after: [27, 'right'] });
  });

  it('lengths that lie are refused or seen through', async () => {
    const outcomes = (await attack('sizesThatLie')) as unknown[];
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome === 10_000) continue;
      expect(outcome, `outcome ${index}`).to.match(/^(right|KernelError .*)$/);
    }
  });

  it('builtins that compile while they are used for compiling do not change what comes out', async () => {
    expect(await attack('compilingWhileCompiling')).to.deep.equal(new Array(5).fill('right'));
  });

  it('builtins that call while they are used for a host call do not change what it gets', async () => {
    expect(await attack('callingWhileCalling')).to.deep.equal(new Array(3).fill('right'));
  });

  it('two evaluations of the modules in one thread do not get into each other', async () => {
    const outcomes = (await attack('twoEvaluations')) as unknown[];
    expect(outcomes).to.have.length(12);
    for (const outcome of outcomes) expect(outcome).to.be.oneOf([true, 'right']);
  });
});
