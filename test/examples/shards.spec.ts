import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { exactMeanOf, exactSumOf } from '../support/exact-oracle.ts';
import { runNode } from '../support/run-node.ts';

/** What the example computes, in plain JavaScript. */
function expectedTable(): string {
  const module = createRequire(import.meta.url).resolve('vega-datasets');
  const text = readFileSync(join(dirname(module), '..', 'data', 'seattle-weather.csv'), 'utf8');
  const kinds = new Map<string, { rain: number[]; means: number[]; hottest: number }>();
  for (const line of text.trimEnd().split('\n').slice(1)) {
    const [, precipitation, high, low, , weather = ''] = line.split(',');
    const days = kinds.get(weather) ?? { rain: [], means: [], hottest: Number.NEGATIVE_INFINITY };
    kinds.set(weather, days);
    days.rain.push(Number(precipitation));
    days.means.push((Number(low) + Number(high)) / 2);
    days.hottest = Math.max(days.hottest, Number(high));
  }
  const lines = [...kinds.keys()].sort().map((weather) => {
    const { rain, means, hottest } = kinds.get(weather) ?? { rain: [], means: [], hottest: 0 };
    return `${weather},${means.length},${exactMeanOf(means)},${exactSumOf(rain)},${hottest}\n`;
  });
  return `weather,days,mean,rain,hottest\n${lines.join('')}`;
}

describe('the example of shards', function () {
  this.timeout(120_000);

  it('has the same bits for 1, 2 and 7 of them, run by GNU parallel', async () => {
    const { status, stdout, stderr } = await runNode(['--import=tsx', 'examples/14-shards/main.ts']);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    expect(stdout).to.equal(`${expectedTable()}1 shard : the same\n2 shards: the same\n7 shards: the same\n`);
  });

  it('says what it needs', async () => {
    const { status, stderr } = await runNode(['--import=tsx', 'examples/14-shards/main.ts'], '', {
      PATH: '',
    });
    expect(status).to.equal(1);
    expect(stderr).to.contain("this example needs GNU parallel: Debian's package parallel");
  });
});
