import { expect } from 'chai';
import { Recall } from '../../../../src/cli/repl/editor/recall.ts';

describe('Recall', () => {
  const end = (text: string) => ({ text, cursor: text.length });

  it('goes through whole inputs, and back to what was being typed', () => {
    const recall = new Recall(['a', 'f(x) = {\n  x\n}', 'b']);
    let state = end('');
    const seen: string[] = [];
    for (const way of ['up', 'up', 'up', 'up', 'down', 'down', 'down', 'down'] as const) {
      state = recall[way](state);
      seen.push(state.text);
    }
    const definition = 'f(x) = {\n  x\n}';
    expect(seen).to.deep.equal(['b', definition, 'a', 'a', definition, 'b', '', '']);
  });

  it('goes through those that begin as what was typed', () => {
    const recall = new Recall(['let a = 1', 'f(2)', 'let b = 2', 'f(2)']);
    const first = recall.up(end('let'));
    const second = recall.up(first);
    expect([first.text, second.text, recall.up(second).text]).to.deep.equal([
      'let b = 2',
      'let a = 1',
      'let a = 1',
    ]);
    expect(recall.down(recall.down(second))).to.deep.equal(end('let'));
  });

  it('moves in a text of several lines first', () => {
    const recall = new Recall(['old']);
    const typed = end('a\nb');
    const above = recall.up(typed);
    expect(above).to.deep.equal({ text: 'a\nb', cursor: 1 });
    expect(recall.down(above)).to.deep.equal(typed);
    expect(recall.up({ text: 'a\nb', cursor: 0 }).text).to.equal('old');
  });

  it('finds the newest entry with a part in it, and those before', () => {
    const recall = new Recall(['sin(1)', 'cos(1)', 'sin(2)']);
    expect(recall.find('sin')).to.deep.equal({ text: 'sin(2)', index: 2 });
    expect(recall.find('sin', 2)).to.deep.equal({ text: 'sin(1)', index: 0 });
    expect(recall.find('tan')).to.equal(undefined);
  });
});
