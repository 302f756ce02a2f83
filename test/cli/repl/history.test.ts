import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { History, historyFile } from '../../../src/cli/repl/history.ts';

const isAtHome = (file: string): boolean => file.endsWith(join('.local', 'state', 'exprjit', 'history'));

describe('historyFile', () => {
  it('is where XDG has state, unless another place or none is chosen', () => {
    expect(historyFile({ XDG_STATE_HOME: '/state' })).to.equal(join('/state', 'exprjit', 'history'));
    expect(historyFile({})).to.satisfy(isAtHome);
    expect(historyFile({ XDG_STATE_HOME: 'relative' })).to.satisfy(isAtHome);
    expect(historyFile({ XDG_STATE_HOME: '/state', EXPRJIT_HISTORY: '/tmp/h' })).to.equal('/tmp/h');
    expect(historyFile({ EXPRJIT_HISTORY: '' })).to.equal(undefined);
  });
});

describe('History', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'exprjit-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('keeps whole inputs from run to run, also of prompts side by side', () => {
    const file = join(folder, 'state', 'history');
    const [first, second] = [new History(file), new History(file)];
    first.add('f(x) = x +\n  1');
    second.add('.load C:\\new');
    first.add('f(2)');
    first.add('f(2)');
    first.add(' \n');
    expect(first.entries).to.deep.equal(['f(x) = x +\n  1', 'f(2)']);
    expect(new History(file).entries).to.deep.equal(['f(x) = x +\n  1', '.load C:\\new', 'f(2)']);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).to.equal(0o600);
  });

  it('does not grow without end', () => {
    const file = join(folder, 'history');
    writeFileSync(file, '');
    appendFileSync(file, Array.from({ length: 2500 }, (_, i) => `${i}\n`).join(''));
    const { entries } = new History(file);
    expect([entries.length, entries[0], entries.at(-1)]).to.deep.equal([1000, '1500', '2499']);
    expect(readFileSync(file, 'utf8').split('\n')).to.have.length(1001);
  });

  it('knows those of this run where nothing can be written', () => {
    const history = new History(join(folder, 'history', '\0'));
    history.add('1 + 1');
    expect(history.entries).to.deep.equal(['1 + 1']);
  });
});
