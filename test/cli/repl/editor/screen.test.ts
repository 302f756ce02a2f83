import { Writable } from 'node:stream';
import { expect } from 'chai';
import fc from 'fast-check';
import type { OutputStream } from '../../../../src/cli/command.ts';
import { type EditState, insert } from '../../../../src/cli/repl/editor/edit-state.ts';
import { Screen } from '../../../../src/cli/repl/editor/screen.ts';
import { TinyTerminal } from './tiny-terminal.ts';

const prefixes = { first: '> ', next: '... ' };

function screenOn(columns: number): { screen: Screen; terminal: TinyTerminal } {
  const terminal = new TinyTerminal(columns);
  const stream = new Writable({
    decodeStrings: false,
    write(text: string, _, done) {
      terminal.write(text);
      done();
    },
  });
  return { screen: new Screen(Object.assign(stream, { columns }) as OutputStream), terminal };
}

/** What is to be seen of a text whose characters are all one cell wide. */
function rowsOf(text: string, columns: number): string[] {
  return text.split('\n').flatMap((line, index) => {
    const shown = `${index === 0 ? prefixes.first : prefixes.next}${line}`;
    return shown.match(new RegExp(`.{1,${columns}}`, 'g')) ?? [''];
  });
}

describe('Screen', () => {
  it('shows a text and the cursor in it, whatever was shown before', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '+', ' '), maxLength: 40 });
    const state = fc
      .tuple(text, fc.nat(40))
      .map(([text, at]): EditState => ({ text, cursor: Math.min(at, text.length) }));
    const property = fc.property(fc.integer({ min: 6, max: 14 }), fc.array(state), (columns, states) => {
      const { screen, terminal } = screenOn(columns);
      for (const { text, cursor } of states) {
        screen.draw(prefixes, { text, cursor });
        const rows = terminal.rows.filter((row, index, all) => row !== '' || index < all.length - 1);
        expect(rows).to.deep.equal(rowsOf(text, columns));
        const before = rowsOf(`${text.slice(0, cursor)}_`, columns);
        const isFull = text[cursor] === '\n' && before.at(-1) === '_';
        if (isFull) continue;
        expect([terminal.row, terminal.column]).to.deep.equal([
          before.length - 1,
          (before.at(-1)?.length ?? 0) - 1,
        ]);
      }
    });
    fc.assert(property);
  });

  it('writes no more than what was added to the end of a row', () => {
    const written: string[] = [];
    const stream = new Writable({
      decodeStrings: false,
      write(text: string, _, done) {
        written.push(text);
        done();
      },
    });
    const screen = new Screen(Object.assign(stream, { columns: 20 }) as OutputStream);
    let state: EditState = { text: '', cursor: 0 };
    for (const added of ['', 'sin', '(x)']) {
      state = insert(added)(state);
      screen.draw(prefixes, state);
    }
    expect(written).to.deep.equal(['\x1b[1G\x1b[0J> \x1b[3G', 'sin', '(x)']);
  });

  it('knows that some characters take two cells, and some none', () => {
    const { screen, terminal } = screenOn(6);
    screen.draw(prefixes, { text: 'ab漢e\u0301', cursor: 3 });
    expect(terminal.rows[0]).to.equal('> ab漢');
    expect([terminal.row, terminal.column]).to.deep.equal([1, 0]);
  });
});
