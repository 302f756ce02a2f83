import { expect } from 'chai';
import { CodeLog, type NotedCode } from '../../src/inspect/code-log.ts';

function code(id: number): NotedCode {
  return {
    id,
    kind: 'function',
    name: `x + ${id}`,
    address: 64 * id,
    size: 60,
    born: 0,
    counter: { calls: 0, seen: 0 },
    owner: null,
  };
}

describe('the log of changes', () => {
  it('says what came and went since a revision, once', () => {
    const log = new CodeLog();
    log.add(code(1));
    const first = log.since(undefined);
    expect(first).to.include({ whole: true });
    expect(first.added.ids).to.deep.equal([1]);
    log.add(code(2));
    log.remove(1);
    const second = log.since(first.revision);
    expect(second).to.deep.include({ whole: false, removed: [1] });
    expect(second.added.ids).to.deep.equal([2]);
    const third = log.since(second.revision);
    expect(third).to.deep.include({ whole: false, removed: [], calls: [] });
    expect(third.added.ids).to.deep.equal([]);
    // Another page, which is behind.
    expect(log.since(first.revision)).to.deep.include({ whole: false, removed: [1] });
  });

  it('sends blocks whose runs changed, and no others', () => {
    const log = new CodeLog();
    const block = (address: number, runs: number[]) => ({ address, size: 65_536, granularity: 64, runs });
    log.setBlocks([block(0, [64, 64]), block(1 << 20, [64, 128])]);
    const { revision } = log.since(undefined);
    log.setBlocks([block(0, [64, 64]), block(1 << 20, [64, 192]), block(1 << 21, [])]);
    const update = log.since(revision);
    expect(update.blocks.map(({ address }) => address)).to.deep.equal([1 << 20, 1 << 21]);
    expect(update.blockAddresses).to.deep.equal([0, 1 << 20, 1 << 21]);
    log.setBlocks([]);
    expect(log.since(update.revision)).to.deep.include({ blocks: [], blockAddresses: [] });
  });

  it('forgets what is long ago, and tells everything to whoever is behind that', () => {
    const log = new CodeLog();
    log.add(code(0));
    const { revision: early } = log.since(undefined);
    let late = early;
    for (let id = 1; id <= 450_000; id++) {
      log.add(code(id));
      log.remove(id);
      if (id === 449_000) late = log.since(undefined).revision;
    }
    const all = log.since(early);
    expect(all).to.deep.include({ whole: true, removed: [] });
    expect(all.added.ids).to.deep.equal([0]);
    const update = log.since(late);
    expect(update.whole).to.equal(false);
    expect(update.removed).to.have.length(1000);
  });

  it('says of 100,000 functions only what changed, and all in few bytes each', () => {
    const log = new CodeLog();
    const all = Array.from({ length: 100_000 }, (_, id) => code(id));
    for (const each of all) log.add(each);
    const whole = log.since(undefined);
    expect(whole.added.ids).to.have.length(100_000);
    expect(JSON.stringify(whole).length / 100_000).to.be.below(60);
    for (const id of [5, 50_000, 99_999]) log.called(id);
    log.remove(7);
    log.add(code(100_000));
    const update = log.since(whole.revision);
    expect(update).to.deep.include({ whole: false, calls: [5, 0, 50_000, 0, 99_999, 0], removed: [7] });
    expect(JSON.stringify(update).length).to.be.below(400);
  });

  it('takes no revision that it has not given', () => {
    const log = new CodeLog();
    log.add(code(1));
    const { revision } = log.since(undefined);
    for (const wrong of [0, -1, revision + 1000, 2 ** 60, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(log.since(wrong).whole, String(wrong)).to.equal(true);
    }
  });
});
