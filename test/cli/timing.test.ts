import { expect } from 'chai';
import { timeCalls, timeInTurns } from '../../src/cli/timing.ts';

describe('timing', () => {
  /** A machine on which a call takes so many milliseconds. */
  function machine(cost: (call: number) => number) {
    let now = 0;
    let call = 0;
    return {
      clock: () => now,
      repeat: (calls: number) => {
        for (let i = 0; i < calls; i++) now += cost(call++);
      },
    };
  }

  it('gives nanoseconds a call, in samples that are long enough', () => {
    const { clock, repeat } = machine(() => 0.001);
    const { median, lowerQuartile, upperQuartile, samples, calls } = timeCalls(repeat, { samples: 5, clock });
    expect(median).to.be.closeTo(1000, 1e-6);
    expect(lowerQuartile).to.be.closeTo(1000, 1e-6);
    expect(upperQuartile).to.be.closeTo(1000, 1e-6);
    expect({ samples, calls }).to.deep.equal({ samples: 5, calls: 2048 });
  });

  it('orders quartiles around the median', () => {
    const { clock, repeat } = machine((call) => 3 + (call % 7));
    const { lowerQuartile, median, upperQuartile } = timeCalls(repeat, { clock });
    expect(lowerQuartile).to.be.below(median);
    expect(median).to.be.below(upperQuartile);
  });

  it('takes fewer samples where they would take longer than the budget', () => {
    for (const [cost, samples, spent] of [
      [1, 25, 71],
      [100, 9, 1000],
      [400, 1, 800],
      [30_000, 1, 30_000],
    ] as const) {
      const { clock, repeat } = machine(() => cost);
      const timing = timeCalls(repeat, { clock, budget: 1000 });
      expect(timing.samples, `${cost} ms`).to.equal(samples);
      expect(timing.median).to.equal(cost * 1e6);
      expect(clock(), `${cost} ms`).to.equal(spent);
    }
  });

  it('takes turns', () => {
    const order: string[] = [];
    let now = 0;
    const repeat = (name: string) => () => {
      order.push(name);
      now += 50;
    };
    timeInTurns([repeat('a'), repeat('b')], { samples: 2, clock: () => now });
    expect(order.slice(-4)).to.deep.equal(['a', 'b', 'a', 'b']);
  });
});
