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
